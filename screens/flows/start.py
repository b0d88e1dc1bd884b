"""The start: the first screen, and the ways from it to a draft."""

from __future__ import annotations

import os
from asyncio import to_thread
from functools import partial
from typing import TYPE_CHECKING

from textual.reactive import reactive
from textual.suggester import Suggester

from screens import preload
from screens.keys.key_queue import KeyQueue
from screens.widgets.inputs import pictured
from wizard.errors import CatalogueUnavailable, InUse, WizardError
from wizard.settings import Target

if TYPE_CHECKING:
    from screens.form.steps_screen import StepsScreen
    from screens.pages.welcome import StartOption, WelcomeScreen
    from wizard.api.client import Client
    from wizard.api.voice_catalogue import Catalogue
    from wizard.draft.draft import Draft
    from wizard.exchange.importing import Found, Report
    from wizard.storage.session import Session
    from wizard.templates import Template


class StartFlow(KeyQueue):
    """The part of the app that finds out which draft is worked on."""

    session: Session
    target: reactive[Target] = reactive(Target(""), init=False)
    report: Report | None = None

    # Textual's own blank screen, and the one under all others.
    _LOWEST = 2

    @property
    def client(self) -> Client:
        """The API client."""
        raise NotImplementedError

    def action_key(self) -> None:
        """Ask for an API key."""
        raise NotImplementedError

    # --- the screens at the bottom

    def show_first(self, *, welcome: bool) -> None:
        """Show the first screen of all."""
        self.push_screen(self._welcome() if welcome else self._steps_of(self.session.draft))

    @property
    def has_steps(self) -> bool:
        """Whether there are steps to go back to: not before a draft was begun."""
        from screens.form.steps_screen import StepsScreen

        return any(isinstance(screen, StepsScreen) for screen in self.screen_stack)

    def action_back_to_steps(self) -> None:
        """Close every screen over the steps, or over the first screen."""
        while len(self.screen_stack) > self._LOWEST:
            self.pop_screen()

    def _work_on(self, draft: Draft) -> None:
        """Show another draft."""
        self.action_back_to_steps()
        self.switch_screen(self._steps_of(draft))

    def refresh_screens(self) -> None:
        """Show the draft, or the first screen, as it is on another target."""
        self.action_back_to_steps()
        if self.has_steps:
            self._work_on(self.session.draft)
        else:
            self.switch_screen(self._welcome())

    def _steps_of(self, draft: Draft) -> StepsScreen:
        from screens.form.steps_screen import StepsScreen

        return StepsScreen(draft, self._catalogue)

    async def _catalogue(self) -> Catalogue:
        """Read the voices of the target; CatalogueUnavailable if that fails."""
        from wizard.api.voice_catalogue import Catalogue

        voices = await self.client.voices()
        if not voices:
            raise CatalogueUnavailable("The catalogue has no voices.")
        # Sorting thousands of voices takes long enough to delay a key.
        return await to_thread(Catalogue, voices)

    def _welcome(self) -> WelcomeScreen:
        from screens.pages.welcome import WelcomeScreen

        return WelcomeScreen(self.session, self.target)

    def action_drafts(self) -> None:
        """Show the drafts, the templates and the other ways to begin."""
        self.action_back_to_steps()
        if self.has_steps:
            self.push_screen(self._welcome())

    def action_leave_welcome(self) -> None:
        """Go back from the first screen to the steps, if a draft is open."""
        if self.has_steps:
            self.action_back_to_steps()

    # --- the ways in

    async def on_welcome_screen_chosen(self, event: WelcomeScreen.Chosen) -> None:
        """Go the way that was chosen."""
        preload.preload()
        option: StartOption = event.option
        match option.what:
            case "draft":
                self.open_draft(option.name)
            case "template":
                self.begin_from(option.name)
            case "open":
                self.action_open_file()
            case "key":
                self.action_key()
            case _:
                self.action_new()

    def action_new(self) -> None:
        """Begin another assistant."""
        self._work_on(self.session.begin())

    def begin_from(self, name: str) -> None:
        """Begin another assistant from a template."""
        from wizard.templates import find_template

        try:
            self.start_from(find_template(name, self.session.home))
        except WizardError as error:
            self.notify(str(error), severity="error", markup=False)

    def start_from(self, template: Template) -> None:
        """Begin another assistant from a template."""
        draft = self.session.begin()
        draft.start_from(template)
        draft.go_to_first_gap()
        self.session.changed()
        self._work_on(draft)

    def open_draft(self, draft_id: str) -> None:
        """Open a draft; offer a copy if another wizard has it open."""
        from screens.dialogs.menu import Menu

        try:
            self._work_on(self.session.open(draft_id))
        except InUse as error:
            options = {draft_id: "Open a copy", "": "Choose another"}
            self.push_screen(Menu(f"{error}", options), self._chose_copy)
        except WizardError as error:
            self.notify(str(error), severity="error", markup=False)

    def _chose_copy(self, chosen: str | None) -> None:
        if chosen:
            self._work_on(self.session.open_copy(chosen))
        else:
            self.action_drafts()

    def action_open_file(self) -> None:
        """Ask for a payload in a file, to begin with its answers."""
        self._ask_file("")

    def _ask_file(self, name: str, trouble: str = "") -> None:
        from screens.dialogs.prompt import PromptScreen

        message = "A payload, a curl command, or a script as .txt or .md. → completes a name."
        about = trouble or message
        asked = PromptScreen("Open a file", about, name, suggester=FileNames())
        self.push_screen(asked, self._open_file)

    def _open_file(self, name: str | None) -> None:
        from screens.dialogs.menu import Menu
        from wizard.exchange import importing

        if not (name and name.strip()):
            return
        try:
            found = importing.read(name)
        except WizardError as error:
            self._ask_file(name, str(error))
            return
        if len(found.candidates) == 1:
            self._take(found, "0")
            return
        options = {str(n): candidate.title for n, candidate in enumerate(found.candidates)}
        self.push_screen(Menu("Begin with which one", options), partial(self._take, found))

    def _take(self, found: Found, chosen: str | None) -> None:
        """Begin with one of the assistants that a file holds."""
        from wizard.exchange import importing

        if chosen is None:
            return
        imported = importing.take(found, int(chosen))
        self._work_on(self.session.begin(imported.draft))
        self.session.changed()
        self.report = imported.report
        self.notify(pictured(imported.report.sentence), markup=False)

    def action_imported(self) -> None:
        """Show the results of the last import."""
        from screens.dialogs.report import ReportScreen

        if self.report is None:
            self.notify("Nothing was imported since the wizard was started.", markup=False)
        else:
            self.push_screen(ReportScreen("What was imported", list(self.report.lines())))


class FileNames(Suggester):
    """Completes the name of a file or a folder as it is typed."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        """The first name in the folder that begins so; a folder ends with a slash."""
        folder, begun = os.path.split(value)
        try:
            with os.scandir(os.path.expanduser(folder) or ".") as entries:
                found = sorted(
                    entry.name + ("/" if entry.is_dir() else "")
                    for entry in entries
                    if entry.name.startswith(begun) and (begun or not entry.name.startswith("."))
                )
        except OSError:
            return None
        return value[: len(value) - len(begun)] + found[0] if found and value else None
