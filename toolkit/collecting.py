"""Read and judge what came in: all of a collection, or the files and folders named."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import replace
from datetime import date
from itertools import chain
from pathlib import Path

from toolkit.cache import ResultCache, digest_of, judgement
from toolkit.checks.across import judge_across
from toolkit.checks.batches import opened
from toolkit.checks.files import trouble
from toolkit.checks.heads import Head
from toolkit.checks.model import CheckResult, Collected
from toolkit.checks.results import Kept, Results, Store
from toolkit.checks.runner import Task
from toolkit.checks.waivers import waive
from toolkit.checks.workers import Checked, Judging, check_files
from toolkit.collection import Collection, files_under, form_files
from toolkit.crew.mapping import Crew
from toolkit.crew.watched import hired
from toolkit.form.loader import load_form
from toolkit.form.model import Form
from toolkit.form.toml_table import FormError
from toolkit.issues.model import Severity, Verdict
from toolkit.previous import last_year
from toolkit.remote_folder import Options, RemoteFolder, is_address, looked_up
from toolkit.settings import CollectionError
from toolkit.submission.names import shown
from toolkit.submission.remote import RemoteError, RemoteFile

Progress = Callable[[int], None]


def _nothing(one: Kept) -> None:
    """Do nothing about a result."""


def collect(
    collection: Collection,
    *,
    crew: Crew | None = None,
    jobs: int | None = None,
    progress: Progress = lambda done: None,
    keep: bool = False,
) -> Collected:
    """Read and judge every workbook of a collection; what was judged before is not read again.

    With `keep`, the results are kept for the next time, those of a run that is cut short, too. Last year's
    collection is read the same way. Without a crew, `jobs` processes do the work.
    """
    if crew is None:
        with hired(crew, jobs) as own:
            return collect(collection, crew=own, progress=progress, keep=keep)
    earlier = last_year(collection, lambda one: collect(one, crew=crew, keep=keep and not one.only))
    tasks, cache = collection.tasks(), _cache(collection)
    store = Store()
    known = cache.find(tasks, store)
    progress(len(known.results))
    new = [task for task in tasks if task.name not in known.results]
    with cache.growing(store, new) if keep else nullcontext(_nothing) as grow:
        checked = _check(collection, new, crew, progress, store, grow)
    results = Results(store, (*chain.from_iterable(known.results.values()), *checked.results.kept))
    if keep:
        cache.keep(results, tasks, {**known.archives, **checked.archives})
    collected = judge_across(
        results,
        collection.roster,
        collection.forms_by_id,
        year=collection.settings.fiscal_year,
        due=collection.settings.due,
        periods=collection.settings.periods,
        policy=collection.policy,
        waivers=collection.waivers,
        chooser=collection.chooser,
        last_year=earlier,
    )
    skipped = checked.skipped + sum(archive.ignored for archive in known.archives.values())
    return replace(collected, skipped=skipped)


def _cache(collection: Collection) -> ResultCache:
    """Return the collection's cache, under everything that decides how a workbook is judged."""
    limits, policy = collection.settings.limits, collection.policy
    lasting = [policy.is_probation(day) for day in probations(collection)]
    library = [(name, digest_of(path)) for name, path in form_files(collection.root).items()]
    judged = judgement(
        collection.forms, library, limits, policy.codes, lasting, collection.settings.passwords
    )
    return ResultCache(collection.work, judged, largest=max(limits.max_bytes, limits.max_archive))


def _check(
    collection: Collection,
    tasks: Sequence[Task],
    crew: Crew,
    progress: Progress,
    store: Store | None = None,
    on_each: Callable[[Kept], None] = _nothing,
) -> Checked:
    _require_reach(tasks, crew)
    settings = collection.settings
    judging = Judging(
        collection.forms,
        settings.limits,
        collection.policy,
        tuple(settings.passwords),
        form_files(collection.root) if not crew.distant else _loaded(form_files(collection.root)),
    )
    return check_files(tasks, judging, crew, progress, store, on_each)


def _require_reach(tasks: Sequence[Task], crew: Crew) -> None:
    """Ask workers elsewhere for the addresses; CollectionError names one that is worse off than we are."""
    stores = {task.path.store for task in tasks if isinstance(task.path, RemoteFile)}
    for store in stores if crew.distant else ():
        for worker, told in crew.everywhere(store.trouble).items() if store.is_shared else ():
            if not isinstance(told, BaseException) and told[0] and told != store.trouble():
                why = trouble(RemoteError(*told))
                raise CollectionError(f"集群的工作进程 {worker} 打不开“{store.address}”：{why}。")


def _loaded(files: Mapping[str, Path]) -> dict[str, Form]:
    """Return the forms of those files that define one."""
    found = {}
    for name, path in files.items():
        with suppress(FormError):
            found[name] = load_form(path, files)
    return found


def collect_paths(
    collection: Collection,
    paths: Sequence[str | Path],
    *,
    crew: Crew | None = None,
    jobs: int | None = None,
    progress: Progress = lambda done: None,
) -> Collected:
    """Read and judge only the files and folders named; nobody is missed, and no file replaces another.

    Waivers apply, but those that are not used are not told: they may be for files that are not named.
    """
    tasks = [task for named in paths for task in _named(str(named), collection.settings.remote)]
    with hired(crew, jobs) as hands:
        checked = _check(collection, tasks, hands, progress)
    results, _, uses = waive(
        opened(checked.results).changed(_in_order),
        (),
        collection.waivers,
        collection.roster,
        collection.policy.today,
    )
    used = tuple(use for use in uses if use.count)
    return Collected(
        results, (), frozenset(head.file for head in results.heads), (), used, skipped=checked.skipped
    )


def _in_order(head: Head, result: CheckResult) -> CheckResult:
    """Return a result with its issues in the order they are told in."""
    return replace(result, issues=tuple(sorted(result.issues, key=lambda item: item.order)))


def _named(named: str, options: Options) -> Iterator[Task]:
    """Yield a file that is named, or those of a folder, each under its path or address."""
    place = looked_up(named, options) if is_address(named) else Path(named)
    if isinstance(place, RemoteFolder) or (isinstance(place, Path) and place.is_dir()):
        for task, ignored in files_under(place):
            if not ignored:
                yield replace(task, name=shown(str(task.path)))
    elif isinstance(place, RemoteFile) or place.exists():
        yield Task(place, shown(str(place)))
    else:
        raise CollectionError(f"找不到“{place}”。")


def probations(collection: Collection) -> list[date]:
    """Return the days on which a probation ends, of issue codes and of rules of the forms."""
    days = [treatment.probation for treatment in collection.policy.codes.values()]
    days += [rule.probation for form in collection.forms for rule in form.rules]
    return [day for day in days if day is not None]


def is_clean(collected: Collected) -> bool:
    """Return whether nothing but notes was found."""
    told = any(head.verdict is not Verdict.ACCEPTED for head in collected.results.heads)
    return not told and all(item.severity is Severity.NOTE for item in collected.issues)
