"""The command `templates`."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

from wizard.commands.click_extensions import Group
from wizard.commands.options import (
    CommonOptions,
    common_options,
    is_list,
    json_option,
    language_option,
)
from wizard.commands.output import print_json, print_line, report
from wizard.commands.table import print_table
from wizard.commands.value_completion import complete_template
from wizard.contract.choices import LANGUAGES, TYPES

if TYPE_CHECKING:
    from wizard.templates.template import Template


@click.group(cls=Group, invoke_without_command=True)
@json_option("template")
@common_options
def templates(options: CommonOptions, as_json: bool) -> int:
    """\b
    Examples:
      qcall-wizard templates
      qcall-wizard templates show lead-qualification --language de
      qcall-wizard --template lead-qualification
      qcall-wizard templates --json | jq -r .name

    Lists the templates of the program and your own. Yours are files in the folder `templates`
    beside the drafts; to share one, send the file. The exit code is 1 if one of your files is
    invalid; the error names the line.
    """
    if not is_list(json=as_json):
        return 0
    from wizard.templates.library import all_templates

    found = all_templates(options.home_folder())
    if as_json:
        for template in found.templates:
            print_json(_as_json(template))
    else:
        rows = [(t.name, t.type, t.title + " (your own)" * t.own) for t in found.templates]
        print_table(("NAME", "TYPE", "TITLE"), rows, {2: (60, 8)})
    for refused in found.refused:
        report(str(refused))
    return 1 if found.refused else 0


@templates.command("show", short_help="Print a template.")
@click.argument("name", metavar="NAME", shell_complete=complete_template)
@language_option("Show the spoken texts in this language.")
@click.option("--json", "as_json", is_flag=True, help="Print one object with everything.")
@common_options
def show_template(options: CommonOptions, name: str, language: str | None, as_json: bool) -> int:
    """\b
    Examples:
      qcall-wizard templates show appointment-booking
      qcall-wizard templates show ./mine.yaml --language hi
      qcall-wizard templates show win-back --json | jq .answers

    Prints the answers of a template, its sample contact, and whether a speaker has reviewed its
    texts in the language. NAME is in the list, or is a file that ends in .yaml.
    """
    from wizard.templates.library import find_template

    template = find_template(name, options.home_folder())
    language = language or template.language
    if as_json:
        print_json(
            _as_json(template)
            | {
                "language": language,
                "answers": template.answers_in(language),
                "sample": dict(template.sample),
                "expects": list(template.expects),
            }
        )
    else:
        for line in _lines(template, language):
            print_line(line)
    return 0


def _as_json(template: "Template") -> dict[str, Any]:
    return {
        "name": template.name,
        "title": template.title,
        "type": template.type,
        "about": template.about,
        "own": template.own,
        "languages": list(template.openings),
        "reviewed": list(template.reviewed),
    }


def _lines(template: "Template", language: str) -> Iterator[str]:
    from wizard.contract.assistant import QUESTIONS

    yield f"{template.title} ({template.name})"
    if template.about:
        yield template.about
    yield f"{TYPES[template.type]}. {_review_state(template, language)}"
    answers = template.answers_in(language)
    labels = {question.name: question.label for question in QUESTIONS}
    known = [name for name in labels if name in answers and name != "type"]
    for name in [*known, *(name for name in answers if name not in labels)]:
        yield from ("", labels.get(name, name), *_indented(answers[name]))
    if template.sample:
        yield from ("", "Sample contact", *_indented(dict(template.sample)))


def _review_state(template: "Template", language: str) -> str:
    name = LANGUAGES[language]
    if language not in template.openings:
        return f"It has no opening line in {name}."
    if language in template.reviewed:
        return f"Opening line and closing message in {name}, reviewed by a speaker."
    return f"Opening line and closing message in {name}: a draft that no speaker has reviewed."


def _indented(value: Any) -> list[str]:
    return [f"  {line}" if line else "" for line in _text(value).splitlines()]


def _text(value: Any) -> str:
    from wizard.exchange.exporting import as_yaml

    match value:
        case bool():
            return "yes" if value else "no"
        case Mapping():
            return as_yaml(value)
        case list():
            return "\n".join(_text(item) + "\n" for item in value).rstrip("\n")
        case _:
            return str(value)
