"""The public JSON shapes: issues.json, manifest.json, and what `check --format json` prints."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from toolkit import __version__
from toolkit.checks.heads import Head
from toolkit.checks.model import CheckResult, Collected, WaiverUse
from toolkit.collection import Collection
from toolkit.writers.files import whole

MANIFEST = "manifest.json"


def as_json(collected: Collected) -> dict[str, Iterator[Any]]:
    """Return the public JSON shape of a whole build: files, the issues of no single file, waivers."""
    return {
        "files": (file_as_json(result) for result in collected.results.bare()),
        "issues": ({"unit": item.unit, **item.as_json()} for item in collected.issues),
        "waivers": (_waiver_as_json(use) for use in collected.waivers),
    }


def _waiver_as_json(use: WaiverUse) -> dict[str, Any]:
    waiver = use.waiver
    return {
        "unit": waiver.unit,
        "code": waiver.code,
        "place": waiver.place,
        "why": waiver.why,
        "who": waiver.who,
        "until": waiver.until.isoformat() if waiver.until else "",
        "source": waiver.source,
        "state": use.state.value,
        "count": use.count,
        "remark": use.why,
    }


def file_as_json(result: CheckResult) -> dict[str, Any]:
    """Return the public JSON shape of one file."""
    return {
        "file": result.file,
        "unit": result.unit,
        "form": result.submission.form if result.submission else "",
        "version": result.submission.version if result.submission else "",
        "verdict": result.verdict.value,
        "cells": result.cells.as_json(),
        "issues": [item.as_json() for item in result.issues],
    }


def inputs(
    collected: Collected, wanted: Callable[[Head], bool] = lambda head: True
) -> Iterator[dict[str, Any]]:
    """Yield what a manifest says of the workbooks."""
    return (
        {
            "file": head.file,
            "sha256": head.sha256,
            "size": head.size,
            "verdict": head.verdict.value,
            "counts": head.file in collected.counting,
            "form": head.form,
            "version": head.version,
        }
        for head in collected.results.heads
        if wanted(head)
    )


def manifest(collection: Collection, collected: Collected, outputs: Mapping[str, str]) -> dict[str, Any]:
    """Return what went in and what came out (name -> SHA-256), to prove where every output comes from."""
    return {
        "tool": "xlreport",
        "version": __version__,
        "forms": [form.name for form in collection.forms],
        "inputs": inputs(collected),
        "last_year": [
            {"file": one.head.file, "sha256": one.head.sha256, "for": file}
            for file, one in sorted(collected.earlier.items())
        ],
        "ignored": collection.ignored() + collected.skipped,
        "outputs": [{"file": name, "sha256": outputs[name]} for name in sorted(outputs) if name != MANIFEST],
    }


def json_pieces(shape: Mapping[str, Any]) -> Iterator[str]:
    """Yield a shape as JSON that people can read, too; what an iterator gives becomes a list, bit by bit.

    >>> print("".join(json_pieces({"name": "甲", "rows": iter([{"at": 1}])})), end="")
    {
      "name": "甲",
      "rows": [
        {
          "at": 1
        }
      ]
    }
    """
    lead = "{"
    for key, value in shape.items():
        yield f"{lead}\n  {_spelt(key, 1)}: "
        lead = ","
        if not isinstance(value, Iterator):
            yield _spelt(value, 1)
            continue
        opening = "["
        for item in value:
            yield f"{opening}\n    {_spelt(item, 2)}"
            opening = ","
        yield "[]" if opening == "[" else "\n  ]"
    yield "\n}\n"


def _spelt(value: Any, depth: int) -> str:
    """Return a value as it stands so deep in a shape; no text in JSON holds a line break."""
    return json.dumps(value, ensure_ascii=False, indent=2).replace("\n", "\n" + "  " * depth)


def write_json(shape: Mapping[str, Any], path: Path) -> None:
    """Write a shape to a file."""
    with whole(path) as beside, beside.open("w", encoding="utf-8", newline="") as file:
        file.writelines(json_pieces(shape))
