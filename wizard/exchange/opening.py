"""Opens an existing assistant: a draft that changes it."""

from wizard.api.records import Record
from wizard.draft.draft import Draft
from wizard.draft.origin import Origin
from wizard.errors import Unreadable
from wizard.exchange.importing import too_large


def opened_draft(record: Record, base_url: str) -> Draft:
    """Return a draft that changes an assistant of a target.

    Raises Unreadable if it is too large for the form.
    """
    if reason := too_large(record.data):
        raise Unreadable(record.name, f"{reason}. `qcall-wizard update` takes any size")
    return Draft.opened(Origin.of(record, base_url))


def not_updatable(record: Record) -> str:
    """Return the sentence about a record that cannot be updated; empty if it can."""
    if not record.flaw:
        return ""
    return f"It cannot be updated: {record.flaw}. It can be looked at and copied."
