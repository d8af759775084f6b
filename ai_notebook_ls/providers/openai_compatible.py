"""The model behind any OpenAI-compatible server, by chat.completions: what every one of them speaks.

Neither the SDK's defaults nor the server are trusted (notes/models.md §1): clocks, retries, redirects, proxies and sizes are
ours, and an answer counts only if the server says that it ended. The SDK makes the request and tells its errors; the
events are read here, since its own reading costs 80 µs a token, has no cap, and lets broken ones pass in silence.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import importlib.util
import re
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ai_notebook_ls.core.failures import AssistError, ProviderFailed, ProviderTrouble, ProviderUnavailable
from ai_notebook_ls.core.prompts import PER_TOKEN, Message
from ai_notebook_ls.ports import ProviderInfo, Usage
from ai_notebook_ls.providers.events import NO_COMPLETION, Events
from ai_notebook_ls.providers.keys import Key, Keys
from ai_notebook_ls.providers.presets import Preset, windows
from ai_notebook_ls.providers.troubles import CUT_OFF, cut_short, told

if TYPE_CHECKING:  # over half a second and 58 MB: on first use, in a thread
    import openai

CONNECT, IDLE = 3.0, 20.0
"""Seconds for the connection, and between two pieces of an answer."""

RETRY_AFTER = 5.0
"""Seconds; who is told to wait for longer is told so instead of waiting in silence."""

ASKED = 1.0
"""Seconds for which a server that did not answer is not asked again: one wish asks for its window, its body and itself."""

LEAST = 256
"""Tokens that an answer may have however small the window is."""
NO_CHAT = re.compile("embed|rerank|whisper", re.IGNORECASE)
"""Names of models that do not chat; LM Studio always lists one of them."""

LISTED = 8
"""Models named to who has to choose one."""

FEWEST = 3
"""Characters of a prompt that a token may be, in code."""

EXTRA = "pip install 'ai-notebook-ls[openai]'"


@dataclass(frozen=True, slots=True)
class Limits:
    """How long an answer may take and be."""

    first: float = 60.0
    """Seconds until its first piece."""
    total: float = 120.0
    """Seconds in all."""
    tokens: int = 2048


class OpenAIModel:
    """A model on an OpenAI-compatible server (see ports.Model)."""

    def __init__(self, preset: Preset, model: str, keys: Keys, limits: Limits) -> None:
        self.preset = preset
        self._model = model
        self._keys = keys
        self._limits = limits
        self._client: openai.AsyncOpenAI | None = None
        self._key: Key | None = None
        self._window = preset.window
        self._silent: tuple[float, ProviderTrouble] | None = None
        """When the server was last found not to answer, and what was told."""
        self._looked_up = preset.needs_key and bool(model)
        """Whether the server's list of models has been asked for, or need not be."""
        self._counts = True
        """Whether the server takes the wish to be told the tokens."""
        # A local server works on one request at a time; some break off the first one for the second (§1.10).
        self._turn = asyncio.Semaphore(1 if preset.local else 8)

    @property
    def info(self) -> ProviderInfo:
        """Say where it is, and what is missing as far as that can be told without asking the server or a keyring."""
        destination = None if self.preset.local else self.preset.origin
        why = self._missing()
        key = self._key or (None if why else self._key_at_hand())
        place = key.place if key else None
        return ProviderInfo("openai", self._model or None, destination, why is None, str(why) if why else None, place)

    def _missing(self) -> AssistError | None:
        if importlib.util.find_spec("openai") is None:
            return ProviderUnavailable("The package `openai` is not installed.", f"Install it: {EXTRA}")
        try:
            needs = self.preset.needs_key and not self._client and not self._keys.may_have(self.preset.name)
        except AssistError as error:
            return error
        return self._no_key() if needs else None

    def _key_at_hand(self) -> Key | None:
        """The key that nobody need be asked for; a damaged file of keys holds none."""
        try:
            return self._keys.at_hand(self.preset.name)
        except AssistError:
            return None

    def _no_key(self) -> ProviderUnavailable:
        hint = f"Run `ai-notebook-ls key set {self.preset.name}`, or set AI_NOTEBOOK_LS_API_KEY."
        return ProviderUnavailable(f"There is no key for {self.preset.origin}.", hint)

    async def window(self) -> int | None:
        """Return what the server admits."""
        with contextlib.suppress(ProviderTrouble):
            await self.look_up()
        if self.preset.tells and self._looked_up:
            with contextlib.suppress(Exception):  # a kindness; a server that does not tell is used all the same
                told_now = windows(await self._get(self.preset.origin + self.preset.tells))
                self._window = told_now.get(self._model) or told_now.get(f"{self._model}:latest") or self._window
        return self._window

    async def models(self) -> dict[str, int | None]:
        """Return the names of the models that the server has, with the window of each if it tells. Raises ProviderTrouble."""
        try:
            return windows(await self._get(f"{self.preset.base_url}/models"))
        except ProviderTrouble as trouble:
            raise trouble from None  # what it was found in may hold what was sent
        except Exception as error:
            if isinstance(error, ValueError) or getattr(error, "status_code", None) in (404, 405):
                hint = "Check AI_NOTEBOOK_LS_BASE_URL; mostly it ends in /v1."
                raise ProviderFailed(f"{self.preset.base_url} is no OpenAI-compatible server.", hint) from None
            raise await self._told(error, ()) from None

    async def speaks(self, base_url: str) -> bool:
        """Whether there is a list of models at another address of the same server."""
        try:
            windows(await self._get(f"{base_url}/models"))
        except Exception:
            return False
        return True

    async def _get(self, url: str) -> object:
        """Return the JSON at an address of the server's. Raises ValueError if there is none, and the SDK's errors."""
        client = await self._connected()
        import httpx2

        async with _within(self._limits.first):
            return (await client.get(url, cast_to=httpx2.Response)).json()

    async def body(self, messages: Sequence[Message]) -> bytes:
        """Return the body that `stream` sends: made by the same call, on a client whose connection only takes notes."""
        await self.look_up()
        client = await self._connected()
        import httpx2
        import openai

        noted: list[bytes] = []

        async def note(request: Any) -> Any:
            noted.append(request.content)
            return httpx2.Response(204)

        http = httpx2.AsyncClient(transport=httpx2.MockTransport(note))
        dry = openai.AsyncOpenAI(base_url=str(client.base_url), api_key="none", max_retries=0, http_client=http)
        async with dry, self._request(dry, messages):
            return noted[0]

    async def stream(
        self, messages: Sequence[Message], again: Callable[[bytes], None] | None = None
    ) -> AsyncGenerator[str | Usage, None]:
        """Stream the answer, then what it took. Raises ProviderUnavailable, ProviderFailed."""
        await self.look_up()
        began = time.monotonic()
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._turn)
            end = time.monotonic() + self._limits.total
            try:
                response = await self._answer(messages, stack, end, again)
                kind = response.headers.get("content-type", "")
                if "html" in kind or "json" in kind:  # a captive portal, or a server that does not stream
                    raise ProviderFailed(*NO_COMPLETION)
                events = Events()
                chunks = response.iter_bytes()
                while not events.ended:
                    first = not events.characters
                    async with _within(min(self._limits.first if first else IDLE, end - time.monotonic())):
                        chunk = await anext(chunks, None)
                    if text := events.feed(chunk):
                        yield text
                        await asyncio.sleep(0)  # a whole answer may have come at once
            except ProviderTrouble as trouble:
                raise trouble from None  # what it was found in may hold what was sent
            except Exception as error:
                raise await self._told(error, messages) from None
        self._check(events, messages)
        prompt = sum(len(each["content"]) for each in messages) // PER_TOKEN
        yield Usage(
            events.model or self._model,
            events.prompt_tokens or prompt,
            events.answer_tokens or events.characters // PER_TOKEN,
            time.monotonic() - began,
        )

    def _check(self, events: Events, messages: Sequence[Message]) -> None:
        """Take an answer only if it is whole and its prompt was read. Raises ProviderFailed."""
        sent = sum(len(each["content"]) for each in messages) // PER_TOKEN
        if cut_short(sent, events):
            raise ProviderFailed(
                f"The server read only {events.prompt_tokens} of about {sent} tokens, and dropped the rest in silence.",
                "Raise its context: OLLAMA_CONTEXT_LENGTH=16384 for Ollama; or lower AI_NOTEBOOK_LS_PROMPT_TOKENS.",
            )
        if events.finish == "length":
            hint = f"Raise AI_NOTEBOOK_LS_ANSWER_TOKENS, now {self._limits.tokens}."
            if (room := self._room(messages)) < self._limits.tokens:
                hint = f"The model's context has room for {room} tokens: give it a larger one on its server."
            raise ProviderFailed("The answer did not fit.", hint)
        if events.finish == "content_filter":
            raise ProviderFailed("The server's content filter has stopped the answer.", "Ask in other words.")
        if events.blank:
            raise ProviderFailed("The answer was empty.", "Ask again, or choose another model.")
        if events.finish != "stop":
            raise ProviderFailed(*CUT_OFF)

    async def _answer(
        self,
        messages: Sequence[Message],
        stack: AsyncExitStack,
        end: float,
        again: Callable[[bytes], None] | None,
    ) -> Any:
        """Send a request, again only if that may help at once, and return the response whose body is to be read."""
        client = await self._connected()
        for attempt in (1, 2):
            if attempt == 2 and again:
                again(await self.body(messages))
            try:
                async with _within(min(self._limits.first, end - time.monotonic())):
                    return await stack.enter_async_context(self._request(client, messages))
            except Exception as error:
                wait = self._worth_another(error)
                if attempt == 2 or wait is None:
                    raise
            await asyncio.sleep(wait)
        raise AssertionError

    @asynccontextmanager
    async def _request(self, client: openai.AsyncOpenAI, messages: Sequence[Message]) -> AsyncIterator[Any]:
        extra: dict[str, Any] = {self.preset.limit: self._room(messages)}
        if self._counts:
            extra["stream_options"] = {"include_usage": True}
        chat: Any = client.chat.completions.with_streaming_response
        async with chat.create(model=self._model, messages=list(messages), stream=True, **extra) as response:
            yield response

    def _room(self, messages: Sequence[Message]) -> int:
        """Return how many tokens the answer may have: vLLM refuses a request that could outgrow the window."""
        if self._window is None:
            return self._limits.tokens
        prompt = sum(len(each["content"]) for each in messages) // FEWEST
        return min(self._limits.tokens, max(LEAST, self._window - prompt))

    def _worth_another(self, error: Exception) -> float | None:
        """Return after how many seconds to send once more; None if that would not help."""
        import openai

        if isinstance(error, openai.APIStatusError):
            if error.status_code in (400, 422) and self._counts and "stream_options" in str(error.body):
                self._counts = False  # an old server; it does without
                return 0.0
            if error.status_code == 429 and "quota" in str(error.body):
                return None
            if error.status_code == 429 or error.status_code >= 500:
                after = error.response.headers.get("retry-after", "0.5")
                seconds = float(after) if after.replace(".", "", 1).isdigit() else RETRY_AFTER + 1
                return seconds if seconds <= RETRY_AFTER else None
            return None
        refused = isinstance(error, openai.APIConnectionError) and not isinstance(error, openai.APITimeoutError)
        return 0.2 if refused else None

    async def look_up(self) -> None:
        """Ask the server which models it has, to choose the only one, and for the window. Raises ProviderTrouble."""
        if self._looked_up:
            return
        if self._silent is not None and time.monotonic() - self._silent[0] < ASKED:
            raise type(self._silent[1])(self._silent[1].message, self._silent[1].hint)
        try:
            known = await self.models()
        except ProviderTrouble as trouble:
            self._silent = time.monotonic(), trouble
            if not self._model or not isinstance(trouble, ProviderFailed):
                raise
            known = {}  # a server that lists no models may still have this one
        if not self._model:
            names = [each for each in known if not NO_CHAT.search(each)]
            if len(names) != 1:
                raise ProviderUnavailable(f"No model is chosen for {self.preset.origin}.", choice(names))
            self._model = names[0]
        self._window = known.get(self._model) or self._window
        self._looked_up = True

    async def _connected(self) -> openai.AsyncOpenAI:
        """Return the client; the package is imported in a thread. Raises ProviderUnavailable."""
        if (missing := self._missing()) is not None:
            raise ProviderUnavailable(missing.message, missing.hint)
        if self._client is None:
            await asyncio.to_thread(importlib.import_module, "openai")
            key = await self.key()
            new = await asyncio.to_thread(self._new_client, key.value if key else "")  # reads the system's certificates
            if self._client is None:  # another request may have been faster
                self._client, self._key = new, key
        return self._client

    async def key(self) -> Key | None:
        """Return the server's key. Raises ProviderUnavailable if there is none, and the server needs one."""
        try:
            key = await asyncio.to_thread(self._keys.find, self.preset.name)  # a keyring may ask its owner
        except AssistError as error:
            if not self.preset.needs_key:
                return None
            raise ProviderUnavailable(error.message, error.hint) from None
        if key is None and self.preset.needs_key:
            raise self._no_key()
        return key

    def _new_client(self, key: str) -> openai.AsyncOpenAI:
        import openai

        from ai_notebook_ls.providers.connection import client_for

        return openai.AsyncOpenAI(
            base_url=self.preset.base_url,
            api_key=key or "none",
            max_retries=0,
            http_client=openai.DefaultAsyncHttpx2Client(**client_for(self.preset)),
            timeout=openai.Timeout(self._limits.total, connect=CONNECT),
        )

    async def close(self) -> None:
        """Close the connections that are kept open."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def _told(self, error: Exception, messages: Sequence[Message]) -> ProviderTrouble:
        if getattr(error, "status_code", None) in (401, 403):
            await self.close()  # the next request may find another key
        return told(error, self.preset, self._key.value if self._key else "", messages)


def choice(names: Sequence[str]) -> str:
    """Return how to choose one of a server's models."""
    if not names:
        return "It has none: load one there, for Ollama with `ollama pull qwen2.5-coder:7b`."
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return f"It has {', '.join(names[:LISTED])}{more}. Set AI_NOTEBOOK_LS_MODEL to one."


@asynccontextmanager
async def _within(seconds: float) -> AsyncIterator[None]:
    """Limit a wait, never a `yield`: that would cancel the consumer. asyncio.timeout is of Python 3.11."""
    import anyio

    with anyio.fail_after(max(0.0, seconds)):
        yield
