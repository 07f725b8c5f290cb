"""Rows in Parquet: any mix of text, exact decimals, dates, numbers and small structures, and back unchanged.

A column of one type is stored as that type, decimals as their digits; what a column was is kept beside it in
the schema, so that a shard can be read by itself, by this module or by any other reader of Parquet.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from toolkit.summary.kinds import Kind

GROUP = 250  # rows that are taken from a file at a time
LARGEST = 2**63 - 1  # whole number of a column of whole numbers
_TYPE = b"xlreport"


def have_parquet() -> bool:
    """Return whether rows can be written to disk; without pyarrow they stay in memory."""
    return find_spec("pyarrow") is not None


def write_shard(rows: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Write rows to a file; a key that a row lacks is read back as None."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = dict.fromkeys(name for row in rows for name in row)
    fields, arrays = [], []
    for name in names:
        values = [row.get(name) for row in rows]
        kind = _kind(values)
        try:
            array = _array(values, kind)
        except UnicodeEncodeError:  # half of a surrogate pair
            kind = "escaped"
            array = _array(values, kind)
        arrays.append(array)
        fields.append(pa.field(name, array.type, metadata={_TYPE: kind.encode()}))
    table = pa.Table.from_arrays(arrays, schema=pa.schema(fields))
    pq.write_table(table, path, row_group_size=GROUP, compression="zstd", write_statistics=False)


def read_shard(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the rows of a file, a few at a time."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        kinds = [field.metadata[_TYPE].decode() for field in file.schema_arrow]
        names = file.schema_arrow.names
        for group in range(file.num_row_groups):
            columns = [
                _decoded(column.to_pylist(), kind)
                for column, kind in zip(file.read_row_group(group).columns, kinds, strict=True)
            ]
            for values in zip(*columns, strict=True):
                yield dict(zip(names, values, strict=True))


# --- one column -----------------------------------------------------------------------------------------


def _array(values: Sequence[Any], kind: str) -> Any:
    import pyarrow as pa

    stored, encode = _STORED[kind]
    return pa.array(list(map(encode, values)) if encode else values, stored)


def _kind(values: Sequence[Any]) -> str:
    """Return how a column is stored: by the one type it has, else each value with its own type."""
    types = set(map(type, values)) - {type(None)}
    if len(types) > 1:
        return "mixed"
    kind = _TAGS.get(types.pop(), "mixed") if types else "nothing"
    if kind == "int" and any(value is not None and not -LARGEST <= value <= LARGEST for value in values):
        return "mixed"
    return kind


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _tagged(value: Any) -> str | None:
    """Return one value as text with its type before it.

    >>> _tagged(Decimal("1.50")), _tagged(("A", Decimal(2), None))
    ('decimal 1.50', 'tuple ["text A", "decimal 2", null]')
    """
    if value is None:
        return None
    kind = _TAGS.get(type(value))
    if kind is not None:
        return f"{kind} {value}"
    if isinstance(value, str):
        return f"text {value!s}"
    if isinstance(value, Mapping):
        return f"mapping {json.dumps({key: _tagged(item) for key, item in value.items()})}"
    if isinstance(value, list | tuple):
        return f"{type(value).__name__} {json.dumps([_tagged(item) for item in value])}"
    raise TypeError(f"no way to keep {value!r} in a shard")


def _untagged(text: str | None) -> Any:
    """Return the value that was made into text.

    >>> _untagged(_tagged({"甲": [Decimal("1.50"), True, date(2025, 1, 2)]}))
    {'甲': [Decimal('1.50'), True, datetime.date(2025, 1, 2)]}
    """
    if text is None:
        return None
    kind, _, rest = text.partition(" ")
    if kind == "mapping":
        return {key: _untagged(item) for key, item in json.loads(rest).items()}
    if kind in ("list", "tuple"):
        items = (_untagged(item) for item in json.loads(rest))
        return list(items) if kind == "list" else tuple(items)
    return _READ[kind](rest)


def _decoded(values: list[Any], kind: str) -> list[Any]:
    if kind == "decimal":
        return [None if value is None else Decimal(value) for value in values]
    if kind == "escaped":
        return [_untagged(json.loads(value)) for value in values]
    if kind == "mixed":
        return [_untagged(value) for value in values]
    if kind == "kind":
        return [None if value is None else Kind(value) for value in values]
    return values


_TAGS: Mapping[type, str] = {
    str: "text",
    Decimal: "decimal",
    int: "int",
    bool: "bool",
    date: "date",
    Kind: "kind",
}
_READ: Mapping[str, Callable[[str], Any]] = {
    "text": str,
    "decimal": Decimal,
    "int": int,
    "bool": lambda text: text == "True",
    "date": date.fromisoformat,
    "kind": Kind,
}
_STORED: Mapping[str, tuple[str, Callable[[Any], Any] | None]] = {
    "text": ("string", None),
    "decimal": ("string", _text),
    "int": ("int64", None),
    "bool": ("bool", None),
    "date": ("date32", None),
    "kind": ("string", _text),
    "nothing": ("null", None),
    "mixed": ("string", _tagged),
    "escaped": ("string", lambda value: json.dumps(_tagged(value))),
}
