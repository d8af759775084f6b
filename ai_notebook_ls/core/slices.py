"""Which cells above a cell needs, and which below need it.

One pass over the notebook follows who has given each name its value. beniget was measured as the alternative
(notes/kernel.md, 4.1): 22 of 28 cases right and 0.7 s for 200 cells, against a fraction of that here, since each cell's
text is read once and only the pass is made anew after an edit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from ai_notebook_ls.core import limits
from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.dataflow import ALWAYS_THERE, Flow, flow
from ai_notebook_ls.core.effects import ANY_FILE, GENERATORS, SETTER, SHOWS, Call, Effects, effects

ONLY_READ = frozenset(
    {"matplotlib", "seaborn", "plotly", "altair", "bokeh", "logging", "pprint", "IPython", "warnings", "time", "json",
     "os", "sys", "math", "tqdm", "rich"}
)  # fmt: skip
"""Modules whose functions leave alone what they are given, even as statements."""

SESSION, RANDOM, FILE, ORDER = "<session>", "<random>", "<file>", "<order>"
"""Stand for what cells share besides names; the generator's and the file's name follow."""

MOST_TOKENS = 64
"""Objects that a name may share before they are taken for one."""

LOCAL = "<local>"
"""Before a variable of a comprehension or a function."""


class Chain(NamedTuple):
    """The cells that have given a name its value, the last first; shared, since each grows from the one before."""

    cell: int
    """Its place among the code cells."""
    before: Chain | None

    def places(self) -> tuple[int, ...]:
        """In notebook order."""
        found: list[int] = []
        link: Chain | None = self
        while link is not None:
            found.append(link.cell)
            link = link.before
        return tuple(reversed(found))


@dataclass(frozen=True, slots=True)
class Node:
    """A cell's place in the dataflow."""

    needs: Mapping[str, Chain]
    """What it reads, and who has made it."""
    writes: frozenset[str]
    """What it may bind, change or remove."""
    leftovers: frozenset[str] = frozenset()
    """What it reads and nobody above makes."""
    fickle: frozenset[str] = frozenset()
    """What it binds that changes when it is used: iterators, open files, generators."""


@dataclass(frozen=True, slots=True)
class Slice:
    """The cells above that a cell needs, in notebook order."""

    cells: tuple[Cell, ...]
    unsure: tuple[str, ...] = ()
    """Why there may be more cells in it than needed, or one missing, as sentences for the user."""


def slice_of(notebook: Notebook, cell_id: str) -> Slice:
    """Return the cells above that a cell needs, the target left out. Raises CellUnknown."""
    code, place = _places(notebook, cell_id)
    needed = reached(nodes(notebook), place)
    unsure = [text for each in sorted(needed) if (text := _unsure(notebook, code[each]))]
    return Slice(tuple(code[each] for each in sorted(needed)), tuple(unsure))


def dependents(notebook: Notebook, cell_id: str) -> tuple[Cell, ...]:
    """Return the cells below that need a cell, through others too. Raises CellUnknown."""
    code, place = _places(notebook, cell_id)
    found: set[int] = {place}
    for other, node in enumerate(nodes(notebook)[place + 1 :], place + 1):
        if any(found.intersection(_recent(chain, place)) for chain in node.needs.values()):
            found.add(other)
    return tuple(code[each] for each in sorted(found - {place}))


def nodes(notebook: Notebook) -> Sequence[Node]:
    """Return the dataflow of the code cells, in notebook order; in other languages each may need all above."""
    code = notebook.code
    if notebook.language.lower() not in ("python", "ipython") or len(code) > limits.CELLS:
        return _in_a_row(len(code))
    return _nodes(tuple(cell.source for cell in code))


def node_of(notebook: Notebook, cell_id: str) -> Node:
    """Return a cell's place in the dataflow; an empty one for markdown. Raises CellUnknown."""
    code, place = _places(notebook, cell_id)
    return nodes(notebook)[place] if code and code[place].id == cell_id else Node({}, frozenset())


