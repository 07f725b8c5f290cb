"""The command line: parse, call, print, exit code. Heavy imports happen inside commands."""

from __future__ import annotations

import sys
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from toolkit import __version__
from toolkit.authoring import form, template
from toolkit.session import (
    CLEAN,
    FOUND,
    UNABLE,
    HerePath,
    Unable,
    crew_of,
    explained,
    opened,
    print_json,
    progress,
)

if TYPE_CHECKING:
    from toolkit.checks.model import Collected
    from toolkit.collection import Collection

_DATE = click.DateTime(["%Y-%m-%d"])
_CLUSTER = click.option(
    "--cluster",
    metavar="地址",
    default="",
    help="由 dask 集群处理，如 tcp://10.0.0.1:8786；默认本机各处理器。",
)
_CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(context_settings=_CONTEXT, no_args_is_help=True)
@click.option(
    "-C",
    "root",
    default=".",
    help="汇总文件夹（含 xlreport.toml）或它的地址，如 s3://…；默认当前文件夹。",
)
@click.option("--quiet", is_flag=True, help="不显示进度和提示。")
@click.option("--jobs", type=click.IntRange(1), default=None, help="同时读取的进程数，默认等于处理器核数。")
@click.version_option(__version__, prog_name="xlreport", message="%(prog)s %(version)s", help="显示版本。")
@click.pass_context
def cli(context: click.Context, root: str, quiet: bool, jobs: int | None) -> None:
    """绩效自评表的下发、核对、汇总和成文。

    在汇总文件夹中运行 xlreport build，即可读取 workbooks/ 下的全部自评表，生成 out/ 下的汇总表和报告。
    """
    context.obj = {"root": root, "quiet": quiet, "jobs": jobs}


@cli.command(help="新建一个汇总文件夹：设置、表样、Word 模板和空白名册。")
@click.argument("folder", metavar="DIR", type=HerePath())
@click.pass_obj
def init(options: dict[str, Any], folder: Path) -> None:
    """Make a new collection from the shipped templates."""
    with explained():
        from toolkit.starter import start

        made = start(folder)
    if not options["quiet"]:
        click.echo(f"已建立“{folder}”，共 {len(made)} 个文件。下一步：")
        click.echo("  1. 在 workbooks/名册.xlsx 中填写应报单位；")
        click.echo(f"  2. xlreport -C {folder} blank --all 生成空白表并下发；")
        click.echo("  3. 收回的自评表放入 workbooks/；")
        click.echo(f"  4. xlreport -C {folder} build 汇总。")


@cli.command(help="生成空白表：默认每种表样一份；--unit 指定单位；--all 名册中每个单位一份。")
@click.option("--unit", default="", help="单位全称、别名或编码。")
@click.option("--all", "everyone", is_flag=True, help="名册中每个单位应报的每种表各一份。")
@click.option("--form", "form_id", default="", help="只生成这一种表样。")
@click.option("--with-last-year", "seeded", is_flag=True, help="带出上年的指标、目标值和分值，供修改。")
@click.option("-o", "folder", type=HerePath(), default=None, help="存放位置，默认 out/空白表。")
@click.pass_obj
def blank(
    options: dict[str, Any], unit: str, everyone: bool, form_id: str, seeded: bool, folder: Path | None
) -> None:
    """Write blank workbooks to send out."""
    with explained():
        from toolkit.issuing import blanks

        collection = opened(options)
        target = folder or collection.out / "空白表"
        count = 0
        wanted = blanks(collection, target, unit=unit, everyone=everyone, form_id=form_id, seeded=seeded)
        for path in wanted:
            count += 1
            if not options["quiet"]:
                click.echo(str(path))
    if not count:
        raise Unable("名册中没有应报单位，没有生成空白表；请先填写 workbooks/名册.xlsx。")


