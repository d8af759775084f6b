"""What has run in a sidecar kernel, and what of it still holds."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from ai_notebook_ls.core.cells import Cell, Notebook
from ai_notebook_ls.core.dataflow import flow
from ai_notebook_ls.core.effects import effects
from ai_notebook_ls.core.outcomes import Status
from ai_notebook_ls.core.slices import FILE, SESSION, Chain, nodes, reached

LASTING = (SESSION, FILE)
"""What stays as the last cell that makes it left it, whoever else ran."""

RunMode = Literal["cell", "needed", "above", "all"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One run of one cell."""

    cell: str
    digest: str
    execution_count: int
    status: Status
    duration_ms: float
    names: tuple[str, ...] = ()
    """What it bound, rebound, deleted or changed in place, as far as that is known."""
    used: tuple[str, ...] = ()
    """What it called or passed on, and so used up if it is an iterator or an open file."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Which cells a run takes, in notebook order: `replay` before the target, `fresh` not again."""

    replay: tuple[Cell, ...]
    fresh: tuple[Cell, ...] = ()


def names_of(cell: Cell, observed: Sequence[str] | None) -> tuple[str, ...]:
    """Return the names that a run of a cell changed: those that the kernel saw, else those that its text shows.

    The kernel does not see what is changed in place, the text not what is conditional: together they err on the safe side.
    """
    found = flow(cell.source)
    seen = found.defines | found.removes if observed is None else observed
    return tuple(dict.fromkeys((*sorted(seen), *sorted(found.changes))))


def used_by(cell: Cell) -> tuple[str, ...]:
    """Return the names that a run of a cell calls, calls on, or passes on."""
    return tuple(sorted(frozenset().union(*({call.name, *call.given} for call in effects(cell.source).calls))))


def plan(notebook: Notebook, cell_id: str, mode: RunMode, ledger: Sequence[Entry]) -> Plan:
    """Choose the cells to run before a cell. Raises CellUnknown.

    `cell`: none. `above`: all above. `needed`: those above that the cell needs, but the fresh ones. `all`: as `above`;
    the cells below follow the target (see assist/run.py).
    """
    above = tuple(cell for cell in notebook.above(cell_id) if cell.source.strip())
    if mode == "cell":
        return Plan(())
    if mode != "needed":
        return Plan(above)
    code = notebook.code
    target = next((place for place, cell in enumerate(code) if cell.id == cell_id), len(code))
    needed = sorted(reached(nodes(notebook), target)) if target < len(code) else []
    again = _Replay(notebook, ledger).stale(needed, target)
    return Plan(
        tuple(code[place] for place in needed if place in again),
        tuple(code[place] for place in needed if place not in again),
    )


def refresh(notebook: Notebook, cell_id: str, ledger: Sequence[Entry]) -> Plan:
    """Choose the cells to run so that all above a cell are as running them in order leaves them. Raises CellUnknown."""
    above = tuple(cell for cell in notebook.above(cell_id) if cell.source.strip())
    code = notebook.code
    places = [place for place, cell in enumerate(code[: len(notebook.above(cell_id))]) if cell.source.strip()]
    again = _Replay(notebook, ledger).stale(places)
    stale = {code[place].id for place in again}
    return Plan(
        tuple(cell for cell in above if cell.id in stale), tuple(cell for cell in above if cell.id not in stale)
    )


def fresh_cells(notebook: Notebook, ledger: Sequence[Entry]) -> frozenset[str]:
    """Return the ids of the cells whose last run still holds.

    It found what running the notebook down to the cell would give it, and nothing but cells below has changed since what
    it made. Cells that have not run, and that it does not need, make no difference.
    """
    standing = _Replay(notebook, ledger).standing()
    return frozenset(cell.id for place, cell in enumerate(notebook.code) if place in standing and cell.source.strip())


def out_of_turn(notebook: Notebook, cell_id: str, ledger: Sequence[Entry]) -> bool:
    """Return whether the kernel holds a name that a cell reads and that no cell above makes. Raises CellUnknown.

    A builtin too: a cell that has been edited or deleted since may have taken its name.
    """
    notebook.index(cell_id)
    code, graph = notebook.code, nodes(notebook)
    target = next((place for place, cell in enumerate(code) if cell.id == cell_id), None)
    if target is None:
        return False
    places = (target, *reached(graph, target))
    missing = frozenset().union(*(graph[place].leftovers for place in places))
    missing |= frozenset().union(
        *(flow(code[place].source).always_there - graph[place].needs.keys() for place in places)
    )
    return any(not missing.isdisjoint(entry.names) for entry in ledger)


