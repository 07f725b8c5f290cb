"""A collection: the folder with an xlreport.toml, its forms, roster and workbooks."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from toolkit.checks.counting import Chooser
from toolkit.checks.files import trouble
from toolkit.checks.ledger import LEDGER, LedgerRow, decisions
from toolkit.checks.model import RosterUnit, Waiver
from toolkit.checks.overrides import changed
from toolkit.checks.policy import Policy, SettingError
from toolkit.checks.rules import validate
from toolkit.checks.runner import Task
from toolkit.form.loader import load_form
from toolkit.form.model import Form
from toolkit.form.toml_table import nearest
from toolkit.lists import read_ledger, read_roster, read_waivers
from toolkit.narratives import Templates, template_files
from toolkit.remote_folder import Folder, RemoteFolder, folder_at
from toolkit.settings import SETTINGS, CollectionError, Settings, read_settings
from toolkit.submission.container import member_bytes, way_to
from toolkit.submission.guard import SourceError
from toolkit.submission.names import is_ignored, sane_key, shown, unique
from toolkit.submission.remote import AnyPath
from toolkit.submission.source import file_bytes
from toolkit.writers.source_links import FOLDER

ROSTER = "名册.xlsx"
WAIVERS = "说明.xlsx"


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection ready for work; `ignored` counts lock, hidden and temporary files under workbooks/.

    `forms` are those in use, with what the settings change about them.
    """

    root: Path
    settings: Settings
    forms: tuple[Form, ...]
    roster: tuple[RosterUnit, ...]
    policy: Policy
    waivers: tuple[Waiver, ...]
    workbooks: Folder  # what came in
    out: Folder  # what is made
    ledger: tuple[LedgerRow, ...] = ()
    only: tuple[Task, ...] = ()  # when given, what came in: not a folder but these files
    address: RemoteFolder | None = None  # where the collection lies, when `root` only stands for it

    @property
    def work(self) -> Path:
        """Return the folder of what can be made again: results kept, outputs on their way."""
        work = self.root / ".xlreport"
        return work / "previous" if self.only else work

    @property
    def home(self) -> Folder:
        """Return where the collection lies: what its settings name is seen from there."""
        return self.address or self.root

    @property
    def seen_from_out(self) -> str:
        """Return where the workbooks are, for links in the outputs; what is at an address is taken along."""
        if not isinstance(self.workbooks, Path) or not isinstance(self.out, Path):
            return FOLDER
        try:
            return f"{Path(os.path.relpath(self.workbooks, self.out)).as_posix()}/"
        except ValueError:  # on another drive
            return f"{self.workbooks.resolve().as_posix()}/"

    def sources(self) -> Iterator[AnyPath]:
        """Yield every file that decides about the outputs: settings, lists, workbooks, templates."""
        yield from (self.root / SETTINGS, self.root / WAIVERS)
        if (roster := _roster_in(self.workbooks)) is not None:
            yield roster
        yield from (task.path for task in self.tasks())
        for folder in template_folders(self.root):
            yield from sorted(path for path in folder.rglob("*") if path.is_file())

    @property
    def forms_by_id(self) -> dict[str, Form]:
        """Return the forms in use by id."""
        return {form.id: form for form in self.forms}

    def tasks(self) -> list[Task]:
        """Return every file that came in, sorted by name."""
        return [task for task, ignored in self._files() if not ignored]

    def ignored(self) -> int:
        """Return how many lock, hidden and temporary files lie among the workbooks."""
        return sum(ignored for _, ignored in self._files())

    def keep_ledger(self, rows: Sequence[LedgerRow]) -> None:
        """Write 台账.xlsx where the collection lies; PermissionError when another program holds it open."""
        from toolkit.writers.ledger import write_ledger

        write_ledger(rows, self.root / LEDGER)
        if self.address is not None:
            try:
                self.address.put(LEDGER, self.root / LEDGER)
            except CollectionError:
                (self.root / LEDGER).unlink()  # what lies at the address counts
                raise

    @property
    def chooser(self) -> Chooser:
        """Return what decides which of several workbooks counts."""
        return Chooser(self.forms_by_id, decisions(self.ledger), self.times())

    def times(self) -> dict[str, int]:
        """Return when each file was saved, in nanoseconds since the epoch."""
        found = {}
        for task in self.tasks():
            if not isinstance(task.path, Path):
                if task.path.saved is not None:
                    found[task.name] = task.path.saved
                continue
            with suppress(OSError):
                found[task.name] = task.path.stat().st_mtime_ns
        return found

    def content(self, file: str) -> bytes:
        """Return the bytes of a file that came in by the name it goes by; empty when it cannot be read."""
        return self.contents()(file)

    def contents(self) -> Callable[[str], bytes]:
        """Return what gives the bytes of any file that came in; the folder is looked through once.

        A file cannot be read, and is empty, for what it is; that it cannot be had from its address this time
        is a CollectionError.
        """
        limits, passwords = self.settings.limits, self.settings.passwords
        tasks = {task.name: task for task in self.tasks()}

        def content(file: str) -> bytes:
            try:
                if file in tasks:
                    return file_bytes(tasks[file].path, limits)
                archive = next((name for name in _above(file) if name in tasks), None)
                if archive is not None:
                    path = tasks[archive].path
                    way = way_to(path, file.removeprefix(f"{archive}/"), limits, passwords)
                    return member_bytes(path, way, limits, passwords)
            except SourceError as error:
                if error.code == "F14":
                    raise CollectionError(f"“{file}”没有取到：{trouble(error)}。请重新运行。") from error
            return b""

        return content

    def _files(self) -> Iterator[tuple[Task, bool]]:
        if self.only:
            yield from ((task, False) for task in self.only)
            return
        if not isinstance(self.workbooks, Path):
            self.workbooks.require()
        yield from files_under(self.workbooks)

    def templates(self) -> Templates:
        """Return which Word template serves what; the collection's own files go before ours."""
        return Templates(self.settings, self.forms, self.roster, self._template)

    def vocabulary(self) -> dict[str, Form]:
        """Return by entity the form whose names the shipped templates use."""
        return vocabulary_of(self.root, self.forms)

    def _template(self, name: str, source: str) -> Path:
        folders = template_folders(self.root)
        for folder in folders:
            path = folder / "narratives" / name
            if path.is_file():
                return path
        names = [path.name for path in template_files(folders)]
        hint = nearest(name, names) or f"，现有 {'、'.join(dict.fromkeys(names))}"
        raise CollectionError(f"{source}：templates/narratives 中没有 Word 模板“{name}”{hint}。")


