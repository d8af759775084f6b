"""How the in-kernel helper looks at the data libraries' objects: their shape, dtypes and bytes, and a corner of a frame.

Executed in the kernel after inventory.py, in the same namespace and under the same rules. Only the library's own code
runs, and none of that which asks the objects within for something.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from ai_notebook_ls.kernels.inventory import Pairs, Pieces

if __name__ != "_ai_notebook_ls_inventory":  # in the kernel these are here already
    from ai_notebook_ls.kernels.inventory import (
        CELL,
        COLUMNS,
        CORNER,
        LARGE,
        LIBRARIES,
        LONGEST,
        MRO,
        NAMESPACE,
        QUALNAME,
        Look,
        clean,
        label,
        literal,
        moment,
        origin,
        pieces,
        plain_zone,
        type_text,
        written,
    )


def is_a(kind: type, package: str, name: str) -> bool:
    """Whether a class descends from a library's."""
    return any(origin(base) == (package, name) for base in MRO(kind))


def dtype_text(dtype: Any) -> str:
    """A dtype's name; of one with parameters that may be the user's objects, the class."""
    kind = type(dtype)
    package, name = origin(kind)
    if name == "DatetimeTZDtype" and plain_zone(dtype.tz):
        return clean(f"datetime64[{dtype.unit}, {dtype.tz}]", CELL)
    if name in ("DatetimeTZDtype", "PeriodDtype", "SparseDtype"):
        return type_text(kind)
    if package == "pandas" or is_a(kind, "numpy", "dtype"):
        return clean(dtype.name, CELL)
    if package in ("polars", "pyarrow") and not is_a(kind, "pyarrow", "BaseExtensionType"):
        return clean(str(dtype), CELL)
    return type_text(kind)


def table(index: list[str], width: int, height: int, cell: Callable[[int, int], Any]) -> Pairs:
    """A frame's upper left corner."""
    rows = [
        [label(cell(row, column)) for column in range(min(width, CORNER[1]))] for row in range(min(height, CORNER[0]))
    ]
    yield "table", {"index": index, "rows": rows}


def columns(names: Any, dtypes: Any) -> Pairs:
    """A frame's columns."""
    pairs = itertools.islice(zip(names, dtypes), COLUMNS)  # noqa: B905 - Python 3.8
    yield "columns", [{"name": label(name), "dtype": dtype_text(dtype)} for name, dtype in pairs]


def array(value: Any, base: Any) -> Pairs:
    """Numpy's arrays, subclasses too."""
    yield "shape", list(base.shape.__get__(value))
    yield "bytes", base.nbytes.__get__(value)
    yield "dtype", dtype_text(base.dtype.__get__(value))


def array_pieces(value: Any, depth: int) -> Pieces:
    """An array's first values; a subclass may mean something else by them, a mask say."""
    if origin(type(value)) != ("numpy", "ndarray") or value.dtype.itemsize > LARGE:
        yield type_text(type(value))
    else:
        yield from grid(value, (), depth)


def grid(value: Any, place: tuple[int, ...], depth: int) -> Pieces:
    """The part of an array at some of its first indices."""
    if len(place) == len(value.shape):
        yield from pieces(value[place], depth)
        return
    yield "["
    for number in range(value.shape[len(place)]):
        yield ", " if number else ""
        yield from grid(value, (*place, number), depth)
    yield "]"


def numpy_scalar(value: Any, depth: int) -> Pieces:
    """One of numpy's numbers, times and strings, or a record."""
    item = value.item()
    if type(item) is type(value) or origin(type(value))[1] in ("datetime64", "timedelta64"):
        yield str(value)  # item() of a long double is itself, of nanoseconds a bare number
    else:
        yield from pieces(item, depth)