@dataclass(slots=True)
class _Replay:
    """A ledger, and what would follow in it if cells were run again."""

    notebook: Notebook
    ledger: Sequence[Entry]
    last: dict[int, int] = field(default_factory=dict)
    """Places of cells -> place in the ledger of their last run, if that was of this very text and ended ok."""
    by: list[int] = field(default_factory=list)
    """Whose each run is: a cell's place, -1 if it is not in the notebook as it stands."""
    touched: dict[str, list[int]] = field(default_factory=dict)
    """Names -> places in the ledger of the runs that may have given them another value."""
    fickle: frozenset[str] = frozenset()
    """Names of what changes when it is used."""
    sound: dict[tuple[int, str], bool] = field(default_factory=dict)
    """Links of chains, by identity, for a name -> whether those runs came in notebook order and nobody's came between."""

    def stale(self, cells: Sequence[int], target: int | None = None) -> frozenset[int]:
        """Return which cells must run again, so that all of them, or the target, find what is above them in the notebook.

        The check is that of a build: each cell's last run must have found each name as the cells that make it left it,
        and they must have run in notebook order, without any other run that touched the name in between.
        """
        graph = nodes(self.notebook)
        self.fickle = frozenset().union(*(node.fickle for node in graph))
        self._read(())
        again = {place for place in cells if place not in self.last}
        while True:
            self._read(sorted(again))
            more: set[int] = set()
            for place in (*cells, *(() if target is None else (target,))):
                point = self.last.get(place, len(self.ledger) + len(again)) if place != target else None
                runs = place == target or place in again
                for name, chain in graph[place].needs.items():
                    if not runs and point is not None and chain.cell in more:  # seen at once, not a round later
                        holds = self._same_again(name, chain, point)
                    else:
                        holds = self._holds(name, chain, point, place)
                    if not holds:
                        more |= self._remade(name, chain) if runs else {place}
            if more <= again:
                return frozenset(again)
            again |= more

    def standing(self) -> frozenset[int]:
        """Return which cells' last runs still hold."""
        graph = nodes(self.notebook)
        self.fickle = frozenset().union(*(node.fickle for node in graph))
        self._read(())
        found: set[int] = set()
        for place, node in enumerate(graph):
            last = self.last.get(place)
            if last is None:
                continue
            sound = all(
                self._holds(name, chain, last, place) and found.issuperset({*chain.places()} - {place})
                for name, chain in node.needs.items()
            )
            since = (when for name in self.ledger[last].names for when in self.touched.get(name, ()) if when > last)
            if sound and all(self.by[when] > place for when in since):
                found.add(place)
        return frozenset(found)

    def _read(self, again: Sequence[int]) -> None:
        """Take the ledger's runs, and after them those of the cells that are to run again."""
        code, graph = self.notebook.code, nodes(self.notebook)
        places = {cell.id: place for place, cell in enumerate(code)}
        self.last, self.by, self.touched, self.sound = {}, [], {}, {}
        for when, entry in enumerate(self.ledger):
            place = places.get(entry.cell)
            current = place is not None and entry.digest == code[place].digest
            self.by.append(place if place is not None and current else -1)
            names: Iterable[str] = entry.names
            if not current:
                names = {*names, *self.fickle.intersection(entry.used)}
            if place is not None:
                self.last.pop(place, None)
                if current and entry.status == "ok":
                    self.last[place] = when
                names = {*names, *graph[place].writes} if current else names
            for name in names:
                self.touched.setdefault(name, []).append(when)
        for when, place in enumerate(again, len(self.ledger)):
            self.last[place] = when
            self.by.append(place)
            for name in graph[place].writes:
                self.touched.setdefault(name, []).append(when)

    def _holds(self, name: str, chain: Chain, point: int | None, reader: int) -> bool:
        """Whether at a point of the ledger, or at its end, a name is as the cells that make it left it."""
        if not self._sound(name, chain):
            return False
        end = len(self.by) if point is None else point
        last = self.last[chain.cell]
        if last >= end:
            return self._same_again(name, chain, end)
        return name.startswith(LASTING) or not self._disturbed(name, (last, end), (chain.cell, reader))

    def _sound(self, name: str, chain: Chain) -> bool:
        links: list[Chain] = []
        link: Chain | None = chain
        while link is not None and (id(link), name) not in self.sound:
            links.append(link)
            link = link.before
        good = link is None or self.sound[id(link), name]
        for each in reversed(links):
            last = self.last.get(each.cell)
            good = good and last is not None
            if good and last is not None and each.before is not None and not name.startswith(LASTING):
                before = self.last[each.before.cell]
                good = before < last and not self._disturbed(name, (before, last), (each.before.cell, each.cell))
            self.sound[id(each), name] = good
        return good

    def _disturbed(self, name: str, runs: tuple[int, int], cells: tuple[int, int]) -> bool:
        """Whether between two runs another one touched the name, other than a cell's between theirs, in its turn.

        That cell's text does not show it, but the kernel saw it: it would do so again.
        """
        touched = self.touched.get(name, [])
        for when in touched[bisect_left(touched, runs[0] + 1) : bisect_left(touched, runs[1])]:
            place = self.by[when]
            if not (cells[0] < place < cells[1] and self.last.get(place) == when):
                return True
        return False

    def _same_again(self, name: str, chain: Chain, point: int) -> bool:
        """Whether a cell that has run again gave a name what it had: a module, a setting, a function of the same text."""
        if name == SESSION:
            return True
        source = self.notebook.code[chain.cell].source
        made = {each.kind for each in flow(source).definitions if each.name == name}
        if chain.before is not None or not made or "variable" in made or name in effects(source).changes:
            return False
        touched = self.touched.get(name, [])
        before = bisect_left(touched, point)
        return made == {"import"} or (before > 0 and self.by[touched[before - 1]] == chain.cell)

    def _remade(self, name: str, chain: Chain) -> frozenset[int]:
        """The cells to run so that a name is as it should be."""
        places = chain.places()
        if name.startswith(LASTING):
            return frozenset(place for place in places if place not in self.last)
        for count, place in enumerate(places):
            before = self.last.get(places[count - 1], -1) if count else -1
            last = self.last.get(place, -1)
            if last <= before:  # it has yet to follow those before it, and then so have those after it
                return frozenset(places[count:])
            if count and self._disturbed(name, (before, last), (places[count - 1], place)):
                break
        return frozenset(places)