def reached(graph: Sequence[Node], place: int) -> frozenset[int]:
    """Return the places of the cells that one needs, through others too."""
    found: set[int] = set()
    work = [place]
    seen: set[int] = set()  # links of chains, which are shared
    while work:
        for chain in graph[work.pop()].needs.values():
            link: Chain | None = chain
            while link is not None and id(link) not in seen:
                seen.add(id(link))
                if link.cell not in found:
                    found.add(link.cell)
                    work.append(link.cell)
                link = link.before
    return frozenset(found - {place})


def _recent(chain: Chain, first: int) -> Iterator[int]:
    link: Chain | None = chain
    while link is not None and link.cell >= first:
        yield link.cell
        link = link.before


def _places(notebook: Notebook, cell_id: str) -> tuple[tuple[Cell, ...], int]:
    code = notebook.code
    notebook.index(cell_id)
    return code, next((i for i, cell in enumerate(code) if cell.id == cell_id), 0)


def _unsure(notebook: Notebook, cell: Cell) -> str:
    number, what = notebook.number(cell.id), effects(cell.source)
    if what.opaque:
        return f"Cell {number} runs code that cannot be read here, so it may need every cell above."
    if flow(cell.source).stars:
        return f"Cell {number} imports names with `*`, so what it brings is not known."
    return ""


@lru_cache(maxsize=16)
def _in_a_row(length: int) -> Sequence[Node]:
    chains: list[Chain | None] = [None]
    for place in range(length):
        chains.append(Chain(place, chains[-1]))
    return [Node({} if chain is None else {ORDER: chain}, frozenset({ORDER})) for chain in chains[:length]]


@lru_cache(maxsize=16)
def _nodes(sources: tuple[str, ...]) -> Sequence[Node]:
    passing = _Pass()
    return [passing.take(place, source) for place, source in enumerate(sources)]


