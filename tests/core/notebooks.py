"""Random notebooks of plain Python: what they do is known by running them."""

from __future__ import annotations

import random
from collections.abc import Callable

from ai_notebook_ls.core.cells import Cell, Notebook

NAMES = "abcdef"


class Writer:
    """Writes cells that run, more often than not; the same seed gives the same notebook."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.lists: list[str] = []
        self.numbers: list[str] = []
        self.calls: list[str] = []
        self.iterators: list[str] = []
        self.has_seed = False

    def notebook(self, length: int) -> Notebook:
        cells = [
            Cell(f"c{i}", "\n".join(self.statement() for _ in range(self.dice.choice((1, 1, 2)))))
            for i in range(length)
        ]
        return Notebook("file:///n.ipynb", tuple(cells))

    def name(self) -> str:
        return self.dice.choice(NAMES)

    def number(self) -> str:
        if self.numbers and self.dice.random() < 0.7:
            return self.dice.choice(self.numbers)
        return str(self.dice.randint(1, 9))

    def a_list(self) -> str:
        return self.dice.choice(self.lists) if self.lists else f"[{self.number()}]"

    def statement(self) -> str:
        kinds: list[Callable[[], str]] = [
            self.assign, self.assign, self.assign, self.make_list, self.make_list, self.alias, self.append, self.append,
            self.store, self.augment, self.conditional, self.loop, self.function, self.mutator, self.global_mutator,
            self.call, self.call, self.higher_order, self.iterator, self.next_of, self.counter, self.delete, self.nested,
            self.unpack, self.attempt, self.closure, self.seeded, self.lambda_, self.partial,
        ]  # fmt: skip
        return self.dice.choice(kinds)()

    def bind(self, name: str, kind: list[str] | None) -> str:
        for each in (self.lists, self.numbers, self.calls, self.iterators):
            if name in each:
                each.remove(name)
        if kind is not None:
            kind.append(name)
        return name

    def assign(self) -> str:
        value = f"{self.number()} + {self.number()}"
        return f"{self.bind(self.name(), self.numbers)} = {value}"

    def make_list(self) -> str:
        value = self.dice.choice(
            (f"[{self.number()}, {self.number()}]", f"list({self.a_list()})", f"{self.a_list()} + [1]")
        )
        return f"{self.bind(self.name(), self.lists)} = {value}"

    def alias(self) -> str:
        value = self.a_list()
        return f"{self.bind(self.name(), self.lists)} = {value}"

    def nested(self) -> str:
        value = f"[{self.a_list()}, {self.a_list()}][0]"
        return f"{self.bind(self.name(), self.lists)} = {value}"

    def unpack(self) -> str:
        one, two = self.a_list(), self.number()
        return f"{self.bind(self.name(), self.lists)}, {self.bind('g', self.numbers)} = {one}, {two}"

    def append(self) -> str:
        return f"{self.a_list()}.append({self.number()})"

    def store(self) -> str:
        return f"{self.a_list()}[0] = {self.number()}"

    def augment(self) -> str:
        if self.lists and self.dice.random() < 0.5:
            return f"{self.a_list()} += [{self.number()}]" if self.lists else "pass"
        return f"{self.dice.choice(self.numbers)} += {self.number()}" if self.numbers else "pass"

    def conditional(self) -> str:
        test = f"{self.number()} > {self.number()}"
        name = self.name()
        if name not in self.numbers:
            return f"if {test}:\n    {self.append()}"
        return f"if {test}:\n    {name} = {self.number()}"

    def loop(self) -> str:
        source, target = self.a_list(), self.a_list()
        return f"for i in {source}[:3]:\n    {target}.append(i)"

    def attempt(self) -> str:
        value = self.number()
        name = self.bind(self.name(), self.numbers)
        return f"try:\n    {name} = {value}\nexcept ValueError:\n    {name} = 0"

    def function(self) -> str:
        body = f"return {self.number()} + (x[0] if isinstance(x, list) else x)"
        return f"def {self.bind(self.name(), self.calls)}(x):\n    {body}"

    def mutator(self) -> str:
        inner = f"\n    {self.dice.choice(self.calls)}(x)" if self.calls and self.dice.random() < 0.3 else ""
        return f"def {self.bind(self.name(), self.calls)}(x):{inner}\n    if isinstance(x, list): x.append(7)\n    return 1"

    def global_mutator(self) -> str:
        line = self.append()
        return f"def {self.bind(self.name(), self.calls)}(x):\n    {line}\n    return 2"

    def closure(self) -> str:
        name = self.bind(self.name(), self.calls)
        return (
            f"def {name}_maker():\n    kept = [0]\n    def inner(x):\n        kept[0] += 1\n        return kept[0]\n"
            f"    return inner\n{name} = {name}_maker()"
        )

    def lambda_(self) -> str:
        value = self.number()
        return f"{self.bind(self.name(), self.calls)} = lambda x: {value} * 2"

    def partial(self) -> str:
        if not self.calls:
            return "pass"
        value = self.dice.choice((self.number(), self.a_list()))
        called = self.dice.choice(self.calls)
        partial = f"functools.partial(lambda p, q, r: q(p), {value}, {called})"
        return f"import functools\n{self.bind(self.name(), self.calls)} = {partial}"

    def call(self) -> str:
        if not self.calls:
            return "pass"
        called, given = self.dice.choice(self.calls), self.dice.choice((self.a_list(), self.number()))
        if self.dice.random() < 0.4:
            return f"{called}({given})"
        return f"{self.bind(self.name(), self.numbers)} = {called}({given})"

    def higher_order(self) -> str:
        if not self.calls:
            return "pass"
        called, given = self.dice.choice(self.calls), self.a_list()
        return f"{self.bind(self.name(), self.lists)} = list(map({called}, [{given}, {given}]))"

    def iterator(self) -> str:
        value = self.dice.choice((f"iter({self.a_list()} * 9)", f"(v for v in {self.a_list()} * 9)"))
        return f"{self.bind(self.name(), self.iterators)} = {value}"

    def next_of(self) -> str:
        if not self.iterators:
            return "pass"
        value = self.dice.choice(("next({})", "sum(x for x, _ in zip({}, 'ab'))")).format(
            self.dice.choice(self.iterators)
        )
        return f"{self.bind(self.name(), self.numbers)} = {value}"

    def counter(self) -> str:
        name = self.bind(self.name(), self.calls)
        return (
            "class Counter:\n    def __init__(self):\n        self.n = 0\n    def __call__(self, x):\n"
            f"        self.n += 1\n        return self.n\n{name} = Counter()"
        )

    def delete(self) -> str:
        if len(self.numbers) < 2:
            return "pass"
        name = self.dice.choice(self.numbers)
        self.bind(name, None)
        return f"del {name}"

    def seeded(self) -> str:
        # What is drawn without a seed differs on each run, with a slice and without.
        if not self.has_seed or self.dice.random() < 0.3:
            self.has_seed = True
            return f"import random\nrandom.seed({self.dice.randint(1, 3)})"
        return f"import random\n{self.bind(self.name(), self.numbers)} = random.randint(0, 99)"
