"""What running a cell gives: outputs, failures, and what the next cell still finds."""

from __future__ import annotations

import asyncio

import pytest
import pytest_asyncio

from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.outcomes import Frame
from ai_notebook_ls.kernels import sandbox
from ai_notebook_ls.kernels.pool import SidecarKernels
from ai_notebook_ls.ports import KernelState
from ai_notebook_ls.settings import IsolationSettings, RunSettings, Settings

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["limited", "sandboxed"])
async def shared(request):
    """One kernel for all tests of this module, in a sandbox and not."""
    if request.param == "sandboxed" and sandbox.obstacle():
        pytest.skip(sandbox.obstacle())
    isolation = IsolationSettings(level=request.param)
    kernels = SidecarKernels(Settings(run=RunSettings(output_limit=100_000), isolation=isolation))
    yield kernels.kernel(Notebook("untitled:shared", ()))
    await kernels.close()


def text(outcome):
    """All that a cell printed."""
    return "".join(output["text"] for output in outcome.outputs if output["output_type"] == "stream")


async def test_variables_persist(shared, run):
    await run(shared, "kept = 41")
    outcome = await run(shared, "kept + 1")
    assert outcome.status == "ok"
    assert outcome.outputs[0]["data"]["text/plain"] == "42"
    assert shared.state is KernelState.IDLE
    while not shared.memory_bytes():  # measured after each run; pytest's own timeout ends this
        await asyncio.sleep(0.01)
    assert shared.memory_bytes() > 10_000_000


async def test_the_ledger_knows_what_ran(shared, run):
    source = "1 / 0"
    outcome = await run(shared, source, cell="ledger")
    entry = shared.ledger[-1]
    assert (entry.cell, entry.digest) == ("ledger", Cell("", source).digest)
    assert (entry.status, entry.execution_count) == ("error", outcome.execution_count)
    assert entry.duration_ms > 0


async def test_the_ledger_knows_which_names_changed(shared, run):
    async def names(source):
        await run(shared, source)
        return sorted(shared.ledger[-1].names)

    assert await names("p = 1; q = [1]; _hidden = 2; import os as system") == ["p", "q", "system"]
    assert await names("p = 2\nif False: never = 1") == ["p"]
    assert await names("q.append(1)") == ["q"]
    assert await names("del p") == ["p"]
    assert await names("1 + 1") == []
    assert await names("exec('brought = 1')") == ["brought"]
    assert await names("before = 1\n1 / 0\nafter = 1") == ["before"]
    assert await names("%who\nfor turn in range(3): pass") == ["turn"]


async def test_outputs_come_as_they_are_made(shared, run):
    told = []
    source = (
        "import sys\nfrom IPython.display import display, clear_output, Image, HTML, update_display\n"
        "print('out'); print('err', file=sys.stderr)\n"
        "handle = display('first', display_id='d'); handle.update('second')\n"
        "display(Image(data=b'\\x89PNG\\r\\n\\x1a\\n' + b'x' * 50, format='png'))\n"
        "'result'"
    )
    outcome = await run(shared, source, cell="shown", on_output=lambda cell, output: told.append((cell, output)))
    kinds = [output["output_type"] for output in outcome.outputs]
    assert sorted(kinds) == ["display_data", "display_data", "execute_result", "stream", "stream"]
    shown = [output["data"] for output in outcome.outputs if output["output_type"] == "display_data"]
    assert shown[0]["text/plain"] == "'second'"
    assert shown[1]["image/png"].startswith("iVBOR")
    assert {cell for cell, _ in told} == {"shown"}
    assert "update_display_data" in [output["output_type"] for _, output in told]


async def test_clear_output(shared, run):
    outcome = await run(shared, "from IPython.display import clear_output\nprint('a'); clear_output(); print('b')")
    assert text(outcome) == "b\n"


async def test_a_callback_that_raises_costs_only_itself(shared, run):
    def broken(cell, output):
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        await run(shared, "survivor = 1; print('x'); survivor = 2", on_output=broken)
    assert (await run(shared, "survivor")).outputs[0]["data"]["text/plain"] == "2"


async def test_failing_line(shared, run):
    outcome = await run(shared, "a = 1\nb = 2\na / (b - 2)\n", cell="third")
    assert outcome.status == "error"
    assert (outcome.failure.ename, outcome.failure.line) == ("ZeroDivisionError", 2)
    assert outcome.failure.frames == (Frame("third", 2),)
    assert not any("\x1b" in line for line in outcome.failure.traceback)


async def test_failing_frame_in_another_cell(shared, run):
    await run(shared, "def halve(x):\n    y = x\n    return y / 0", cell="defines")
    outcome = await run(shared, "\nhalve(3)", cell="calls")
    assert outcome.failure.line == 1
    assert outcome.failure.frames == (Frame("calls", 1), Frame("defines", 2))


