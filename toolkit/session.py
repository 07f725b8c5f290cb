"""One run of a command: its collection, who does the work, how progress and errors are told."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from toolkit.collection import Collection
    from toolkit.crew.mapping import Crew
    from toolkit.remote_folder import RemoteFolder

CLEAN, FOUND, UNABLE = 0, 1, 2  # exit codes


class Unable(click.ClickException):
    """The job could not be done: one Chinese sentence, exit code 2."""

    exit_code = UNABLE

    def show(self, file: Any = None) -> None:
        """Print the sentence on stderr."""
        click.echo(f"错误：{self.format_message()}", file=file, err=True)


class HerePath(click.Path):
    """A path of this machine; an address is refused in one sentence."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> str | bytes | os.PathLike[str]:
        """Return the path."""
        if "://" in str(value):
            raise Unable(f"这里只能写本机的文件夹或文件，不能写地址“{value}”。")
        return super().convert(value, param, ctx)


def opened(options: dict[str, Any]) -> Collection:
    """Return the collection that -C names."""
    from toolkit.collection import open_collection

    root, address = _placed(options)
    return open_collection(root, address=address)


def root_of(options: dict[str, Any]) -> Path:
    """Return the folder of this machine that -C names, or that stands for the address it names."""
    return _placed(options)[0]


def _placed(options: dict[str, Any]) -> tuple[Path, RemoteFolder | None]:
    if isinstance(named := options["root"], str):
        options["root"] = _found(named)
    found: tuple[Path, RemoteFolder | None] = options["root"]
    return found


def _found(named: str) -> tuple[Path, RemoteFolder | None]:
    if "://" not in named:
        return Path(named), None
    from toolkit.mirror import mirrored
    from toolkit.remote_folder import folder_at, is_address

    if is_address(named):
        return mirrored(named, {})
    return Path(str(folder_at(Path(), named, {}))), None


@contextmanager
def crew_of(options: dict[str, Any], cluster: str, collection: Collection) -> Iterator[Crew]:
    """Give the processes of this machine, or the workers of a cluster."""
    from toolkit.cluster import cluster_crew
    from toolkit.crew.watched import watched_crew

    wait = collection.settings.cluster_wait
    with cluster_crew(cluster, wait) if cluster else watched_crew(options["jobs"]) as crew:
        yield crew


@contextmanager
def progress(options: dict[str, Any], total: int) -> Iterator[Callable[[int], None]]:
    """Show a bar on stderr while files are read, when stderr is a terminal."""
    if options["quiet"] or not sys.stderr.isatty():
        yield lambda done: None
        return
    with click.progressbar(length=total, label="读取自评表", file=sys.stderr) as bar:
        yield bar.update


def print_json(value: Any) -> None:
    """Print a shape that other programs read."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


@contextmanager
def explained() -> Iterator[None]:
    """Turn what users can mend into one sentence; let bugs crash loudly."""
    from toolkit.form.toml_table import FormError
    from toolkit.settings import CollectionError

    try:
        yield
    except CollectionError as error:
        raise Unable(str(error)) from error
    except FormError as error:
        raise Unable(f"表样定义有误：{error}") from error
    except PermissionError as error:
        raise Unable(f"无法写入“{error.filename}”：文件正被其他程序打开，或没有权限。") from error
    except Exception as error:
        from toolkit.submission.room import sentence

        if told := sentence(error):
            raise Unable(told) from error
        if isinstance(error, FileNotFoundError):
            raise Unable(f"找不到“{error.filename}”。") from error
        raise
