"""Updates an existing assistant as lines of text: asks, sends once, and reports the outcome."""

from collections.abc import Collection
from typing import Any, Final

from wizard.api.outcomes import Outcome, Unknown
from wizard.api.update_draft import settle_draft, update_draft, why_not_updated
from wizard.api.update_outcomes import ChangedAtQCall, Updated
from wizard.contract.assistant import labels_of
from wizard.draft.origin import Origin
from wizard.draft.placeholder_hints import labelled
from wizard.errors import WizardError
from wizard.exchange.merging import MemberChange
from wizard.plain.asking import choose
from wizard.plain.conversation_state import Context
from wizard.plain.listing import Listing
from wizard.plain.navigation import LEAVE, REVIEW, Navigation, Way
from wizard.plain.wording import change_lines, ended, outcome_lines

_SIDES: Final = {False: "Mine", True: "As it is at QCall"}


class Updating:
    """Sends the changes of the open draft."""

    def __init__(self, context: Context) -> None:
        self._context, self._console = context, context.console

    def ask(self) -> Navigation | None:
        """Ask whether to update, and do it; return the next place, None for the review."""
        context, draft = self._context, self._context.draft
        if problems := draft.problems():
            self._console.refuse(f"Not ready. {ended(labelled(draft, problems[0]))}")
            return None
        if why := why_not_updated(draft, context.target):
            self._console.refuse(why)
            return None
        if context.settings.key is None:
            context.ask_key()
        name = draft.origin.record.name if draft.origin else ""
        agreed = context.agrees(f"Update {name} {context.target.place}?")
        if agreed is True:
            return self._send()
        self._console.say("Nothing was sent.")
        return agreed or None

    def _send(self) -> Navigation | None:
        context = self._context
        outcome = self._sent()
        while isinstance(outcome, ChangedAtQCall):
            theirs = self._choose_sides(outcome)
            if isinstance(theirs, Navigation):
                return theirs
            if theirs is None:
                self._console.say("Nothing was sent.")
                return None
            context.draft.rebase(Origin.of(outcome.record, context.target.base_url), theirs)
            context.keep()
            outcome = self._sent()
        return self._after(outcome)

    def _sent(self) -> Outcome:
        context = self._context
        self._console.say("Sending. Please wait.")
        key = context.settings.key
        return context.send(update_draft(context.session, self._context.updates, key))

    def _choose_sides(self, outcome: ChangedAtQCall) -> Collection[str] | Navigation | None:
        """Ask for each member that both sides changed whose value counts; None sends nothing."""
        self._console.say(outcome.sentence)
        theirs = []
        for change in outcome.changes:
            if change.is_theirs:
                self._say_sides(change)
            if change.is_conflict:
                label = labels_of((change.name,))
                chosen = choose(self._context, Listing(_SIDES.items()), f"{label}, whose value:")
                if isinstance(chosen, Navigation):
                    return chosen
                theirs += [change.name] if chosen else []
        agreed = self._context.agrees("Send this?")
        return theirs if agreed is True else agreed or None

    def _say_sides(self, change: MemberChange) -> None:
        """Say what each side changed in a member."""
        before, mine, theirs = map(change.shown, (change.before, change.mine, change.theirs))
        self._console.say_apart(f"{labels_of((change.name,))}.")
        if change.is_mine:
            self._console.say("Yours:")
            self._console.say_all(change_lines(before, mine))
        self._console.say("At QCall:")
        self._console.say_all(change_lines(before, theirs))

    # --- afterwards

    def _after(self, outcome: Outcome) -> Navigation | None:
        """Report the outcome, and ask for the next action."""
        context = self._context
        context.outcome = outcome
        settle_draft(context.session, outcome, context.target)
        self._console.say()
        self._console.say_all(outcome_lines(outcome))
        is_done = isinstance(outcome, Updated)
        if is_done and not self._console.has_terminal:
            return LEAVE
        self._console.say("What next?")
        ways = {"review": "Back to the review"}
        ways |= {"restore": "Put the old one back"} if is_done else {}
        is_open = isinstance(outcome, Unknown) and outcome.receipt
        ways |= {"check": "Read the assistant again"} if is_open else {}
        ways |= {"leave": "Quit"}
        chosen = choose(context, Listing(ways.items()), "Choose:")
        if isinstance(chosen, Navigation):
            return REVIEW if chosen.way is Way.BACK else chosen
        return self._take(chosen, outcome)

    def _take(self, way: str, outcome: Outcome) -> Navigation | None:
        match way:
            case "restore":
                agreed = self._context.agrees("Put the old one back?")
                if agreed is not True:
                    return agreed or None
                return self._tried(self._context.updates.restore(outcome.receipt))
            case "check":
                receipts = self._context.session.update_receipts
                return self._tried(self._context.updates.look_up(receipts.get(outcome.receipt)))
            case _:
                return LEAVE if way == "leave" else None

    def _tried(self, doing: Any) -> Navigation | None:
        try:
            found = self._context.runner.run(doing)
        except WizardError as error:
            self._console.say(ended(str(error)))
            return None
        return self._after(found) if found else None
