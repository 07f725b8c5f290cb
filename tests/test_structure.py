"""The rooms of the package and the one way in which they may know each other."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

TOOLKIT = Path(__file__).parent.parent / "toolkit"
ORDER = (
    "crew",
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


HEAVY = {"pandas", "openpyxl", "numpy", "docx", "docxtpl", "jinja2", "xlsxwriter", "lxml", "python_calamine"}
HEAVY |= {"dask", "distributed", "pyarrow", "fsspec", "s3fs"}
IN_ONE_PROCESS = """
from toolkit.cli import cli
def walk(command, names):
    yield names
    for name in getattr(command, "commands", {}):
        yield from walk(command.commands[name], [*names, name])
for names in list(walk(cli, [])):
    cli.main([*names, "--help"], prog_name="xlreport", standalone_mode=False)
"""


def _loaded(*command: str, **environment: str) -> tuple[str, set[str]]:
    """Return what a Python command prints and the packages it loads."""
    told = subprocess.run(
        [sys.executable, "-X", "importtime", *command],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        check=True,
    )
    loaded = {line.rsplit("|", 1)[-1].strip().partition(".")[0] for line in told.stderr.splitlines()}
    assert "click" in loaded
    return told.stdout, loaded


def test_the_version_is_told_without_the_heavy_libraries() -> None:
    printed, loaded = _loaded("-m", "toolkit", "--version")
    assert printed.startswith("xlreport ")
    assert not loaded & HEAVY


def test_every_help_is_told_without_the_heavy_libraries() -> None:
    printed, loaded = _loaded("-c", IN_ONE_PROCESS)
    assert printed.count("Usage: xlreport") >= 10
    assert not loaded & HEAVY


def test_the_shell_completes_commands_without_the_heavy_libraries() -> None:
    printed, loaded = _loaded(
        "-c",
        "import sys; sys.argv[0] = 'xlreport'; from toolkit.cli import main; main()",
        _XLREPORT_COMPLETE="bash_complete",
        COMP_WORDS="xlreport b",
        COMP_CWORD="1",
    )
    assert "build" in printed and "blank" in printed
    assert not loaded & HEAVY


def test_worker_processes_do_not_load_the_writers_or_pandas() -> None:
    code = (
        "import sys, toolkit.checks.workers; print(sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "'python_calamine'" in told.stdout
    assert not [name for name in ("pandas", "openpyxl", "docx", "xlsxwriter") if f"'{name}'" in told.stdout]


@pytest.mark.parametrize("module", ["toolkit.writers.report_writing", "toolkit.writers.returning"])
def test_processes_that_write_reports_and_copies_do_not_load_pandas(module: str) -> None:
    code = f"import sys, {module}; print(sorted({{name.partition('.')[0] for name in sys.modules}}))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "'lxml'" in told.stdout
    assert not [name for name in ("pandas", "numpy", "openpyxl", "distributed") if f"'{name}'" in told.stdout]


def test_what_lies_on_the_disk_is_read_without_what_addresses_need(tmp_path: Path) -> None:
    (tmp_path / "xlreport.toml").write_text('title = "汇总"\nforms = ["project"]\n', encoding="utf-8")
    printed, loaded = _loaded("-m", "toolkit", "-C", str(tmp_path), "build")
    assert "共 0 个文件" in printed
    assert not loaded & {"fsspec", "s3fs", "distributed"}