@dataclass(slots=True)
class _Pass:
    """What is known of all names after the cells taken so far."""

    writers: dict[str, Chain] = field(default_factory=dict)
    late: dict[str, frozenset[str]] = field(default_factory=dict)
    """Names -> what is read when they are called or used up."""
    wild: dict[str, frozenset[str]] = field(default_factory=dict)
    """Names whose use changes something -> the names that this is known of."""
    held: dict[str, frozenset[int]] = field(default_factory=dict)
    """Names -> tokens of the objects that they may stand for, hold, or be a part of."""
    holders: dict[int, set[str]] = field(default_factory=dict)
    modules: dict[str, str] = field(default_factory=dict)
    functions: set[str] = field(default_factory=set)
    files: set[str] = field(default_factory=set)

    def take(self, place: int, source: str) -> Node:
        """Take the next cell."""
        own, does = flow(source), effects(source)
        reads = self._used(own.reads) | own.removes | self._used(own.always_there & self.writers.keys())
        changed = self._changed(own, does, reads)
        self._define_callables(own, does)
        own_calls = self._used(own.defines.intersection(call.name for call in does.calls))
        # What its functions read may be bound in this cell too, but only after the call.
        reads |= own_calls - {each.name for each in own.definitions if each.kind != "variable"}
        changed |= self._changed(own, does, own_calls)
        needs = {name: self.writers[name] for name in sorted(reads) if name in self.writers}
        from_before = (name for name in reads if name in own.reads or name not in own.defines)
        leftovers = frozenset(name for name in from_before if name not in self.writers) - ALWAYS_THERE
        draws = does.draws.union(*(_drawn(self.modules.get(call.name)) for call in does.calls))
        self._shared(own, does, draws, needs)
        widened = self._alike(changed)
        self._bind(place, own, does, _ties(source))
        widened |= self._alike(changed)
        for name in sorted(widened - does.always):
            self._write(place, name)
        marks = self._mark(place, own, does, draws)
        fickle = (own.defines & self.wild.keys()) - self.functions
        return Node(needs, frozenset(widened | own.defines | own.removes | marks), leftovers, fickle)

    def _define_callables(self, own: Flow, does: Effects) -> None:
        """Note modules, functions and what their use does, which the cell itself may already rely on."""
        carried: dict[str, set[str]] = {}
        for name, other in does.carries:
            carried.setdefault(name, set()).add(other)
        made = {each.name for each in own.definitions if each.kind in ("function", "class")} | does.mutators.keys()
        late, wild = {}, {}
        for name in own.defines | carried.keys():
            others = _closure(carried, name)
            runs_own = name in made or not others.isdisjoint(own.called | own.defines)
            sources = [name, *others] if name not in does.always else [*others]
            late[name] = frozenset(own.called if runs_own else ()).union(*(self.late.get(each, ()) for each in sources))
            found = [self.wild[each] for each in sources if each in self.wild]
            found += [does.mutators[each] for each in (name, *others) if each in does.mutators]
            if found:
                wild[name] = frozenset().union(*found)
        for each in own.definitions:
            for table in (self.modules, self.late, self.wild):
                table.pop(each.name, None)
            self.functions.discard(each.name)
            if each.kind == "import":
                self.modules[each.name] = each.imported
            elif each.kind in ("function", "class"):
                self.functions.add(each.name)
        self.late.update((name, names) for name, names in late.items() if names)
        self.wild.update(wild)

    def _used(self, names: Iterable[str]) -> frozenset[str]:
        """Names, and all that is read when they are called."""
        found: set[str] = set()
        work = list(names)
        while work:
            name = work.pop()
            if name not in found:
                found.add(name)
                work += self.late.get(name, ())
        return frozenset(found)

    def _changed(self, own: Flow, does: Effects, used: frozenset[str]) -> frozenset[str]:
        """The names that the cell may change in place."""
        found = set(own.changes | does.changes)
        for name in used & self.wild.keys():
            found |= self.wild[name]
            if name not in self.functions:
                found.add(name)
        for call in does.calls:
            if self._is_wild(call.name):
                found |= call.given
            elif call.statement:
                found |= self._done_to(call)
        return frozenset(name for name in found if name in self.writers or name not in ALWAYS_THERE)

    def _is_wild(self, name: str) -> bool:
        return name in self.wild or (name in self.late and not self.wild.keys().isdisjoint(self._used((name,))))

    def _done_to(self, call: Call) -> frozenset[str]:
        """What a call may change that stands as a statement of its own."""
        module = self.modules.get(call.name)
        setter = {call.name} if SETTER.fullmatch(call.method) else set()
        if module is not None:
            only_read = module.partition(".")[0] in ONLY_READ or SHOWS.fullmatch(call.method or call.name)
            return frozenset(setter if only_read else setter | call.given)
        if not call.method:
            return frozenset() if call.name in ALWAYS_THERE or call.name in self.functions else call.given
        return frozenset() if SHOWS.fullmatch(call.method) else call.given | {call.name}

    def _alike(self, names: frozenset[str]) -> frozenset[str]:
        """Names, and those that may stand for, hold, or be a part of the same objects."""
        tokens = {token for name in names for token in self.held.get(name, ())}
        return names.union(*(self.holders[token] for token in tokens)) if tokens else names

    def _bind(self, place: int, own: Flow, does: Effects, ties: Sequence[tuple[str, str]]) -> None:
        """Give names new values, and note who shares objects from now on."""
        # After a loop over nothing it would still be a part of what it was: too rare to tie all loops together.
        self._forget(does.loops & own.defines)
        for _, other in ties:
            self._coarsen(place, other)
        before = {other: self.held.get(other, frozenset()) for _, other in ties}
        for name in sorted(own.defines | own.removes):
            always = name in does.always
            # It may have been read before it was bound anew, and is then made from what it was: `x = f(x)`.
            self.writers[name] = Chain(place, None if always else self.writers.get(name))
            if always:
                self._forget((name,))
        for name, other in ties:
            tokens = before[other] | self.held.get(other, frozenset()) | {hash((place, other))}
            for each in (name, other):
                self.held[each] = self.held.get(each, frozenset()) | tokens
                for token in tokens:
                    self.holders.setdefault(token, set()).add(each)
        self._forget({each for tie in ties for each in tie if each.startswith(LOCAL)})

    def _coarsen(self, place: int, name: str) -> None:
        """Let one token stand for all of a name's, once they are many: it then shares with a few names too many.

        A chain of n cells, each made of the one before, would have n tokens at its end, and take n² steps.
        """
        tokens = self.held.get(name, frozenset())
        if len(tokens) <= MOST_TOKENS:
            return
        one = hash((place, name, "all"))
        self.holders[one] = set().union(*(self.holders.pop(token) for token in tokens))
        for each in self.holders[one]:
            self.held[each] = (self.held[each] - tokens) | {one}

    def _forget(self, names: Iterable[str]) -> None:
        for name in names:
            for token in self.held.pop(name, ()):
                self.holders[token].discard(name)

    def _write(self, place: int, name: str) -> None:
        chain = self.writers.get(name)
        if chain is None or chain.cell != place:
            self.writers[name] = Chain(place, chain)

    def _shared(self, own: Flow, does: Effects, draws: frozenset[str], needs: dict[str, Chain]) -> None:
        """Add what the cell takes from cells above besides names."""
        wanted = {SESSION, *(RANDOM + each for each in draws)}
        # A module may be a file that a cell above has written.
        wanted |= {f"{FILE}{each.imported.partition('.')[0]}.py" for each in own.definitions if each.kind == "import"}
        if ANY_FILE in does.files_read:
            wanted |= {FILE + name for name in self.files}
        elif does.files_read:
            wanted |= {FILE + name for name in (*does.files_read, ANY_FILE)}
        if does.opaque:
            wanted |= self.writers.keys()
        needs.update((name, self.writers[name]) for name in sorted(wanted) if name in self.writers)

    def _mark(self, place: int, own: Flow, does: Effects, draws: frozenset[str]) -> frozenset[str]:
        """Note what the cell leaves for cells below besides names."""
        marks = {FILE + name for name in does.files_written}
        self.files |= does.files_written
        if does.session or does.opaque or own.stars:
            marks.add(SESSION)
        # What is drawn without a seed is different each time, whoever has drawn before.
        marks |= {RANDOM + each for each in draws if RANDOM + each in self.writers}
        for mark in sorted(marks):
            self.writers[mark] = Chain(place, self.writers.get(mark))
        for each in does.seeds:
            marks.add(RANDOM + each)
            self.writers[RANDOM + each] = Chain(place, None)
        return frozenset(marks)


@lru_cache(maxsize=8192)
def _ties(source: str) -> tuple[tuple[str, str], ...]:
    """The names of a cell that may share objects from then on, in pairs."""
    own, does = flow(source), effects(source)
    global_names = own.defines | own.removes | own.reads.keys() | own.called | own.changes
    # A variable of a comprehension or a function is nobody's beyond the cell, whatever else has its name.
    return tuple(
        (_scoped(name, global_names), _scoped(other, global_names))
        for name, other in does.aliases
        if other in global_names or other not in ALWAYS_THERE
    )


def _scoped(name: str, global_names: Set[str]) -> str:
    return name if name in global_names else LOCAL + name


def _closure(carried: Mapping[str, set[str]], name: str) -> set[str]:
    """What a name carries, through other names of its cell too."""
    found: set[str] = set()
    work = [name]
    while work:
        work += (more := carried.get(work.pop(), set()) - found)
        found |= more
    return found


def _drawn(module: str | None) -> frozenset[str]:
    """The random generator that a function imported by itself draws from."""
    owner = GENERATORS.get((module or "").rpartition(".")[0])
    return frozenset() if owner is None else frozenset({owner})
