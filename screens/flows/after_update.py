"""What an update leaves: the screens go on from the assistant as it is now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.api.outcomes import Outcome
from wizard.api.update_draft import settle_draft
from wizard.api.update_outcomes import Updated
from wizard.api.updates import Updates

if TYPE_CHECKING:
    from screens.flows.flow_app import FlowApp


def updates_of(app: FlowApp) -> Updates:
    """Return the updates of the current target."""
    receipts, target = app.session.update_receipts, app.settings.target
    return Updates(app.client, receipts, target, home=app.session.home)


def note_if_updated(app: FlowApp, outcome: Outcome | None) -> None:
    """Have the list read again after an update, and the draft go on from it."""
    if isinstance(outcome, Updated):
        app.account.forget()
    if record := settle_draft(app.session, outcome, app.settings.target):
        app.editing = record.name
