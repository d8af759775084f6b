from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_notebook_ls.core.outcomes import Frame, OutputFold, foreign_failure, read_failure, strip_ansi, traceback_lines

LIMIT = 10_000


def fold(*messages: tuple[str, dict[str, Any]], limit: int = LIMIT) -> OutputFold:
    result = OutputFold(limit)
    for msg_type, content in messages:
        result.add(msg_type, content)
    return result


def stream(text: str, name: str = "stdout") -> tuple[str, dict[str, Any]]:
    return "stream", {"name": name, "text": text}


def display(text: str, display_id: str | None = None, kind: str = "display_data") -> tuple[str, dict[str, Any]]:
    transient = {"display_id": display_id} if display_id else {}
    return kind, {"data": {"text/plain": text}, "metadata": {}, "transient": transient}


def texts(found: OutputFold) -> list[str]:
    return [each["text"] if each["output_type"] == "stream" else each["data"]["text/plain"] for each in found.outputs]


def test_streams_of_one_name_are_joined_until_another_output() -> None:
    found = fold(stream("a"), stream("b"), stream("e", "stderr"), stream("c"), display("d"), stream("f"))
    assert texts(found) == ["ab", "e", "c", "d", "f"]


def test_clear_output_clears_at_once_or_with_the_next_output() -> None:
    assert texts(fold(stream("a"), ("clear_output", {"wait": False}), stream("b"))) == ["b"]
    waiting = fold(stream("a"), ("clear_output", {"wait": True}))
    assert texts(waiting) == ["a"]
    waiting.add(*stream("b"))
    waiting.add(*stream("c"))
    assert texts(waiting) == ["bc"]


def test_an_update_changes_every_display_of_its_id() -> None:
    found = fold(display("1", "x"), display("other", "y"), display("1", "x"), display("2", "x", "update_display_data"))
    assert texts(found) == ["2", "other", "2"]


def test_an_update_of_an_unknown_display_shows_nothing() -> None:
    assert texts(fold(display("2", "x", "update_display_data"))) == []


def test_a_result_has_its_count_and_an_error_its_traceback() -> None:
    found = fold(
        ("execute_result", {"data": {"text/plain": "1"}, "metadata": {}, "execution_count": 7}),
        ("error", {"ename": "E", "evalue": "v", "traceback": ["t"]}),
        ("error", {"ename": None, "evalue": None, "traceback": None}),
    )
    assert found.outputs[0] == {
        "output_type": "execute_result", "data": {"text/plain": "1"}, "metadata": {}, "execution_count": 7,
    }  # fmt: skip
    assert found.outputs[1] == {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["t"]}
    assert found.outputs[2]["ename"] == "Error"


def test_what_is_told_is_the_piece_and_not_the_whole() -> None:
    found = OutputFold(LIMIT)
    assert found.add(*stream("a")) == {"output_type": "stream", "name": "stdout", "text": "a"}
    assert found.add(*stream("b")) == {"output_type": "stream", "name": "stdout", "text": "b"}
    assert found.add("status", {"execution_state": "idle"}) is None
    told = found.add(*display("1", "x"))
    assert told is not None
    assert told["transient"] == {"display_id": "x"}
    assert "transient" not in found.outputs[-1]


def test_beyond_the_cap_output_is_counted_and_dropped() -> None:
    found = fold(stream("a" * 8), stream("b" * 8), stream("c"), display("d" * 50), limit=10)
    assert texts(found) == ["a" * 8 + "bb"]
    assert found.full
    assert found.truncated_bytes >= 6 + 1 + 50


@given(st.lists(st.text(alphabet="aé😀\n", max_size=8)), st.integers(0, 40))
def test_the_cap_never_cuts_a_character_and_counts_every_byte(pieces: list[str], limit: int) -> None:
    found = fold(*map(stream, pieces), limit=limit)
    whole = "".join(pieces)
    kept = "".join(texts(found))
    assert whole.startswith(kept)
    size = len(whole.encode())
    assert len(kept.encode()) <= limit
    assert found.full == (size > limit)
    assert found.truncated_bytes >= size - limit


ANSI = [
    ("\x1b[0;31mred\x1b[0m", "red"),
    ("\x1b]8;;http://a\x07link\x1b]8;;\x07", "link"),
    ("\x1b]0;title\x1b\\x", "x"),
    ("\x1b[38;5;28;01mfor\x1b[39;00m", "for"),
    ("plain [0m", "plain [0m"),
]


@pytest.mark.parametrize(("text", "plain"), ANSI)
def test_escapes_are_stripped(text: str, plain: str) -> None:
    assert strip_ansi(text) == plain


@pytest.mark.parametrize(
    ("given_", "lines"),
    [
        (None, ()),
        ("", ()),
        ([], ()),
        ("a\nb", ("a", "b")),
        (["a\nb", "c"], ("a", "b", "c")),
        ([1, None], ("1", "None")),
    ],
)
def test_a_traceback_is_lines_however_it_comes(given_: object, lines: tuple[str, ...]) -> None:
    assert traceback_lines(given_) == lines


MODERN = [
    "\x1b[31mKeyError\x1b[39m    Traceback (most recent call last)",
    "\x1b[36mCell\x1b[39m\x1b[36m \x1b[39m\x1b[32mIn[5]\x1b[39m\x1b[32m, line 2\x1b[39m\n      1 x = 1\n----> 2 f(x)",
    "\x1b[36mCell\x1b[39m\x1b[36m \x1b[39m\x1b[32mIn[3]\x1b[39m\x1b[32m, line 4\x1b[39m, in \x1b[36mf\x1b[39m(x)\n----> 4 d[x]",
    "File /lib/pandas/core.py:12, in g(x)\n     12 raise",
    "KeyError: 1",
]
TRACEBACKS = [
    (MODERN, (Frame("five", 1), Frame("three", 3))),
    (["Input In [5], in <cell line: 2>()", "Input In [3], in f(x)"], (Frame("five", 1),)),
    (["  Cell In[5], line 1\n    for x in\n            ^\nSyntaxError: invalid syntax"], (Frame("five", 0),)),
    (["Cell In[99], line 1"], ()),
    (["no place at all"], ()),
]


@pytest.mark.parametrize(("traceback", "frames"), TRACEBACKS)
def test_the_places_of_a_traceback(traceback: list[str], frames: tuple[Frame, ...]) -> None:
    found = read_failure("KeyError", "1", traceback, "five", {3: "three", 5: "five"})
    assert found.frames == frames
    assert found.line == next((frame.line for frame in frames if frame.cell == "five"), None)
    assert not any("\x1b" in line for line in found.traceback)


def test_a_failure_without_a_name_has_one() -> None:
    found = read_failure(None, None, None, "a", {})
    assert (found.ename, found.evalue, found.traceback, found.line, found.frames) == ("Error", "", (), None, ())


def test_of_another_kernel_only_the_outermost_cell_is_known() -> None:
    found = foreign_failure("KeyError", "1", MODERN, "mine")
    assert found.line == 1
    assert found.frames == (Frame("mine", 1),)
    assert foreign_failure("E", "", "", "mine").line is None
