"""The commands for authors of forms and of Word templates."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from toolkit.session import UNABLE, HerePath, Unable, explained, opened, print_json, root_of

if TYPE_CHECKING:
    from toolkit.collection import Collection
    from toolkit.form.model import Form


@click.group(help="表样（templates/forms/*.toml）：列出、查看、检查。")
def form() -> None:
    """Group the commands for authors of forms."""


@form.command("list", help="列出可用的表样。")
@click.pass_obj
def form_list(options: dict[str, Any]) -> None:
    """Print every form and the file it is defined in."""
    with explained():
        from toolkit.collection import form_files
        from toolkit.form.loader import load_form

        files = form_files(root_of(options))
        for path in files.values():
            loaded = load_form(path, files)
            click.echo(f"{loaded.name}  {loaded.title}  {path}")


@form.command("show", help="查看一种表样的栏目。")
@click.argument("name", metavar="ID")
@click.pass_obj
def form_show(options: dict[str, Any], name: str) -> None:
    """Print the sections and fields of a form."""
    with explained():
        from toolkit.listing import form_lines

        for line in form_lines(_form(options, name)):
            click.echo(line)


@form.command("check", help="检查表样定义；默认检查全部。")
@click.argument("names", metavar="[ID或文件...]", nargs=-1)
@click.pass_obj
def form_check(options: dict[str, Any], names: tuple[str, ...]) -> None:
    """Validate form definitions, and what the collection's settings change about them."""
    with explained():
        from toolkit.collection import form_files
        from toolkit.form.layout import lay_out
        from toolkit.settings import SETTINGS

        for name in names or tuple(form_files(root_of(options))):
            form = _form(options, name)
            lay_out(form)
            click.echo(f"{form.name}：没有发现问题。")
        if not names and (root_of(options) / SETTINGS).is_file():
            opened(options)
            click.echo(f"{SETTINGS}：没有发现问题。")


@form.command("draft", help="由财政部门的空白表起草表样（TOML），拿不准的逐项注明“待确认”。")
@click.argument("path", metavar="FILE", type=HerePath())
@click.option(
    "-o",
    "target",
    type=HerePath(),
    default=None,
    help="写到这个 .toml 文件；默认显示在屏幕上。",
)
@click.pass_obj
def form_draft(options: dict[str, Any], path: Path, target: Path | None) -> None:
    """Propose a form definition from an official blank; doubts go to stderr."""
    with explained():
        from toolkit.checks.files import unreadable
        from toolkit.collection import form_files
        from toolkit.drafting.draft import NothingToAskError, draft_form
        from toolkit.form.loader import load_form
        from toolkit.listing import doubt_lines
        from toolkit.submission.guard import SourceError

        if target is not None and target.exists():
            raise Unable(f"“{target}”已经存在，没有改动；请换一个文件名。")
        files = form_files(root_of(options))
        known = [load_form(file, files) for file in files.values()]
        try:
            draft = draft_form(path, known, target.stem if target else "")
        except NothingToAskError as error:
            raise Unable(f"“{path}”里没有找到可填的栏目（名称旁边或下面要有空格）。") from error
        except SourceError as error:
            raise Unable(unreadable(error, path.name).message) from error
        if target is None:
            click.echo(draft.text, nl=False)
        else:
            target.write_text(draft.text, encoding="utf-8", newline="\n")
    if not options["quiet"]:
        for line in doubt_lines(draft.doubts):
            click.echo(line, err=True)


@click.group(help="Word 模板（templates/narratives/*.docx）：检查、列出可用变量、查看。")
def template() -> None:
    """Group the commands for authors of Word templates."""


@template.command("check", help="检查 Word 模板中的变量和标签；默认检查本汇总文件夹使用的模板。")
@click.argument("paths", metavar="[文件...]", nargs=-1, type=HerePath())
@click.pass_obj
def template_check(options: dict[str, Any], paths: tuple[Path, ...]) -> None:
    """Print every problem of the Word templates with its paragraph."""
    with explained():
        from toolkit.writers.reports import template_notices, template_problems

        collection = opened(options)
        templates = _templates(collection, paths)
        known = collection.forms_by_id, collection.vocabulary()
        found = list(template_problems(templates, *known))
        for problem in found:
            click.echo(problem)
        if not found:
            for notice in template_notices(templates, *known):
                click.echo(f"提示：{notice}")
            click.echo("没有发现问题。")
    if found:
        sys.exit(UNABLE)


@template.command("vars", help="列出一种表样（或 collection 汇总报告）的 Word 模板可以取用的变量，各附一例。")
@click.argument("name", metavar="FORM")
@click.option("--format", "style", type=click.Choice(["text", "json"]), default="text", help="输出格式。")
@click.pass_obj
def template_vars(options: dict[str, Any], name: str, style: str) -> None:
    """Print what a template may ask for."""
    with explained():
        from toolkit.collection import load_forms, vocabulary_of
        from toolkit.listing import variable_lines
        from toolkit.narratives import NOTICES
        from toolkit.writers.reports import template_variables
        from toolkit.writers.wording import FILTERS

        all_forms = name == "collection" or name in NOTICES
        forms = {form.id: form for form in load_forms(root_of(options), () if all_forms else (name,))}
        found = template_variables(forms, name, vocabulary_of(root_of(options), forms.values()))
        if style == "json":
            print_json([variable.as_json() for variable in found])
        else:
            for line in variable_lines(found, sorted(FILTERS)):
                click.echo(line)


@template.command("show", help="把 Word 模板打印成可以逐行核对的文字：页面、样式、段落、表格和标签。")
@click.argument("name", metavar="文件或模板名")
@click.pass_obj
def template_show(options: dict[str, Any], name: str) -> None:
    """Print a template as text."""
    with explained():
        from toolkit.collection import narrative_file
        from toolkit.writers.narrative import TemplateError
        from toolkit.writers.template_dump import dump

        try:
            for line in dump(narrative_file(root_of(options), name)):
                click.echo(line)
        except TemplateError as error:
            raise Unable(str(error)) from error


def _form(options: dict[str, Any], name: str) -> Form:
    from toolkit.checks.rules import validate
    from toolkit.collection import form_files, load_forms
    from toolkit.form.loader import load_form

    path = Path(name)
    if path.suffix == ".toml":
        loaded = load_form(path, form_files(root_of(options)))
        validate(loaded)
        return loaded
    return load_forms(root_of(options), (name,))[0]


def _templates(collection: Collection, paths: tuple[Path, ...]) -> dict[Path, tuple[Form, ...]]:
    """Return template -> the forms it serves, none for the district report; a file in no use serves any."""
    templates = collection.templates()
    used = {path.resolve(): tuple(forms) for path, forms in templates.uses().items()}
    for path in (templates.collection, *templates.notices.values()):
        if path is not None:
            used[path.resolve()] = ()
    if not paths:
        return used
    return {path: used.get(path.resolve(), tuple(collection.forms)) for path in paths}
