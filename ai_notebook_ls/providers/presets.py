"""The servers that people run, and what each needs."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from ai_notebook_ls.core.failures import ProviderUnavailable


@dataclass(frozen=True, slots=True)
class Preset:
    """What is known of a server before it is asked."""

    name: str
    """What a key is kept under, too: a preset's name, or the server's origin."""
    base_url: str
    start: str
    """What to do if it does not answer."""
    needs_key: bool = False
    limit: str = "max_tokens"
    """How the request says how long an answer may be; api.openai.com refuses this one for reasoning models."""
    window: int | None = None
    """Tokens that prompt and answer have together, as long as the server itself does not tell."""
    tells: str = ""
    """Where it tells of the models that it has loaded, with the window that each really has."""

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        parts = urlsplit(self.base_url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"

    @property
    def local(self) -> bool:
        """Whether nothing leaves this machine."""
        host = urlsplit(self.base_url).hostname or ""
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return host == "localhost" or host.endswith(".localhost")


PRESETS = {
    each.name: each
    for each in (
        Preset(
            "openai",
            "https://api.openai.com/v1",
            "Check your connection, and https://status.openai.com.",
            needs_key=True,
            limit="max_completion_tokens",
        ),
        Preset(
            "ollama",
            "http://127.0.0.1:11434/v1",
            "Start it with `ollama serve`, and get a model: `ollama pull qwen2.5-coder:7b`.",
            window=4096,
            tells="/api/ps",
        ),
        Preset(
            "lmstudio",
            "http://127.0.0.1:1234/v1",
            "Load a model in LM Studio, and start its server: `lms server start`.",
            tells="/api/v0/models",
        ),
        Preset("vllm", "http://127.0.0.1:8000/v1", "Start it with `vllm serve MODEL`."),
        Preset("llamacpp", "http://127.0.0.1:8080/v1", "Start it with `llama-server -m MODEL.gguf`."),
    )
}


def preset_of(base_url: str, environment: Mapping[str, str]) -> Preset:
    """Return the preset that a setting names, or one for a server's own URL. Raises ProviderUnavailable."""
    if base_url in PRESETS:
        preset = PRESETS[base_url]
        asked = environment.get("OLLAMA_CONTEXT_LENGTH", "")
        if preset.window is not None and asked.isdigit():
            return replace(preset, window=int(asked))
        return preset
    names = ", ".join(PRESETS)
    try:
        parts = urlsplit(base_url.strip())
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        usable = False
    if not usable:
        what = f"{base_url!r} is no server's address." if base_url else "No model server is set."
        hint = f"Set AI_NOTEBOOK_LS_BASE_URL to a URL like http://127.0.0.1:8080/v1, or to one of {names}."
        raise ProviderUnavailable(what, hint)
    if parts.username or parts.password:
        raise ProviderUnavailable("The server's address holds a password.", "Keep it with `ai-notebook-ls key set`.")
    path = parts.path.rstrip("/").removesuffix("/chat/completions") or "/v1"
    url = f"{parts.scheme}://{parts.netloc}{path}"
    for preset in PRESETS.values():
        if preset.base_url == url.replace("//localhost", "//127.0.0.1"):
            return preset
    return Preset(f"{parts.scheme}://{parts.netloc}", url, f"Check that a server runs at {parts.netloc}.")


def windows(listed: object) -> dict[str, int | None]:
    """Read a server's list of models: the name of each, and its window if that is told. Raises ValueError."""
    if not isinstance(listed, dict) or not listed.keys() & {"data", "models"}:
        raise ValueError
    entries = listed.get("data", listed.get("models")) or ()  # Ollama without models: null
    if not isinstance(entries, (list, tuple)):
        raise ValueError
    models = [(each, each.get("id") or each.get("name")) for each in entries if isinstance(each, dict)]
    return {name: _window(each) for each, name in models if isinstance(name, str)}


def _window(entry: Mapping[str, object]) -> int | None:
    """Return what LM Studio, vLLM, others and llama.cpp tell, what was loaded before what is possible."""
    meta = entry.get("meta")
    told = [entry.get(name) for name in ("loaded_context_length", "max_model_len", "context_length")]
    if isinstance(meta, dict):
        told += [meta.get("n_ctx"), meta.get("n_ctx_train")]
    told.append(entry.get("max_context_length"))
    return next((each for each in told if isinstance(each, int) and each > 0), None)
