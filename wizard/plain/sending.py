"""Submits as lines of text: asks, sends once, and reports the outcome."""

import asyncio
from collections.abc import Iterator
from typing import Final

from wizard.api.next_steps import created_line, next_steps
from wizard.api.outcomes import (
    Created,
    KeyRefused,
    NoReceipt,
    NotSent,
    Outcome,
    RateLimited,
    Refused,
    Unknown,
    duration,
)
from wizard.api.reasons import NotSentReason
from wizard.api.submission import Submission
from wizard.contract.assistant import NO_VOICE, QUESTIONS
from wizard.contract.fields import find
from wizard.contract.steps import Step
from wizard.draft.placeholder_hints import labelled
from wizard.errors import WizardError
from wizard.plain.asking import choose
from wizard.plain.console import EndOfInput
from wizard.plain.conversation_state import Context
from wizard.plain.listing import Listing
from wizard.plain.navigation import LEAVE, REVIEW, START, Navigation, Way
from wizard.plain.wording import ended, outcome_lines

# How often the wait after too many requests is counted down, in seconds.
_COUNTED_SECONDS: Final = 10.0
# How long the question waits for the list of assistants.
_LIST_SECONDS: Final = 2.0
_AFTER_CREATED: Final = {
    "copy": "Create a copy: another draft with the same answers",
    "another": "Open another: to the start",
    "leave": "Quit; an empty line does, too",
}
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
            first = problems[0]
            said = ended(labelled(self._context.draft, first))
            text = f"Not ready: {count} missing or wrong. The first: {said}"
            place = Step.VOICE if first.code == NO_VOICE else "".join(map(str, first.path[:1]))
            fix = f"\nType :go {place} to fix it." if place else ""
            self._console.refuse(text + fix)
            return None
        if self._context.settings.key is None:
            self._context.ask_key()
        if self._context.settings.key is None:
            return self._after(NotSent(NotSentReason.NO_KEY))
        context, submission = self._context, self._context.submission
        there = context.runner.run(submission.prepare(context.draft.payload(), _LIST_SECONDS))
        # In a pipe nobody reads what is created a second time: it is not sent then.
        before = self._console.has_terminal and context.runner.run(
            submission.created_before(context.draft.payload())
        )
        risk = _NO_RECEIPT if context.session.trouble else ""
        agreed = self._agrees(before.risk if before else risk, there)
        if agreed is True:
            return self._send(submission, again=bool(before))
        self._console.say("Nothing was sent.")
        return agreed or None

    def _agrees(self, *risks: str) -> bool | Navigation:
        """Show the name, the target and the risk, and ask."""
        data, target = self._context.draft.compose(), self._context.target
        self._console.say_apart(
            f"{data['name']}, {data['type']}, for {data['company_name']}, {target.place}.",
            target.effect,
        )
        self._console.say(*risks)
        return self._context.agrees(f"Create this assistant {target.place}?")

    def _send(self, submission: Submission, **options: bool) -> Navigation | None:
        context = self._context
        self._console.say("Sending. Please wait.")
        submitting = submission.submit(context.draft.payload(), context.draft.id, **options)
        return self._after(context.send(submitting))

    # --- afterwards

    def _after(self, outcome: Outcome) -> Navigation | None:
        """Report the outcome, and ask for the next action; after creating return."""
        self._context.outcome = outcome
        self._console.say()
        self._console.say_all(outcome_lines(outcome))
        if isinstance(outcome, Created):
            name = str(self._context.draft.answers.get("name"))
            line = created_line(outcome, name, self._context.target)
            self._context.session.note_created(self._context.draft.id, line)
            self._say_next_steps()
            return self._after_created()
        self._console.say("Your answers are saved.")
        self._console.say("What next?")
        chosen = choose(self._context, Listing(_ways_on(outcome)), "Choose:")
        if isinstance(chosen, Navigation):
            return REVIEW if chosen.way is Way.BACK else chosen
        return self._take(chosen, outcome)

    def _after_created(self) -> Navigation:
        """Ask a person for the next action; in a pipe nothing more follows."""
        context = self._context
        if not self._console.has_terminal:
            return LEAVE
        self._console.say("What next?")
        try:
            chosen = choose(context, Listing(_AFTER_CREATED.items()), "Choose:", empty="leave")
        except EndOfInput:
            return LEAVE
        if isinstance(chosen, Navigation):
            return REVIEW if chosen.way is Way.BACK else chosen
        if chosen == "copy":
            copied = context.session.duplicate()
            self._console.say(f"This is a copy, {context.session.list_name(copied.id)}.")
            return REVIEW
        return START if chosen == "another" else LEAVE

    def _say_next_steps(self) -> None:
        """Say what comes next, first in words, then as commands."""
        steps = next_steps(self._context.draft.compose(), self._context.target)
        for step in steps:
            self._console.say(step.text)
        self._console.say_apart("For the terminal:")
        for step in steps:
            if step.command:
                self._console.say(step.purpose)
                self._console.copy(step.command)

    def _wait(self, seconds: float) -> None:
        """Wait, and say now and then how long it takes."""
        left = seconds
        while left > 0:
            self._console.say(f"{duration(left).capitalize()} left.")
            self._console.flush()
            part = min(left, _COUNTED_SECONDS)
            self._context.runner.run(asyncio.sleep(part))
            left -= part

    def _take(self, way: str, outcome: Outcome) -> Navigation | None:
        match way:
            case "wait" if isinstance(outcome, RateLimited):
                self._wait(outcome.wait)
                return self.ask()
            case "fix":
                return Navigation(Way.GO, (getattr(outcome, "field", ""),))
            case "check":
                return self._look_up(outcome)
            case "again" | "without_receipt":
                return self._resend(outcome, way)
            case "key":
                self._context.ask_key()
                return self.ask() if self._context.settings.key else None
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
    if isinstance(outcome, RateLimited):
        yield "wait", f"Wait {duration(outcome.wait)}, then confirm"
    if isinstance(outcome, KeyRefused) or (isinstance(outcome, NotSent) and outcome.needs_key):
        yield "key", "Enter an API key"
    yield "leave", "Quit; the draft is saved"
