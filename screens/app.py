"""The app: it owns the draft and the place in it; screens post messages to it."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import work
from textual.binding import Binding, BindingType
from textual.command import Provider
from textual.dom import DOMNode
from textual.driver import Driver
from textual.filter import LineFilter, Monochrome
from textual.reactive import reactive
from textual.widget import Widget
from textual.worker import get_current_worker

from screens import preload
from screens.flows.export import ExportFlow
from screens.flows.external_editor import EditorFlow
from screens.flows.versions import VersionsFlow
from screens.keys.app_commands import COMMANDS
from screens.keys.keymap import FILE_NAME, read_keymap
from screens.terminal.shutdown import (
    end_without_terminal,
    on_signals,
    terminal_is_gone,
    write_report,
)
from screens.terminal.terminal_width import steady
from screens.terminal.themes import DARK, LIGHT, FewColors, highlighted, readable
from screens.textual_internals.faults import FaultsApp
from screens.textual_internals.private_names import first_error, is_being_removed
from screens.textual_internals.terminal_input import read_all
from screens.widgets.inputs import pictured
from screens.widgets.page_frame import COLUMNS, ROWS
from wizard import keyring_store
from wizard.contract.steps import Step
from wizard.errors import FAULT, WizardError
from wizard.secret import SecretStr
from wizard.settings import Settings, is_utf8, terminal_words
from wizard.storage.session import Session

if TYPE_CHECKING:
    from textual.notifications import SeverityLevel

    from screens.dialogs.api_key import KeyChoice
    from screens.form.steps_screen import StepsScreen
    from screens.messages import CopyRequested, FieldRequested, LookupRequested, ResendRequested
    from wizard.api.client import Client
    from wizard.api.next_steps import NextStep
    from wizard.api.outcomes import Outcome
    from wizard.api.receipt_store import Receipt
    from wizard.api.submission import Submission
    from wizard.draft.draft import Draft
    from wizard.exchange.importing import Report
    from wizard.formats.paths import Path
    from wizard.sandbox.sandbox_store import MemoryStore

# How often it is looked whether the terminal is still there, in seconds.
_LOOK_SECONDS = 1.0
# A signal ends the program this much later, in seconds.
_LAST_KEYS_SECONDS = 0.25
# The setting under which the chosen theme is kept.
_THEME = "theme"
# The app's actions that wait until no dialog is open.
_BEHIND_DIALOGS = {"command_palette", "submit", *(each.action for each in COMMANDS)} - {"quit"}
# The most messages that are kept for the list of them.
_MOST_MESSAGES = 200
# How long a warning is shown that no key asked for, in seconds.
_NOTICE_SECONDS = 20.0


def _palette_provider() -> type[Provider]:
    """Return the palette's provider; imported when the palette is first opened."""
    preload.preload()
    from screens.dialogs.palette import PaletteProvider

    return PaletteProvider


