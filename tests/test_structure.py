"""The rooms of the package and the one way in which they may know each other."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

TOOLKIT = Path(__file__).parent.parent / "toolkit"
ORDER = (
    "issues",
    "form",
    "submission",
    "checks",
    "drafting",
    "summary",
    "writers",
)  # each knows those before it
TOP = len(ORDER)  # collection, build, cli and what they use stand above all rooms
BARRED_NAMES = ("utils", "common", "helpers", "base", "core")


def _modules() -> Iterator[tuple[str, Path]]:
    for path in sorted(TOOLKIT.rglob("*.py")):
        yield ".".join(path.relative_to(TOOLKIT.parent).with_suffix("").parts), path


def _rank(module: str) -> int:
    parts = module.split(".")
    return ORDER.index(parts[1]) if len(parts) > 1 and parts[1] in ORDER else TOP


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def test_imports_run_one_way_only() -> None:
    wrong = [
        f"{module} imports {imported}"
        for module, path in _modules()
        for imported in _imported(path)
        if imported.startswith("toolkit.") and _rank(imported) > _rank(module)
    ]
    assert wrong == []


def test_a_room_says_what_it_is_in_one_docstring_and_nothing_else() -> None:
    for room in ORDER:
        tree = ast.parse((TOOLKIT / room / "__init__.py").read_text(encoding="utf-8"))
        assert len(tree.body) == 1, room
        assert ast.get_docstring(tree), room


def test_no_module_is_a_drawer_for_everything() -> None:
    assert not [module for module, _ in _modules() if module.rsplit(".", 1)[-1] in BARRED_NAMES]


def test_the_version_is_told_without_the_heavy_libraries() -> None:
    told = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "toolkit", "--version"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.startswith("xlreport ")
    loaded = {line.rsplit("|", 1)[-1].strip().partition(".")[0] for line in told.stderr.splitlines()}
    assert "click" in loaded
    assert not loaded & {"pandas", "openpyxl", "numpy", "docx", "docxtpl", "jinja2", "xlsxwriter", "lxml"}


def test_worker_processes_do_not_load_the_writers_or_pandas() -> None:
    code = (
        "import sys, toolkit.checks.workers; print(sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "'python_calamine'" in told.stdout
    assert not [name for name in ("pandas", "openpyxl", "docx", "xlsxwriter") if f"'{name}'" in told.stdout]