def _above(name: str) -> Iterator[str]:
    """Yield the names of the folders a file lies in, the outermost first."""
    parts = name.split("/")
    return ("/".join(parts[:count]) for count in range(1, len(parts)))


def open_collection(
    root: Path, *, today: date | None = None, address: RemoteFolder | None = None
) -> Collection:
    """Read settings, forms, roster and waivers; CollectionError or FormError when they cannot be used.

    `address` is where the collection lies, when `root` only stands for it. `today` decides which probations
    last and which waivers have expired; by default it is the day it is.
    """
    path = root / SETTINGS
    if not path.is_file():
        raise CollectionError(
            f"“{root.resolve()}”里没有 {SETTINGS}，请用 -C 指定汇总文件夹，或先运行 xlreport init 新建。"
        )
    settings = read_settings(path)
    workbooks = folder_at(address or root, settings.workbooks, settings.remote)
    out = folder_at(address or root, settings.out, settings.remote)
    _check_places(settings, workbooks, out)
    return Collection(
        root=root,
        settings=settings,
        forms=_changed_forms(root, settings),
        roster=read_roster(_roster_in(workbooks)),
        policy=Policy(settings.codes, today or date.today()),
        waivers=(*settings.waivers, *read_waivers(root / WAIVERS)),
        workbooks=workbooks,
        out=out,
        ledger=read_ledger(root / LEDGER),
        address=address,
    )


def _check_places(settings: Settings, workbooks: Folder, out: Folder) -> None:
    """Refuse a folder that is not there, and outputs that would be read as if they had come in."""
    if isinstance(workbooks, Path) and settings.workbooks != "workbooks" and not workbooks.is_dir():
        raise CollectionError(f"{SETTINGS} 的“workbooks”：找不到文件夹“{settings.workbooks}”。")
    inner, outer = (str(one.resolve() if isinstance(one, Path) else one) for one in (out, workbooks))
    if f"{inner}/".startswith(f"{outer}/"):
        raise CollectionError(f"{SETTINGS} 的“out”不能在“workbooks”里：下次会把输出当作收到的文件来读。")


