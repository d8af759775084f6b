"""What a provider is asked: the cell, what surrounds it and what is known about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ai_notebook_ls.core.candidates import Candidate
from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.evidence import Evidence
from ai_notebook_ls.core.outcomes import Failure, Outcome
from ai_notebook_ls.core.variables import Variables


@dataclass(frozen=True, slots=True)
class Documented:
    """How something is called, and the beginning of its documentation."""

    parameters: str
    """Those that must be given, and `…` for the others."""
    doc: str


@dataclass(frozen=True, slots=True)
class ExplainRequest:
    """Explain a cell."""

    notebook: Notebook
    cell: Cell
    failure: Failure | None = None
    outcome: Outcome | None = None
    """The cell's last run in the sidecar, if there was one for this text."""
    evidence: Evidence | None = None
    """What the kernel told of the failure, if it is the last run's."""
    variables: Variables | None = None
    """What the sidecar kernel holds now; None where it has not run or does not answer."""
    documented: Mapping[str, Documented] = field(default_factory=dict)
    """What the sidecar kernel says of the functions that the cell calls, by the name they are called by."""


@dataclass(frozen=True, slots=True)
class FixRequest:
    """Propose candidates for a failing cell."""

    notebook: Notebook
    cell: Cell
    failure: Failure
    evidence: Evidence | None = None
    """None where the kernel could not be asked: not Python, died, or only a client's word for the failure."""
    attempts: tuple[Candidate, ...] = ()
    """What was tried before, with receipts: feedback for another round."""


@dataclass(frozen=True, slots=True)
class ImproveByModel:
    """Change a cell by an instruction in the user's own words."""

    notebook: Notebook
    cell: Cell
    instruction: str
    variables: Variables | None = None
    attempts: tuple[Candidate, ...] = ()
    """What was tried before, with receipts: feedback for another round."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One question, and what was answered."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class AskRequest:
    """Answer a question about the notebook."""

    notebook: Notebook
    cell: Cell
    """Where the user is."""
    question: str
    conversation: tuple[Turn, ...] = ()
    """What was said before, oldest first."""
    failure: Failure | None = None
    """The cell's own, if it fails."""
    variables: Variables | None = None


Request = ExplainRequest | FixRequest | ImproveByModel | AskRequest

Values = Literal["never", "schema", "sample"]
"""What a prompt may tell of the kernel's values: nothing, types and shapes and columns, or also some of the values."""


@dataclass(frozen=True, slots=True)
class Wording:
    """How prompts are written, as the user set it."""

    tokens: int = 3000
    """What a prompt may have, at about four characters a token; less where the server admits less."""
    values: Values = "schema"
    language: str = ""
    """The language to answer in; empty: that of the user's own text."""
    instructions: str = ""
    """The user's own, added to each prompt."""