class WizardApp(VersionsFlow, ExportFlow, EditorFlow, FaultsApp):
    """The wizard with screens. It gets its session, its settings and a way to connect.

    `sandbox_store` stores the sandbox's assistants, None if they cannot be cleared. `notices` are
    sentences about the start: the screens cover earlier output. `report` lists the results of an
    import.
    """

    TITLE = "qcall-wizard"
    CSS_PATH = "wizard.tcss"
    HORIZONTAL_BREAKPOINTS = COLUMNS
    VERTICAL_BREAKPOINTS = ROWS
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {_palette_provider}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "quit", "Quit", id="wizard.quit", priority=True),
        Binding("f10", "write", "Write to a file", show=False, id="wizard.write", priority=True),
    ]

    trouble = reactive("")

    def __init__(
        self,
        session: Session,
        settings: Settings,
        connect: Callable[[Settings], Client],
        *,
        welcome: bool = False,
        sandbox_store: MemoryStore | None = None,
        notices: Sequence[str] = (),
        report: Report | None = None,
    ) -> None:
        super().__init__()
        # Textual goes by NO_COLOR even when it is empty.
        self.no_color = terminal_words().no_color
        self.session = session
        self.settings = settings
        self.set_reactive(WizardApp.target, settings.target)
        self.set_reactive(WizardApp.trouble, session.trouble)
        self._connect = connect
        self._client: Client | None = None
        self.outcome: Outcome | None = None
        self._welcomes = welcome
        self._sandbox_store = sandbox_store
        self._notices = notices
        self.report = report
        self._sending = False
        self._leaving = False
        self._clashes: set[str] = set()
        self.palette_keys: Mapping[str, str] = {}
        self._messages: deque[str] = deque(maxlen=_MOST_MESSAGES)
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        # Set before anything is drawn: Textual then reads the styles once, with these colours.
        self.set_reactive(WizardApp.theme, self._theme_kept() or DARK.name)
        self.stylesheet.set_variables(self.get_css_variables())
        self.watch_theme()

    def get_driver_class(self) -> type[Driver]:
        """The platform's driver, with the input and output of `screens.terminal`."""
        driver = super().get_driver_class()
        read_all(driver)
        return steady(driver, ascii_only=not is_utf8())

    def _theme_kept(self) -> str | None:
        """The theme that was chosen before, if it is still there."""
        with suppress(WizardError):
            kept = self.session.setting(_THEME)
            return kept if kept in self.available_themes else None
        return None

    def choose_theme(self, name: str) -> None:
        """Show another theme, and remember it."""
        self.theme = name
        with suppress(WizardError):  # told by the session, which meets it too
            self.session.remember(_THEME, name)

    def get_css_variables(self) -> dict[str, str]:
        """The theme's colours, all of them readable."""
        variables = readable(super().get_css_variables())
        if self._has_few_colors:
            return highlighted(variables, dark=self.current_theme.dark)
        return variables

    @property
    def _has_few_colors(self) -> bool:
        """Whether the screens have the sixteen colours of a terminal, or none."""
        few = self.console.color_system in ("standard", "windows")
        return self.no_color or few or self.native_ansi_color

    def watch_theme(self) -> None:
        """A theme may have the sixteen colours alone."""
        self._few_colors = FewColors(dark=self.current_theme.dark, no_color=self.no_color)
        self.set_class(self._has_few_colors, "-few")

    def get_line_filters(self) -> Sequence[LineFilter]:
        """What changes each line before it is written, in place of Textual's greys."""
        if self._has_few_colors:
            return [self._few_colors]
        return [each for each in super().get_line_filters() if not isinstance(each, Monochrome)]

    @property
    def client(self) -> Client:
        """The API client; made when it is first needed."""
        if self._client is None:
            self._client = self._connect(self.settings)
        return self._client

    @property
    def draft(self) -> Draft:
        """The draft that is worked on."""
        return self.session.draft

    @property
    def steps(self) -> StepsScreen:
        """The main screen, which is at the bottom of the stack once a draft was begun."""
        from screens.form.steps_screen import StepsScreen

        return next(screen for screen in self.screen_stack if isinstance(screen, StepsScreen))

    # --- beginning and ending

    def on_mount(self) -> None:
        """Show the first screen, and load the rest after it is painted."""
        on_signals(self._leave_soon)
        self.session.on_trouble = self._on_trouble
        self.session.on_rescue = self._on_rescue
        # Textual draws nothing while this runs, and waits in it for a screen that is pushed.
        self.call_later(self._begin)

    def _begin(self) -> None:
        self.show_first(welcome=self._welcomes)
        self._take_keymap()
        self.call_after_refresh(self.set_timer, preload.PAINT_SECONDS, self._settle)

    def action_command_palette(self) -> None:
        """Open the palette."""
        preload.preload()
        from screens.dialogs.palette import Palette, keys_of

        # Over the screen the palette lets none of them through.
        self.palette_keys = keys_of(self.screen)
        self.push_screen(Palette())

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Let only quitting through while a dialog is open."""
        if self.screen_stack and getattr(self.screen, "is_dialog", False):
            return action not in _BEHIND_DIALOGS
        return super().check_action(action, parameters)

    def _take_keymap(self) -> None:
        """Apply the user's key bindings; report errors in the file once."""
        chosen = read_keymap(self.session.home)
        self.set_keymap(chosen.keys)
        if chosen.trouble:
            self._notice(chosen.trouble)

    def handle_bindings_clash(self, clashed_bindings: set[Binding], node: DOMNode) -> None:
        """Report once that a key is bound to two actions on the same screen."""
        names = " and ".join(sorted(f"{b.id or b.action}" for b in clashed_bindings))
        if names not in self._clashes:
            self._clashes.add(names)
            told = f"{FILE_NAME} takes the key of {names} for something else there: choose another."
            self._notice(told)

    def _settle(self) -> None:
        self.set_interval(_LOOK_SECONDS, self._check_terminal)
        self._preload()
        rescue = [self.session.rescue.sentence] if self.session.rescue else []
        for told in (*rescue, *self._notices):
            self._notice(told)
        if self.report and self.report.says_more:
            self._notice(f"{self.report.sentence} What was imported (Ctrl+P) has all of it.")

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = True,
    ) -> None:
        """Show a message for some seconds, and keep it for the list of messages."""
        said = f"{title}: {message}" if title else message
        self._messages.append(f"{datetime.now():%H:%M:%S}  {said}")  # noqa: DTZ005 - the local time
        super().notify(message, title=title, severity=severity, timeout=timeout, markup=markup)

    def action_messages(self) -> None:
        """List the messages of this run, the last one first."""
        from screens.dialogs.report import ReportScreen

        lines = [*reversed(self._messages)] or ["There are no messages yet."]
        self.push_screen(ReportScreen("Messages", lines))

    def _notice(self, told: str, title: str = "") -> None:
        """Show a warning that no key asked for."""
        self.notify(
            pictured(told), title=title, severity="warning", timeout=_NOTICE_SECONDS, markup=False
        )

    @work(thread=True, group="preload", exit_on_error=False)
    def _preload(self) -> None:
        """Import the modules of the next keys while the first screen is read."""
        worker = get_current_worker()
        if preload.preload(lambda: worker.is_cancelled):
            self.call_later(self._after_preload)

    def _after_preload(self) -> None:
        """Freeze the objects of the start, and let the garbage collector work from now on."""
        gc.freeze()
        gc.enable()
        self._find_unanswered()
        from screens.flows.left_texts import LeftTexts

        LeftTexts(self, self.session, self._work_on).offer()

    @work(group="answers", exclusive=True)
    async def _find_unanswered(self) -> None:
        """Look up attempts whose program ended before the answer; report each once."""
        with suppress(WizardError):
            # Usually none is open, and then the modules for sending are not needed.
            if await asyncio.to_thread(self.session.store.has_unanswered):
                from wizard.api import pending_submissions

                await pending_submissions.report_unanswered(
                    self._submission(), self.session, self._report_attempt
                )

    def _report_attempt(self, receipt: Receipt, outcome: Outcome) -> None:
        from wizard.api.outcomes import Created, local_time

        when = local_time(receipt.sent)
        sent = f"{receipt.name}, sent to {receipt.host} on {when}, had no answer."
        created = outcome.assistant_id if isinstance(outcome, Created) else None
        named = f" with the id {created}" if created else ""
        told = f"{sent} {outcome.title}{named}. Receipts (Ctrl+P) have more of it."
        self._notice(told, "An attempt without an answer")

    def _check_terminal(self) -> None:
        if not self.is_headless and terminal_is_gone():
            self._leave(0)

    def _leave_soon(self, code: int) -> None:
        """Leave when the keys that are seen on the screen have become answers."""
        self.set_timer(_LAST_KEYS_SECONDS, partial(self._leave, code))

    def _leave(self, code: int) -> None:
        """End; a request under way notes in its receipt that it was stopped."""
        self.session.changed()
        self.session.flush()
        if not self.is_headless and terminal_is_gone():
            self.session.close()
            end_without_terminal(code)
        self._leaving = True
        self.exit(return_code=code)

    async def action_quit(self) -> None:
        """Quit. If the draft cannot be saved, say so first."""
        from screens.dialogs.menu import Menu

        if self.session.flush() or not (self.session.has_draft and self.draft.answers):
            self._leave(0)
            return
        options = {"write": "Write the payload to a file", "leave": "Quit without saving"}
        self.push_screen(Menu("What you typed is not saved", options), self._left_unsaved)

    def _left_unsaved(self, chosen: str | None) -> None:
        if chosen == "write":
            self.action_write()
        elif chosen == "leave":
            self._leave(1)

    def is_harmless(self, failed: object) -> bool:
        """Return whether a screen failed that is gone: it gets messages for a moment longer."""
        if self._leaving or not isinstance(failed, Widget):
            return self._leaving
        screens = [node for node in failed.ancestors_with_self if node in self.screen_stack]
        return not screens or is_being_removed(failed)

    def panic(self, *renderables: object) -> None:
        """Save and say so in a sentence: Textual would show a traceback, and end with 0."""
        if not self.is_headless and terminal_is_gone():
            self._leave(0)
            return
        self._return_code = FAULT
        error = sys.exception() or first_error(self)
        with suppress(Exception):  # the error may be in the draft itself
            self.session.changed()
        saved = self.session.close()
        home = self.session.home
        report = write_report(home, error) if error and home else None
        told = ["qcall-wizard stopped because of an internal error."]
        told.append("Your answers are saved: start it again to go on." if saved else "")
        told.append(f"Details are in {report}." if report else "")
        super().panic(Text(" ".join(filter(None, told))))

    # --- the draft

    def on_draft_changed(self) -> None:
        """Have the draft saved."""
        self.session.changed()

    def _on_trouble(self, told: str) -> None:
        """From the saver's thread."""
        self.call_from_thread(setattr, self, "trouble", told)

    def _on_rescue(self, told: str) -> None:
        """From the saver's thread."""
        self.call_from_thread(self._notice, told)

    async def action_undo(self) -> None:
        """Undo the last change, wherever it was made."""
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

    def action_receipts(self) -> None:
        """List the receipts with their outcomes."""
        from screens.dialogs.menu import Menu
        from screens.dialogs.result import mark_of
        from wizard.api.outcomes import local_time

        try:
            receipts = self.session.receipts.all()
        except WizardError as error:
            self.notify(str(error), severity="error", markup=False)
            return
        options = {
            receipt.id: f"{mark_of(receipt)} · {receipt.name} · {local_time(receipt.sent)}"
            for receipt in receipts
        }
        if options:
            self.push_screen(Menu("What was sent", options), self._chose_receipt)
        else:
            self.notify("Nothing was sent yet.", markup=False)

    def _chose_receipt(self, chosen: str | None) -> None:
        from screens.dialogs.result import ReceiptScreen

        if not chosen:
            return
        try:
            self.push_screen(ReceiptScreen(self.session.receipts.get(chosen)))
        except WizardError as error:
            self.notify(str(error), severity="error", markup=False)

    def on_copy_requested(self, event: CopyRequested) -> None:
        """Work on a new draft with the answers that a receipt keeps."""
        from wizard.api.receipt_store import as_draft

        try:
            draft = as_draft(self.session.receipts.get(event.receipt_id))
        except WizardError as error:
            self.notify(str(error), severity="error", markup=False)
            return
        self._work_on(self.session.begin(draft))
        self.session.changed()

    @work(group="ask", exclusive=True)
    async def on_lookup_requested(self, event: LookupRequested) -> None:
        """Look up an attempt in the list of assistants, and show the result on its screen."""
        from screens.dialogs.result import ReceiptScreen

        asked_on = self.screen
        self.notify("Checking your assistants…", timeout=3, markup=False)
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
        """Ask for a file and write the current payload to it."""
        from screens.dialogs.prompt import PromptScreen

        if not self.has_steps:
            self.notify("Begin an assistant first: there is no payload yet.", markup=False)
            return
        name = f"{self.draft.answers.get('name') or 'assistant'}.json".replace("/", "-")
        about = "The payload as it stands, as JSON; a secret in it is written too."
        asked = PromptScreen("Write the payload to", about, name)
        self.push_screen(asked, lambda name: self.write_file(self.draft.preview(), name))

    # --- from screen to screen

    def offers(self, action: str) -> bool:
        """Whether an action makes sense on this target."""
        sandbox = self.target.is_sandbox and self._sandbox_store is not None
        return action != "clear_sandbox" or sandbox

    async def go_to_step(self, step: Step) -> None:
        """Go to a step."""
        self.action_back_to_steps()
        await self.steps.go(step)

    def action_payload(self) -> None:
        """Show or hide the live payload."""
        self.action_back_to_steps()
        self.steps.action_payload()

    def action_view(self) -> None:
        """Show the live payload in another way."""
        self.action_back_to_steps()
        self.steps.action_view()

    async def action_idle(self) -> None:
        """Show or hide the fields that do not apply."""
        self.action_back_to_steps()
        await self.steps.action_idle()

    async def on_field_requested(self, event: FieldRequested) -> None:
        """Go to the field of a path."""
        await self._go(event.path)

    async def _go(self, path: Path) -> None:
        from wizard.draft.draft import step_of

        self.action_back_to_steps()
        step = step_of(path)
        if step is None:
            return
        if not self.has_steps:
            await self.switch_screen(self._steps_of(self.draft))
        await self.steps.go(step, path)
        if len(path) > 2 and path[0] == "actions" and isinstance(path[1], int):
            self.steps.edit_action(path[1], path)

    def action_steps(self) -> None:
        """List the steps."""
        self.action_back_to_steps()
        self.steps.action_steps()

    async def action_preview(self) -> None:
        """Show the preview."""
        from screens.payload.preview import PreviewScreen
        from screens.payload.review_list import collect_review

        self.action_back_to_steps()
        self.draft.settle()
        self.session.changed()
        # Keys wait until the preview is open.
        told = await asyncio.to_thread(collect_review, self.draft)
        self.push_screen(PreviewScreen(self.draft, self.target, told))

    # --- submitting

    def action_submit(self) -> None:
        """Ask, and send once, however often this is called."""
        from screens.payload.preview import ConfirmScreen, PreviewScreen

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
        from wizard.api.submission import Submission

        return Submission(
            self.client,
            self.session.receipts,
            self.target,
            key=self.settings.key,
            home=self.session.home,
        )

    @work(group="prepare")
    async def _prepare(self, submission: Submission) -> None:
        """Read the list of assistants while the confirmation is shown."""
        from screens.payload.preview import ConfirmScreen

        same_named = await submission.prepare(self.draft.payload())
        if same_named and isinstance(self.screen, ConfirmScreen):
            self.screen.show_same_named(same_named)

    def _confirmed(
        self, submission: Submission, options: dict[str, bool], agreed: bool | None
    ) -> None:
        from screens.dialogs.result import SendingScreen

        if agreed and not self._sending:
            self._sending = True
            self.switch_screen(SendingScreen(self.target))
            self._send(submission, options)

    @work(group="send")
    async def _send(self, submission: Submission, options: dict[str, bool]) -> None:
        from wizard.api.next_steps import next_steps
        from wizard.api.outcomes import Created

        try:
            payload = self.draft.payload()
            self.outcome = await submission.submit(payload, self.draft.id, **options)
        finally:
            self._sending = False
        steps: Sequence[NextStep] = ()
        if isinstance(self.outcome, Created):
            # The texts of thousands of actions are looked through for variables.
            steps = await asyncio.to_thread(lambda: next_steps(payload.data, self.target))
        self._show_outcome(self.outcome, steps)

    def _show_outcome(self, outcome: Outcome, steps: Sequence[NextStep]) -> None:
        """Show the outcome, or report it if another screen is open by now."""
        from screens.dialogs.result import DoneScreen, SendingScreen

        if not any(isinstance(screen, SendingScreen) for screen in self.screen_stack):
            self._notice(f"{outcome.title}. Receipts (Ctrl+P) have more of it.", "What was sent")
            return
        while not isinstance(self.screen, SendingScreen):
            self.pop_screen()
        templated = self.draft.template is not None
        self.switch_screen(DoneScreen(outcome, steps, templated=templated))

    def on_resend_requested(self, event: ResendRequested) -> None:
        """Send again, after a confirmation that names the risk."""
        from screens.payload.preview import ConfirmScreen

        if self._sending or self.outcome is None or self.draft.problems():
            return
        confirm = ConfirmScreen(self.draft, self.target, self.outcome.sentence)
        self.push_screen(confirm, partial(self._confirmed, self._submission(), event.options))

    def action_clear_sandbox(self) -> None:
        """Delete the sandbox's assistants."""
        if self._sandbox_store is None:
            return
        try:
            self._sandbox_store.clear()
        except WizardError as error:
            self.notify(str(error), severity="error", markup=False)
        else:
            self.notify("The sandbox is empty.", markup=False)

    # --- the key

    def action_key(self) -> None:
        """Ask for an API key: to work with, to store in the keyring, or to forget there."""
        from screens.dialogs.api_key import KeyScreen

        stored = bool(self._stored_for())
        self.push_screen(KeyScreen(self.settings, stored=stored), self._take_key)

    def _stored_for(self) -> str:
        """The base URL whose key is in the keyring; empty if none is."""
        with suppress(WizardError):
            return self.session.setting(keyring_store.SETTING) or ""
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
        self._client = None
        self.refresh_screens()
        self._find_unanswered()

    @work(group="keyring")
    async def _store_key(self, url: str, key: SecretStr) -> None:
        """Store a key in the keyring; the wizard uses it even if storing fails."""
        try:
            await keyring_store.in_thread(partial(keyring_store.store_key, url, key))
            self.session.remember(keyring_store.SETTING, url)
        except WizardError as error:
            self._notice(f"{error}", "The key is kept in memory alone")
        else:
            self.notify("The system keyring keeps the key.", markup=False)

    @work(group="keyring")
    async def _forget_key(self, url: str) -> None:
        """Take the key out of the keyring; the one that the wizard works with stays."""
        try:
            await keyring_store.in_thread(partial(keyring_store.forget_key, url))
            self.session.remember(keyring_store.SETTING, "")
        except WizardError as error:
            self._notice(f"{error}", "The key is still stored")
        else:
            self.notify("The system keyring has forgotten the key.", markup=False)