def frame(value: Any, base: Any) -> Pairs:
    """A DataFrame or a Series by what pandas stores, so that it holds for subclasses, and copies no `attrs`."""
    owner = next(NAMESPACE(kind)["__dict__"] for kind in MRO(base) if "__dict__" in NAMESPACE(kind))
    stored = owner.__get__(value)
    manager = stored["_mgr"]
    if any(origin(type(part))[0] != "pandas" for part in (manager, *manager.axes)):
        return
    *across, index = manager.axes
    yield "shape", [len(index), *map(len, across)]
    blocks = [block.values for block in manager.blocks]
    if all(origin(type(block))[0] in ("numpy", "pandas") for block in blocks):
        yield "bytes", sum(int(block.nbytes) for block in blocks)
    if across:
        yield from columns(across[0], manager.get_dtypes())
        arrays = [manager.iget_values(number) for number in range(min(len(across[0]), CORNER[1]))]
    else:
        yield from columns(["" if stored.get("_name") is None else stored["_name"]], [blocks[0].dtype])
        arrays = blocks
    names = [label(element(index, row)) for row in range(min(len(index), CORNER[0]))]
    yield from table(names, len(arrays), len(index), lambda row, column: element(arrays[column], row))


def element(values: Any, place: int) -> Any:
    """A value of a column or an index; "…" for what a user's array or time zone would have to make."""
    if origin(type(values))[0] not in ("numpy", "pandas"):
        return "…"
    zoned = origin(type(values.dtype))[1] == "DatetimeTZDtype"
    return "…" if zoned and not plain_zone(values.dtype.tz) else values[place]


def index(value: Any, base: Any) -> Pairs:
    """One of pandas' indexes."""
    yield "shape", [len(value)]
    yield "dtype", dtype_text(value.dtype)


def index_pieces(value: Any, depth: int) -> Pieces:
    """The first labels."""
    yield clean(QUALNAME(type(value)), LONGEST) + "(["
    for place in range(len(value)):
        yield ", " if place else ""
        yield from pieces(element(value, place), depth)
    yield "])"


def interval(value: Any, depth: int) -> Pieces:
    """One of pandas' intervals."""
    yield "[" if value.closed_left else "("
    yield from pieces(value.left, depth)
    yield ", "
    yield from pieces(value.right, depth)
    yield "]" if value.closed_right else ")"


def polars_frame(value: Any, base: Any) -> Pairs:
    """A DataFrame or a Series of polars."""
    yield "shape", list(value.shape)
    yield "bytes", int(value.estimated_size())
    value = value.to_frame() if len(value.shape) == 1 else value
    yield from columns(value.columns, value.dtypes)
    rows = value[: CORNER[0], : CORNER[1]].rows()
    yield from table([], len(value.columns), len(rows), lambda row, column: rows[row][column])


def arrow_table(value: Any, base: Any) -> Pairs:
    """A Table of pyarrow."""
    yield "shape", [value.num_rows, value.num_columns]
    yield "bytes", value.nbytes
    yield from columns(value.column_names, value.schema.types)


def tensor(value: Any, base: Any) -> Pairs:
    """A tensor of torch; its values are left alone: to read one waits for the device."""
    yield "shape", list(value.shape)
    yield "dtype", clean(str(value.dtype), CELL)
    yield "bytes", value.nelement() * value.element_size()


def sparse(value: Any, base: Any) -> Pairs:
    """A sparse array or matrix of scipy."""
    yield "shape", list(value.shape)
    yield "dtype", dtype_text(value.dtype)
    parts = itertools.chain(vars(value).values(), vars(value).get("coords", ()))
    yield "bytes", sum(part.nbytes for part in parts if origin(type(part)) == ("numpy", "ndarray"))


LIBRARIES.update(
    {
        ("numpy", "ndarray"): Look("array", array_pieces, array, inherited=True),
        ("numpy", "generic"): Look("scalar", numpy_scalar),
        ("pandas", "DataFrame"): Look("frame", facts=frame, inherited=True),
        ("pandas", "Series"): Look("frame", facts=frame, inherited=True),
        ("pandas", "Index"): Look("array", index_pieces, index),
        ("pandas", "Timestamp"): Look("scalar", moment),
        ("pandas", "Timedelta"): Look("scalar", written),
        ("pandas", "Period"): Look("scalar", written),
        ("pandas", "Interval"): Look("scalar", interval),
        ("pandas", "NaTType"): Look("scalar", literal),
        ("pandas", "NAType"): Look("scalar", literal),
        ("polars", "DataFrame"): Look("frame", facts=polars_frame),
        ("polars", "Series"): Look("frame", facts=polars_frame),
        ("pyarrow", "Table"): Look("frame", facts=arrow_table),
        ("torch", "Tensor"): Look("array", facts=tensor),
        ("scipy", "sparray"): Look("array", facts=sparse),
        ("scipy", "spmatrix"): Look("array", facts=sparse),
    }
)
