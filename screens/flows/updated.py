"""What an update leaves: the draft goes on from the assistant as it is now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.api.outcomes import Outcome
from wizard.api.update_outcomes import Updated
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
    if not isinstance(outcome, Updated):
        return
    app.account.forget()
    draft, target = app.draft, app.settings.target
    origin, record = draft.origin, outcome.record
    if origin is None or record is None or origin.assistant != outcome.assistant_id:
        return
    lost = {str(paths.parse(path)[0]) for path in outcome.not_kept}
    kept = origin.changed(draft.answers) - lost if _is_sent_from(draft.id, app, outcome) else ()
    draft.rebase(Origin.of(record, target.base_url), kept)
    app.editing = record.name
    app.session.note_created(draft.id, updated_line(outcome, record.name, target))
    app.session.finish_update()


def _is_sent_from(draft_id: str, app: FlowApp, outcome: Updated) -> bool:
    """Whether the changes that were sent are those of a draft."""
    try:
        return app.session.update_receipts.get(outcome.receipt).draft == draft_id
    except WizardError:
        return True  # it was sent by this wizard, whose receipt cannot be read now
