"""The app: it owns the draft and where the person is; screens tell it what they want."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import SecretStr
from rich.text import Text
from textual import work
from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.reactive import reactive
from textual.screen import Screen

from screens.ask_line import AskLine
from screens.done import DoneScreen, ReceiptScreen, SendingScreen, mark_of
from screens.editing import pictured
from screens.ending import on_signals, terminal_is_gone, write_report
from screens.in_order import InOrder
from screens.key import KeyChoice, KeyScreen
from screens.menus import Menu
from screens.messages import AskAfter, BeginFrom, GoTo, SendAgain
from screens.preview import ConfirmScreen, PreviewScreen
from screens.steps import StepsScreen
from screens.themes import DARK, LIGHT
from wizard import attempts, keys
from wizard.assistant import QUESTIONS
from wizard.client import Client
from wizard.draft import Draft, step_of
from wizard.errors import InUse, WizardError
from wizard.outcomes import Created, Outcome, moment
from wizard.paths import Path
from wizard.receipts import Receipt, as_draft, key_end
from wizard.session import Session, age
from wizard.settings import Settings, Target
from wizard.situation import applying
from wizard.steps import STEPS
from wizard.submission import Submission

if TYPE_CHECKING:
    from wizard.sandbox import Shelf

# How often it is looked whether the terminal is still there, in seconds.
_LOOK_SECONDS = 1.0
# A signal ends the program this much later, in seconds.
_LAST_KEYS_SECONDS = 0.25
# How long a sentence stands that nobody asked for, in seconds.
_NOTICE_SECONDS = 20.0
_NEW = "new"


class WizardApp(InOrder):
    """The wizard with screens. It is given its session, its settings and a way to connect.

    `shelf` is where the sandbox keeps what it creates, None where that cannot be cleared.
    `notices` are sentences about the start: the screens cover what was printed before them.
    """

    TITLE = "qcall-wizard"
    CSS_PATH = "wizard.tcss"
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 - declared so by Textual
        (0, "-tiny"),
        (40, "-narrow"),
        (64, "-normal"),
        (120, "-wide"),
    ]
    VERTICAL_BREAKPOINTS = [  # noqa: RUF012
        (0, "-flat"),
        (12, "-low"),
        (20, "-high"),
    ]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "quit", "Leave", id="wizard.quit", priority=True),
        Binding("f10", "write", "Write to a file", show=False, id="wizard.write", priority=True),
    ]

    target: reactive[Target] = reactive(Target(""), init=False)
    trouble = reactive("")

    def __init__(
        self,
        session: Session,
        settings: Settings,
        connect: Callable[[Settings], Client],
        *,
        offer_drafts: bool = False,
        shelf: Shelf | None = None,
        notices: Sequence[str] = (),
    ) -> None:
        super().__init__()
        self.session = session
        self.settings = settings
        self.set_reactive(WizardApp.target, settings.target)
        self.set_reactive(WizardApp.trouble, session.trouble)
        self.client = connect(settings)
        self._connect = connect
        self.outcome: Outcome | None = None
        self._offer_drafts = offer_drafts
        self._shelf = shelf
        self._notices = notices
        self._sending = False
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        self.theme = DARK.name

    @property
    def draft(self) -> Draft:
        """The draft that is worked on."""
        return self.session.draft

    @property
    def steps(self) -> StepsScreen:
        """The main screen, which is always at the bottom of the stack."""
        return next(screen for screen in self.screen_stack if isinstance(screen, StepsScreen))

    # --- beginning and ending

    def on_mount(self) -> None:
        """Open the steps; what the first one does not need is made after it is painted."""
        on_signals(self._leave_soon)
        self.session.on_trouble = self._hear_trouble
        self.session.on_rescue = self._hear_rescue
        self.push_screen(StepsScreen(self.draft, self.client))
        if self._offer_drafts:
            self.action_drafts()
        self.call_after_refresh(self._settle)

    def _settle(self) -> None:
        self.set_interval(_LOOK_SECONDS, self._look_for_terminal)
        self._warm()
        rescue = [self.session.rescue.sentence] if self.session.rescue else []
        for told in (*rescue, *self._notices):
            self._notice(told)

    def _notice(self, told: str, title: str = "") -> None:
        """Tell what nobody asked for, beside what the person is doing."""
        self.notify(
            pictured(told), title=title, severity="warning", timeout=_NOTICE_SECONDS, markup=False
        )

    @work
    async def _warm(self) -> None:
        await self.client.warm()
        await self._look_for_answers()

    async def _look_for_answers(self) -> None:
        """Ask what became of attempts whose program ended before the answer; tell each once."""
        with suppress(WizardError):
            await attempts.ask_after(self._submission(), self.session, self._tell_attempt)

    def _tell_attempt(self, receipt: Receipt, outcome: Outcome) -> None:
        sent = f"{receipt.name}, sent to {receipt.host} on {moment(receipt.sent)}, had no answer."
        created = outcome.assistant_id if isinstance(outcome, Created) else None
        named = f" with the id {created}" if created else ""
        told = f"{sent} {outcome.title}{named}. Receipts (Ctrl+P) have more of it."
        self._notice(told, "An attempt without an answer")

    def _look_for_terminal(self) -> None:
        if not self.is_headless and terminal_is_gone():
            self._leave(0)

    def _leave_soon(self, code: int) -> None:
        """Leave when the keys that are seen on the screen have become answers."""
        self.set_timer(_LAST_KEYS_SECONDS, partial(self._leave, code))

    def _leave(self, code: int) -> None:
        """End; what is being sent notes in its receipt that it was stopped."""
        self.session.changed()
        self.session.flush()
        self.exit(return_code=code)

    async def action_quit(self) -> None:
        """Leave, with everything kept; where it cannot be kept that is said first."""
        if self.session.flush() or not self.draft.answers:
            self._leave(0)
            return
        options = {"write": "Write the payload to a file", "leave": "Leave and lose it"}
        self.push_screen(Menu("What you typed is not saved", options), self._left_unsaved)

    def _left_unsaved(self, chosen: str | None) -> None:
        if chosen == "write":
            self.action_write()
        elif chosen == "leave":
            self._leave(1)

    def _fatal_error(self) -> None:
        """An error of ours: save, and say so in a sentence instead of Textual's traceback."""
        error = sys.exception() or self._exception
        saved = self.session.close()
        home = self.session.home
        report = write_report(home, error) if error and home else None
        told = ["qcall-wizard met an error of its own and had to stop."]
        told.append("Your answers are saved: start it again to go on." if saved else "")
        told.append(f"What happened is written in {report}." if report else "")
        self.panic(Text(" ".join(filter(None, told))))

    # --- the draft

    def on_changed(self) -> None:
        """Have the draft saved."""
        self.session.changed()

    def _hear_trouble(self, told: str) -> None:
        """From the saver's thread."""
        self.call_from_thread(setattr, self, "trouble", told)

    def _hear_rescue(self, told: str) -> None:
        """From the saver's thread."""
        self.call_from_thread(self._notice, told)

    async def action_undo(self) -> None:
        """Take the last change back, wherever it was made."""
        await self._step_through(self.draft.undo, "There is nothing left to undo.")

    async def action_redo(self) -> None:
        """Make the last undone change again."""
        await self._step_through(self.draft.redo, "There is nothing left to redo.")

    async def _step_through(self, step: Callable[[], Path | None], nothing: str) -> None:
        path = step()
        if path is None:
            self.notify(nothing, markup=False)
            return
        self.session.changed()
        await self._go(path)

    def _work_on(self, draft: Draft) -> None:
        """Show another draft."""
        self.action_back_to_steps()
        self.switch_screen(StepsScreen(draft, self.client))

    def action_new(self) -> None:
        """Begin another assistant."""
        self._work_on(self.session.begin())

    def action_drafts(self) -> None:
        """List the drafts to go on with."""
        now = datetime.now(UTC)
        titles = {info.step: info.title for info in STEPS}
        options = {
            line.id: f"{line.name} · {titles[line.step]} · {age(line, now)}"
            for line in self.session.drafts()
        }
        if options:
            self.push_screen(
                Menu("Go on with", {**options, _NEW: "+ New assistant"}), self._chose_draft
            )
        elif not self._offer_drafts:
            self.notify("There are no drafts yet.", markup=False)
        self._offer_drafts = False

    def _chose_draft(self, chosen: str | None) -> None:
        if chosen is None or chosen == _NEW:
            if chosen == _NEW and self.draft.answers:
                self.action_new()
            return
        try:
            self._work_on(self.session.open(chosen))
        except InUse as error:
            options = {chosen: "Open a copy", "": "Choose another"}
            self.push_screen(Menu(f"{error}", options), self._chose_copy)
        except WizardError as error:
            self.notify(str(error), severity="error", markup=False)

    def _chose_copy(self, chosen: str | None) -> None:
        if chosen:
            self._work_on(self.session.open_copy(chosen))
        else:
            self.action_drafts()

    def action_receipts(self) -> None:
        """List what was sent; a receipt opens as a new draft."""
        try:
            receipts = self.session.receipts.all()
        except WizardError as error:
            self.notify(str(error), severity="error", markup=False)
            return
        options = {
            receipt.id: f"{mark_of(receipt)} · {receipt.name} · {moment(receipt.sent)}"
            for receipt in receipts
        }
        if options:
            self.push_screen(Menu("What was sent", options), self._chose_receipt)
        else:
            self.notify("Nothing was sent yet.", markup=False)

    def _chose_receipt(self, chosen: str | None) -> None:
        if chosen:
            self.push_screen(ReceiptScreen(self.session.receipts.get(chosen)))

    def on_begin_from(self, event: BeginFrom) -> None:
        """Work on a new draft with the answers that a receipt keeps."""
        try:
            draft = as_draft(self.session.receipts.get(event.receipt_id))
        except WizardError as error:
            self.notify(str(error), severity="error", markup=False)
            return
        self._work_on(self.session.begin(draft))
        self.session.changed()

    @work(group="ask", exclusive=True)
    async def on_ask_after(self, event: AskAfter) -> None:
        """Ask the list what became of an attempt, and show the answer where it was asked for."""
        asked_on = self.screen
        self.notify("The list of assistants is asked …", timeout=3, markup=False)
        try:
            receipt = self.session.receipts.get(event.receipt_id)
            outcome = await self._submission().look_up(receipt)
            receipt = self.session.receipts.get(event.receipt_id)
        except WizardError as error:
            self.notify(str(error), severity="error", markup=False)
            return
        if self.screen is asked_on:
            self.switch_screen(ReceiptScreen(receipt, outcome))

    def action_write(self) -> None:
        """Ask for a file to write the payload to, as it stands."""
        name = f"{self.draft.answers.get('name') or 'assistant'}.json".replace("/", "-")
        about = "The payload as it stands, as JSON; a secret in it is written too."
        self.push_screen(AskLine("Write the payload to", about, name), self._write)

    def _write(self, name: str | None) -> None:
        if not name:
            return
        path = FilePath(name).expanduser()
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(self.draft.preview() + "\n")
        except FileExistsError:
            self.notify(f"{path} exists: choose another name.", severity="error", markup=False)
        except OSError as error:
            told = f"{path} cannot be written: {error.strerror}."
            self.notify(told, severity="error", markup=False)
        else:
            self.notify(f"Written to {path}.", markup=False)

    # --- from screen to screen

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """The palette: what every key does, and every field that applies."""
        yield SystemCommand("Preview", "What will be sent", self.action_preview)
        yield SystemCommand("Steps", "Go to another step", self.action_steps)
        yield SystemCommand("Live payload", "Show or hide it", self.steps.action_payload)
        yield SystemCommand("New assistant", "Begin another", self.action_new)
        yield SystemCommand("Drafts", "Go on with another", self.action_drafts)
        yield SystemCommand("Write to a file", "The payload as JSON", self.action_write)
        if self.target.is_sandbox and self._shelf is not None:
            told = "Forget what was created there"
            yield SystemCommand("Clear the sandbox", told, self.action_clear_sandbox)
        yield SystemCommand("API key", "Type, store or forget it", self.action_key)
        yield SystemCommand("Receipts", "What was sent, and what came of it", self.action_receipts)
        yield SystemCommand("Undo", "Take the last change back", self.action_undo)
        yield SystemCommand("Redo", "Make it again", self.action_redo)
        for asked in applying(QUESTIONS, self.draft.answers):
            question, path = asked.question, asked.path
            yield SystemCommand(
                f"{question.label} ({question.name})",
                question.ask.help,
                partial(self.post_message, GoTo(path)),
            )
        yield from super().get_system_commands(screen)

    def action_back_to_steps(self) -> None:
        """Close whatever stands over the steps."""
        while not isinstance(self.screen, StepsScreen):
            self.pop_screen()

    async def on_go_to(self, event: GoTo) -> None:
        """Go to the field where a path is answered."""
        await self._go(event.path)

    async def _go(self, path: Path) -> None:
        self.action_back_to_steps()
        step = step_of(path)
        if step is None:
            return
        await self.steps.go(step, path)
        if len(path) > 2 and path[0] == "actions" and isinstance(path[1], int):
            self.steps.edit_action(path[1], path)

    def action_steps(self) -> None:
        """List the steps."""
        self.action_back_to_steps()
        self.steps.action_steps()

    def action_preview(self) -> None:
        """Show what will be sent."""
        self.action_back_to_steps()
        self.push_screen(PreviewScreen(self.draft, self.target))

    # --- submitting

    def action_submit(self) -> None:
        """Ask, and send once, however often this is called."""
        if self._sending or not isinstance(self.screen, PreviewScreen):
            return
        if problems := self.draft.problems():
            self.notify(str(problems[0]), severity="error", title="Not ready", markup=False)
            return
        submission = self._submission()
        self._prepare(submission)
        risk = "Nothing can be saved now: no receipt of this will be kept."
        confirm = ConfirmScreen(self.draft, self.target, risk if self.trouble else "")
        self.push_screen(confirm, partial(self._confirmed, submission, {}))

    def _submission(self) -> Submission:
        return Submission(
            self.client,
            self.session.receipts,
            self.target,
            key_end=key_end(self.settings.key),
            home=self.session.home,
        )

    @work(group="prepare")
    async def _prepare(self, submission: Submission) -> None:
        """Ask what is there already, while the person reads the question."""
        await submission.prepare(self.draft.payload())

    def _confirmed(
        self, submission: Submission, options: dict[str, bool], agreed: bool | None
    ) -> None:
        if agreed and not self._sending:
            self._sending = True
            self.switch_screen(SendingScreen(self.target))
            self._send(submission, options)

    @work(group="send")
    async def _send(self, submission: Submission, options: dict[str, bool]) -> None:
        try:
            payload = self.draft.payload()
            self.outcome = await submission.submit(payload, self.draft.id, **options)
        finally:
            self._sending = False
        self._tell_outcome(self.outcome)

    def _tell_outcome(self, outcome: Outcome) -> None:
        """Show what came of it, or tell it to a person who has gone on with something else."""
        if not any(isinstance(screen, SendingScreen) for screen in self.screen_stack):
            self._notice(f"{outcome.title}. Receipts (Ctrl+P) have more of it.", "What was sent")
            return
        while not isinstance(self.screen, SendingScreen):
            self.pop_screen()
        self.switch_screen(DoneScreen(outcome))

    def on_send_again(self, event: SendAgain) -> None:
        """Send what was held back, after asking with the risk in words."""
        if self._sending or self.outcome is None or self.draft.problems():
            return
        confirm = ConfirmScreen(self.draft, self.target, self.outcome.sentence)
        self.push_screen(confirm, partial(self._confirmed, self._submission(), event.options))

    def action_clear_sandbox(self) -> None:
        """Forget what was created in the sandbox."""
        if self._shelf is None:
            return
        try:
            self._shelf.clear()
        except WizardError as error:
            self.notify(str(error), severity="error", markup=False)
        else:
            self.notify("The sandbox is empty.", markup=False)

    # --- the key

    def action_key(self) -> None:
        """Ask for an API key: to work with, to store in the keyring, or to forget there."""
        stored = bool(self._stored_for())
        self.push_screen(KeyScreen(self.settings, stored=stored), self._take_key)

    def _stored_for(self) -> str:
        """The base URL whose key is in the keyring; empty where none is."""
        with suppress(WizardError):
            return self.session.setting(keys.SETTING) or ""
        return ""

    def _take_key(self, choice: KeyChoice | None) -> None:
        if choice is None:
            return
        if choice.forget:
            self._forget_key(self._stored_for())
        url = self.settings.key_url
        if choice.key is None or url is None:
            return
        if choice.store:
            self._store_key(url, choice.key)
        self.settings = self.settings.with_key(choice.key)
        self.target = self.settings.target
        self.client = self._connect(self.settings)
        self._work_on(self.draft)
        self._warm()

    @work(group="keyring")
    async def _store_key(self, url: str, key: SecretStr) -> None:
        """Put a key into the keyring; the wizard works with it whatever comes of that."""
        try:
            await keys.aside(partial(keys.store_key, url, key))
            self.session.remember(keys.SETTING, url)
        except WizardError as error:
            self._notice(f"{error}", "The key is kept in memory alone")
        else:
            self.notify("The system keyring keeps the key.", markup=False)

    @work(group="keyring")
    async def _forget_key(self, url: str) -> None:
        """Take the key out of the keyring; the one that the wizard works with stays."""
        try:
            await keys.aside(partial(keys.forget_key, url))
            self.session.remember(keys.SETTING, "")
        except WizardError as error:
            self._notice(f"{error}", "The key is still stored")
        else:
            self.notify("The system keyring has forgotten the key.", markup=False)
