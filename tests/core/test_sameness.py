"""When two runs of a cell count as the same."""

from typing import Any

import pytest

from ai_notebook_ls.core.outcomes import Failure, Outcome
from ai_notebook_ls.core.sameness import same


def stream(text: str, name: str = "stdout") -> dict[str, Any]:
    return {"output_type": "stream", "name": name, "text": text}


def shown(**data: str) -> dict[str, Any]:
    named = {key.replace("_", "/", 1): value for key, value in data.items()}
    return {"output_type": "display_data", "data": named, "metadata": {}}


def ran(*outputs: dict[str, Any], status: Any = "ok", error: str = "") -> Outcome:
    failure = Failure(error, "", (), "c") if error else None
    return Outcome(status, "c", outputs, failure)


WARNED = "/tmp/ipykernel_1/2.py:3: DeprecationWarning: old\n  np.old()\n"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (ran(stream("<object at 0x7f00aa>")), ran(stream("<object at 0x7f00bb>"))),
        (
            ran(stream("CPU times: user 1 ms\nWall time: 3 ms\n4")),
            ran(stream("CPU times: user 2 ms\nWall time: 5 ms\n4")),
        ),
        (ran(stream("\x1b[31m1\x1b[0m")), ran(stream("1"))),
        (ran(stream(WARNED, "stderr")), ran()),
        (ran(stream(WARNED, "stderr")), ran(stream(WARNED.replace(":3:", ":9:"), "stderr"))),
        (ran(stream("50%", "stderr")), ran(stream("51%", "stderr"))),
        (ran(status="error", error="KeyError"), ran(status="error", error="KeyError")),
        (ran(shown(image_png="iVBO")), ran(shown(image_png="iVBO"))),
        (ran(stream("0.30000000000000004 m")), ran(stream("0.3 m"))),
        (ran(shown(text_plain="a    1.10000000000\nb    2")), ran(shown(text_plain="a  1.1000000000002\nb    2"))),
        (ran(shown(text_html="<td>-1.5e-07</td>")), ran(shown(text_html="<td>-1.5000000000001e-07</td>"))),
    ],
)
def test_the_same(old: Outcome, new: Outcome) -> None:
    assert same(old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (ran(stream("1")), ran(stream("2"))),
        (ran(stream("0.3")), ran(stream("0.3001"))),
        (ran(stream("10000000000")), ran(stream("10000000001"))),
        (ran(stream("a 0.5")), ran(stream("b 0.5"))),
        (ran(stream("0.5")), ran(stream("-0.5"))),
        (ran(stream("1.2.3")), ran(stream("1.2.30"))),
        (ran(stream("  x")), ran(stream("x"))),
        (ran(stream("1")), ran(stream("1"), stream("2", "stdout2"))),
        (ran(stream("took 3 ms")), ran(stream("took 4 ms"))),
        (ran(shown(image_png="iVBO")), ran(shown(image_png="iVBX"))),
        (ran(shown(text_plain="1")), ran(shown(text_plain="1", text_html="<b>1</b>"))),
        (ran(), ran(stream(WARNED, "stderr"))),
        (ran(), ran(status="error", error="KeyError")),
        (ran(status="error", error="KeyError"), ran(status="error", error="NameError")),
    ],
)
def test_not_the_same(old: Outcome, new: Outcome) -> None:
    assert not same(old, new)
