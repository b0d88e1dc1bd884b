"""Sends a draft that changes an existing assistant, and goes on from what was read back."""

from collections.abc import Collection

from wizard.api.outcomes import Outcome
from wizard.api.records import Record
from wizard.api.update_outcomes import Unchanged, Updated
from wizard.api.updates import Updates, Wanted, why_none_sent
from wizard.draft.draft import Draft
from wizard.draft.origin import Origin
from wizard.errors import WizardError
from wizard.formats import paths
from wizard.formats.payload_identity import normalized_url
from wizard.secret import SecretStr
from wizard.settings import Target
from wizard.storage.session import Session


def why_not_updated(draft: Draft, target: Target) -> str:
    """Return why a draft without errors cannot be sent, as a sentence; empty if it can."""
    origin = draft.origin
    if origin is None or not origin.changed(draft.answers):
        return "Nothing is changed yet."
    if origin.record.flaw:
        return origin.record.warning
    if origin.target != normalized_url(target.base_url):
        return of_another_target(origin.label, target)
    return ""


def of_another_target(there: str, here: Target) -> str:
    """Return the sentence about an assistant of another target than the current one."""
    return f"This assistant belongs to {there}. The current target is {here.label}."


async def update_draft(session: Session, updates: Updates, key: SecretStr | None) -> Outcome:
    """Update the assistant that the current draft changes. Raises only CancelledError."""
    draft = session.draft
    assert draft.origin  # noqa: S101 - for the type checker
    if outcome := why_none_sent(session.trouble, key):
        return outcome
    wanted = Wanted(draft.origin.record, draft.preview())
    return await updates.update(wanted, draft_id=draft.id)


def settle_draft(session: Session, outcome: Outcome | None, target: Target) -> Record | None:
    """Go on from what was read back: only what was not kept is still a change of the draft.

    Returns the assistant as it is now; None if it is not known, or is not that of the draft.
    """
    draft = session.draft
    origin = draft.origin
    if not isinstance(outcome, Updated | Unchanged) or outcome.record is None or origin is None:
        return None
    if origin.assistant != outcome.assistant_id:
        return None
    draft.rebase(Origin.of(outcome.record, target.base_url), _kept(session, origin, outcome))
    if isinstance(outcome, Updated):
        name, receipt = outcome.record.name, outcome.receipt
        line = f"{name} was updated {target.place}. {outcome.sentence} Receipt {receipt}."
        session.note_created(draft.id, line)
    session.finish_update()
    return outcome.record


def _kept(session: Session, origin: Origin, outcome: Updated | Unchanged) -> Collection[str]:
    """The members that the draft changed, and that are at QCall now."""
    draft = session.draft
    changed = origin.changed(draft.answers)
    if isinstance(outcome, Unchanged):
        return changed
    try:
        is_of_draft = session.update_receipts.get(outcome.receipt).draft == draft.id
    except WizardError:
        is_of_draft = True  # it was sent just now, and its receipt cannot be read
    return changed - {str(paths.parse(path)[0]) for path in outcome.not_kept} if is_of_draft else ()
