"""What the Tab key completes beside options: fields, values, and ids. Nothing slow is imported."""

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from click.shell_completion import CompletionItem

# So many ids are offered, the newest.
_MOST: Final = 50
_INDEX: Final = re.compile(r"\[(\d*)\]?")


def answers(incomplete: str) -> list[CompletionItem[str]]:
    """The fields that complete the FIELD of FIELD=VALUE, then the values of a closed list.

    The indexes that were typed are kept; where none was, it is the first item.
    """
    typed = iter(_INDEX.findall(incomplete))
    name, equals, value = incomplete.partition("=")
    plain = _INDEX.sub("[]", name)
    found: list[str] = []
    for field, enum in _fields():
        if equals and field == plain:
            found += [f"{name}={each}" for each in enum if str(each).startswith(value)]
        elif not equals and field.startswith(plain):
            found.append(f"{field}=")
    indexes = list(typed)
    return [CompletionItem(_with_indexes(each, indexes)) for each in found]


def _with_indexes(field: str, indexes: list[str]) -> str:
    given = iter(indexes)
    return re.sub(r"\[\]", lambda _: f"[{next(given, '') or 0}]", field)


def _fields() -> Iterator[tuple[str, list[Any]]]:
    """The fields with their closed lists, as the published facts have them.

    The questions would say the same, but building them takes three times as long as all the rest.
    """
    facts = json.loads(files("wizard.contract").joinpath("openapi_facts.json").read_text("utf-8"))
    for path, said in facts.items():
        yield _listed(path.split("."), facts), said.get("enum", [])


def _listed(parts: list[str], facts: dict[str, Any]) -> str:
    """A path with brackets behind the lists on its way."""
    told = ""
    for end, part in enumerate(parts, 1):
        is_list = end < len(parts) and facts[".".join(parts[:end])]["type"] == "array"
        told += f".{part}" + ("[]" if is_list else "")
    return told[1:]


def drafts(home: Path, incomplete: str, *, deleted: bool = False) -> list[CompletionItem[str]]:
    """The ids of drafts that begin so, the one that was changed last first, with their names."""
    which = "NOT NULL" if deleted else "NULL"
    asked = f"SELECT id, name FROM drafts WHERE deleted IS {which} ORDER BY updated DESC"  # noqa: S608
    return _ids(home, asked, incomplete)


def receipts(home: Path, incomplete: str) -> list[CompletionItem[str]]:
    """The ids of receipts that begin so, the newest first, with the names of what was sent."""
    return _ids(home, "SELECT id, name FROM receipts ORDER BY sent DESC", incomplete)


def _ids(home: Path, asked: str, incomplete: str) -> list[CompletionItem[str]]:
    from wizard.commands.output import visible

    try:
        # Only read: a Tab key makes no file, and mends none.
        address = f"{(home / 'wizard.sqlite3').absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, timeout=0.2)) as connection:
            rows = connection.execute(asked).fetchall()
    except (sqlite3.Error, OSError, ValueError):
        return []
    fitting = [(str(i), str(name)) for i, name in rows if str(i).startswith(incomplete)]
    # The shells' scripts split at line ends, and at commas.
    return [CompletionItem(i, help=visible(name) or None) for i, name in fitting[:_MOST]]
