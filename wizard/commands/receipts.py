"""The commands on receipts: list what was sent, and print all that is known of one attempt."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from wizard.api.outcomes import local_time
from wizard.api.receipt_store import Known, Receipt, Receipts
from wizard.commands.kept import ago, find, kept
from wizard.commands.output import say, say_document, say_json, tell
from wizard.commands.table import in_columns
from wizard.storage.store import Store

SEE: Final = "qcall-wizard receipts"

_UNANSWERED: Final = "Unknown: no answer was kept"
_HEAD: Final = ("ID", "SENT", "TARGET", "NAME", "OUTCOME", "ASSISTANT")
_CUT: Final = {2: (28, 8), 3: (36, 6), 4: (40, 8)}


def run(home: Path, *, as_json: bool) -> int:
    """List the receipts, the newest first."""
    with kept(home) as store:
        receipts, now = open_receipts(store).all(), store.clock()
    if as_json:
        for receipt in receipts:
            say_json(_as_json(receipt))
    elif receipts:
        rows = [_HEAD, *(_row(receipt, now) for receipt in receipts)]
        for line in in_columns(rows, _CUT) or (" · ".join(filter(None, row)) for row in rows[1:]):
            say(line)
    else:
        say("There are no receipts: nothing was sent yet.")
    return 0


def show(home: Path, wanted: str, *, as_json: bool, body: bool) -> int:
    """Print what a receipt knows, or the body alone."""
    with kept(home) as store:
        receipt, now = find_receipt(store, wanted), store.clock()
    if body:
        say_document(receipt.body)
    elif as_json:
        say_json(_as_json(receipt) | {"body": receipt.body})
    else:
        for label, value in _told(receipt, now):
            if value:
                say(f"{label}: {value}")
        if receipt.is_open and not receipt.settled:
            tell(
                "Nobody knows yet what became of this attempt: look at the list of your "
                "assistants before you send it again."
            )
    return 0


def open_receipts(store: Store) -> Receipts:
    """The receipts in a store."""
    return Receipts(store.database, store.clock)


def find_receipt(store: Store, wanted: str) -> Receipt:
    """A receipt by the beginning of its id; NoSuch."""
    receipts = {receipt.id: receipt for receipt in open_receipts(store).all()}
    return receipts[find(wanted, receipts, "receipt", SEE)]


def _row(receipt: Receipt, now: datetime) -> tuple[str, ...]:
    return (
        receipt.id,
        ago(receipt.sent, now),
        receipt.host,
        receipt.name,
        receipt.title or _UNANSWERED,
        receipt.assistant_id or "",
    )


def _as_json(receipt: Receipt) -> dict[str, Any]:
    """The receipt for programs; what `submit --json` tells too has the same name here."""
    return {
        "receipt": receipt.id,
        "outcome": receipt.kind or "unknown",
        "id": receipt.assistant_id,
        "status": receipt.status,
        "message": receipt.message,
        "title": receipt.title or _UNANSWERED,
        "name": receipt.name,
        "company_name": receipt.company,
        "target": receipt.target,
        "host": receipt.host,
        "draft": receipt.draft,
        "sent": receipt.sent.isoformat(),
        "seconds": receipt.seconds,
        "settled": receipt.settled.isoformat() if receipt.settled else None,
        "hash": receipt.hash,
        "key_end": receipt.key_end,
        "known": _known_json(receipt.known),
    }


def _known_json(known: Known | None) -> dict[str, Any] | None:
    return {"ids": sorted(known.ids), "without_id": known.without} if known else None


def _told(receipt: Receipt, now: datetime) -> Iterator[tuple[str, str]]:
    """Everything that is known, in the order in which it is asked for."""
    yield "receipt", receipt.id
    yield "outcome", receipt.title or _UNANSWERED
    yield "assistant", receipt.assistant_id or ""
    yield "status", str(receipt.status or "")
    yield "message", " ".join(receipt.message.split())
    yield "name", receipt.name
    yield "company", receipt.company
    yield "target", f"{receipt.host} ({receipt.target})"
    yield "draft", receipt.draft
    yield "sent", f"{local_time(receipt.sent)} ({ago(receipt.sent, now)})"
    yield "took", "" if receipt.seconds is None else f"{receipt.seconds:.1f} s"
    yield "settled", local_time(receipt.settled) if receipt.settled else ""
    yield "hash", f"sha256 {receipt.hash}"
    yield "key", f"salted hash {receipt.key_end}" if receipt.key_end else ""
    yield "known before", _known_told(receipt.known)


def _known_told(known: Known | None) -> str:
    """Which assistants of the same name and company there were already."""
    if known is None:
        return "not known"
    unnamed = [f"{known.without} without an id"] if known.without else []
    return ", ".join([*sorted(known.ids), *unnamed]) or "none of this name and company"
