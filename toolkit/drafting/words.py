"""The words of official blanks and the sentences of doubt, from words.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from toolkit.form.labels import normalise, plain


@dataclass(frozen=True, slots=True)
class Words:
    """Words of official blanks, those compared with cells in normal form."""

    lists: Mapping[str, tuple[str, ...]]
    types: Mapping[str, tuple[str, ...]]  # type -> ends of labels
    fields: Mapping[str, tuple[str, ...]]  # plain label -> field ids, the usual one last
    field_types: Mapping[str, str]
    rows: Mapping[str, tuple[str, ...]]  # plain label -> row ids
    said: Mapping[str, str]
    doubts: Mapping[str, str]

    def is_one(self, name: str, text: str) -> bool:
        """Return whether the text, whatever its width, spaces and brackets, is one of a list's words."""
        return plain(text) in self.lists[name] or normalise(text) in self.lists[name]

    def has_one(self, name: str, text: str) -> bool:
        """Return whether the text holds one of a list's words."""
        return any(word in normalise(text) for word in self.lists[name])

    def type_of(self, label: str) -> tuple[str, str]:
        """Return the type an unknown label's end suggests and that end; two empty texts if none does."""
        text = plain(label)
        found = [
            (len(end), kind, end) for kind, ends in self.types.items() for end in ends if text.endswith(end)
        ]
        return max(found)[1:] if found else ("", "")

    def say(self, name: str, /, **facts: object) -> str:
        """Return a word or phrase of the proposal itself."""
        return self.said[name].format(**facts)

    def doubt(self, name: str, /, **facts: object) -> str:
        """Return a sentence of doubt."""
        return self.doubts[name].format(**facts)


@cache
def words() -> Words:
    """Read the words once."""
    raw = tomllib.loads((files(__package__) / "words.toml").read_text(encoding="utf-8"))
    return Words(
        lists={
            name: tuple(normalise(word) for word in value)
            for name, value in raw.items()
            if isinstance(value, list)
        },
        types={kind: tuple(ends) for kind, ends in raw["types"].items()},
        fields=_by_label(raw["known"]),
        field_types=raw["known_types"],
        rows=_by_label(raw["rows"]),
        said=raw["words"],
        doubts=raw["doubt"],
    )


def _by_label(table: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, labels in table.items():
        for label in labels:
            found[plain(label)] = (*found.get(plain(label), ()), name)
    return found
