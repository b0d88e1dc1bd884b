"""The commands on templates: list them, and look at one."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from wizard.commands.output import say, say_json, tell
from wizard.commands.table import in_columns
from wizard.contract.assistant import QUESTIONS
from wizard.contract.choices import LANGUAGES, TYPES
from wizard.exchange.exporting import as_yaml
from wizard.templates import Template, all_templates, find_template

_CUT: Final = {2: (60, 8)}
_INDENT: Final = "  "


def run(home: Path, *, as_json: bool) -> int:
    """List the templates; the exit code is 1 where a file of one's own is refused."""
    found = all_templates(home)
    if as_json:
        for template in found.templates:
            say_json(_line(template))
    else:
        rows = [("NAME", "TYPE", "TITLE"), *map(_row, found.templates)]
        for told in in_columns(rows, _CUT) or (" · ".join(row) for row in rows[1:]):
            say(told)
    for refused in found.refused:
        tell(str(refused))
    return 1 if found.refused else 0


def show(home: Path, name: str, language: str | None, *, as_json: bool) -> int:
    """Print what a template says, in a language of its or in the one that is named."""
    template = find_template(name, home)
    language = language or template.language
    if as_json:
        say_json(_whole(template, language))
    else:
        for told in _look(template, language):
            say(told)
    return 0


def _line(template: Template) -> dict[str, Any]:
    return {
        "name": template.name,
        "title": template.title,
        "type": template.type,
        "about": template.about,
        "own": template.own,
        "languages": list(template.openings),
        "reviewed": list(template.reviewed),
    }


def _whole(template: Template, language: str) -> dict[str, Any]:
    return _line(template) | {
        "language": language,
        "answers": template.answers_in(language),
        "sample": dict(template.sample),
        "expects": list(template.expects),
    }


def _row(template: Template) -> tuple[str, ...]:
    return template.name, template.type, template.title + (" (your own)" if template.own else "")


def _look(template: Template, language: str) -> Iterator[str]:
    """The template as people read it: what it is, what it answers, its sample contact."""
    yield f"{template.title} ({template.name})"
    if template.about:
        yield template.about
    yield f"{TYPES[template.type]}. {_spoken(template, language)}"
    answers = template.answers_in(language)
    labels = {question.name: question.label for question in QUESTIONS}
    known = [name for name in labels if name in answers and name != "type"]
    for name in [*known, *(name for name in answers if name not in labels)]:
        yield ""
        yield labels.get(name, name)
        yield from _indented(answers[name])
    if template.sample:
        yield ""
        yield "Sample contact"
        yield from _indented(dict(template.sample))


def _spoken(template: Template, language: str) -> str:
    named = LANGUAGES[language]
    if language not in template.openings:
        return f"It has no opening line of its own in {named}."
    if template.is_reviewed_in(language):
        return f"Opening line and last words in {named}, read by a speaker."
    return f"Opening line and last words in {named}: a draft, to be read by a speaker."


def _indented(value: Any) -> Iterator[str]:
    for line in _written(value).splitlines():
        yield f"{_INDENT}{line}" if line else ""


def _written(value: Any) -> str:
    match value:
        case str():
            return value
        case bool():
            return "yes" if value else "no"
        case Mapping():
            return as_yaml(value)
        case list():
            return "\n".join(_written(item) + "\n" for item in value).rstrip("\n")
        case _:
            return str(value)
