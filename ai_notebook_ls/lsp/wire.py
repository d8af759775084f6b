"""What travels, typed (docs/protocol.md, version 1); lab-plugin/src/protocol.ts has the same shapes, a test compares.

Field names here are snake_case; on the wire they are camelCase. A field that is None or empty by default is left out.
"""

from __future__ import annotations

import functools
from typing import Any, Literal, TypeVar

import attrs
from cattrs import Converter
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from ai_notebook_ls.core.candidates import Confidence, Verdict
from ai_notebook_ls.core.failures import BadArguments
from ai_notebook_ls.core.ledger import RunMode
from ai_notebook_ls.core.outcomes import Level, Output, Status
from ai_notebook_ls.core.recipes import Scope
from ai_notebook_ls.core.variables import VariableKind

VERSION = 1
T = TypeVar("T")


# -- what a client sends ---------------------------------------------------------------------------------------------


@attrs.frozen
class Place:
    """A place in a document: LSP's Position."""

    line: int
    character: int = 0


@attrs.frozen
class ClientFailure:
    """What the user's own kernel said."""

    ename: str
    evalue: str = ""
    traceback: list[str] = attrs.field(factory=list)


@attrs.frozen
class CellArguments:
    """The fields common to all commands."""

    uri: str
    position: Place | None = None
    version: int | None = None
    token: str | int | None = None


@attrs.frozen
class RunArguments(CellArguments):
    """aiNotebook.run."""

    mode: RunMode = "needed"


@attrs.frozen
class FailureArguments(CellArguments):
    """aiNotebook.explain and aiNotebook.fix."""

    failure: ClientFailure | None = None


@attrs.frozen
class ImproveArguments(CellArguments):
    """aiNotebook.improve: a recipe, an instruction, or neither for all recipes that fit."""

    recipe: str | None = None
    instruction: str | None = None
    scope: Scope = "cell"


@attrs.frozen
class AskArguments(CellArguments):
    """aiNotebook.ask: a question, and which conversation it goes on."""

    question: str = ""
    conversation: str | None = None


@attrs.frozen
class PreviewArguments(CellArguments):
    """aiNotebook.preview: a command that may ask a model, and what it would be given besides the place."""

    command: str = ""
    failure: ClientFailure | None = None
    instruction: str = ""
    question: str = ""
    conversation: str | None = None


@attrs.frozen
class ScratchArguments(CellArguments):
    """aiNotebook.scratch: code that is in no cell, and whether a branch runs it, below the cell of the `uri`."""

    code: str = ""
    branch: bool = False


@attrs.frozen
class CompleteArguments(CellArguments):
    """aiNotebook.complete: code that is in no cell, and a place in it, in UTF-16 units from its beginning."""

    code: str = ""
    cursor: int = 0


@attrs.frozen
class SentArguments(CellArguments):
    """aiNotebook.sent: an entry of the history."""

    id: str = ""


@attrs.frozen
class PinArguments(CellArguments):
    """aiNotebook.pin: an entry of the history, and whether it is to stay."""

    id: str = ""
    pinned: bool = True


@attrs.frozen
class ForgetArguments(CellArguments):
    """aiNotebook.forget: entries of the history."""

    ids: list[str] = attrs.field(factory=list)


# -- what a client gets ----------------------------------------------------------------------------------------------


@attrs.frozen
class Failure:
    """An outcome's error."""

    ename: str
    evalue: str
    traceback: list[str]
    uri: str
    line: int | None


@attrs.frozen
class Outcome:
    """What a run gave."""

    status: Status
    uri: str
    outputs: list[Output]
    replayed: list[str]
    fresh: list[str]
    duration_ms: float
    level: Level
    truncated_bytes: int
    failure: Failure | None = None
    execution_count: int | None = None
    notice: str = ""


@attrs.frozen
class Edit:
    """A document's whole new text."""

    uri: str
    version: int | None
    new_text: str


@attrs.frozen
class Downstream:
    """A cell below, and how it fares after the change."""

    uri: str
    status: Status


@attrs.frozen
class Receipt:
    """What was run to check a candidate."""

    verdict: Verdict
    reason: str
    downstream: list[Downstream]
    duration_ms: float
    outcome: Outcome | None = None
    before: Outcome | None = None


@attrs.frozen
class Candidate:
    """A proposed change."""

    title: str
    origin: str
    confidence: Confidence
    edits: list[Edit]
    diff: str
    receipt: Receipt
    run_first: list[str] = attrs.field(factory=list)


@attrs.frozen
class Proposals:
    """The answer to a fix or an improve."""

    candidates: list[Candidate]
    failure: Failure | None = None
    note: str | None = None
    sent: int = 0


@attrs.frozen
class Usage:
    """What a model's answer took."""

    model: str
    prompt_tokens: int
    answer_tokens: int
    seconds: float


@attrs.frozen
class Explanation:
    """The answer to an explain."""

    markdown: str
    provider: str
    cached: bool
    usage: Usage | None = None
    sent: int = 0


@attrs.frozen
class Answer:
    """The answer to aiNotebook.ask."""

    markdown: str
    conversation: str
    provider: str
    code: list[str]
    usage: Usage | None = None
    sent: int = 0


@attrs.frozen
class Message:
    """One turn of a chat."""

    role: str
    content: str


@attrs.frozen
class Preview:
    """What a command would send, to the byte; `later` is what its further requests add."""

    messages: list[Message]
    tokens: int
    redactions: list[str]
    body: str
    destination: str | None = None
    later: str | None = None


@attrs.frozen
class SentRequest:
    """A request that was sent to a model, to the byte."""

    messages: list[Message]
    tokens: int
    redactions: list[str]
    body: str
    destination: str | None = None


