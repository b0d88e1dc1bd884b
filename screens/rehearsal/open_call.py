"""Opens calls with the model that is set, or says why there is none."""

from collections.abc import Callable

from wizard.draft.draft import Draft
from wizard.errors import WizardError
from wizard.rehearsal.call import Call
from wizard.rehearsal.call_record import Line, LineKind
from wizard.rehearsal.model_client import ModelClient, ModelTrouble
from wizard.rehearsal.model_settings import ModelSettings
from wizard.rehearsal.plan import CallPlan, NothingToSay, plan_of
from wizard.rehearsal.prompt import Caller
from wizard.rehearsal.read_through import read_through
from wizard.settings import ModelServer

_NO_MODEL = (
    "No model is set. To talk to your assistant, start a model server, for example Ollama, and set "
    "it up here. Until then, this is what is said and sent word for word:"
)


class NoCall(Exception):
    """There can be no call; `lines` say why, and what can be read without one.

    `needs_model` is whether no model is set or answers, `has_model` whether one is set.
    """

    def __init__(
        self, reason: str, plan: CallPlan | None = None, *, has_model: bool = True
    ) -> None:
        self.needs_model = plan is not None
        self.has_model = has_model
        self.lines = [Line(LineKind.NOTE, reason), *(_readings(plan) if plan else ())]
        super().__init__(reason)


class CallOpener:
    """Keeps the connections of one model server from call to call.

    `settings` say which, and `open_model` connects. `model` is the name of the model and of its
    server.
    """

    def __init__(
        self, settings: ModelSettings, open_model: Callable[[ModelServer], ModelClient]
    ) -> None:
        self.settings = settings
        self._open_model = open_model
        self._client: ModelClient | None = None
        self._has_disclosed = False
        self.model = ""

    async def aclose(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()

    async def open(self, draft: Draft, caller: Caller | None) -> tuple[Call, str]:
        """Make a call with the draft as it is now.

        The first call comes with a sentence on what is sent where. Raises NoCall.
        """
        plan = plan_of(draft)
        try:
            plan.require_texts()
            server = await self.settings.read()
        except NothingToSay as error:
            raise NoCall(f"{error} F6 opens it.") from None
        except WizardError as error:
            raise NoCall(str(error), plan) from None
        if server is None:
            raise NoCall(_NO_MODEL, plan, has_model=False)
        client = await self._connect(server)
        try:
            disclosure = await client.disclosure()
            self.model = f"{await client.model()} at {server.name}"
        except ModelTrouble as trouble:
            raise NoCall(str(trouble), plan) from None
        shown = "" if self._has_disclosed else disclosure
        self._has_disclosed = True
        return Call(plan, client, caller=caller), shown

    async def _connect(self, server: ModelServer) -> ModelClient:
        if self._client is None or self._client.server != server:
            await self.aclose()
            self._client = self._open_model(server)
            self._has_disclosed = False
        return self._client


def _readings(plan: CallPlan) -> list[Line]:
    """The read-through, as lines."""
    lines = []
    for reading in read_through(plan):
        about = f", {reading.about}" if reading.about else ""
        lines.append(Line(LineKind.NOTE, f"{reading.title}{about}"))
        lines.append(Line(LineKind.TEXT, reading.text))
    return lines
