"""The app: its construction, its lifetime, and the way of each action to its flow or screen."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import cached_property, partial
from importlib import import_module
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import work
from textual.binding import Binding, BindingType
from textual.dom import DOMNode
from textual.driver import Driver
from textual.filter import LineFilter, Monochrome
from textual.widget import Widget
from textual.worker import get_current_worker

from screens import preload
from screens.flows.flow_app import FlowApp
from screens.flows.unanswered import report_unanswered
from screens.keys.app_commands import COMMANDS
from screens.keys.key_queue import KeyQueue
from screens.keys.keymap import read_keymap
from screens.terminal.shutdown import (
    on_signals,
    terminal_is_gone,
    write_report,
)
from screens.terminal.terminal_width import new_cells, steady
from screens.terminal.themes import DARK, THEMES, FewColors, highlighted, in_256, readable
from screens.textual_internals.faults import LAST_KEYS_SECONDS, FaultsApp
from screens.textual_internals.option_list import fix_option_lists
from screens.textual_internals.private_names import (
    first_error,
    is_being_removed,
    set_return_code,
)
from screens.textual_internals.styles_cache import fix_styles_cache
from screens.textual_internals.terminal_input import read_all
from screens.widgets.page_frame import COLUMNS, ROWS, STYLES
from wizard.contract.steps import Step
from wizard.errors import FAULT
from wizard.keys_file import FILE_NAME
from wizard.settings import Settings, is_utf8, terminal_words
from wizard.storage.session import Session

if TYPE_CHECKING:
    from screens.flows.submit import Submit
    from screens.flows.update import Update
    from screens.messages import (
        AssistantRequested,
        CopyRequested,
        DraftRequested,
        ExportRequested,
        FieldRequested,
        LookupRequested,
        ResendRequested,
        RestoreRequested,
    )
    from screens.pages.start_option import StartOption
    from screens.pages.welcome import WelcomeScreen
    from wizard.api.client import Client
    from wizard.api.http_client import Exchange
    from wizard.exchange.importing import Report
    from wizard.formats.paths import Path
    from wizard.sandbox.sandbox_store import MemoryStore

fix_option_lists()
fix_styles_cache()

# How often the app checks that the terminal still exists, in seconds.
_TERMINAL_SECONDS = 1.0
_IN_DIALOGS = {"quit", "keys", "change_keys"}
# The app's actions that wait until no dialog is open.
_BEHIND_DIALOGS = {"command_palette", "submit", "review", *(c.action for c in COMMANDS)}
_BEHIND_DIALOGS -= _IN_DIALOGS


def _flow(name: str) -> Callable[[WizardApp], None]:
    """Return an action that runs a flow, which is imported then: `module.function`."""

    def action(app: WizardApp) -> None:
        module, _, function = name.partition(".")
        app.run_flow(getattr(import_module(f"screens.flows.{module}"), function))

    return action


def _of_steps(name: str) -> Callable[[WizardApp], Awaitable[None]]:
    """Return an action that goes back to the steps, and runs their action of this name."""

    async def action(app: WizardApp) -> None:
        app.action_back_to_steps()
        await app.steps.run_action(name)

    return action


class WizardApp(FlowApp, KeyQueue, FaultsApp):
    """The wizard with screens; it begins at the steps, or if it welcomes, at the start page.

    `notices` are sentences about the start: the screens cover earlier output.
    """

    TITLE = "qcall-wizard"
    CSS_PATH = "start.tcss"
    HORIZONTAL_BREAKPOINTS = COLUMNS
    VERTICAL_BREAKPOINTS = ROWS
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "quit", "Quit", id="wizard.quit", priority=True),
        # In front of the keys of all screens: F1 again, on the help, lists the keys.
        Binding("f1", "help", "Help", show=False, id="wizard.help-here", priority=True),
        # Textual's own has other words.
        Binding(
            "ctrl+p",
            "command_palette",
            "Palette",
            show=False,
            priority=True,
            tooltip="Open the command palette",
        ),
        Binding("f10", "write", "Save to a file", show=False, id="wizard.write", priority=True),
    ]

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
        on_exchange: Callable[[Exchange], None] | None = None,
    ) -> None:
        self._cells = new_cells()
        super().__init__(
            session,
            settings,
            connect,
            sandbox_store=sandbox_store,
            report=report,
            on_exchange=on_exchange,
        )
        # Smooth scrolling takes seconds on a slow line.
        self.animation_level = "none"
        # Textual goes by NO_COLOR even when it is empty.
        self.no_color = terminal_words().no_color
        self._welcomes = welcome
        self._notices = notices
        self._leaving = False
        self._has_failed = False
        self._clashes: set[str] = set()
        for theme in THEMES:
            self.register_theme(theme)
        # Set before anything is drawn: Textual then reads the styles once, with these colours.
        self.set_reactive(WizardApp.theme, self.stored_theme() or DARK.name)
        self.stylesheet.set_variables(self.get_css_variables())
        self.watch_theme()

    def get_driver_class(self) -> type[Driver]:
        """The platform's driver, with the input and output of `screens.terminal`."""
        driver = super().get_driver_class()
        read_all(driver)
        return steady(driver, self._cells, ascii_only=not is_utf8())

    def on_resize(self) -> None:
        """Write everything again: terminals cut or move the text when their size changes."""
        self._cells.forget()

    def get_css_variables(self) -> dict[str, str]:
        """The theme's colours, all of them readable."""
        variables = super().get_css_variables()
        if self.console.color_system == "256":
            variables = in_256(variables, self.theme)
        variables = readable(variables)
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

    # --- start

    def on_mount(self) -> None:
        """Show the first screen, and load the rest after it is painted."""
        on_signals(self._leave_soon)
        # Called from the thread that saves.
        self.session.on_trouble = partial(self.call_from_thread, setattr, self, "trouble")
        self.session.on_rescue = partial(self.call_from_thread, self.warn)
        # Textual draws nothing while this runs, and waits in it for a screen that is pushed.
        self.call_later(self._begin)

    def _begin(self) -> None:
        if self._welcomes:
            self.push_screen(self.welcome_screen(is_lowest=True))
        else:
            self._read_styles()
            self.push_screen(self.steps_screen(self.draft))
        self._apply_keymap()
        self.call_after_refresh(self.set_timer, preload.PAINT_SECONDS, self._after_first_paint)

    def _read_styles(self) -> None:
        """Read the styles of the screens to come; Textual would read all again for the first."""
        if not self.stylesheet.has_source(str(STYLES)):
            self.stylesheet.read(STYLES)
            self.stylesheet.parse()

    def _apply_keymap(self) -> None:
        """Apply the user's key bindings; report errors in the file once."""
        chosen = read_keymap(self.session.home)
        self.set_keymap(chosen.keys)
        if chosen.trouble:
            self.warn(chosen.trouble)

    def handle_bindings_clash(self, clashed_bindings: set[Binding], node: DOMNode) -> None:
        """Report once that a key is bound to two actions on the same screen."""
        names = " and ".join(sorted(f"{b.id or b.action}" for b in clashed_bindings))
        if names not in self._clashes:
            self._clashes.add(names)
            self.warn(f"{FILE_NAME} uses one key for {names}: choose another for one of them.")

    def _after_first_paint(self) -> None:
        self._read_styles()
        self.set_interval(_TERMINAL_SECONDS, self._check_terminal)
        self._preload()
        rescue = [self.session.rescue.sentence] if self.session.rescue else []
        for message in (*rescue, *self._notices):
            self.warn(message)
        if self.report and self.report.says_more:
            self.warn(f"{self.report.sentence} See What was imported (Ctrl+P) for all of it.")

    @work(thread=True, group="preload", exit_on_error=False)
    def _preload(self) -> None:
        """Import the modules of the next keys while the first screen is read."""
        worker = get_current_worker()
        if preload.preload(lambda: worker.is_cancelled):
            self.call_later(self._after_preload)

    def _after_preload(self) -> None:
        """Freeze the objects of the start, and let the garbage collector work from now on."""
        from screens.flows.unused_texts import offer_unused_texts

        gc.freeze()
        gc.enable()
        report_unanswered(self)
        self.run_beside(offer_unused_texts)

    # --- help

    def action_help_quit(self) -> None:
        """Say which key quits: Ctrl+C does not."""
        self.notify("Press Ctrl+Q to quit.")

    def action_help(self) -> None:
        """Show the help on what has the focus, and again all keys that work there."""
        from screens.dialogs.help import HelpScreen, KeysScreen, help_on

        if isinstance(self.screen, HelpScreen):
            self.screen.action_keys()
        elif isinstance(self.screen, KeysScreen):
            self.screen.dismiss(None)
        else:
            self.push_screen(help_on(self.screen, self.draft))

    def action_keys(self) -> None:
        """List all keys that work on the screen, with their ids."""
        from screens.dialogs.help import KeysScreen, keys_here

        self.push_screen(KeysScreen(keys_here(self.screen)))

    def action_change_keys(self) -> None:
        """Show how keys are changed."""
        from screens.dialogs.help import change_keys_lines

        self._show_lines("Change keys", change_keys_lines(self.session.home))

    def action_messages(self) -> None:
        """List the messages of this run, the last one first."""
        lines = [*reversed(self.message_log)] or ["There are no messages yet."]
        self._show_lines("Messages", lines)

    def action_signs(self) -> None:
        """Explain the signs that the screens draw."""
        from screens.widgets.signs import legend

        self._show_lines("What the signs mean", list(legend()))

    def _show_lines(self, title: str, lines: Sequence[str]) -> None:
        from screens.dialogs.report import ReportScreen

        self.push_screen(ReportScreen(title, lines))

    # --- end

    def _check_terminal(self) -> None:
        if not self.is_headless and terminal_is_gone():
            self._leave(0)

    def _leave_soon(self, code: int) -> None:
        """Leave when the keys that are seen on the screen have become answers."""
        self.set_timer(LAST_KEYS_SECONDS, partial(self._leave, code))

    def _leave(self, code: int) -> None:
        """End; a request under way notes in its receipt that it was stopped."""
        self.session.changed()
        self.session.flush()
        if not self.is_headless and terminal_is_gone():
            self.session.close()
            # Textual would wait forever for the thread that writes to the terminal.
            os._exit(code)
        self._leaving = True
        self.exit(return_code=code)

    async def action_quit(self) -> None:
        """Quit. If the draft cannot be saved, ask first."""
        if self.session.flush() or not (self.session.has_draft and self.draft.answers):
            self._leave(0)
        else:
            self.run_beside(WizardApp._quit_unsaved)

    async def _quit_unsaved(self) -> None:
        from screens.dialogs.menu import Menu
        from screens.flows.export import write_payload

        options = {"write": "Save the payload to a file", "quit": "Quit without saving"}
        chosen = await self.push_screen_wait(Menu("Your answers are not saved", options))
        if chosen == "write":
            await write_payload(self)
        elif chosen == "quit":
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
        set_return_code(self, FAULT)
        if self._has_failed:
            return  # what fails as the screens close says nothing new
        self._has_failed = True
        error = sys.exception() or first_error(self)
        with suppress(Exception):  # the error may be in the draft itself
            self.session.changed()
        saved = self.session.close()
        home = self.session.home
        report = write_report(home, error) if error and home else None
        sentences = ["qcall-wizard stopped because of an internal error."]
        sentences += ["Your answers are saved: start it again to go on."] if saved else []
        sentences += [f"Details are in {report}."] if report else []
        super().panic(Text(" ".join(sentences)))

    # --- from screen to screen

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Let only quitting and help through while a dialog is open."""
        if self.screen_stack and getattr(self.screen, "is_dialog", False):
            return action not in _BEHIND_DIALOGS
        return super().check_action(action, parameters)

    def action_leave_welcome(self) -> None:
        """Go back from the start page to the steps, if a draft is open."""
        if self.has_steps:
            self.action_back_to_steps()

    async def on_field_requested(self, event: FieldRequested) -> None:
        """Go to the field of a path."""
        await self._go(event.path)

    async def _go(self, path: Path) -> None:
        from wizard.draft.draft import step_of

        self.action_back_to_steps()
        step = step_of(path)
        if step is None:
            if self.has_steps:
                await self.steps.go(self.steps.step, self.draft.focus)
            return
        if not self.has_steps:
            await self.switch_screen(self.steps_screen(self.draft))
        await self.steps.go(step, path)
        if len(path) > 2 and path[0] == "actions" and isinstance(path[1], int):
            self.steps.edit_action(path[1], path)

    def action_steps(self) -> None:
        """List the steps over the current screen."""
        self.steps.action_steps()

    action_payload = _of_steps("payload")
    action_view = _of_steps("view")
    action_hidden_fields = _of_steps("hidden_fields")

    def action_all_fields(self) -> None:
        """Show all fields, now and in later runs."""
        self._show_all_fields(True, "All fields are shown")

    def action_essential_fields(self) -> None:
        """Fold the fields that few people set, now and in later runs."""
        self._show_all_fields(False, "Essential fields are shown")

    def _show_all_fields(self, everything: bool, message: str) -> None:
        self.session.show_all_fields(everything)
        self.action_back_to_steps()
        self.steps.show_all(everything)
        self.notify(f"{message}, now and in later runs.")

    async def action_preview(self) -> None:
        """Show the preview over the steps, or over the form of an action, to which Esc returns."""
        from screens.form.actions import ActionScreen
        from screens.payload.preview import PreviewScreen
        from screens.payload.review_list import collect_review

        if not isinstance(self.screen, ActionScreen):
            self.action_back_to_steps()
        self.draft.settle()
        self.session.changed()
        # Keys wait until the preview is open.
        content = await asyncio.to_thread(collect_review, self.draft)
        self.push_screen(PreviewScreen(self.draft, self.target, content, self.bases))

    async def action_review(self) -> None:
        """Show the preview, and over it the question before sending if nothing is to fix."""
        await self.action_preview()
        if not self.draft.problems():
            self.action_submit()

    def action_command_palette(self) -> None:
        """Open the palette."""
        preload.preload()
        from screens.flows.palette_entries import open_palette

        open_palette(self)

    async def action_play_voice(self) -> None:
        """Play the voice at the cursor or the chosen one, or end that."""
        await self.go_to_step(Step.VOICE)
        self.steps.play_voice()

    async def action_voice_by_hand(self) -> None:
        """Show the fields of a voice to be filled in."""
        await self.go_to_step(Step.VOICE)
        self.steps.enter_voice_by_hand()

    # --- the draft

    def on_draft_changed(self) -> None:
        """Have the draft saved."""
        self.session.changed()

    async def action_undo(self) -> None:
        """Undo the last change, wherever it was made."""
        await self._go_to_change(self.draft.undo(), "Undone", "There is nothing left to undo.")

    async def action_redo(self) -> None:
        """Make the last undone change again."""
        await self._go_to_change(self.draft.redo(), "Redone", "There is nothing left to redo.")

    async def _go_to_change(self, path: Path | None, done: str, nothing: str) -> None:
        from wizard.draft.draft import PLACE_WORDS

        if path is None:
            self.notify(nothing)
            return
        self.session.changed()
        if path in PLACE_WORDS:
            self.notify(f"{done}: {PLACE_WORDS[path]}.")
        await self._go(path)

    # --- flows

    action_open_file = _flow("open_file.open_file")
    action_compare = _flow("versions.compare")
    action_duplicate = _flow("versions.duplicate")
    action_template = _flow("versions.change_template")
    action_save_template = _flow("versions.save_template")
    action_editor = _flow("external_editor.open_editor")
    action_external_editor = _flow("external_editor.open_external_editor")
    action_blanks = _flow("fill_blanks.fill_blanks")
    action_write = _flow("export.write_payload")
    action_receipts = _flow("receipts.choose_receipt")
    action_model = _flow("rehearse.change_model")
    action_assistants = _flow("assistants.choose_assistant")
    action_key = _flow("change_key.change_key")
    action_enter_key = _flow("submit.enter_key")
    action_clear_sandbox = _flow("assistants.clear_sandbox")

    async def action_rehearse(self) -> None:
        """Rehearse the call. Keys wait until the screen is imported, which takes a moment."""
        flow = await asyncio.to_thread(import_module, "screens.flows.rehearse")
        self.run_flow(flow.rehearse)

    def on_welcome_screen_chosen(self, event: WelcomeScreen.Chosen) -> None:
        """Go on as chosen on the start page."""
        preload.preload()
        self.run_flow(WizardApp._start, event.page, event.option)

    async def _start(self, page: WelcomeScreen, option: StartOption) -> None:
        try:
            if option.is_existing:
                from screens.flows.assistants import open_existing

                await open_existing(self, option)
            else:
                from screens.flows.start import open_option

                await open_option(self, option)
        finally:
            page.is_opening = False

    def on_welcome_screen_current_deleted(self) -> None:
        """Show the start page alone: the draft under it was deleted."""
        self.action_back_to_steps()
        self.switch_screen(self.welcome_screen(is_lowest=True))

    def action_new(self) -> None:
        """Begin another assistant."""
        self.work_on(self.session.begin())

    def action_imported(self) -> None:
        """Show the results of the last import."""
        if self.report is None:
            self.notify("Nothing was imported since the wizard was started.")
        else:
            self._show_lines("What was imported", list(self.report.lines()))

    def on_draft_requested(self, event: DraftRequested) -> None:
        """Open a stored draft."""
        from screens.flows.start import open_draft

        self.run_flow(open_draft, event.draft_id)

    def action_reuse_template(self) -> None:
        """Begin another assistant with the template of this one."""
        from screens.flows.start import start_from

        if template := self.draft.based_on:
            start_from(self, template)

    def copy_to_clipboard(self, text: str) -> None:
        """Copy a text, and report whether it arrived."""
        from screens.terminal.clipboard import copy_text

        copy_text(self, text)

    def on_export_requested(self, event: ExportRequested) -> None:
        """Copy the payload, or ask for a file and write it there."""
        from screens.flows.export import copy_payload, export_to_file

        if event.to_clipboard:
            copy_payload(self, event.form)
        else:
            self.run_flow(export_to_file, event.form)

    def on_copy_requested(self, event: CopyRequested) -> None:
        """Open a new draft with the answers of a receipt."""
        from screens.flows.receipts import copy_receipt

        self.run_flow(copy_receipt, event.receipt_id)

    def on_lookup_requested(self, event: LookupRequested) -> None:
        """Look up an attempt in the list of assistants."""
        from screens.flows.receipts import look_up

        self.run_flow(look_up, event.receipt_id)

    def on_assistant_requested(self, event: AssistantRequested) -> None:
        """Open an existing assistant."""
        from screens.flows.assistants import open_created

        self.run_flow(open_created, event.assistant_id, event.name, event.target)

    def on_restore_requested(self, event: RestoreRequested) -> None:
        """Put back the assistant that an update replaced, after asking."""
        from screens.flows.update import restore

        self.run_beside(restore, event.receipt_id, event.asks_key)

    @cached_property
    def _submit(self) -> Submit:
        from screens.flows.submit import Submit

        return Submit(self)

    @cached_property
    def _update(self) -> Update:
        from screens.flows.update import Update

        return Update(self)

    @property
    def _sender(self) -> Submit | Update:
        """What sends the draft: an existing assistant is updated, a new one is created."""
        return self._update if self.draft.origin else self._submit

    # Not run by `run_flow`: another flow must not cancel a request.

    @work(group="submit")
    async def action_submit(self) -> None:
        """Ask, and send the payload, or the changes."""
        await self._sender.submit()

    @work(group="submit")
    async def on_resend_requested(self, event: ResendRequested) -> None:
        """Ask, and send again."""
        await self._sender.resend(event.options)
