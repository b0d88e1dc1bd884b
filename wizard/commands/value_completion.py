"""Completes templates, fields, drafts and receipts at the Tab key, without slow imports."""

import re
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from wizard.commands.options import CommonOptions

if TYPE_CHECKING:
    from pathlib import Path

    from click.shell_completion import CompletionItem

_MAX_IDS = 50
_INDEX = re.compile(r"\[(\d*)\]?")


def complete_template(
    context: click.Context, _: click.Parameter | None, incomplete: str
) -> list[str]:
    """Complete the name of a template."""
    from wizard.templates.library import template_names

    names = template_names(_home(context))
    return [name for name in names if name.startswith(incomplete)]


def complete_source(
    context: click.Context, _: click.Parameter | None, incomplete: str
) -> "list[CompletionItem]":
    """Complete an id or the name of a template; if none matches, a file."""
    from click.shell_completion import CompletionItem

    ids = incomplete and [
        *complete_draft(context, None, incomplete),
        *complete_receipt(context, None, incomplete),
        *map(CompletionItem, complete_template(context, None, incomplete)),
    ]
    return ids or [CompletionItem(incomplete, type="file")]


def _home(context: click.Context) -> "Path":
    return context.ensure_object(CommonOptions).home_folder()


def _ids(
    context: click.Context, _: click.Parameter | None, incomplete: str, *, sql: str
) -> "list[CompletionItem]":
    """Return the newest ids that begin with `incomplete`, with the names of the assistants."""
    import sqlite3

    from click.shell_completion import CompletionItem

    from wizard.commands.output import visible

    try:
        # Read-only: completion must not create or repair the file.
        uri = f"{(_home(context) / 'wizard.sqlite3').absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, timeout=0.2)) as connection:
            rows = connection.execute(sql).fetchall()
    except (sqlite3.Error, OSError, ValueError):
        return []
    found = [(str(i), str(name)) for i, name in rows if str(i).startswith(incomplete)]
    # `visible`, because the scripts of the shells split at line ends.
    return [CompletionItem(i, help=visible(name) or None) for i, name in found[:_MAX_IDS]]


_DRAFTS = "SELECT id, name FROM drafts WHERE deleted IS {} ORDER BY updated DESC"
_RECEIPTS = (
    "SELECT id, name FROM (SELECT id, name, sent FROM receipts UNION ALL "
    "SELECT id, name, sent FROM updates) ORDER BY sent DESC"
)
complete_draft = partial(_ids, sql=_DRAFTS.format("NULL"))
complete_deleted_draft = partial(_ids, sql=_DRAFTS.format("NOT NULL"))
complete_receipt = partial(_ids, sql=_RECEIPTS)


def complete_answer(
    _: click.Context | None, __: click.Parameter | None, incomplete: str
) -> list[str]:
    """Complete the FIELD of FIELD=VALUE, then the value if the field has a list of values.

    Typed indexes are kept; a missing one is 0.
    """
    name, equals, value = incomplete.partition("=")
    indexes = _INDEX.findall(name)
    typed = _INDEX.sub("[]", name)
    if equals:
        values = [value for field, enum in _fields() if field == typed for value in enum]
        return [f"{name}={each}" for each in values if str(each).startswith(value)]
    return [
        f"{_with_indexes(field, indexes)}=" for field, _ in _fields() if field.startswith(typed)
    ]


def _with_indexes(field: str, indexes: list[str]) -> str:
    given = iter(indexes)
    return re.sub(r"\[\]", lambda _: f"[{next(given, '') or 0}]", field)


def _fields() -> Iterator[tuple[str, list[Any]]]:
    """Yield the fields with their lists of values.

    They are read from the published facts, because importing the model takes three times as long
    as the rest.
    """
    import json
    from importlib.resources import files

    facts = json.loads(files("wizard.contract").joinpath("openapi_facts.json").read_text("utf-8"))
    for path, fact in facts.items():
        yield _with_brackets(path.split("."), facts), fact.get("enum", [])


def _with_brackets(parts: list[str], facts: dict[str, Any]) -> str:
    """Return a path with brackets after each list."""
    path = ""
    for end, part in enumerate(parts, 1):
        is_list = end < len(parts) and facts[".".join(parts[:end])]["type"] == "array"
        path += f".{part}" + ("[]" if is_list else "")
    return path[1:]
