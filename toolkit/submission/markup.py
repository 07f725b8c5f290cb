"""Run expat over the XML of a package."""

from __future__ import annotations

from collections.abc import Callable
from xml.parsers import expat

from toolkit.submission.guard import SourceError


def local(name: str) -> str:
    """Return a name without its prefix: writers differ in them, the words are the same."""
    return name.rpartition(":")[2]


def parse(
    xml: bytes,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    """Run expat over UTF-8 XML without a document type, with local tag names; F01 if not well formed."""
    names: dict[str, str] = {}

    def known(name: str) -> str:
        return names.get(name) or names.setdefault(name, local(name))

    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartElementHandler = lambda name, attributes: start(known(name), attributes)
    if end is not None:
        parser.EndElementHandler = lambda name: end(known(name))
    if text is not None:
        parser.CharacterDataHandler = text
    try:
        parser.Parse(xml, True)
    except expat.ExpatError as error:
        raise SourceError("F01", "damaged xml", str(error)) from error