@cli.command(help="读取并核对，列出问题，不写任何文件。PATH 可以是文件、文件夹或地址，默认全部自评表。")
@click.argument("paths", metavar="[PATH...]", nargs=-1)
@click.option("--format", "style", type=click.Choice(["text", "json"]), default="text", help="输出格式。")
@_CLUSTER
@click.pass_obj
def check(options: dict[str, Any], paths: tuple[str, ...], style: str, cluster: str) -> None:
    """Read and judge; print the issues by file."""
    with explained():
        from toolkit.collecting import is_clean
        from toolkit.listing import issue_lines, tally_line, waiver_lines
        from toolkit.shapes import as_json, json_pieces

        collection, collected = _collected(options, paths, cluster)
        if style == "json":
            shape = as_json(collected)
            for piece in json_pieces(shape if not paths else {"files": shape["files"]}):
                click.echo(piece, nl=False)
        else:
            for line in issue_lines(collected.results.bare(), collection.forms_by_id):
                click.echo(line)
            for item in collected.issues:
                click.echo(f"■ {item.unit}\n  [{item.severity.word} {item.code}] {item.message}")
            for line in waiver_lines(collected.waivers):
                click.echo(line)
            click.echo(tally_line(collected, 0 if paths else collection.ignored()))
    sys.exit(CLEAN if is_clean(collected) else FOUND)


@cli.command(help="汇总：读取、核对、合计，在 out/ 写出汇总表、报告和问题清单。")
@click.option("--pdf", is_flag=True, help="每份 Word 报告旁边另存一份 PDF（需要 LibreOffice）。")
@click.option("--no-reports", is_flag=True, help="不写 Word 报告；out 里原有的也会删除，以免新旧混在一起。")
@click.option("--no-copies", is_flag=True, help="不写退回件；out 里原有的也会删除。")
@click.option(
    "--only",
    metavar="单位",
    multiple=True,
    help="只更新这个单位的报告和退回件：全称、别名或编码，可写几次；其他输出不动。",
)
@_CLUSTER
@click.pass_obj
def build(
    options: dict[str, Any], pdf: bool, no_reports: bool, no_copies: bool, only: tuple[str, ...], cluster: str
) -> None:
    """Do the main job."""
    with explained():
        from toolkit.build import build as build_all
        from toolkit.partial import Parts

        parts = Parts(not no_reports, pdf, not no_copies, only)
        if no_reports and (pdf or (only and no_copies)):
            others = "--pdf" if pdf else "--no-copies 和 --only"
            raise Unable(f"--no-reports 不能与 {others} 一起用：没有可写的文件。")
        collection = opened(options)
        total = len(collection.tasks())
        with progress(options, total) as advance, crew_of(options, cluster, collection) as crew:
            built = build_all(collection, crew=crew, progress=advance, parts=parts)
        if not options["quiet"]:
            click.echo(built.told + ("" if built.fresh else "与上次相同，没有重做。"))
            for path in built.written:
                click.echo(f"  {path}")
    if built.locked:
        names = "、".join(name.rpartition("/")[2] for name in built.locked)
        raise Unable(f"{names} 正被其他程序打开，没有更新；其余文件已写好。请关闭后重新运行。")
    sys.exit(CLEAN if built.clean else FOUND)


@cli.command(help="谁已报、谁未报、采用哪一份、为什么。")
@click.option("--format", "style", type=click.Choice(["text", "json"]), default="text", help="输出格式。")
@click.pass_obj
def status(options: dict[str, Any], style: str) -> None:
    """Print who has reported."""
    with explained():
        from dataclasses import asdict

        from toolkit.collecting import is_clean
        from toolkit.listing import status_lines, tally_line

        collection, collected = _collected(options, ())
        if style == "json":
            rows = [{**asdict(row), "standing": row.standing.value} for row in collected.standings]
            print_json({"standings": rows})
        else:
            for line in status_lines(collected, collection.forms_by_id):
                click.echo(line)
            click.echo(tally_line(collected, collection.ignored()))
    sys.exit(CLEAN if is_clean(collected) else FOUND)


@cli.command(help="给漏报、迟报的单位写催报通知，给需要修改、说明的单位写退回通知（Word）。")
@click.option("--unit", default="", help="只写给这个单位：全称、别名或编码。")
@click.option("--date", "day", type=_DATE, default=None, help="通知的日期，如 2025-04-10，默认今天。")
@click.option("--due", type=_DATE, default=None, help="新的报送期限，如 2025-04-20；不写则请尽快办理。")
@click.option("-o", "folder", type=HerePath(), default=None, help="存放位置，默认 out/通知。")
@click.pass_obj
def notices(
    options: dict[str, Any], unit: str, day: datetime | None, due: datetime | None, folder: Path | None
) -> None:
    """Write letters to the units that owe or have to mend something."""
    with explained():
        from toolkit.notices import Wanted, write_notices

        wanted = Wanted(day.date() if day else date.today(), due.date() if due else None, unit)
        collection, collected = _collected(options, ())
        written = write_notices(collection, collected, wanted, folder)
    if not options["quiet"]:
        click.echo(f"共 {len(written)} 份通知。" if written else "没有需要催报、退回的单位。")
        for path in written:
            click.echo(f"  {path}")


