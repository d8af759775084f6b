"""What is wrong with the way to a model's server: looked at step by step, until one fails."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Literal, NamedTuple

from ai_notebook_ls.core.failures import AssistError, ProviderFailed, ProviderTrouble
from ai_notebook_ls.core.prompts import Message
from ai_notebook_ls.providers.openai_compatible import OpenAIModel, choice

HELLO: list[Message] = [{"role": "user", "content": "Reply with the one word: ready"}]
"""All that is sent to see whether a model answers; nothing of any notebook."""


class Symptom(NamedTuple):
    """What was found at one step, and what to do about it."""

    what: str
    grade: Literal["ok", "missing", "broken"]
    detail: str
    remedy: str = ""


async def checkup(model: OpenAIModel) -> AsyncIterator[Symptom]:
    """Look for the key, ask for the models, and let the chosen one say a word."""
    step = "Key"
    try:
        if (clear := _unencrypted(model)) is not None:
            yield clear
        yield await _key(model)
        step = "Model server"
        known = await _models(model)
        yield Symptom(step, "ok", f"{model.preset.base_url} answers")
        step = "Model"
        await model.look_up()
        name = model.info.model or ""
        if known and not known & {name, f"{name}:latest"}:
            yield Symptom(step, "broken", f"{model.preset.origin} has no {name!r}.", choice(sorted(known)))
            return
        window = await model.window()
        tokens = f"; prompt and answer may have {window:,} tokens together" if window else ""
        yield Symptom(step, "ok", f"{name} gave its first word after {await _first_word(model):.1f} s{tokens}")
    except AssistError as error:
        yield Symptom(step, "broken", error.message, error.hint)
    finally:
        await model.close()


def _unencrypted(model: OpenAIModel) -> Symptom | None:
    if model.preset.local or model.preset.base_url.startswith("https:"):
        return None
    detail = f"none: what is sent to {model.preset.origin} can be read on its way"
    return Symptom("Encryption", "missing", detail, "Give an https address if the server has one.")


async def _key(model: OpenAIModel) -> Symptom:
    found = await model.key()
    if found is not None:
        return Symptom("Key", "ok", f"from {found.place}")
    return Symptom("Key", "ok", "none, and most servers of this kind need none")


async def _models(model: OpenAIModel) -> set[str]:
    """Return the models that the server lists, none if it does not. Raises ProviderTrouble, with its right address if found."""
    try:
        return set(await model.models())
    except ProviderFailed as failed:
        for path in ("/v1", "/api/v1", "/openai/v1"):
            url = model.preset.origin + path
            if url != model.preset.base_url and await model.speaks(url):
                raise ProviderFailed(failed.message, f"{url} is one: set AI_NOTEBOOK_LS_BASE_URL={url}") from None
        if model.info.model is None:
            raise
    return set()


async def _first_word(model: OpenAIModel) -> float:
    """Return how many seconds the first word took. Raises ProviderTrouble."""
    began = time.monotonic()
    async with aclosing(model.stream(HELLO)) as stream:
        async for _ in stream:
            return time.monotonic() - began
    raise ProviderTrouble("The answer was empty.", "Choose another model.")
