"""Whether a request may go to a model: nothing leaves the machine that the user did not send."""

from __future__ import annotations

from ai_notebook_ls.assist.assistant import Assistant
from ai_notebook_ls.core.failures import NotSent, ProviderUnavailable
from ai_notebook_ls.core.questions import NOT_NOW, SEND, SEND_ONCE, SHOW
from ai_notebook_ls.core.requests import Request
from ai_notebook_ls.ports import ModelProvider, Preview, Surface, Usage


def model_of(assistant: Assistant, what: str) -> ModelProvider:
    """Return the model that the settings choose. Raises ProviderUnavailable, which says what needs one."""
    if assistant.model is None:
        raise ProviderUnavailable(
            f"{what} needs a model, and none is set up.",
            "Set AI_NOTEBOOK_LS_PROVIDER=openai and AI_NOTEBOOK_LS_BASE_URL=ollama, say; docs/models.md tells more.",
        )
    return assistant.model


async def agreed(assistant: Assistant, model: ModelProvider, request: Request, surface: Surface) -> None:
    """Return if a request may go to the model's server; for one elsewhere the user is asked. Raises NotSent."""
    destination = model.info.destination
    send = assistant.settings.provider.send
    if send == "never":
        raise NotSent("Nothing was sent to a model, as the setting `send` wants it.", "Change AI_NOTEBOOK_LS_SEND.")
    consents = assistant.consents
    if destination is None or send == "automatic" or (consents and consents.given(destination)):
        return
    preview = await model.preview(request)
    question = _question(destination, preview)
    answer = await surface.ask(question, (NOT_NOW, SHOW, SEND_ONCE, SEND))
    if answer == SHOW:
        shown = "\n\n".join(f"[{each['role']}]\n{each['content']}" for each in preview.messages)
        answer = await surface.ask(f"{question}\n\n{shown}", (NOT_NOW, SEND_ONCE, SEND))
    if answer not in (SEND, SEND_ONCE):
        raise NotSent(
            f"Nothing was sent to {destination}.", "" if answer == NOT_NOW else "The question was not answered."
        )
    if consents and answer == SEND:
        consents.give(destination)


def _question(destination: str, preview: Preview) -> str:
    secrets = len(preview.redactions)
    hidden = f" {secrets} secret{'s' if secrets > 1 else ''} left out." if secrets else ""
    later = f" {preview.later}" if preview.later else ""
    return (
        f"Send this cell, and what of the notebook belongs to it, to {destination}? About {preview.tokens:,} tokens."
        f"{hidden}{later}"
    )


def told(usage: Usage) -> str:
    """Say what an answer took, in a line."""
    if usage.cached:
        return f"{usage.model}, from an earlier answer."
    tokens = f"{usage.prompt_tokens:,} tokens read, {usage.answer_tokens:,} written"
    return f"{usage.model}: {tokens}, {usage.seconds:.1f} s."
