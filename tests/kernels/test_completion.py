"""What would fit at a place of some code, told without running any of the user's code."""

from __future__ import annotations

from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.kernels.pool import SidecarKernels
from ai_notebook_ls.settings import IsolationSettings, Settings

SETUP = """
ran = []
class Meta(type):
    def __getattr__(cls, name): ran.append(('meta', name)); raise AttributeError(name)
    def __dir__(cls): ran.append('meta dir'); return ['spied']
class Spy(metaclass=Meta):
    visible_class = 1
    def __init__(self): self.visible_own = {'inner_key': 1}
    def __getattr__(self, name): ran.append(name); return self
    def __dir__(self): ran.append('dir'); return ['spied']
    @property
    def visible_property(self): ran.append('property'); return self
    def _ipython_key_completions_(self): ran.append('keys'); return ['spied']
    def __getitem__(self, key): ran.append('item'); return self
    def __eq__(self, other): ran.append('eq'); return True
    __hash__ = None
class Key(str):
    def startswith(self, *_): ran.append('key'); return True
spy = Spy()
table = {'first_key': spy, Key('first_odd'): 1}
import os, math
import pandas as pd
frame = pd.DataFrame({'city_name': [1], 'a b': [2]})
"""


async def test_completion_runs_nothing_of_the_users() -> None:
    kernels = SidecarKernels(Settings(isolation=IsolationSettings(level="process")))
    notebook = Notebook("file:///n.ipynb", (Cell("a", SETUP),))
    kernel = kernels.kernel(notebook)
    try:
        async with kernel.reserve():
            assert (await kernel.run_cell(notebook.cells[0])).status == "ok"

        async def fits(code: str) -> tuple[str, ...]:
            found = await kernel.complete(code, len(code))
            assert found is not None
            assert code[found.start : found.end] == code[found.start :]
            return found.matches

        assert set(await fits("spy.vis")) == {"visible_class", "visible_own", "visible_property"}
        assert await fits("spy.visible_property.v") == ()
        assert await fits("spy.visible_own['inn") == ("inner_key",)
        assert await fits("spy['") == ()
        assert await fits("Spy.visible_c") == ("visible_class",)
        assert await fits("x = table['fir") == ("first_key",)
        assert await fits("frame['ci") == ("city_name",)
        assert "city_name" in await fits("frame.ci")
        assert await fits("print(os.path.joi") == ("join",)
        assert await fits("f(fra") == ("frame",)
        assert "import" in await fits("impor")
        assert await fits("foo().ba") == ()
        assert "math" in await fits("import mat")
        assert "timeit" in await fits("%time")

        async with kernel.reserve():
            check = await kernel.run_cell(Cell("b", "print(ran)"))
        assert check.outputs[0]["text"] == "[]\n"
    finally:
        await kernels.close()
