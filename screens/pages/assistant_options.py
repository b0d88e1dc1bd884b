"""The assistants of the account as options of the start page."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from textual.content import Content

from screens.pages.start_option import StartOption, detail, start_option
from wizard.storage.session import ago

if TYPE_CHECKING:
    from wizard.api.assistant_lines import AssistantLine
    from wizard.api.records import Listing

_AGAIN = "Ctrl+R reads the list again."


def assistant_options(listing: Listing, now: datetime) -> list[StartOption]:
    """Return the options, one for each assistant in the order of the list."""
    # The first screen is painted without the contract.
    from wizard.api.assistant_lines import assistant_lines  # noqa: PLC0415

    return [_option(n, line, now) for n, line in enumerate(assistant_lines(listing))]


def _option(number: int, line: AssistantLine, now: datetime) -> StartOption:
    beside = " · ".join(filter(None, (line.company, line.type, language_of(line))))
    words = f"assistant qcall {line.id} {line.language}"
    look = partial(_detail, line, now)
    option = start_option("assistant", str(number), line.name, beside, look, words=words)
    return option._replace(line=line)


def _detail(line: AssistantLine, now: datetime, option: StartOption) -> Content:
    facts = [f"Its id is {line.id}." if line.id else "It has no id."]
    facts += [f"Changed {changed_words(line, now)}."] if line.changed else []
    if line.flaw:
        facts += [f"It cannot be updated: {line.flaw}. Press Enter to look at it or to copy it."]
    else:
        facts += ["Press Enter to open it and to change it."]
    return detail(option.title, option.beside, f"{' '.join(facts)} {_AGAIN}")


def language_of(line: AssistantLine) -> str:
    """The languages in words, or as QCall has them."""
    from wizard.contract.app_forms import language_words  # noqa: PLC0415 - see `assistant_options`

    return language_words(line.language) or line.language


def changed_words(line: AssistantLine, now: datetime) -> str:
    """How long ago it was changed, or the time as QCall writes it."""
    try:
        changed = datetime.fromisoformat(line.changed)
    except ValueError:
        return line.changed
    return ago(changed if changed.tzinfo else changed.replace(tzinfo=UTC), now)


def trouble_option(trouble: str) -> StartOption:
    """The option that says what could not be read; it reads the list again."""
    title = "Some could not be read" if "item" in trouble else "Could not be read"
    beside = "Enter tries again"
    look = detail(title, beside, trouble)
    return start_option("reread", "", title, beside, lambda _: look, words="assistant qcall")


def list_option(place: str) -> StartOption:
    """The option that opens the list of all assistants."""
    words = "assistants existing change edit update qcall list"
    look = partial(_list_detail, place)
    return start_option("assistants", "", "Open an assistant …", "", look, words=words)


def _list_detail(place: str, option: StartOption) -> Content:
    return detail(
        "Open an assistant",
        option.beside,
        f"Lists the assistants that exist {place}. One that is opened can be changed and put back "
        "without a loss, or copied.",
    )
