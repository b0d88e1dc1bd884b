"""Every outcome of an update of an existing assistant.

Outcome
├── Updated           the server confirmed it, or the record that was read shows it
├── Withheld          nothing was sent, deliberately
│   ├── Unchanged         there is nothing to change
│   ├── OnlyKeyLost       nothing but a widget's key was to put back, and it is kept nowhere
│   ├── ChangedAtQCall    it was changed at QCall since it was opened
│   ├── NotThere          there is no such assistant
│   ├── NotRead           it could not be read before the update
│   ├── NotUpdatable      it cannot be written back without a loss
│   ├── NotApplied        an earlier update never arrived
│   ├── BeingUpdated      it is being updated right now
│   └── UpdateNoReceipt   the receipt could not be written before sending
├── ReadRefused       the server did not accept the key when it was read, so nothing was sent
├── Refused, Redirected, KeyRefused, RateLimited, NotSent    as for a submission
└── UpdateUnknown     the request left, and reading the assistant does not show the result
    └── UpdatePending     an earlier update may still arrive, so nothing was sent
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from wizard.api.outcomes import (
    Outcome,
    Refused,
    Unknown,
    Withheld,
    duration,
    local_time,
)
from wizard.errors import FAILED, AssistantsUnavailable, NoAssistant
from wizard.formats import paths
from wizard.formats.paths import Path

if TYPE_CHECKING:
    from wizard.api.records import Record
    from wizard.exchange.merging import MemberChange


@dataclass(frozen=True)
class Updated(Outcome):
    """The assistant was replaced. `changes` are the paths of the changed members.

    `not_kept` are those that were read back differently, `besides` other members that differ from
    what was sent. `record` is what was read back; `is_read` is false if that failed. `is_found`:
    the server did not confirm it, but the record that was read shows it.
    """

    assistant_id: str
    changes: tuple[str, ...] = ()
    not_kept: tuple[str, ...] = ()
    besides: tuple[str, ...] = ()
    is_read: bool = True
    is_found: bool = False
    record: "Record | None" = field(default=None, repr=False, compare=False)

    kind = "updated"
    exit_code = 0

    @property
    def title(self) -> str:
        """A short title."""
        if not self.is_read:
            return "Updated: not read back"
        return "Updated, but not all was kept" if self.differences else "Updated"

    @property
    def differences(self) -> tuple[str, ...]:
        """Every path that was read back differently."""
        return (*self.not_kept, *self.besides)

    @property
    def sentence(self) -> str:
        """Whether all changes were kept, and which were not."""
        said = "The server did not confirm it, but the assistant was changed. " * self.is_found
        if not self.is_read:
            return f"{said}The assistant was updated, but it could not be read back to check it."
        count = len(self.changes)
        if not self.not_kept:
            all_kept = "The change was kept." if count == 1 else f"All {count} changes kept."
        else:
            all_kept = f"QCall did not keep {_listed(map(paths.parse, self.not_kept))}."
        others = _listed(map(paths.parse, self.besides))
        besides = f" QCall also changed {others}." if others else ""
        return said + all_kept + besides


@dataclass(frozen=True)
class Unchanged(Withheld):
    """The assistant is already as it should be; `record` is what it is."""

    assistant_id: str
    record: "Record | None" = field(default=None, repr=False, compare=False)

    exit_code = 0
    title = "Unchanged"
    sentence = "There is nothing to change: the assistant is already like this. Nothing was sent."


KEY_NOT_RESTORED = (
    "The key of the widget was not put back, because a receipt does not keep it: enter it again."
)


@dataclass(frozen=True)
class OnlyKeyLost(Withheld):
    """Only a widget's key is to be put back, and no receipt has it."""

    title = "Not sent: the key of the widget cannot be put back"
    sentence = f"{KEY_NOT_RESTORED} Nothing else differs. Nothing was sent."


@dataclass(frozen=True)
class ChangedAtQCall(Withheld):
    """It was changed at QCall since it was opened; `record` is what it is now.

    `changes` are the members that changed on either side.
    """

    record: "Record" = field(repr=False)
    changes: "tuple[MemberChange, ...]"

    title = "Not sent: changed at QCall"

    @property
    def theirs(self) -> tuple[str, ...]:
        """The names of the members that were changed at QCall."""
        return tuple(change.name for change in self.changes if change.is_theirs)

    @property
    def conflicts(self) -> tuple[str, ...]:
        """The names of the members that were changed on both sides, differently."""
        return tuple(change.name for change in self.changes if change.is_conflict)

    @property
    def sentence(self) -> str:
        """Which members were changed, and how to go on."""
        theirs = _listed((name,) for name in self.theirs)
        both = _listed((name,) for name in self.conflicts)
        in_conflict = f" Both sides changed {both}." if both else ""
        return (
            f"The assistant was changed at QCall since it was read: {theirs}.{in_conflict} "
            "Nothing was sent."
        )


