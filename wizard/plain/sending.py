"""Submits as lines of text: asks, sends once, and reports the outcome."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from wizard.api.next_steps import next_steps
from wizard.api.outcomes import Created, NoReceipt, NotSent, Outcome, Refused, Unknown
from wizard.api.reasons import NotSentReason
from wizard.api.submission import Submission
from wizard.contract.assistant import QUESTIONS
from wizard.contract.fields import find
from wizard.draft.placeholder_hints import labelled
from wizard.errors import WizardError
from wizard.plain.asking import choose
from wizard.plain.conversation_state import Context
from wizard.plain.listing import Listing
from wizard.plain.navigation import LEAVE, REVIEW, Navigation, Way
from wizard.plain.wording import ended

# How long the question waits for the list of assistants.
_LIST_SECONDS: Final = 2.0
_NO_RECEIPT: Final = "Nothing can be saved now, so no receipt of this will be kept."


class Sending:
    """Sends the open draft."""

    def __init__(self, context: Context) -> None:
        self._context, self._console = context, context.console

    def ask(self) -> Navigation | None:
        """Ask whether to send, and send; return the next place, None for the review."""
        problems = self._context.draft.problems()
        if problems:
            count = f"{len(problems)} answers are" if len(problems) > 1 else "One answer is"
            first = ended(labelled(self._context.draft, problems[0]))
            text = f"Not ready: {count} missing or wrong. The first: {first}"
            fix = f"\nType :go {problems[0].path[0]} to fix it." if problems[0].path else ""
            self._console.refuse(text + fix)
            return None
        if self._context.settings.key is None:
            self._context.ask_key()
        if self._context.settings.key is None:
            return self._after(NotSent(NotSentReason.NO_KEY))
        context, submission = self._context, self._context.submission
        there = context.runner.run(submission.prepare(context.draft.payload(), _LIST_SECONDS))
        agreed = self._agrees(_NO_RECEIPT if context.session.trouble else "", there)
        if agreed is True:
            return self._send(submission)
        self._console.say("Nothing was sent.")
        return agreed or None

    def _agrees(self, *risks: str) -> bool | Navigation:
        """Show the name, the target and the risk, and ask."""
        data, target = self._context.draft.compose(), self._context.target
        where = (
            "in the sandbox, where nothing is real"
            if target.is_sandbox
            else f"on {target.name}, for real"
        )
        self._console.say()
        self._console.say(f"{data['name']}, {data['type']}, for {data['company_name']}, {where}.")
        self._console.say(*risks)
        return self._context.agrees("Create this assistant?")

    def _send(self, submission: Submission, **options: bool) -> Navigation | None:
        context = self._context
        self._console.say("Sending. Please wait.")
        submitting = submission.submit(context.draft.payload(), context.draft.id, **options)
        return self._after(context.runner.run(submitting))

    # --- afterwards

    def _after(self, outcome: Outcome) -> Navigation | None:
        """Report the outcome, and ask for the next action; after creating return."""
        self._context.outcome = outcome
        self._console.say()
        for line in outcome_lines(outcome):
            self._console.say(line)
        if isinstance(outcome, Created):
            for step in next_steps(self._context.draft.compose(), self._context.target):
                self._console.say(step.text)
                if step.command:
                    self._console.copy(step.command)
            return LEAVE
        self._console.say("Your answers are saved.")
        self._console.say("What next?")
        chosen = choose(self._context, Listing(_ways_on(outcome)), "Choose:")
        if isinstance(chosen, Navigation):
            return REVIEW if chosen.way is Way.BACK else chosen
        return self._take(chosen, outcome)

    def _take(self, way: str, outcome: Outcome) -> Navigation | None:
        match way:
            case "fix":
                return Navigation(Way.GO, (getattr(outcome, "field", ""),))
            case "check":
                return self._look_up(outcome)
            case "again" | "without_receipt":
                return self._resend(outcome, way)
            case "key":
                return self.ask()
            case _:
                return LEAVE if way == "leave" else None

    def _resend(self, outcome: Outcome, way: str) -> Navigation | None:
        """Ask with the risk, and send again."""
        agreed = self._agrees(outcome.sentence)
        if agreed is True:
            return self._send(self._context.submission, **{way: True})
        self._console.say("It was not sent again.")
        return agreed or None

    def _look_up(self, outcome: Outcome) -> Navigation | None:
        """Look for the assistant in the account again."""
        context = self._context
        self._console.say("Checking your assistants.")
        try:
            receipt = context.session.receipts.get(outcome.receipt)
            found = context.runner.run(context.submission.look_up(receipt))
        except WizardError as error:
            self._console.say(ended(str(error)))
            return None
        if found is None:
            self._console.say("Its receipt has an answer now. `qcall-wizard receipts` shows it.")
            return None
        return self._after(found)


def outcome_lines(outcome: Outcome) -> Iterator[str]:
    """Yield an outcome as lines."""
    yield " ".join(filter(None, (f"{outcome.title}.", outcome.sentence, outcome.note)))
    if outcome.message:
        yield f"The server says: {outcome.message}"
    if outcome.receipt:
        yield f"Receipt {outcome.receipt}."


def _ways_on(outcome: Outcome) -> Iterator[tuple[str, str]]:
    """The actions after an outcome, each with its words."""
    if isinstance(outcome, Refused) and outcome.field:
        question = find(QUESTIONS, (outcome.field,))
        yield "fix", f"Fix {question.label if question else outcome.field}"
    yield "review", "Back to the review"
    if isinstance(outcome, Unknown) and outcome.receipt:
        yield "check", "Check your assistants again"
    if isinstance(outcome, NoReceipt):
        yield "without_receipt", "Send without a receipt"
    elif outcome.again:
        yield "again", "Send it again"
    if isinstance(outcome, NotSent) and outcome.reason is NotSentReason.NO_KEY:
        yield "key", "Enter an API key"
    yield "leave", "Quit; the draft is saved"