@attrs.frozen
class Sent:
    """All that was sent for an answer, in order."""

    requests: list[SentRequest]


@attrs.frozen
class Provider:
    """The provider in use."""

    name: str
    ready: bool
    model: str | None = None
    destination: str | None = None
    why: str | None = None
    key: str | None = None


@attrs.frozen
class LedgerEntry:
    """A cell that has run, its last run, and whether its state still holds."""

    uri: str
    fresh: bool
    status: Status
    execution_count: int
    duration_ms: float
    names: list[str]


@attrs.frozen
class State:
    """A notebook's sidecar kernel."""

    notebook: str
    kernel: Literal["none", "starting", "idle", "busy", "dead"]
    level: Level
    ledger: list[LedgerEntry]
    memory_bytes: int
    provider: Provider
    why: str | None = None
    uncontained: str | None = None
    queued: int = 0


@attrs.frozen
class Column:
    """A column of a frame."""

    name: str
    dtype: str


@attrs.frozen
class Table:
    """A frame's upper left corner."""

    index: list[str]
    rows: list[list[str]]


@attrs.frozen
class Variable:
    """One name of the user's in the sidecar kernel."""

    name: str
    type: str
    module: str
    kind: VariableKind
    preview: str
    truncated: bool = False
    shape: list[int] | None = None
    dtype: str | None = None
    bytes: int | None = None
    columns: list[Column] = attrs.field(factory=list)
    table: Table | None = None


@attrs.frozen
class Variables:
    """The answer to aiNotebook.variables."""

    kernel: Literal["none", "starting", "idle", "busy", "dead"]
    variables: list[Variable]
    left_out: int = 0


@attrs.frozen
class Completions:
    """What would fit between two places of the code, in UTF-16 units."""

    matches: list[str]
    start: int
    end: int


@attrs.frozen
class Asked:
    """What of a command's arguments is not the place."""

    mode: str | None = None
    recipe: str | None = None
    instruction: str | None = None
    question: str | None = None


@attrs.frozen
class HistoryEntry:
    """A command that was answered: what was asked of which cell, as the cells stood, and the answer."""

    id: str
    command: str
    uri: str
    at: str
    asked: Asked
    sources: dict[str, str]
    result: Any
    pinned: bool = False


@attrs.frozen
class History:
    """What was answered about a notebook, oldest first."""

    entries: list[HistoryEntry]


@attrs.frozen
class Abilities:
    """The `experimental.aiNotebook` of our answer to `initialize`."""

    version: int
    root_uri: str | None = None
    """The folder that the Jupyter server serves, if one started us."""


@attrs.frozen
class Delta:
    """aiNotebook/delta."""

    token: str | int
    text: str


@attrs.frozen
class CellOutput:
    """aiNotebook/output."""

    token: str | int
    uri: str
    output: Output


# -- how -------------------------------------------------------------------------------------------------------------


def camel(name: str) -> str:
    """Return a field's name on the wire."""
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)


@functools.cache
def _converter() -> Converter:
    converter = Converter()

    def renamed(cls: type) -> dict[str, Any]:
        fields = attrs.fields(cls)
        return {f.name: override(rename=camel(f.name), omit_if_default=f.default is not attrs.NOTHING) for f in fields}

    def strict(kind: type) -> Any:
        def check(value: Any, _: Any) -> Any:
            if not isinstance(value, kind) or isinstance(value, bool):
                raise TypeError(f"expected {kind.__name__}")
            return value

        return check

    def boolean(value: Any, _: Any) -> bool:
        if not isinstance(value, bool):
            raise TypeError("expected bool")
        return value

    def token(value: Any, _: Any) -> str | int | None:
        if value is not None and (isinstance(value, bool) or not isinstance(value, str | int)):
            raise TypeError("expected text or an integer")
        return value

    converter.register_structure_hook(bool, boolean)
    for kind in (str, int):
        converter.register_structure_hook(kind, strict(kind))
    converter.register_structure_hook(str | int | None, token)
    converter.register_structure_hook_factory(
        attrs.has, lambda cls: make_dict_structure_fn(cls, converter, **renamed(cls))
    )
    converter.register_unstructure_hook_factory(
        attrs.has, lambda cls: make_dict_unstructure_fn(cls, converter, **renamed(cls))
    )
    converter.register_unstructure_hook(dict, lambda value: value)
    return converter


def encode(value: Any) -> Any:
    """Return a wire value as plain JSON data."""
    return _converter().unstructure(value)


def decode(arguments: Any, shape: type[T]) -> T:
    """Read a command's one argument object. Raises BadArguments."""
    if not isinstance(arguments, (list, tuple)) or len(arguments) != 1 or not isinstance(arguments[0], dict):
        raise BadArguments("This command takes one argument: an object.", "See protocol.md for its fields.")
    try:
        return _converter().structure(arguments[0], shape)
    except Exception as error:
        raise BadArguments(f"The command's arguments do not fit: {_fields(error)}.", "See protocol.md.") from None


def _fields(error: BaseException) -> str:
    """Name the fields that a cattrs error complains of, without quoting their values."""
    notes = [note for each in _leaves(error) for note in getattr(each, "__notes__", ())]
    names = [getattr(note, "name", None) for note in notes]
    missing = [str(each.args[0]) for each in _leaves(error) if isinstance(each, KeyError) and each.args]
    found = dict.fromkeys([camel(name) for name in names if isinstance(name, str)] + missing)
    return ", ".join(found) or "unexpected value"


def _leaves(error: BaseException) -> list[BaseException]:
    inner = getattr(error, "exceptions", None)
    return [error] if inner is None else [error, *(leaf for each in inner for leaf in _leaves(each))]