@dataclass(frozen=True)
class NotThere(Withheld):
    """There is no such assistant, or the id is ambiguous."""

    why: str
    is_ambiguous: bool = False

    exit_code = FAILED

    @property
    def title(self) -> str:
        """A short title."""
        what = "more than one assistant has the id" if self.is_ambiguous else "no such assistant"
        return f"Not sent: {what}"

    @property
    def sentence(self) -> str:
        """Why it was not found."""
        return f"{self.why} Nothing was sent."


@dataclass(frozen=True)
class NotRead(Withheld):
    """The assistant could not be read before the update."""

    why: str

    title = "Not sent: it could not be read"

    @property
    def sentence(self) -> str:
        """Why it could not be read."""
        return f"{self.why} Nothing was sent, because an update needs the assistant as it is now."


@dataclass(frozen=True)
class ReadRefused(Outcome):
    """The server did not accept the key, so the assistant could not be read."""

    why: str

    kind = "refused"
    exit_code = 3
    title = "Not sent: the server refused to return it"

    @property
    def sentence(self) -> str:
        """Why it was refused."""
        return f"{self.why} Nothing was sent."


def not_read(trouble: AssistantsUnavailable) -> NotThere | NotRead | ReadRefused:
    """Return the outcome of an update whose assistant could not be read."""
    if isinstance(trouble, NoAssistant):
        return NotThere(str(trouble), trouble.is_ambiguous)
    is_refused = trouble.exit_code == ReadRefused.exit_code
    return ReadRefused(str(trouble)) if is_refused else NotRead(str(trouble))


@dataclass(frozen=True)
class NotUpdatable(Withheld):
    """The record cannot be written back without a loss. `why` is a clause."""

    why: str

    title = "Not sent: it cannot be updated"

    @property
    def sentence(self) -> str:
        """Why it cannot be updated, and what can be done instead."""
        return (
            f"This assistant cannot be updated: {self.why}. It can be shown and copied. Nothing "
            "was sent."
        )


@dataclass(frozen=True)
class NotApplied(Withheld):
    """An earlier update without an answer never arrived.

    `is_sure` is false if it changed a widget's key alone, and that key has no hash.
    """

    when: datetime
    is_sure: bool = True

    title = "Not updated"

    @property
    def sentence(self) -> str:
        """Which update it is."""
        if not self.is_sure:
            return (
                f"The update of {local_time(self.when)} had no answer. It changed the key of the "
                "widget alone, so it cannot be known whether it arrived: look at the key at QCall."
            )
        return (
            f"The update of {local_time(self.when)} had no answer, and the assistant does not have "
            "its changes: it never arrived."
        )


@dataclass(frozen=True)
class BeingUpdated(Withheld):
    """The same assistant is being updated right now, by this process or another one."""

    title = "Not sent: already being updated"
    sentence = (
        "This assistant is being updated right now, by this wizard or another one, so nothing was "
        "sent. Wait for that update, then try again."
    )


@dataclass(frozen=True)
class UpdateNoReceipt(Withheld):
    """The receipt cannot be written."""

    trouble: str

    title = "Not sent: the receipt could not be written"

    @property
    def sentence(self) -> str:
        """Why the receipt failed."""
        return (
            f"The receipt could not be written, so nothing was sent: without it the old assistant "
            f"could not be put back. {self.trouble} Fix that, then try again."
        )


@dataclass(frozen=True)
class UpdateUnknown(Unknown):
    """The request left, and its result is unknown. `why` is a sentence about the reading."""

    why: str = ""

    again = False

    @property
    def sentence(self) -> str:
        """What happened, and how to find out."""
        return (
            f"{self.reason.sentence} {self.why} The assistant may have been changed, or may still "
            "be: look at it before you update it again."
        )


@dataclass(frozen=True)
class UpdatePending(UpdateUnknown):
    """An earlier update without an answer (`receipt`) may still arrive, so nothing was sent."""

    when: datetime = field(kw_only=True)
    wait: float = field(kw_only=True)

    title = "Unknown: an earlier update is unresolved"

    @property
    def sentence(self) -> str:
        """Which update it is, and when to try again."""
        return (
            f"The update of {local_time(self.when)} had no answer and is not in the assistant yet. "
            f"It may still arrive, so nothing was sent now. Try again in {duration(self.wait)}."
        )


def of_update(outcome: Outcome) -> Outcome:
    """Return the outcome of an update for one that is worded for a creation."""
    if not isinstance(outcome, Unknown):
        return replace(outcome, is_update=True)
    words: dict[str, Any] = {"status": outcome.status, "message": outcome.message}
    if outcome.status in {404, 405}:
        return Refused(**words, is_update=True)
    return UpdateUnknown(outcome.reason, **words)


def _listed(fields: Iterable[Path]) -> str:
    """Return the labels of fields for a sentence."""
    from wizard.contract.assistant import labels_of  # noqa: PLC0415 - loads pydantic

    labels = list(map(labels_of, fields))
    shown = ("; " if any(", " in label for label in labels) else ", ").join(labels[:_MOST_LABELS])
    more = len(labels) - _MOST_LABELS
    return f"{shown} and {more} more" if more > 0 else shown


_MOST_LABELS: Final = 8
