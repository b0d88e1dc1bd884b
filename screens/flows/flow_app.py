"""The app as flows know it: its session, its connections, and the screen under all others."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING

from textual import work
from textual.reactive import reactive

from screens.widgets.notifications import NotifyingApp
from wizard.errors import WizardError
from wizard.settings import ModelServer, Settings, Target
from wizard.storage.session import Session

if TYPE_CHECKING:
    from screens.form.steps_screen import StepsScreen
    from screens.pages.assistant_cache import AssistantCache
    from screens.pages.welcome import WelcomeScreen
    from wizard.api.client import Client
    from wizard.api.http_client import Exchange
    from wizard.api.records import Listing
    from wizard.api.voice_catalogue import Catalogue, Voice
    from wizard.contract.steps import Step
    from wizard.draft.draft import Draft
    from wizard.draft.review import Base
    from wizard.exchange.importing import Report
    from wizard.rehearsal.model_client import ModelClient
    from wizard.rehearsal.model_settings import ModelSettings
    from wizard.sandbox.sandbox_store import MemoryStore

# The setting that stores the chosen theme.
_THEME = "theme"
# Textual's blank screen, and the one under all others.
_LOWEST_SCREENS = 2


class FlowApp(NotifyingApp):
    """An app with a session and a way to connect.

    `sandbox_store` stores the sandbox's assistants, None if they cannot be deleted. `report` lists
    the results of the last import. `on_exchange` is called after every request to the model of
    rehearsals.
    """

    target: reactive[Target] = reactive(Target(""), init=False)
    trouble = reactive("")
    # The name of the existing assistant that the draft changes; empty for a new one.
    editing = reactive("")

    def __init__(
        self,
        session: Session,
        settings: Settings,
        connect: Callable[[Settings], Client],
        *,
        sandbox_store: MemoryStore | None = None,
        report: Report | None = None,
        on_exchange: Callable[[Exchange], None] | None = None,
    ) -> None:
        super().__init__()
        self.session = session
        self.settings = settings
        self.sandbox_store = sandbox_store
        self.report = report
        self.set_reactive(FlowApp.target, settings.target)
        self.set_reactive(FlowApp.trouble, session.trouble)
        self._connect = connect
        self._on_exchange = on_exchange
        self._client: Client | None = None
        self._account: AssistantCache | None = None

    @property
    def draft(self) -> Draft:
        """The draft that is edited."""
        return self.session.draft

    def stored_theme(self) -> str | None:
        """Return the theme that was chosen before, if it still exists."""
        with suppress(WizardError):
            stored = self.session.setting(_THEME)
            return stored if stored in self.available_themes else None
        return None

    def choose_theme(self, name: str) -> None:
        """Use a theme now and in later runs."""
        self.theme = name
        with suppress(WizardError):  # the session reports it, too
            self.session.remember(_THEME, name)

    # --- connections

    def use_settings(self, settings: Settings) -> None:
        """Connect with other settings from now on."""
        self.settings = settings
        self.target = settings.target
        self._client = self._account = None

    @property
    def client(self) -> Client:
        """The API client; made when it is first needed."""
        if self._client is None:
            self._client = self._connect(self.settings)
        return self._client

    @property
    def account(self) -> AssistantCache:
        """The assistants of the target, read when they are first needed."""
        from screens.pages.assistant_cache import AssistantCache

        if self._account is None:
            self._account = AssistantCache(
                self._read_assistants, self.target.place, self.session.store.clock
            )
        return self._account

    async def _read_assistants(self) -> Listing:
        """Read the assistants of the target; raises AssistantsUnavailable."""
        if self.target.is_sandbox and self.sandbox_store and not self.sandbox_store.all():
            from wizard.api.records import Listing

            return Listing(())  # nothing has to be loaded for an empty sandbox
        return await self.client.records()

    @cached_property
    def model_settings(self) -> ModelSettings:
        """The model server of rehearsals."""
        from wizard.rehearsal.model_settings import ModelSettings

        return ModelSettings(self.session)

    def open_model(self, server: ModelServer) -> ModelClient:
        """Return a client for a model server."""
        from wizard.rehearsal.model_client import ModelClient

        return ModelClient(server, on_exchange=self._on_exchange)

    # --- screens

    def welcome_screen(self, *, is_lowest: bool) -> WelcomeScreen:
        """Return a new start page; the lowest screen has no steps to go back to."""
        from screens.pages.welcome import WelcomeScreen

        account = self.account if self.settings.key else None
        return WelcomeScreen(self.session, self.target, account, is_lowest=is_lowest)

    def steps_screen(self, draft: Draft) -> StepsScreen:
        """Return the steps of a draft."""
        from screens.form.steps_screen import StepsScreen

        self.editing = draft.origin.record.name if draft.origin else ""
        return StepsScreen(
            draft,
            self._read_voices,
            self._play_sample,
            self.bases,
            shows_all=self.session.shows_all_fields,
        )

    async def _read_voices(self) -> Catalogue:
        from wizard.api.voice_catalogue import read_catalogue

        return await read_catalogue(self.client.voices())

    async def _play_sample(self, voice: Voice) -> None:
        from screens.flows.play_sample import play_sample

        await play_sample(self, self.client, voice)

    def bases(self, draft: Draft) -> list[Base]:
        """Return the payloads to compare a draft with. Raises StoreTrouble and Unreadable."""
        from wizard.draft.review import bases

        return bases(draft, self.session.receipts)

    @property
    def steps(self) -> StepsScreen:
        """The main screen, which is at the bottom of the stack once a draft was begun."""
        from screens.form.steps_screen import StepsScreen

        return next(screen for screen in self.screen_stack if isinstance(screen, StepsScreen))

    @property
    def has_steps(self) -> bool:
        """Whether a draft is open: the steps are at the bottom then, and else the start page."""
        from screens.pages.welcome import WelcomeScreen

        return not all(isinstance(screen, WelcomeScreen) for screen in self.screen_stack[1:2])

    def action_back_to_steps(self) -> None:
        """Close every screen over the steps, or over the first screen."""
        while len(self.screen_stack) > _LOWEST_SCREENS:
            self.pop_screen()

    def work_on(self, draft: Draft) -> None:
        """Show another draft."""
        self.action_back_to_steps()
        self.switch_screen(self.steps_screen(draft))

    async def go_to_step(self, step: Step) -> None:
        """Show a step."""
        self.action_back_to_steps()
        await self.steps.go(step)

    def action_drafts(self) -> None:
        """Show the start page."""
        self.action_back_to_steps()
        if self.has_steps:
            self.push_screen(self.welcome_screen(is_lowest=False))

    # --- flows

    @work(group="flow", exclusive=True)
    async def run_flow(self, flow: Callable[..., Awaitable[None]], *arguments: object) -> None:
        """Run a flow and report its error. It cancels the one before, whose screen may be gone."""
        try:
            await flow(self, *arguments)
        except WizardError as error:
            self.show_error(error)

    # The description of a worker would have the whole text of a copy.
    @work(group="beside", description="beside")
    async def run_beside(self, flow: Callable[..., Awaitable[None]], *arguments: object) -> None:
        """Run a part of a flow that nothing cancels."""
        await flow(self, *arguments)
