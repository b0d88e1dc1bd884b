"""The commands on drafts: list, print, delete, restore them, and back them up."""

import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from wizard.commands.kept import SEE_DRAFTS, ago, find, find_draft, kept
from wizard.commands.output import say, say_document, say_json, tell
from wizard.commands.table import in_columns
from wizard.contract.masking import masked
from wizard.contract.steps import STEPS
from wizard.draft.draft import Draft
from wizard.errors import Damaged, InUse, NoSuch, NotWritten
from wizard.formats.files import new_file
from wizard.formats.json_text import dump
from wizard.storage.session import Session
from wizard.storage.sqlite_file import FILE_NAME
from wizard.storage.store import KEPT_DAYS, DraftLine, Opened, Store

SEE_DELETED: Final = f"{SEE_DRAFTS} --deleted"

_TITLES: Final = {info.step: info.title for info in STEPS}
_CUT: Final = {1: (48, 8), 2: (24, 6)}


def run(home: Path, *, deleted: bool, as_json: bool) -> int:
    """List the drafts, or those that were deleted."""
    with kept(home) as store:
        lines, now = store.drafts(deleted=deleted), store.clock()
    if as_json:
        for line in lines:
            say_json(_as_json(line))
    elif lines:
        for told in _table(lines, now, deleted=deleted):
            say(told)
    else:
        say(
            "No draft was deleted in the last 30 days."
            if deleted
            else "There are no drafts: qcall-wizard begins one, and keeps it as it is typed."
        )
    return 0


def show(home: Path, wanted: str) -> int:
    """Print a draft's payload as it stands, and say what is missing or wrong."""
    with kept(home) as store:
        lines = [*store.drafts(), *store.drafts(deleted=True)]
        draft = store.load(find(wanted, [line.id for line in lines], "draft", SEE_DRAFTS))
    say_document(dump(masked(draft.compose())))
    for told in _missing(draft):
        tell(told)
    return 0


def delete(home: Path, wanted: str) -> int:
    """Delete a draft, for 30 days not for good; InUse where a wizard has it open."""
    with kept(home, to_change=True) as store:
        line = find_draft(store, wanted)
        _delete(home, store, line.id)
    tell(
        f"The draft {line.id} ({line.name}) is deleted. For {KEPT_DAYS} days "
        f"`qcall-wizard drafts restore {line.id}` brings it back."
    )
    return 0


def restore(home: Path, wanted: str) -> int:
    """Bring a deleted draft back."""
    with kept(home, to_change=True) as store:
        lines = {line.id: line for line in store.drafts(deleted=True)}
        line = lines[find(wanted, lines, "deleted draft", SEE_DELETED)]
        store.restore(line.id)
    tell(
        f"The draft {line.id} ({line.name}) is back: `qcall-wizard --draft {line.id}` goes on "
        "with it."
    )
    return 0


def backup(home: Path, name: str, *, over: bool) -> int:
    """Copy drafts, receipts and settings to one file; NotWritten."""
    with kept(home) as store:
        if not os.path.lexists(home / FILE_NAME):
            raise NoSuch(f"there is nothing to back up: no drafts are kept in {home}")
        if os.path.realpath(name).startswith(os.path.realpath(home / FILE_NAME)):
            raise NotWritten(f"{name} is what is backed up: name a file in another folder")
        with new_file(name, over=over) as part:
            store.database.backup(part)
        count = len(store.drafts())
    tell(f"Written to {name}: {count} draft{'' if count == 1 else 's'}, and the receipts.")
    return 0


def _delete(home: Path, store: Store, draft_id: str) -> None:
    """Delete a draft while nobody else can have it open."""
    session = Session(home, Opened(store))
    try:
        # What cannot be read any more can still be deleted.
        with suppress(Damaged):
            session.open(draft_id)
        store.delete(draft_id)
    except InUse:
        raise InUse(
            f"the draft {draft_id} is open in a wizard: leave that one, then delete it"
        ) from None
    finally:
        session.close()


def _as_json(line: DraftLine) -> dict[str, Any]:
    return {
        "id": line.id,
        "name": line.name,
        "step": line.step,
        "created": line.created.isoformat(),
        "updated": line.updated.isoformat(),
        "deleted": line.deleted.isoformat() if line.deleted else None,
    }


def _table(lines: list[DraftLine], now: datetime, *, deleted: bool) -> Iterator[str]:
    last = ("DELETED", "KEPT FOR") if deleted else ("CHANGED",)
    rows = [("ID", "NAME", "STEP", *last), *(_row(line, now) for line in lines)]
    yield from in_columns(rows, _CUT) or (" · ".join(row) for row in rows[1:])


def _row(line: DraftLine, now: datetime) -> tuple[str, ...]:
    head = (line.id, line.name, _TITLES[line.step])
    if line.deleted is None:
        return (*head, ago(line.updated, now))
    return (*head, ago(line.deleted, now), _days_left(line.deleted, now))


def _days_left(deleted: datetime, now: datetime) -> str:
    left = max(0, (deleted + timedelta(days=KEPT_DAYS) - now).days)
    return "1 more day" if left == 1 else f"{left} more days" if left else "less than a day"


def _missing(draft: Draft) -> Iterator[str]:
    problems = draft.problems()
    if problems:
        count = "1 thing is" if len(problems) == 1 else f"{len(problems)} things are"
        yield f"The draft {draft.id} is not ready to be sent: {count} missing or wrong."
    for problem in problems:
        yield f"  {problem}"