async def test_syntax_error(shared, run):
    outcome = await run(shared, "x = 1\nfor i in x\n    pass", cell="syntax")
    assert (outcome.status, outcome.failure.ename, outcome.failure.line) == ("error", "SyntaxError", 1)


async def test_output_beyond_the_limit_is_counted_and_dropped(shared, run):
    outcome = await run(shared, "print('x' * 300_000)")
    assert (outcome.status, len(text(outcome)), outcome.truncated_bytes) == ("ok", 100_000, 200_001)


async def test_interrupt(shared, run):
    running = asyncio.Event()
    task = asyncio.create_task(
        run(shared, "print('go', flush=True)\nwhile True: pass", on_output=lambda *_: running.set())
    )
    await running.wait()
    assert shared.state is KernelState.BUSY
    await shared.interrupt()
    outcome = await task
    assert (outcome.status, outcome.failure, shared.state) == ("interrupted", None, KernelState.IDLE)
    assert shared.ledger[-1].status == "interrupted"


async def test_interrupt_right_after_the_request(shared, run):
    """Before the kernel has begun it would ignore the signal."""
    task = asyncio.create_task(run(shared, "while True: pass"))
    while shared.state is not KernelState.BUSY:
        await asyncio.sleep(0)
    await shared.interrupt()
    assert (await task).status == "interrupted"


async def test_an_interrupt_that_a_young_cell_loses_is_repeated(shared, run, monkeypatch):
    """Python ignores a KeyboardInterrupt in a finalizer or a callback, as those of ipykernel before the cell's code."""
    await run(shared, "1")
    process, sent = shared._process, []
    really = process.interrupt

    async def lossy():
        sent.append(1)
        if len(sent) > 1:
            await really()

    monkeypatch.setattr(process, "interrupt", lossy)
    task = asyncio.create_task(run(shared, "while True: pass"))
    while shared.state is not KernelState.BUSY:
        await asyncio.sleep(0)
    await shared.interrupt()
    assert (await task).status == "interrupted"
    assert len(sent) > 1


async def test_interrupt_when_idle_is_nothing(shared, run):
    await shared.interrupt()
    assert (await run(shared, "1")).status == "ok"


async def test_cancelled_task_stops_the_cell(shared, run):
    await run(shared, "steps = 0")
    running = asyncio.Event()
    source = "while True:\n    steps += 1\n    if steps == 1: print('go', flush=True)"
    task = asyncio.create_task(run(shared, source, cell="cancelled", on_output=lambda *_: running.set()))
    await running.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (shared.ledger[-1].cell, shared.ledger[-1].status) == ("cancelled", "cancelled")
    assert (await run(shared, "steps > 0")).outputs[0]["data"]["text/plain"] == "True"


async def test_one_at_a_time(shared, run):
    order = []

    async def two(name):
        async with shared.reserve():
            for step in "ab":
                await shared.run_cell(Cell(name + step, "1"))
                order.append(name + step)

    await asyncio.gather(two("x"), two("y"))
    assert order == ["xa", "xb", "ya", "yb"]


async def test_the_queue_shows(shared, run):
    assert shared.queue == 0
    async with shared.reserve():
        waiting = [asyncio.create_task(run(shared, "1")) for _ in range(2)]
        while shared.queue < 3:
            await asyncio.sleep(0)
    await asyncio.gather(*waiting)
    assert shared.queue == 0


async def test_a_waiting_run_that_is_cancelled_leaves_the_queue(shared, run):
    async with shared.reserve():
        waiting = asyncio.create_task(run(shared, "1"))
        while shared.queue < 2:
            await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert shared.queue == 1
    assert (await run(shared, "2")).status == "ok"


async def test_an_error_does_not_abort_the_next(shared, run):
    outcomes = await asyncio.gather(run(shared, "1 / 0"), run(shared, "7"))
    assert [outcome.status for outcome in outcomes] == ["error", "ok"]


@pytest.mark.parametrize("source", ["-" * 5_000 + "1", "a" + ".b" * 20_000, "+".join("1" * 20_000)])
async def test_what_is_nested_too_deeply_is_an_error_of_python_s(shared, run, source):
    outcome = await run(shared, source)
    assert outcome.status == "error"
    assert outcome.failure.ename in {"RecursionError", "MemoryError", "SyntaxError"}, (
        "which one is up to Python's version"
    )
    assert shared.ledger[-1].status == "error"
    assert (await run(shared, "1 + 1")).status == "ok"


async def test_a_kernel_that_does_not_reply_is_no_interruption(shared, run):
    broken = (
        "kernel = get_ipython().kernel\n"
        "def broken(*arguments, **options):\n    del kernel.do_execute\n    raise LookupError\n"
        "kernel.do_execute = broken"
    )
    await run(shared, broken)
    outcome = await run(shared, "1 + 1")
    assert (outcome.status, outcome.failure.ename) == ("error", "NoReply")
    assert (await run(shared, "1 + 1")).status == "ok"
