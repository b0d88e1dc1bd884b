"""What an update leaves: the draft goes on from the assistant as it is now."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from wizard.api.outcomes import Outcome
from wizard.api.update_outcomes import Unchanged, Updated
from wizard.api.updates import Updates, updated_line
from wizard.draft.origin import Origin
from wizard.errors import WizardError
from wizard.formats import paths

if TYPE_CHECKING:
    from screens.services import FlowApp


def updates_of(app: FlowApp) -> Updates:
    """Return the updates of the current target."""
    settings, session = app.settings, app.session
    return Updates(
        app.client,
        session.update_receipts,
        settings.target,
        key=settings.key,
        home=session.home,
    )


def note_if_updated(app: FlowApp, outcome: Outcome | None) -> None:
    """Go on from what was read back: only what was not kept is still a change of the draft."""
    if not isinstance(outcome, Updated | Unchanged):
        return
    app.account.forget()
    draft, target = app.draft, app.settings.target
    origin, record = draft.origin, outcome.record
    if origin is None or record is None or origin.assistant != outcome.assistant_id:
        return
    draft.rebase(Origin.of(record, target.base_url), _kept(app, origin, outcome))
    app.editing = record.name
    if isinstance(outcome, Updated):
        app.session.note_created(draft.id, updated_line(outcome, record.name, target))
    app.session.finish_update()


def _kept(app: FlowApp, origin: Origin, outcome: Updated | Unchanged) -> Collection[str]:
    """The members that the draft changed, and that are at QCall now."""
    changed = origin.changed(app.draft.answers)
    if isinstance(outcome, Unchanged):
        return changed
    try:
        is_of_draft = app.session.update_receipts.get(outcome.receipt).draft == app.draft.id
    except WizardError:
        is_of_draft = True  # it was sent just now, and its receipt cannot be read
    return changed - {str(paths.parse(path)[0]) for path in outcome.not_kept} if is_of_draft else ()