@cli.command(help="把一个文件排除在汇总之外：只做标记，不删文件；用 include 恢复。")
@click.argument("file", metavar="FILE")
@click.option("--why", required=True, help="为什么排除，写入台账。")
@click.pass_obj
def exclude(options: dict[str, Any], file: str, why: str) -> None:
    """Flag a file so that it leaves every total."""
    _decide(options, file, "排除", why)


@cli.command(help="采用一个文件：取消排除，同一单位有几份时优先采用它。")
@click.argument("file", metavar="FILE")
@click.option("--why", default="", help="为什么采用，写入台账。")
@click.pass_obj
def include(options: dict[str, Any], file: str, why: str) -> None:
    """Flag a file so that it counts, before others of the same unit."""
    _decide(options, file, "采用", why)


def _decide(options: dict[str, Any], file: str, opinion: str, why: str) -> None:
    with explained():
        from toolkit.checks.model import Opinion
        from toolkit.deciding import decide

        named = decide(opened(options), file, Opinion(opinion), why)
    if not options["quiet"]:
        click.echo(f"已在台账中登记：{opinion}“{named}”。运行 xlreport build 更新汇总。")


@cli.command(help="解释一个问题代码：含义、为什么检查、怎么改。不写代码则列出全部。")
@click.argument("code", metavar="[CODE]", default="")
def explain(code: str) -> None:
    """Print what an issue code means."""
    with explained():
        from toolkit.form.toml_table import nearest
        from toolkit.issues.catalogue import entries
        from toolkit.listing import entry_lines

        known = entries()
        if not code:
            for entry in known.values():
                click.echo(f"{entry.code}  {entry.severity.word}  {entry.title}")
            return
        found = known.get(code.strip().upper())
        if found is None:
            hint = nearest(code.upper(), known)
            raise Unable(f"没有问题代码“{code}”{hint}；运行 xlreport explain 查看全部。")
        for line in entry_lines(found):
            click.echo(line)


cli.add_command(form)
cli.add_command(template)


def _collected(
    options: dict[str, Any], paths: tuple[str, ...], cluster: str = ""
) -> tuple[Collection, Collected]:
    """Return the collection and its judged workbooks; with paths, only those."""
    from toolkit.collecting import collect, collect_paths

    collection = opened(options)
    total = len(collection.tasks())
    with progress(options, total) as advance, crew_of(options, cluster, collection) as crew:
        if paths:
            return collection, collect_paths(collection, paths, crew=crew, progress=advance)
        return collection, collect(collection, crew=crew, progress=advance)


def main() -> None:
    """Run the command line; usage errors are one Chinese sentence too."""
    try:
        code = cli.main(standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("已中止。", err=True)
        sys.exit(UNABLE)
    except Unable as error:
        error.show()
        sys.exit(UNABLE)
    except OSError as error:  # what is printed cannot be written, as to a file on a full disk
        from toolkit.submission.room import sentence

        if not (told := sentence(error)):
            raise
        click.echo(f"错误：{told}", err=True)
        sys.exit(UNABLE)
    except click.UsageError as error:
        click.echo(f"错误：{_usage_sentence(error)}", err=True)
        sys.exit(UNABLE)
    sys.exit(code if isinstance(code, int) else CLEAN)


def _usage_sentence(error: click.UsageError) -> str:
    """Return click's complaint in Chinese."""
    match error:
        case click.NoSuchOption():
            near = f"，是不是 {'、'.join(error.possibilities)}" if error.possibilities else ""
            return f"没有选项 {error.option_name}{near}；运行 xlreport --help 查看用法。"
        case click.MissingParameter():
            name = error.param.human_readable_name if error.param else ""
            return f"缺少参数 {name}；运行 xlreport --help 查看用法。"
        case click.BadParameter():
            name = error.param.human_readable_name if error.param else ""
            return f"参数 {name} 的值不对；运行 xlreport --help 查看用法。"
        case _:
            words = error.format_message().split("'")
            named = f"“{words[1]}”" if len(words) > 1 else ""
            return f"命令{named}无法识别；运行 xlreport --help 查看用法。"


if __name__ == "__main__":
    main()