def _changed_forms(root: Path, settings: Settings) -> tuple[Form, ...]:
    forms = load_forms(root, settings.forms)
    try:
        return changed(forms, settings.overrides)
    except SettingError as error:
        raise CollectionError(f"{SETTINGS} 的 {error}。") from error


def _roster_in(folder: Folder) -> AnyPath | None:
    return folder / ROSTER if isinstance(folder, Path) else folder.files.get(ROSTER)


def files_under(folder: Folder) -> Iterator[tuple[Task, bool]]:
    """Yield (file, whether it is to be ignored) below a folder, sorted by name; the roster is left out.

    A folder that cannot be looked into is yielded as if it were a file: opening it gives the issue.
    """
    found: list[tuple[AnyPath, str]]
    if isinstance(folder, Path):
        found = [(path, shown(path.relative_to(folder).as_posix())) for path in _paths_under(folder)]
    else:
        found = [(file, sane_key(below)) for below, file in folder.files.items() if _is_open(below)]
    paths = [path for path, name in found if name != ROSTER]
    names = unique(name for _, name in found if name != ROSTER)
    for path, name in sorted(zip(paths, names, strict=True), key=lambda pair: pair[1].split("/")):
        yield Task(path, name), is_ignored(path.name)


def _is_open(below: str) -> bool:
    """Return whether no folder on the way to a file is hidden."""
    return not any(part.startswith(".") for part in below.split("/")[:-1])


def _paths_under(folder: Path) -> Iterator[Path]:
    """Yield all files below a folder. Links to folders are followed, but not round in circles."""
    waiting = [(folder, frozenset[str]())] if folder.is_dir() else []
    while waiting:
        place, around = waiting.pop()
        real = os.path.realpath(place)
        if real in around:
            continue
        try:
            with os.scandir(place) as found:
                entries = [(Path(entry.path), _is_folder(entry)) for entry in found]
        except OSError:
            yield place
            continue
        for path, is_folder in entries:
            if not is_folder:
                yield path
            elif not path.name.startswith("."):
                waiting.append((path, around | {real}))


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link in a circle; opening it is the issue
        return False


# ── templates ───────────────────────────────────────────────────────────────────────────────────────


def shipped_templates() -> Path:
    """Return the templates of the wheel, or of the checkout the package is run from."""
    inside = Path(__file__).parent / "templates"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "templates"


def template_folders(root: Path | None) -> list[Path]:
    """Return where templates are looked for: the collection's own first, the shipped ones after."""
    own = [root / "templates"] if root is not None else []
    return [folder for folder in (*own, shipped_templates()) if folder.is_dir()]


def form_files(root: Path | None) -> dict[str, Path]:
    """Return form id -> file; a collection's own form hides the shipped one of that name."""
    found: dict[str, Path] = {}
    for folder in template_folders(root):
        for path in sorted((folder / "forms").glob("*.toml")):
            found.setdefault(path.stem, path)
    return found


def narrative_file(root: Path | None, name: str) -> Path:
    """Return a Word template by path or by name, with or without .docx; CollectionError if there is none."""
    if Path(name).is_file():
        return Path(name)
    found: dict[str, Path] = {}
    for folder in template_folders(root):
        for path in sorted((folder / "narratives").glob("*.docx")):
            found.setdefault(path.stem, path)
    stem = Path(name).name.removesuffix(".docx")
    if stem not in found:
        raise CollectionError(f"没有 Word 模板“{name}”{nearest(stem, found)}；现有：{'、'.join(found)}。")
    return found[stem]


def load_forms(root: Path | None, wanted: tuple[str, ...] = ()) -> tuple[Form, ...]:
    """Load and validate forms by id; all that are found when none is named."""
    files = form_files(root)
    for name in wanted:
        if name not in files:
            hint = nearest(name, files) or "，可用 xlreport form list 查看"
            raise CollectionError(f"没有表样“{name}”{hint}。")
    forms = tuple(load_form(files[name], files) for name in (wanted or tuple(files)))
    for form in forms:
        validate(form)
    return forms


def vocabulary_of(root: Path | None, forms: Iterable[Form]) -> dict[str, Form]:
    """Return by entity of the forms the one of that name, shipped or own, whose words the templates use."""
    files, by_id = form_files(root), {form.id: form for form in forms}
    entities = sorted({form.entity for form in by_id.values()})
    return {
        entity: by_id.get(entity) or load_form(files[entity], files) for entity in entities if entity in files
    }
