"""The state of a conversation: the draft, its session, the target, the console."""

import asyncio
import re
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from wizard import keyring_store
from wizard.api.client import Client
from wizard.api.outcomes import Outcome
from wizard.api.submission import Submission
from wizard.api.updates import Updates
from wizard.contract.assistant import FIELD_ORDER, QUESTIONS, labels_of
from wizard.contract.conditions import is_empty
from wizard.contract.fields import find, walk
from wizard.contract.masking import masked
from wizard.contract.steps import STEPS
from wizard.draft.draft import PLACE_WORDS, Draft, Source, step_of
from wizard.errors import StoreTrouble, WizardError
from wizard.formats import paths
from wizard.formats.json_text import dump
from wizard.formats.paths import Path
from wizard.formats.text import shorten
from wizard.plain.console import Console
from wizard.plain.navigation import COMMANDS, TURNS, Line, Navigation, Way
from wizard.secret import SecretStr
from wizard.settings import Settings, Target
from wizard.storage.session import Session

_NO_KEY_HERE: Final = "There is no terminal to type a key unseen. Set QCALL_API_KEY instead."


@dataclass(slots=True)
class Context:
    """The state of a conversation, and the commands that work at every question.

    `connect` makes a client for settings; `write` writes a text to a new file and raises
    NotWritten. `outcome` is the outcome of the last request, and `is_sending` whether there is one
    whose outcome is not known yet. `begun` are the path and the lines of an answer whose end was
    not typed yet; `replaced` is its label if it took the place of another when the program ended.
    """

    console: Console
    session: Session
    settings: Settings
    connect: Callable[[Settings], Client]
    write: Callable[[str, str], None]
    outcome: Outcome | None = None
    is_sending: bool = False
    begun: tuple[Path, list[str]] | None = None
    replaced: str = ""
    client: Client = field(init=False)
    runner: asyncio.Runner = field(default_factory=asyncio.Runner)
    _trouble: str = ""

    def __post_init__(self) -> None:
        self.client = self.connect(self.settings)

    @property
    def code(self) -> int:
        """The exit code of what was sent last."""
        return self.outcome.exit_code if self.outcome else 0

    @property
    def draft(self) -> Draft:
        """The open draft."""
        return self.session.draft

    @property
    def target(self) -> Target:
        """The target of requests."""
        return self.settings.target

    @property
    def submission(self) -> Submission:
        """A submission to the current target."""
        return Submission.of(self.client, self.session, self.settings)

    @property
    def updates(self) -> Updates:
        """The updates of the current target."""
        return Updates(
            self.client, self.session.update_receipts, self.target, home=self.session.home
        )

    def close(self) -> None:
        """Close the connections."""
        with self.runner:
            self.runner.run(self.client.aclose())

    def send(self, request: Coroutine[Any, Any, Outcome]) -> Outcome:
        """Return the outcome of a request. An interruption leaves `is_sending` true."""
        self.is_sending = True
        outcome = self.runner.run(request)
        self.is_sending = False
        return outcome

    # --- the draft

    def answer(self, path: Path, value: Any, source: Source = Source.TYPED) -> None:
        """Store an answer and save it before the next question is asked."""
        with self.draft.history.together():
            self.draft.answer(path, value, source)
            self.draft.settle()
        self.keep()

    def keep(self) -> None:
        """Save the draft, with the lines of an unfinished answer; report a failure once."""
        if self.begun and self.begun[1]:
            path, lines = self.begun
            question = find(QUESTIONS, path)
            if question and not is_empty(self.draft.get(path)):
                self.replaced = question.label
            self.draft.answer(path, "\n".join(lines))
            self.begun = None
        self.session.changed()
        if not self.session.trouble:
            self.session.flush()
        self.report_trouble()

    def report_trouble(self) -> None:
        """Report that saving began to fail, or works again."""
        trouble = self.session.trouble
        if trouble != self._trouble:
            self._trouble = trouble
            self.console.say(
                f"Your answers are not saved. {trouble} The review can save them to a file."
                if trouble
                else "Your answers are saved again."
            )

    # --- input

    def read_line(
        self, prompt: str, *, unseen: bool = False, several: bool = False
    ) -> Line | Navigation:
        """Return the next answer, or the place to go to; run other commands first."""
        while True:
            if unseen:
                line = self.console.read_secret(prompt)
            else:
                line = self.console.read(prompt, several=several)
            if line.startswith("\\"):
                return Line(line[1:], literal=True)
            if line in TURNS or line in _COMMANDS or line.startswith(_GO):
                if turn := self.obey(line):
                    return turn
            elif _LIKE_COMMAND.match(line) and not unseen:
                word = line.split(maxsplit=1)[0]
                self.console.refuse(
                    f"There is no command {shorten(word)}. Type ?? to list the commands, or "
                    "\\ in front to answer with this text."
                )
            else:
                return Line(line)

    def obey(self, command: str) -> Navigation | None:
        """Run a command that works everywhere; return its destination, None if it has none."""
        if command in TURNS:
            return TURNS[command]
        if command in _COMMANDS:
            return _COMMANDS[command](self)
        return self._go(command.removeprefix(_GO).strip())

    def agrees(self, question: str, about: Sequence[str] = ()) -> bool | Navigation:
        """Ask for yes or no; an empty line is no, and `?` shows the lines `about` it."""
        while True:
            line = self.read_line(f"{question} Yes or no; an empty line is no:")
            if isinstance(line, Navigation):
                return line
            word = line.text.strip().casefold()
            if word in ("y", "yes"):
                return True
            if word in ("", "n", "no"):
                return False
            if word == "?" and about:
                self.console.say_all(about)
            else:
                self.console.refuse("Answer yes or no.")

    def list_commands(self) -> None:
        """List all commands."""
        self.console.say("What you can type at any question:")
        for typed, does in COMMANDS:
            self.console.say(f"{typed}: {does}.")

    def _go(self, where: str) -> Navigation | None:
        """Go to an answer by its field or label, or to a step by its number or name."""
        path = paths.parse(where)
        if path and path[0] in FIELD_ORDER:
            return Navigation(Way.GO, path)
        for number, step in enumerate(STEPS, 1):
            if where.casefold() in (str(number), step.value, step.label.casefold()):
                return Navigation(Way.GO, step=step)
        for path, _ in walk(QUESTIONS):
            if labels_of(path).casefold() == where.casefold():
                return Navigation(Way.GO, path)
        self.console.refuse(
            f"There is no step and no field {shorten(where)}. Type :steps to list the steps."
        )
        return None

    def _switch_all(self) -> None:
        """Ask every field from now on, or only those that most people set."""
        everything = not self.session.shows_all_fields
        self.session.show_all_fields(everything)
        self.console.say(
            "Every field is asked, now and in later runs."
            if everything
            else "Only the fields that most people set are asked; the others are offered in groups."
        )

    def _steps(self) -> None:
        for number, step in enumerate(STEPS, 1):
            self.console.say(f"{number} {step.label}: {self.draft.state(step)}.")
        self.console.say("Type :go and a number, as in :go 4.")

    def _json(self) -> None:
        """Show the current payload, with its secret masked."""
        self.console.copy(dump(masked(self.draft.compose())))

    def _rehearse(self) -> None:
        """Rehearse the call of the draft, then go on with the question."""
        from wizard.plain.rehearsal_lines import rehearse  # noqa: PLC0415 - rarely needed
        from wizard.rehearsal.model_settings import ModelSettings  # noqa: PLC0415
        from wizard.rehearsal.plan import plan_of  # noqa: PLC0415

        plan, models = plan_of(self.draft), ModelSettings(self.session)
        call = rehearse(plan, models, self.runner, self.console)
        if call is not None:
            with suppress(StoreTrouble):  # the session reports it
                self.session.keep_call(self.draft.id, call.as_json())

    def _undo(self) -> Navigation | None:
        return self._stepped(self.draft.undo(), "Undone", "There is nothing to undo.")

    def _redo(self) -> Navigation | None:
        return self._stepped(self.draft.redo(), "Redone", "There is nothing to redo.")

    def _stepped(self, path: Path | None, done: str, nothing: str) -> Navigation | None:
        if path is None:
            self.console.say(nothing)
            return None
        self.keep()
        if step_of(path) is None:
            self.console.say(f"{done}: {PLACE_WORDS.get(path) or labels_of(path)}.")
            return None
        question = find(QUESTIONS, path[:1])
        if question and question.meta.from_voice:
            self.console.say(f"{done}: the voice.")
            return Navigation(Way.GO, step=question.step)
        self.console.say(f"{done}: {labels_of(path)}.")
        return Navigation(Way.GO, path)

    # --- the key

    def ask_key(self) -> None:
        """Ask for an API key, unseen; in a pipe that is refused."""
        url = self.settings.key_url
        if url is None:
            self.console.say(
                "The wizard was started with --sandbox, where a key changes nothing. Start it "
                "without --sandbox to use the API."
            )
        elif not self.console.has_terminal:
            self.console.refuse(_NO_KEY_HERE)
        else:
            self._take_key(url)

    def _take_key(self, url: str) -> None:
        self.console.say(
            f"The key is sent only to {Target(url).name} and stays in memory until you quit. It is "
            "not shown as you type. An empty line cancels."
        )
        key = SecretStr(self.console.read_secret("API key:").strip())
        if not key:
            self.console.say("No key was entered.")
            return
        self.runner.run(self.client.aclose())
        self.settings = self.settings.with_key(key)
        self.client = self.connect(self.settings)
        self.console.say(f"Assistants are now created {self.target.place}. {self.target.effect}")
        if self.agrees("Store the key in the system keyring?") is True:
            self._store(url, key)

    def _store(self, url: str, key: Any) -> None:
        try:
            keyring_store.store_key(url, key)
            self.session.remember(keyring_store.SETTING, url)
        except WizardError as error:
            self.console.say(f"The key is only in memory. {error}")
        else:
            self.console.say("The key is stored in the system keyring.")


_COMMANDS: Final[dict[str, Callable[[Context], Navigation | None]]] = {
    "??": Context.list_commands,
    ":help": Context.list_commands,
    ":all": Context._switch_all,  # noqa: SLF001 - its own
    ":steps": Context._steps,  # noqa: SLF001
    ":json": Context._json,  # noqa: SLF001
    ":rehearse": Context._rehearse,  # noqa: SLF001
    ":undo": Context._undo,  # noqa: SLF001
    ":redo": Context._redo,  # noqa: SLF001
    ":key": Context.ask_key,
}

_GO: Final = ":go "
# A word that is typed as commands are.
_LIKE_COMMAND: Final = re.compile(r":[a-z]+(?:\s|$)")
