"""The assistants of an account as lines of a list, without their texts."""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from wizard.api.records import Listing, Record


class AssistantLine(NamedTuple):
    """An assistant in a list. `flaw` is a clause that says why it cannot be updated.

    `record` is the whole assistant if it cannot be read by its id: it has none, or shares it.
    """

    id: str
    name: str
    company: str
    type: str
    language: str
    changed: str
    flaw: str = ""
    record: Record | None = None


def assistant_lines(listing: Listing) -> Iterator[AssistantLine]:
    """Yield the lines of a list, in its order."""
    repeated = listing.repeated
    for record in listing.records:
        is_shared = not repeated.isdisjoint(record.ids)
        flaw = "more than one assistant has its id" if is_shared else record.flaw
        yield AssistantLine(
            record.id,
            record.name,
            record.shown("company_name"),
            record.shown("type"),
            record.shown("language"),
            record.changed,
            flaw,
            None if record.id and not is_shared else replace(record, flaw=flaw),
        )
