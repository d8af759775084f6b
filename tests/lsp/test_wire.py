"""The wire's shapes: the page's TypeScript and the server's attrs classes say the same."""

import re
import typing
from pathlib import Path
from typing import Any, get_args

import attrs
import pytest

from ai_notebook_ls.core import candidates, ledger, outcomes, recipes, variables
from ai_notebook_ls.core.failures import BadArguments
from ai_notebook_ls.lsp import wire
from ai_notebook_ls.lsp.server import NotebookServer
from ai_notebook_ls.ports import KernelState
from tests.lsp.conftest import Peer

TYPESCRIPT = (Path(__file__).parents[2] / "lab-plugin/src/protocol.ts").read_text()
SHAPES = {name: each for name, each in vars(wire).items() if isinstance(each, type) and attrs.has(each)}


def interfaces() -> dict[str, dict[str, tuple[bool, str]]]:
    """Read the interfaces of protocol.ts: name -> field -> (optional, type)."""
    found: dict[str, dict[str, tuple[bool, str]]] = {}
    for name, parent, body in re.findall(
        r"export interface (\w+)(?: extends (\w+))? \{\n(.*?)\n\}", TYPESCRIPT, re.DOTALL
    ):
        fields = {
            key: (mark == "?", kind) for key, mark, kind in re.findall(r"^  (\w+)(\??): (.+);$", body, re.MULTILINE)
        }
        found[name] = {**found.get(parent, {}), **fields}
    return found


def typescript(kind: Any) -> str:
    """Return a Python type as protocol.ts spells it."""
    if kind is Any:
        return "unknown"
    if kind == dict[str, str]:
        return "Record<string, string>"
    if kind == wire.Output:
        return "IOutput"
    simple = {str: "string", int: "number", float: "number", bool: "boolean", type(None): "null"}
    if kind in simple:
        return simple[kind]
    literals = {candidates.Confidence: "Confidence", candidates.Verdict: "Verdict", ledger.RunMode: "RunMode"}
    literals |= {outcomes.Level: "Level", outcomes.Status: "Status", variables.VariableKind: "VariableKind"}
    literals |= {recipes.Scope: "Scope"}
    if kind in literals:
        return literals[kind]
    if typing.get_origin(kind) is typing.Literal:
        return "KernelState"
    if typing.get_origin(kind) is list:
        return typescript(get_args(kind)[0]) + "[]"
    parts = get_args(kind)
    if parts:
        if {str, int} <= set(parts):
            return "Token"
        return " | ".join(typescript(part) for part in parts)
    return str(kind.__name__)


@pytest.mark.parametrize("name", SHAPES)
def test_a_shape_is_the_same_on_both_sides(name: str) -> None:
    ours = typing.get_type_hints(SHAPES[name])
    theirs = interfaces()[name]
    fields = attrs.fields_dict(SHAPES[name])
    assert {wire.camel(field) for field in fields} == set(theirs)
    for field, attribute in fields.items():
        optional, kind = theirs[wire.camel(field)]
        if name != "Place" and (name, field) not in {("ClientFailure", "evalue"), ("ClientFailure", "traceback")}:
            assert optional == (attribute.default is not attrs.NOTHING), f"{name}.{field}"
        expected = typescript(ours[field])
        if optional and expected.endswith(" | null"):
            expected = expected.removesuffix(" | null")
        assert kind == expected, f"{name}.{field}"


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("Level", get_args(outcomes.Level)),
        ("Status", get_args(outcomes.Status)),
        ("Verdict", get_args(candidates.Verdict)),
        ("Confidence", get_args(candidates.Confidence)),
        ("RunMode", get_args(ledger.RunMode)),
        ("Scope", get_args(recipes.Scope)),
        ("VariableKind", get_args(variables.VariableKind)),
        ("KernelState", tuple(state.value for state in KernelState)),
    ],
)
def test_the_words_are_the_same_on_both_sides(name: str, values: tuple[str, ...]) -> None:
    found = re.search(rf"export type {name} =\s+([^;]+);", TYPESCRIPT)
    assert found is not None
    assert set(re.findall(r"'([\w-]+)'", found[1])) == set(values)


def test_the_version_is_the_same() -> None:
    assert f"PROTOCOL_VERSION = {wire.VERSION};" in TYPESCRIPT


def test_what_is_empty_by_default_is_left_out() -> None:
    failure = wire.Failure("E", "", [], "u", None)
    assert wire.encode(failure) == {"ename": "E", "evalue": "", "traceback": [], "uri": "u", "line": None}
    assert wire.encode(wire.Proposals([])) == {"candidates": []}
    assert wire.encode(wire.Edit("u", 3, "x")) == {"uri": "u", "version": 3, "newText": "x"}
    output = {"output_type": "stream", "text": "x", "nested": {"snake_case": None}}
    assert wire.encode(wire.CellOutput("t", "u", output))["output"] == output, "outputs travel as nbformat has them"


def test_unknown_fields_are_ignored_and_wrong_ones_named() -> None:
    assert wire.decode([{"uri": "u", "later": 1}], wire.RunArguments) == wire.RunArguments("u")
    with pytest.raises(BadArguments, match="failure"):
        wire.decode([{"uri": "u", "failure": {"ename": 3}}], wire.FailureArguments)


async def test_a_page_is_told_the_folder_of_its_server() -> None:
    told = await Peer(NotebookServer(Path("/srv/my notebooks"))).initialize()
    assert told["capabilities"]["experimental"] == {
        "aiNotebook": {"version": 1, "rootUri": "file:///srv/my%20notebooks"}
    }
    told = await Peer(NotebookServer()).initialize()
    assert told["capabilities"]["experimental"] == {"aiNotebook": {"version": 1}}
