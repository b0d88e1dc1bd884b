"""The plain questions: the same job as lines of text, in process, over a pipe and in a pty."""

import asyncio
import io
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path as FilePath
from tempfile import TemporaryDirectory
from threading import Event
from typing import Any

import keyring
import pexpect
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from keyring.backends import fail

from tests import fork_server
from tests.commands.test_cli import broken_output
from tests.disks import wait_for
from tests.draft.test_one_place import QUESTIONS as NEXT_YEAR
from tests.examples import at, full, meeting, minimal, sms, with_, without, zeplo
from tests.keyrings import MemoryKeyring, use
from tests.listener import Answer, listening
from tests.person import answer, opened
from tests.samples import Player, on_path, program
from tests.serving import served
from tests.terminal import ROOT, Terminal
from wizard.api.connection import connect
from wizard.cli import qcall_wizard
from wizard.commands.output import visible
from wizard.contract.applicability import applying
from wizard.contract.assistant import QUESTIONS
from wizard.contract.choices import ACTION_TYPES
from wizard.contract.fields import Kind, Question, find, walk
from wizard.draft.draft import Draft
from wizard.exchange.set_expression import set_answer
from wizard.formats import paths
from wizard.formats.json_text import dump
from wizard.formats.paths import MISSING, Path
from wizard.formats.text import MAX_CHARACTERS
from wizard.plain.console import Console, EndOfInput, InvalidLine
from wizard.plain.conversation import Conversation
from wizard.plain.conversation_state import Context
from wizard.plain.reading import OF_MANY_LINES, are_numbers, listing_of, read
from wizard.plain.wording import help_of, how
from wizard.sandbox.sandbox_app import Fault
from wizard.sandbox.sandbox_store import MemoryStore
from wizard.secret import SecretStr
from wizard.settings import SANDBOX, Settings, Target
from wizard.storage.session import Session
from wizard.storage.sqlite_file import FILE_NAME
from wizard.storage.store import open_store
from wizard.templates.library import all_templates, find_template

KEY = "canary-key-5f1c7a90-wxyz"
WIDGET_KEY = "widget-key"
ESCAPE = "\x1b"


# --- a conversation inside this process


class Typed:
    """Lines that were typed beforehand."""

    def __init__(self, *lines: str) -> None:
        self._bytes = io.BytesIO("".join(f"{line}\n" for line in lines).encode())

    def readline(self) -> bytes:
        return self._bytes.readline()


class Heard:
    """A conversation that was held, with everything it said."""

    def __init__(
        self,
        lines: Any,
        draft: Draft | None = None,
        session: Session | None = None,
        *,
        welcome: bool = False,
        columns: int | None = None,
        url: str = SANDBOX,
        key: str | None = "sandbox",
        stops: bool = False,
        unseen: Callable[[str], str] | None = None,
    ) -> None:
        self.session = session or Session.in_memory()
        if draft is not None:
            self.session.begin(draft)
        self._out = io.StringIO()
        talk = Console(lines, self._out, columns=columns, shown=visible, stops=stops, unseen=unseen)
        known = Settings(Target(url), SecretStr(key) if key else None, FilePath())
        self.context = Context(talk, self.session, known, connect, self._write)
        self.written: dict[str, str] = {}
        self.code: int | None = None
        self.misfit = ""
        self._welcome = welcome

    def hold(self) -> "Heard":
        """Hold it to the end of the lines, or to its own."""
        try:
            self.code = Conversation(self.context, welcome=self._welcome).run()
        except EndOfInput:
            self.code = None
        except InvalidLine as misfit:
            self.misfit = str(misfit)
        finally:
            self.context.close()
        return self

    @property
    def said(self) -> str:
        return self._out.getvalue()

    @property
    def draft(self) -> Draft:
        return self.session.draft

    def _write(self, name: str, text: str) -> None:
        self.written[name] = text


def hold(*lines: str, **options: Any) -> Heard:
    return Heard(Typed(*lines), **options).hold()


def asked(*lines: str, field: str = "", **options: Any) -> Heard:
    """Go to a field first, and leave in the end."""
    return hold(*([f":go {field}"] if field else []), *lines, ":leave", **options)


class Person:
    """Answers each question with the payload's value, as a person would type it."""

    def __init__(self, payload: dict[str, Any]) -> None:
        self._payload = payload
        self._waiting: list[str] = []
        self._added = 0
        self._patience = 1000
        self.context: Context | None = None

    def readline(self) -> bytes:
        self._patience -= 1
        assert self._patience, "the questions go round in circles"
        if not self._waiting:
            self._waiting = list(self._answer())
        return f"{self._waiting.pop(0)}\n".encode()

    def _answer(self) -> Iterator[str]:
        assert self.context is not None
        path = self.context.draft.focus
        if not path:
            yield "hand"  # the voice is typed by hand
        elif path[0] == "actions" and len(path) < 3:
            yield self._next_action()
        else:
            yield from self._lines(path)

    def _next_action(self) -> str:
        actions = self._payload.get("actions", [])
        if self._added == len(actions):
            return ">"
        self._added += 1
        return f"add {list(ACTION_TYPES).index(actions[self._added - 1]['type']) + 1}"

    def _lines(self, path: Path) -> Iterator[str]:
        question, value = find(QUESTIONS, path), paths.get(self._payload, path)
        assert question is not None
        if value is MISSING and question.meta.propose:
            yield "."
        elif value is MISSING:
            yield "-"
            yield ">"
        elif isinstance(path[-1], int):
            yield f"\\{value}"  # a hint of a template's placeholder
        elif question.kind in OF_MANY_LINES:
            first, *rest = _long(question, value).split("\n")
            yield f"\\{first}"
            yield from (f".{line}" if line and not line.strip(".") else line for line in rest)
            yield "."
        else:
            yield _short(question, value)


def _long(question: Question, value: Any) -> str:
    if question.kind is Kind.LINES:
        return "\n".join(value)
    return str(value) if question.kind is Kind.LONG_TEXT else dump(value)


def _short(question: Question, value: Any) -> str:
    if question.kind is Kind.SEVERAL:
        chosen = value.split(",") if question.joined else value
        return ", ".join(str(list(question.options).index(one) + 1) for one in chosen) or "-"
    if question.kind is Kind.FLAG:
        return "yes" if value else "2"
    if question.kind is Kind.CHOICE and not are_numbers(question):
        return str(list(question.options).index(value) + 1)
    return f"\\{value}" if isinstance(value, str) else dump(value)


def by_plain_questions(payload: dict[str, Any]) -> Draft:
    """A draft of a person's answers to the plain questions, from nothing to the review."""
    person = Person(payload)
    heard = Heard(person)
    person.context = heard.context
    heard.context.console.read = _stopping(heard.context.console.read)  # type: ignore[method-assign]
    heard.hold()
    return heard.draft


def _stopping(read_line: Callable[..., str]) -> Callable[..., str]:
    """Ends at the review: whoever answers questions has nothing to choose there.

    All groups of fields are asked for.
    """

    def stopping(prompt: str = "", **more: bool) -> str:
        if prompt == "Choose:":
            raise EndOfInput
        if prompt.startswith("Also set: "):
            return "yes"
        return read_line(prompt, **more)

    return stopping


def by_set(payload: dict[str, Any]) -> Draft:
    """A draft of the same answers, as `new --set` takes them."""
    draft = Draft()
    draft.answer(("end_call_message",), "")
    for name, value in payload.items():
        if name == "actions":
            for number, action in enumerate(value):
                for member, inside in action.items():
                    _set(draft, f"actions[{number}].{member}", inside)
        else:
            _set(draft, name, value)
    return draft


def _set(draft: Draft, field: str, value: Any) -> None:
    set_answer(draft, f"{field}={dump(value)}", lambda name: name)


def engine(payload: dict[str, Any]) -> Draft:
    """A draft of the same answers, as the screens give them."""
    draft = Draft()
    draft.answer(("end_call_message",), "")
    for name, value in payload.items():
        draft.answer((name,), value)
    return draft


def without_derived(payload: dict[str, Any]) -> dict[str, Any]:
    """A payload of the fields that a new draft asks for: no old form, nothing from a template.

    A voice object is asked for if the AI model needs one, or if there is one already.
    """
    if "source" in payload["voice_data"]:
        payload = with_(payload, "ai_modal", "qmodel")
        payload = with_(payload, "voice_data.ai_modal", "qmodel")
    actions = [one for one in payload.get("actions", []) if "whatsapp" not in one]
    payload = without(payload, "is_start_speech_update")
    return with_(payload, "actions", actions) if actions else payload


@pytest.mark.parametrize(
    "payload",
    [
        minimal(),
        without_derived(full()),
        minimal() | {"type": "inbound", "language": "hi", "end_call_message": ".. ? \\"},
        minimal() | {"script": "?\n\n@file\n <b>\n.\n..\n\\", "name": "@Asha", "goal": "1"},
        minimal() | {"actions": [meeting()], "voice_speed": 2, "temperature": 1},
    ],
    ids=["minimal", "full", "odd last words", "odd texts", "a meeting"],
)
def test_plain_questions_commands_and_drafts_give_the_same_bytes(payload: dict[str, Any]) -> None:
    bodies = {dump(dict(make(payload).compose())) for make in (by_plain_questions, by_set, engine)}
    assert bodies == {dump(Draft.imported(payload).payload().data)}


async def test_the_screens_give_the_same_bytes() -> None:
    payload = minimal() | {"name": "आशा", "is_voice_note": True, "voice_note": "We call again."}
    payload |= {"is_filler": True, "fillers": ["uhh"], "script": "You are Asha.\nAsk & [listen]."}
    async with opened() as pilot:
        for asked in applying(QUESTIONS, payload):
            value = paths.get(payload, asked.path)
            if value is not MISSING and value != asked.question.default:
                await answer(pilot, **{"__".join(map(str, asked.path)): value})
        await answer(pilot, end_call_message="")
        shown = pilot.app.draft.payload().body
    # The plain questions have their own event loop.
    plain = await asyncio.to_thread(by_plain_questions, payload)
    assert shown == plain.payload().body
    assert shown == by_set(payload).payload().body


LINE = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\n\r"), max_size=12)
WORDS = LINE.filter(lambda text: bool(text.strip()))
TEXT = st.lists(LINE, min_size=1, max_size=5).map("\n".join).filter(lambda text: bool(text.strip()))


@settings(max_examples=15, deadline=None)
@given(
    name=WORDS,
    goal=WORDS,
    script=TEXT,
    start_speech=WORDS,
    speed=st.sampled_from([1, 1.1, 1.5, 2]),
    fillers=st.lists(st.sampled_from(["umm", "uhh"]), min_size=1, max_size=2, unique=True),
)
def test_any_answers_give_the_same_bytes(speed: float, fillers: list[str], **texts: str) -> None:
    in_order = sorted(fillers, reverse=True)
    payload = minimal() | texts | {"voice_speed": speed, "is_filler": True, "fillers": in_order}
    assert by_plain_questions(payload).payload().body == engine(payload).payload().body
    assert by_set(payload).payload().body == engine(payload).payload().body


VOICE = {
    name: value
    for name, value in minimal().items()
    if name in ("accent", "voice_id", "voice_name", "ai_modal", "voice_data")
}


@settings(max_examples=8, deadline=None)
@given(
    template=st.sampled_from([made.name for made in all_templates(None).templates]),
    names=st.permutations(["name", "company_name"]),
    said=st.tuples(WORDS, WORDS),
    again=WORDS,
)
def test_a_template_and_the_same_names_give_the_same_bytes(
    template: str, names: list[str], said: tuple[str, str], again: str
) -> None:
    """Plain questions, `new`, `export` of the stored draft and the screens' draft."""
    typed = [*VOICE.items(), *zip(names, said, strict=True), (names[0], again)]
    screens = Draft()
    screens.start_from(find_template(template, None))
    for name, value in typed:
        screens.answer((name,), value)
    with TemporaryDirectory() as home:
        session = Session(FilePath(home), open_store(FilePath(home)))
        draft = Draft()
        draft.start_from(find_template(template, None))
        lines = [
            line
            for name, value in typed
            for line in (f":go {name}", f"\\{value if isinstance(value, str) else dump(value)}")
        ]
        # What is asked in many lines ends with a line that holds a point alone.
        lines.insert(lines.index(":go voice_data") + 2, ".")
        heard = hold(*lines, ":review", "2", ":leave", draft=draft, session=session)
        session.close()
        stored = _printed("--home", home, "export", draft.id, "--as", "json")
    sets = [word for name, value in typed for word in ("--set", f"{name}={dump(value)}")]
    made = _printed("new", "--template", template, *sets)
    body = screens.payload().body
    assert heard.draft.payload().body == body
    assert (stored, made) == (body + b"\n", body + b"\n")
    for own in ("{{assistant_name}}", "{{company_name}}"):
        assert own not in heard.said
        assert own.encode() not in body


def _printed(*arguments: str) -> bytes:
    return CliRunner().invoke(qcall_wizard, arguments, standalone_mode=False).stdout_bytes


def test_a_name_is_undone_together_with_its_texts() -> None:
    draft = Draft()
    draft.start_from(find_template("win-back", None))
    said = draft.get(("script",))
    asked(r"\Mia", ":undo", field="name", draft=draft)
    assert draft.get(("name",)) is MISSING
    assert draft.get(("script",)) == said
    draft.redo()
    assert draft.get(("script",)) == said.replace("{{assistant_name}}", "Mia")


# --- single questions


def test_every_kind_of_question_can_be_answered() -> None:
    typed = {
        Kind.TEXT: "words",
        Kind.LONG_TEXT: "words",
        Kind.SECRET: "words",
        Kind.NUMBER: "1",
        Kind.FLAG: "no",
        Kind.CHOICE: "1",
        Kind.SEVERAL: "1",
        Kind.LINES: "one\ntwo",
        Kind.OBJECT: "{}",
    }
    values = {Kind.NUMBER: 1, Kind.FLAG: False, Kind.LINES: ["one", "two"], Kind.OBJECT: {}}
    asked_for = {question for _, question in walk(QUESTIONS)}
    for question in asked_for:
        if question.kind in (Kind.GROUP, Kind.LIST):
            continue  # asked through what is in them
        value = read(question, typed[question.kind], listing_of(question))
        first = next(iter(question.options), None)
        if question.kind is Kind.CHOICE:
            assert value == (1 if are_numbers(question) else first), question.name
        elif question.kind is Kind.SEVERAL:
            assert value == (first if question.joined else [first]), question.name
            both = read(question, "2, 1", listing_of(question))
            options = [*question.options][:2]
            assert both == (",".join(options) if question.joined else options), question.name
        else:
            assert value == values.get(question.kind, "words"), question.name
    assert {one.kind for one in asked_for} == {*typed, Kind.GROUP, Kind.LIST}


def test_a_field_of_next_year_is_asked_without_another_line() -> None:
    """What a line in a model says is all that these questions read."""
    music = find(NEXT_YEAR, ("music",))
    loudness = find(NEXT_YEAR, ("song", "loudness"))
    assert music is not None
    assert loudness is not None
    listing = listing_of(music)
    assert listing is not None
    assert read(music, "2", listing) == "jazz"
    assert read(music, "no music", listing) == "none"
    assert read(loudness, "3.5", None) == 3.5
    assert help_of(music) == "What is heard while the caller waits."
    assert how(loudness) == ""


@pytest.mark.parametrize(
    ("field", "lines", "answer"),
    [
        ("type", ["out"], "outbound"),
        ("type", ["INBOUND"], "inbound"),
        ("name", ["\\?"], "?"),
        ("name", ["\\\\"], "\\"),
        ("goal", ["3"], "Appointments and reminders"),
        ("goal", ["\\3"], "3"),
        ("goal", ["/market", "7"], "Market research"),
        ("language", ["/हिन्दी", "3"], "hi"),
        ("voice_speed", ["2"], 2),
        ("is_recording", ["y"], True),
        ("end_call_message", ["."], ""),
        ("end_call_message", ["One. Two."], "One. Two."),
        ("end_call_message", ["One.", ".", "<"], "One."),
        ("script", ["One.", "", "...", "."], "One.\n\n.."),
        ("maximum_time_per_call", ["7.5"], 7.5),
    ],
)
def test_an_answer(field: str, lines: list[str], answer: Any) -> None:
    assert at(asked(*lines, field=field).draft.answers, field) == answer


@pytest.mark.parametrize(
    ("field", "line", "expected"),
    [
        ("type", "5", "5 is not one of the choices. Type a number, or the beginning of the words."),
        ("company_website", "acme", "Website: Enter a web address, for example https://example.com."),
        ("name", "   ", "Name: Required."),
        ("name", "", "Name: Required."),
        ("voice_speed", "3", "Speed: Choose one of 1, 1.1"),
        ("voice_speed", "fast", 'Speed: Enter one of 1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, '
         '1.9, 2; "fast" is text.'),
        ("is_recording", "perhaps", "Answer yes or no."),
        ("script", "@/no/such/file", "/no/such/file: there is no such file"),
        ("language", "t", "2 choices begin with t. Type more characters, or the number."),
    ],
)  # fmt: skip
def test_an_error_is_shown_and_the_question_repeated(field: str, line: str, expected: str) -> None:
    heard = asked(line, field=field)
    assert expected in heard.said
    assert at(heard.draft.answers, field) is MISSING
    question = find(QUESTIONS, (field,))
    assert question is not None
    # The question is asked by name, and asked again.
    end = ", a single full stop ends it" if field == "script" else ""
    assert heard.said.endswith(f"\n{question.label}{end}:\n")


def test_the_effect_of_an_empty_line_is_shown() -> None:
    draft = Draft.imported(minimal())
    draft.answer(("name",), "Rohan")
    said = asked(field="name", draft=draft).said
    assert "An empty line keeps: Rohan." in said
    assert (
        "An empty line keeps: Acme Dental, from: imported."
        in asked(field="company_name", draft=draft).said
    )
    assert "An empty line keeps the default: 10." in asked(field="maximum_time_per_call").said
    proposed = hold(":go language", "de", ":leave").said
    assert "An empty line keeps the suggestion: Vielen Dank für Ihre Zeit." in proposed
    assert "An empty line skips it." in asked(field="company_website").said


def test_an_answer_can_be_removed() -> None:
    heard = asked("-", field="name", draft=Draft.imported(minimal()))
    assert heard.draft.get(("name",)) is MISSING
    assert "Your answer is removed. Required: non-blank text" in heard.said.replace("\n", " ")


def test_help_lists_everything_about_a_question() -> None:
    said = asked("?", field="ai_modal", draft=Draft.imported(full())).said
    for expected in (
        "Comes with the voice; qmodel for QCall's own.",
        "Field: ai_modal.",
        "Must be: non-blank text.",
        "Asked: always.",
        "Sent: always.",
        "Now: elevenlabs (imported).",
        "Note: The API spells it modal.",
    ):
        assert expected in said
    script = asked("?", field="script", draft=Draft.imported(minimal())).said
    assert "If they want no more calls, promise that." in script
    commands = asked("??").said
    assert "<: back to the question before." in commands


def test_back_is_never_blocked() -> None:
    heard = hold("outbound", "<", "<", "", ">", ">", ">", ">", "<", "<<", "<", ":leave")
    # Back from the first question is the start.
    assert heard.said.count("How would you like to begin?") == 2
    assert heard.code == 0
    last = hold(":go maximum_time_per_call", "soon", "<", ":leave")
    offer = "Also set: {} (1 field, default)? Yes or no; an empty line is no:"
    assert last.said.rstrip().endswith(offer.format("Zapier"))
    review = hold(":review", "<", ":leave")
    assert review.said.rstrip().endswith(offer.format("Widget on a website"))


def test_each_step_is_named_once_with_its_number() -> None:
    said = hold(*[">>"] * 6, ":leave").said
    assert re.findall(r"Step \d of 6: [\w ]+", said) == [
        "Step 1 of 6: Type",
        "Step 2 of 6: Language",
        "Step 3 of 6: Voice",
        "Step 4 of 6: Script",
        "Step 5 of 6: Actions",
        "Step 6 of 6: Tuning",
    ]
    assert "Missing or wrong in this step:\nType: Required." in said
    assert "AI model ID: 1. Always 1." in said


def test_undo_and_redo_return_to_the_question() -> None:
    heard = hold("outbound", "Asha", ":undo", ":redo", ":undo", ":leave")
    assert heard.said.count("Undone: Name.") == 2
    assert "Redone: Name." in heard.said
    assert heard.draft.answers == {"type": "outbound"}


def test_a_template_is_undone_by_its_name() -> None:
    draft = Draft()
    draft.start_from(find_template("win-back", None))
    heard = hold(":undo", ":redo", ":leave", draft=draft)
    assert "Undone: the template." in heard.said
    assert "Redone: the template." in heard.said
    assert heard.draft.template == "win-back"


def test_after_undo_the_question_is_asked_again() -> None:
    heard = hold("outbound", "Asha", "Acme", ":undo", ":undo", "Rohan", ":leave")
    assert heard.draft.answers == {"type": "outbound", "name": "Rohan"}
    heard = hold("outbound", "Asha", "Acme", ":undo", ":undo", ":redo", "Rohan", ":leave")
    assert heard.draft.answers == {"type": "outbound", "name": "Rohan"}


def test_a_group_is_named_once_before_its_questions() -> None:
    said = asked(">", ">", ">", ">", ":go 1", field="sentiment.general_prompt").said
    assert said.count("\nPrompts after the call.\n") == 1
    said = asked(":go 1", ":go sentiment.neutral_prompt", field="sentiment.general_prompt").said
    assert said.count("\nPrompts after the call.\n") == 2


def test_an_optional_group_is_asked_on_request() -> None:
    offer = "Also set: Timing (4 fields, all default)?"
    declined = asked(*[">"] * 5, field="temperature").said
    assert offer in declined
    assert "Delay answers." not in declined
    accepted = asked(">", "", "?", "yes", "", "", "500", field="temperature")
    assert "Fallback delay (ms): How long the model may take before a fallback." in accepted.said
    assert "\nTiming.\n\nDelay answers." in accepted.said
    assert accepted.draft.answers == {"wait_max_interval": 500}
    set_before = Draft.imported({"wait_max_interval": 500})
    again = asked(">", "no", draft=set_before, field="temperature").said
    assert "Also set: Timing (4 fields, 1 changed: Silence timeout)?" in again


def test_a_group_is_opened_for_one_of_its_fields_or_an_error() -> None:
    jumped = asked("0.5", "", field="stability").said
    assert "Similarity." in jumped
    assert "Also set: Fine-tune the voice" not in jumped
    wrong = asked("", "", draft=Draft({"is_filler": True}), field="is_back_sound").said
    assert "Also set: Fine-tune the voice" not in wrong
    assert "Stability." in wrong


def test_all_fields_stays_on_in_later_conversations() -> None:
    session = Session.in_memory()
    said = asked(":all", ">", field="temperature", session=session).said
    assert "Customize sensitivity." in said
    assert "Also set" not in asked(*[">"] * 4, field="temperature", session=session).said
    heard = asked(":all", ">", "", draft=Draft(), field="temperature", session=session)
    assert "Also set: Timing" in heard.said


def test_a_file_is_an_answer(tmp_path: FilePath) -> None:
    (tmp_path / "script.txt").write_text("You are Asha.\r\nAsk.\n")
    heard = asked(f"@{tmp_path / 'script.txt'}", field="script")
    assert heard.draft.answers["script"] == "You are Asha.\nAsk.\n"
    (tmp_path / "name.txt").write_text("Asha\n")
    assert asked(f"@{tmp_path / 'name.txt'}", field="name").draft.answers["name"] == "Asha"
    assert "no such file" in asked("@~nobody-here/script.txt", field="script").said
    (tmp_path / "long.txt").write_text("x" * (MAX_CHARACTERS + 1))
    heard = asked(f"@{tmp_path / 'long.txt'}", field="script")
    assert "This text has 1,000,001 characters; the limit is 1,000,000." in heard.said
    assert "script" not in heard.draft.answers


def test_the_widget_key_is_never_printed() -> None:
    heard = asked("?", "", field="widget_config.api_key", draft=Draft.imported(full()))
    everything = heard.said + hold(":review", "1", "no", "2", ":json", ":leave").said
    everything += hold(":review", ":json", ":leave", draft=Draft.imported(full())).said
    assert WIDGET_KEY not in everything
    assert "hidden" in heard.said
    assert "•" not in everything


# --- voices


def test_a_voice_is_searched_and_chosen_by_number() -> None:
    heard = hold(":go language", "en", "", "/male indian", "4", ":leave")
    said = heard.said
    assert "4 Rohan (sandbox), indian, male, native, English" in said
    assert "The voice is Rohan (sandbox), indian, male, native, English." in said
    assert heard.draft.answers["voice_data"]["name"] == "Rohan (sandbox)"
    # The next question is after the fields that the voice has filled in.
    assert "Speed. How fast it talks." in said
    assert "Voice ID." not in said


def test_more_voices_than_are_listed_at_once() -> None:
    said = hold(":go 3", "//", "more", "/xyzzy", ":leave").said
    assert "There are 104. Type / and words to search" in said
    assert "84 more: type more to list them." in said
    assert "64 more: type more to list them." in said
    assert "Nothing found. Search for fewer words." in said


def test_words_search_and_an_empty_line_needs_a_voice() -> None:
    heard = hold(":go language", "en", "", "", "female indian", "xyzzy", "999", "3", ":leave")
    said = heard.said.replace("\n", " ")
    assert "Choose a voice, type hand, or type > to skip it." in said
    assert "3 Asha (sandbox), indian, female, native, English" in heard.said
    assert "xyzzy is not one of the choices." in said
    assert "999 is not one of the choices." in said
    assert heard.draft.answers["voice_name"] == "Asha (sandbox)"
    assert "An empty line keeps Asha." in hold(":go 3", "", ":leave", draft=heard.draft).said


def test_a_missing_voice_is_one_thing_in_plain_questions() -> None:
    said = hold(":go 3", ">>", ":review", "1", ":leave").said
    assert "Missing or wrong in this step:\nChoose a voice." in said
    assert "8 answers are missing or wrong:" in said
    assert "Accent: Required." not in said
    draft = Draft.imported({k: v for k, v in minimal().items() if k not in VOICE})
    said = hold(":review", "1", ":go voice", ":leave", draft=draft).said
    assert "The first: Choose a voice." in said
    assert "Type :go voice to fix it." in said


def test_the_fields_of_a_voice_are_asked_on_request_alone() -> None:
    draft = Draft.imported(minimal() | {"voice_id": "v-unknown"})
    said = hold(":go 3", "", "<", "hand", ":leave", draft=draft).said
    before, by_hand = said.split("Speed.")
    assert "The catalogue has no voice with the ID v-unknown." in before.replace("\n", " ")
    assert "Accent." not in before
    assert "Accent." in by_hand


def test_a_voice_is_heard_by_its_number(
    tmp_path: FilePath, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    monkeypatch.setenv("PATH", on_path(programs))
    said = hold(":go 3", "play 1", "play 999", ":leave").said.replace("\n", " ")
    assert "espeak-ng, which is not installed here." in said
    assert "999 is not one of the choices." in said
    program(programs, "espeak-ng", "printf 'RIFF1234WAVE'")
    said = hold(":go 3", "play 1", ":leave").said
    assert "No audio player was found. The sample is at this address:\nfile:///" in said
    player = Player(programs)
    heard = hold(":go 3", "play 2", "2", ":leave")
    assert "The sample of Henry. Ctrl+C ends it." in heard.said
    assert player.audio == b"RIFF1234WAVE"
    assert not player.file.exists()
    assert heard.draft.answers["voice_name"] == "Henry (sandbox)"


def test_a_chosen_voice_is_undone_as_one_thing() -> None:
    said = hold(":go 3", "3", ":undo", ":leave").said
    assert "Undone: the voice." in said
    assert said.count("Required: a voice.") == 2


def test_without_a_catalogue_the_fields_are_typed() -> None:
    lines = (":go 3", "again", "hand", "indian", ":leave")
    heard = hold(*lines, url="http://127.0.0.1:9/api/v1")
    assert heard.said.count("The voices could not be loaded: connection refused.") == 2
    assert heard.draft.answers["accent"] == "indian"


# --- actions


def test_actions_are_added_edited_moved_and_removed() -> None:
    heard = hold(
        ":go 5",
        *("add", "1", ">", ">", ">", ">", ">", "45", *[">"] * 4),
        *("add 2", "yes", "When asked.", "Text.", ".", *[">"] * 3),
        *("up 2", "copy 2", "edit 1", ">", ">", "On request.", "<", "<", "<", "<"),
        *("remove 3", "edit 9", ":leave"),
    )
    actions = heard.draft.answers["actions"]
    assert [one["type"] for one in actions] == ["sendMessage", "scheduleMeeting"]
    assert actions[0]["sms"]["description"] == "On request."
    assert actions[1]["length"] == 45
    assert "1 Send a message: SMS." in heard.said
    assert "2 Schedule a meeting: 45 minutes, 5 days a week." in heard.said
    assert "edit 9 is not a command here. Type ? for help." in heard.said


def test_a_long_list_of_time_zones_is_searched() -> None:
    draft = Draft.imported(minimal() | {"actions": [meeting()]})
    heard = hold(":go actions[0].timezone", "/kolkata", "Asia/Tokyo", ":leave", draft=draft)
    assert re.search(r"\d+ Asia/Kolkata", heard.said)
    assert "Type / and words to search" in heard.said
    assert at(heard.draft.answers, "actions[0].timezone") == "Asia/Tokyo"


def test_an_invalid_action_is_reported() -> None:
    draft = Draft.imported(minimal() | {"actions": [{"type": "sendMessage"}]})
    said = hold(":go 5", "", ":leave", draft=draft).said
    assert "1 Send a message: no channel yet. 1 to fix." in said
    assert "Action 1: Turn on the SMS or the WhatsApp template." in said


def test_a_hint_is_asked_for_each_placeholder_of_a_template() -> None:
    draft = Draft.imported(minimal() | {"actions": [zeplo()]})
    content = "actions[0].zeplo.content"
    draft.answer(paths.parse(f"{content}.parameter_hints"), MISSING)
    draft.answer(paths.parse(f"{content}.template_text"), "{{1}}, at {{2}}\nheader: {{1}}")
    lines = [f":go {content}.template_text", "{{1}}, on {{2}}", "header: {{1}}", "."]
    lines += ["", "?", "Acme", "Asha", "-", "noon"]
    heard = hold(*lines, ":leave", draft=draft)
    assert "3 placeholders found." in heard.said
    assert "Header {{1}}. header: {{1}}" in heard.said
    assert "Body {{2}}. {{1}}, on {{2}}" in heard.said
    assert "Header {{1}}: Required." in heard.said  # when it is passed over
    assert at(heard.draft.answers, f"{content}.parameter_hints") == ["Acme", "Asha", "noon"]
    assert heard.draft.problems() == ()


# --- the beginning


def test_a_draft_is_started_from_a_template() -> None:
    heard = hold("2", "lead-qualification", "no", ":leave", welcome=True)
    assert heard.draft.template == "lead-qualification"
    assert "Lead qualification" in heard.said
    assert "from: template" in heard.said


def test_a_templates_blanks_are_asked_for_with_their_sentences() -> None:
    heard = hold(
        *("2", "inbound-receptionist", "yes", "A dental clinic", "5 High St", "<", "", "9 to 5"),
        *("", ":leave"),
        welcome=True,
    )
    assert "Fill in 4 blanks? Yes or no; an empty line is no:" in heard.said
    assert "Blank 3 of 4: Opening hours." in heard.said
    assert "In Script and 1 more place: The hours are {{opening_hours}}." in heard.said
    assert "An empty line keeps: 5 High St." in heard.said
    assert "3 filled in, 1 left. Type :blanks to come back to them." in heard.said
    script = heard.draft.get(("script",))
    assert "is A dental clinic. The address is 5 High St. The hours are 9 to 5." in script
    assert "column" not in heard.said
    heard.draft.undo()
    assert "{{opening_hours}}" in heard.draft.get(("script",))


def test_blanks_of_an_outbound_assistant_can_be_columns() -> None:
    heard = hold(
        *("2", "appointment-reminder", "yes", "Monday", "<", "column", "\\column", ":review"),
        *("6", "", ":leave"),
        welcome=True,
    )
    assert heard.draft.columns == ("appointment_day",)
    assert "{{appointment_day}}" in heard.draft.get(("script",))
    assert "at column, at {{location}}" in heard.draft.get(("script",))
    assert "6 Fill in 2 blanks" in heard.said
    assert "Blank 1 of 2: Location." in heard.said
    assert "Type column to keep it as a column of the contacts." in heard.said


def test_blanks_that_were_typed_are_kept_if_the_input_ends() -> None:
    heard = hold("2", "inbound-receptionist", "yes", "A dental clinic", welcome=True)
    assert heard.code is None
    assert "is A dental clinic." in heard.draft.get(("script",))


def test_the_blanks_can_be_filled_at_any_question() -> None:
    draft = Draft.imported(minimal() | {"script": "Open {{hours}}."})
    heard = asked(":blanks", "9 to 5", ":blanks", field="company_name", draft=draft)
    assert heard.draft.get(("script",)) == "Open 9 to 5."
    # The question that was left is asked again.
    assert heard.said.count("Company. The company it speaks for.") == 3
    assert "There are no blanks" in heard.said


def test_a_draft_is_continued_at_the_same_question(tmp_path: FilePath) -> None:
    from wizard.storage.store import open_store  # noqa: PLC0415

    first = Session(tmp_path, open_store(tmp_path))
    hold("1", "outbound", "Asha", welcome=True, session=first)
    first.close()
    second = Session(tmp_path, open_store(tmp_path))
    said = hold("3", "1", ":leave", welcome=True, session=second).said
    second.close()
    assert "1 Asha, at Type, just now" in said
    assert said.rstrip().splitlines()[-2] == "Company:"


def test_a_draft_open_elsewhere_can_be_copied(tmp_path: FilePath) -> None:
    first = Session(tmp_path, open_store(tmp_path))
    hold("1", "outbound", "Asha", welcome=True, session=first)
    second = Session(tmp_path, open_store(tmp_path))
    heard = hold("3", "1", "no", "3", "1", "yes", ":leave", welcome=True, session=second)
    for session in (first, second):
        session.close()
    assert (
        heard.said.count(
            f"The draft {first.draft.id} ({first.draft.answers['name']}) is open in another wizard"
        )
        == 2
    )
    assert "copy.." not in heard.said
    assert heard.draft.answers == first.draft.answers
    assert heard.draft.id != first.draft.id


def test_a_draft_is_started_from_a_file(tmp_path: FilePath) -> None:
    (tmp_path / "two.json").write_text(json.dumps([minimal(), full() | {"name": "Rohan"}]))
    name = str(tmp_path / "two.json")
    heard = hold("4", "none.json", name, "2", ":leave", welcome=True)
    assert "none.json: there is no such file" in heard.said
    assert "It holds 2 assistants." in heard.said
    assert heard.draft.answers["name"] == "Rohan"
    assert "answers used" in heard.said


def test_an_answer_is_found_by_its_label() -> None:
    said = hold(":go voice ID", ":leave").said
    assert said.rstrip().endswith("Voice ID:")


def test_continuing_without_drafts_starts_a_new_one() -> None:
    said = hold("3", "<", "", ":leave", welcome=True).said
    assert "There are no drafts yet." in said
    assert "Step 1 of 6" in said


def test_drafts_are_renamed_copied_deleted_and_restored(tmp_path: FilePath) -> None:
    session = Session(tmp_path, open_store(tmp_path))
    session.begin(Draft.imported(minimal()))
    session.changed()
    lines = ("3", "rename 1", "For March", "copy 1", "delete 2", "restore", "delete 9")
    heard = hold(*lines, "/march", "2", ":leave", session=session, welcome=True)
    assert "2 For March, at Type" in heard.said
    assert "1 For March 2, at Type" in heard.said
    assert heard.said.count("2 For March,") == 3
    assert "There is no draft with that number." in heard.said
    assert session.draft.answers["name"] == "Asha"
    session.close()


def test_created_assistants_are_listed_and_opened(tmp_path: FilePath) -> None:
    session = Session(tmp_path, open_store(tmp_path))
    draft = Draft.imported(minimal())
    none = hold("5", ":leave", session=session, welcome=True)
    assert "Nothing was created yet." in none.said
    hold(":review", "1", "yes", draft=draft, session=session)
    opened = hold("5", "1", "1", ":leave", session=session, welcome=True)
    assert "1 Asha, created in the sandbox just now" in opened.said
    assert "Its id is " in opened.said
    assert session.draft.id == draft.id
    copied = hold("5", "1", "2", ":leave", session=session, welcome=True)
    assert session.draft.id != draft.id
    assert session.draft.answers["name"] == "Asha"
    listed = hold("3", "<", ":leave", session=session, welcome=True)
    assert "Asha, created in the sandbox just now" in listed.said
    assert copied.code == 0
    session.close()


# --- the review, and sending


def test_the_review_lists_errors_advice_and_values() -> None:
    draft = Draft.imported(without(minimal(), "script") | {"start_speech": "Call **now**"})
    heard = hold(":review", "all", "1", "fix 1", ":leave", draft=draft)
    for expected in (
        "1 answer is missing or wrong:",
        "Script: Required.",
        "Advice, ",
        "Type fix 1 to: ",
        "Name: Asha. From: imported.",
        "more at their defaults.",
        "Call limit (min): 10.",
        "Not ready: One answer is missing or wrong.",
        "Type :go script to fix it.",
    ):
        assert expected in heard.said
    assert heard.draft.answers["start_speech"] == "Call now"
    draft.answer(("goal",), MISSING)
    said = hold(":review", ":leave", draft=draft).said
    assert "2 answers are missing or wrong:" in said


def test_the_json_is_the_payload_and_can_be_written() -> None:
    draft = Draft.imported(minimal())
    heard = hold(":review", "2", "3", "out.json", "", ":leave", draft=draft)
    assert draft.payload().text in heard.said
    assert heard.written == {"out.json": draft.payload().text + "\n"}


def test_a_created_assistant_is_sent_again_only_on_confirmation() -> None:
    store = MemoryStore()
    with served(store) as url:
        session, draft = Session.in_memory(), Draft.imported(minimal())
        first = hold(":review", "1", "yes", draft=draft, session=session, url=url, key=KEY)
        second = hold(":review", "1", "yes", "leave", session=session, url=url, key=KEY)
        no = hold(":review", "1", "yes", "2", "no", ":leave", session=session, url=url, key=KEY)
        assert len(store.bodies()) == 1
        again = hold(":review", "1", "yes", "2", "yes", session=session, url=url, key=KEY)
    assert len(store.bodies()) == 2
    assert store.bodies()[0] == draft.payload().body
    assert (first.code, second.code, no.code, again.code) == (0, 5, 5, 0)
    assert "Created. The assistant was created. Its id is" in first.said
    assert f"Asha, outbound, for Acme Dental, at {url[7:].partition('/')[0]} (local). That" in (
        first.said
    )
    assert "Not sent: already created." in second.said
    # The risk is named before the question.
    assert again.said.count("Send it again to create another.") == 2
    assert KEY not in first.said + again.said


def test_a_person_is_told_before_creating_the_same_again() -> None:
    store = MemoryStore()
    with served(store) as url:
        session, draft = Session.in_memory(), Draft.imported(minimal())
        hold(":review", "1", "yes", draft=draft, session=session, url=url, key=KEY)
        asked = {"session": session, "url": url, "key": KEY, "unseen": str}
        no = hold(":review", "1", "no", ":leave", **asked)
        assert "already created" in no.said.partition("Create this assistant")[0]
        assert len(store.bodies()) == 1
        yes = hold(":review", "1", "yes", "leave", **asked)
    assert len(store.bodies()) == 2
    assert "Not sent" not in yes.said


def test_the_question_warns_of_an_existing_name() -> None:
    store, other = MemoryStore(), minimal() | {"goal": "Another"}
    store.put(other | {"id": "a1"}, b"{}")
    with served(store) as url:
        same = hold(":review", "1", "no", draft=Draft.imported(minimal()), url=url, key=KEY)
        new = minimal() | {"company_name": "Another"}
        none = hold(":review", "1", "no", draft=Draft.imported(new), url=url, key=KEY)
    question = "Create this assistant"
    sentence = "Your account already has an assistant named Asha of Acme Dental."
    assert sentence in same.said.partition(question)[0]
    assert question in none.said
    assert "already has" not in none.said


def test_an_unreachable_server_is_reported() -> None:
    heard = hold(
        *(":review", "1", "yes", ":leave"),
        draft=Draft.imported(minimal()),
        url="http://127.0.0.1:9/api/v1",
        key=KEY,
    )
    assert "The server refused the connection, so nothing was sent" in heard.said
    assert heard.code == 5


def test_after_creating_a_person_is_asked_and_a_pipe_is_not() -> None:
    person = {"draft": Draft.imported(minimal()), "unseen": lambda _: ""}
    heard = hold(":review", "1", "yes", "1", ":leave", **person)
    assert "For the terminal:" in heard.said
    assert heard.said.index("Make a test call") < heard.said.index("curl")
    assert "This is a copy, Asha 2." in heard.said
    assert heard.draft.answers["name"] == "Asha", "the script says it"
    assert "The draft Asha 2 is saved. Continue it: qcall-wizard --plain" in heard.said
    person["draft"] = Draft.imported(minimal() | {"name": "Bela"})
    another = hold(":review", "1", "yes", "2", ":leave", **person)
    assert "How would you like to begin?" in another.said
    pipe = hold(":review", "1", "yes", draft=Draft.imported(minimal() | {"name": "Cara"}))
    assert pipe.said.rstrip().rpartition("\n")[2].startswith("Created Cara in the sandbox. Its id")
    assert pipe.code == 0


def test_too_many_requests_are_waited_for_and_asked_about() -> None:
    limited = Answer(429, {"message": "too many"}, {"retry-after": "1"})
    with listening(lambda number: None if number else limited) as server:
        lines = (":review", "1", "yes", "wait", "yes")
        heard = hold(*lines, draft=Draft.imported(minimal()), url=server.url, key=KEY)
        assert len(server.bodies) == 2
    assert "Wait 1 second, then confirm" in heard.said
    assert "1 second left." in heard.said
    assert heard.said.count("Create this assistant at") == 2
    assert heard.code == 0


def test_another_key_is_entered_after_one_was_refused() -> None:
    with served(MemoryStore(), Fault.UNAUTHORIZED) as url:
        lines = (":review", "1", "yes", "key", "no", "no", ":leave")
        heard = hold(
            *lines, draft=Draft.imported(minimal()), url=url, key="old", unseen=lambda _: KEY
        )
    assert "Enter an API key" in heard.said
    assert heard.context.settings.given_key.get_secret_value() == KEY
    assert KEY not in heard.said


def test_an_unknown_outcome_is_looked_up_and_not_sent_again() -> None:
    store = MemoryStore()
    with served(store, Fault.SERVER_ERROR) as url:
        heard = hold(
            *(":review", "1", "yes", "Check your", "3", "no", "1", "yes", "leave"),
            draft=Draft.imported(minimal()),
            url=url,
            key=KEY,
        )
    assert "We couldn't confirm whether it was created." in heard.said
    assert heard.said.count("Checking your assistants.") == 1
    # The risk is named before the question, and nothing was sent after a no.
    assert heard.said.count("Sending it again may create a second one.") >= 3
    assert "It was not sent again." in heard.said
    assert "Unknown: an earlier attempt is unresolved." in heard.said
    assert heard.code == 4


def test_a_refusal_leads_to_its_field() -> None:
    with served(MemoryStore(), Fault.BAD_REQUEST) as url:
        heard = hold(
            *(":review", "1", "yes", "1", ":leave"),
            draft=Draft.imported(minimal()),
            url=url,
            key=KEY,
        )
    assert "Refused. The server refused the assistant; nothing was created." in heard.said
    assert "The server says: " in heard.said
    assert heard.code == 3


def test_a_key_is_not_read_from_a_pipe() -> None:
    heard = hold(
        *(":review", "1", KEY, "2", ":leave"),
        draft=Draft.imported(minimal()),
        url="http://127.0.0.1:9/api/v1",
        key=None,
    )
    assert "There is no terminal to type a key unseen" in heard.said
    assert "There is no API key, so nothing was sent." in heard.said
    assert heard.code == 5


def test_the_review_compares_with_the_last_sent_payload() -> None:
    with listening() as server:
        options: dict[str, Any] = {"session": Session.in_memory(), "url": server.url, "key": KEY}
        first = hold(":review", "1", "yes", draft=Draft.imported(minimal()), **options)
    changed = hold(":go name", "Bela", ":review", "1", "yes", ":review", ":leave", **options)
    assert (first.code, changed.code) == (0, 5)
    compared = changed.said.split("Changed since last sent:")
    assert len(compared) == 3  # before it was tried, and after
    for part in compared[1:]:
        assert part.strip().splitlines()[0] == "Name changed: Asha, now Bela."


# --- how it reads


def test_the_output_is_wrapped_plain_text() -> None:
    draft = Draft.imported(full() | {"name": "Asha\x1b[31m\u202e"})
    heard = hold(
        *("??", ":steps", *[word for _ in range(80) for word in ("?", ">")], ":leave"),
        draft=draft,
        columns=40,
    )
    assert ESCAPE not in heard.said
    assert "\\x1b[31m\\u202e" in heard.said
    long = [line for line in heard.said.split("\n") if len(line) > 39 and " " in line.strip()]
    assert not long
    assert not set("│─┌┐└┘├┤●○■□✗△…·•→↓‹›\x1b\t") & set(heard.said)


def test_a_line_cut_by_the_terminal_is_refused() -> None:
    out = io.StringIO()
    lines = io.BytesIO(b"x" * 4095 + b"\nshort\n")
    talk = Console(lines, out, unseen=lambda _: "")
    assert talk.read("Name:") == "short"
    assert "was cut and not used" in out.getvalue()
    assert len(Console(io.BytesIO(b"x" * 5000 + b"\n"), out).read()) == 5000


def test_a_line_that_is_not_text_is_refused() -> None:
    out = io.StringIO()
    assert Console(io.BytesIO(b"\xff\xfe\nAsha\r\n"), out).read("Name:") == "Asha"
    assert "This line is not utf-8 text" in out.getvalue()


# --- the real program over a pipe


def run(
    *arguments: str, home: FilePath, stdin: str | None, **extra: str
) -> subprocess.CompletedProcess[bytes]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("QCALL_")}
    environ = kept | {"TERM": "xterm-256color"} | extra
    return fork_server.run(
        ["--home", str(home), *arguments],
        environ,
        None if stdin is None else stdin.encode(),
        60,
    )


WALK = """
outbound
Asha
Acme Dental
3

en

4
1.2


Hello, this is Asha.
.

You are Asha.
Be kind.
.
:review
2
1
yes
"""


def test_a_walk_over_a_pipe_from_nothing_to_created(tmp_path: FilePath) -> None:
    store = MemoryStore()
    with served(store) as url:
        done = run(*("--plain", "--base-url", url), home=tmp_path, stdin=WALK, QCALL_API_KEY=KEY)
    said = done.stdout.decode()
    assert (done.returncode, done.stderr) == (0, b"")
    (body,) = store.bodies()
    # The printed payload is the sent one.
    assert body.decode() in said
    assert json.loads(body)["script"] == "You are Asha.\nBe kind."
    assert json.loads(body)["voice_name"] == "Rohan (sandbox)"
    assert json.loads(body)["voice_speed"] == 1.2
    assert ESCAPE not in said
    assert KEY not in said
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as file:
        assert file.execute("SELECT kind, body FROM receipts").fetchall() == [
            ("created", body.decode())
        ]


def test_a_pipe_that_ends_early_keeps_the_draft(
    tmp_path: FilePath,
) -> None:
    lines = "\noutbound\nAsha\n:go script\n\\one\ntwo"
    done = run("--plain", "--sandbox", home=tmp_path, stdin=lines)
    err = done.stderr.decode()
    assert done.returncode == 5
    assert "Nothing was sent." in err
    assert "missing or wrong:\n" in err
    assert "  company_name: Required.\n" in err
    (draft,) = re.findall(rf"--plain --sandbox --home {tmp_path} --draft (\w+)", err)
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as file:
        ((kept,),) = file.execute("SELECT answers FROM drafts").fetchall()
    assert json.loads(kept) == {"type": "outbound", "name": "Asha", "script": "one\ntwo"}
    on = run("--plain", "--sandbox", "--draft", draft, home=tmp_path, stdin=":leave\n")
    assert on.returncode == 0
    assert "Step 4 of 6: Script." in on.stdout.decode()


@pytest.mark.parametrize("stdin", [None, ""], ids=["nothing there", "an empty pipe"])
def test_without_an_input_it_is_an_error(tmp_path: FilePath, stdin: str | None) -> None:
    for arguments in (["--plain"], []):
        done = run(*arguments, home=tmp_path / "home", stdin=stdin)
        assert (done.returncode, done.stdout, done.stderr.count(b"\n")) == (2, b"", 1)
        assert b"qcall-wizard --plain" in done.stderr
    assert not (tmp_path / "home").exists()


def test_a_pipe_starts_plain_mode(tmp_path: FilePath) -> None:
    done = run("--sandbox", home=tmp_path, stdin="\n:leave\n")
    assert done.returncode == 0
    assert b"standard input is not one, so it asks in plain lines." in done.stdout


def test_plain_mode_starts_from_a_file_or_a_template(tmp_path: FilePath) -> None:
    file = tmp_path / "payload.json"
    file.write_text(dump(minimal()))
    done = run(
        *("--plain", "--sandbox", "--from", str(file)), home=tmp_path, stdin=":review\n1\ny\n"
    )
    assert done.returncode == 0
    assert b"Created." in done.stdout
    done = run("--plain", "--template", "win-back", home=tmp_path, stdin=":go type\n")
    assert b"from: template" in done.stdout
    assert run("drafts", "--plain", home=tmp_path, stdin="").returncode == 2
    assert run("--plain", "drafts", home=tmp_path, stdin="").returncode == 2


@pytest.mark.parametrize("kind", ["closed", "full", "pipe"])
@pytest.mark.parametrize("fault", [None, Fault.BAD_REQUEST])
def test_an_outcome_is_reported_if_the_output_is_broken(
    tmp_path: FilePath, kind: str, fault: Fault | None
) -> None:
    """A closed output is no obstacle; if the first question cannot be written nothing is sent."""
    file = tmp_path / "payload.json"
    file.write_text(dump(minimal()))
    store = MemoryStore()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("QCALL_")}
    with served(store, fault) as url, broken_output(kind) as broken:
        done = subprocess.run(
            [
                *(sys.executable, "-m", "wizard", "--home", str(tmp_path), "--plain"),
                *("--base-url", url, "--from", str(file)),
            ],
            input=":review\n1\ny\n", cwd=ROOT, env=kept | {"QCALL_API_KEY": KEY},
            stderr=subprocess.PIPE, text=True, timeout=60, check=False, **broken,
        )  # fmt: skip
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr
    if kind == "closed":  # the whole conversation is on standard error then
        assert done.returncode == (3 if fault else 0)
        assert ("Refused" if fault else "Created") in done.stderr
    else:  # the first question cannot be written, so it has no answer
        assert (done.returncode, store.all()) == (5, [])
        assert "The questions cannot be printed" in done.stderr
        assert "Nothing was sent." in done.stderr


def test_an_outcome_goes_to_standard_error_if_the_output_is_closed(tmp_path: FilePath) -> None:
    file = tmp_path / "payload.json"
    file.write_text(dump(minimal()))
    gone = Event()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("QCALL_")}
    with (
        listening(lambda _: Answer(said=minimal() | {"id": "a1"}, hold=gone)) as heard,
        subprocess.Popen(
            [
                *(sys.executable, "-m", "wizard", "--home", str(tmp_path), "--plain"),
                *("--base-url", heard.url, "--from", str(file)),
            ],
            cwd=ROOT, env=kept | {"QCALL_API_KEY": KEY}, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        ) as process,
    ):  # fmt: skip
        assert process.stdin
        assert process.stdout
        assert process.stderr
        process.stdin.write(":review\n1\ny\n")
        process.stdin.flush()
        assert heard.arrived.wait(30)
        process.stdout.close()
        gone.set()
        err = process.stderr.read()
        assert process.wait(20) == 0
    assert "Created. The assistant was created. Its id is a1." in err
    assert "Receipt " in err


# --- the real program in a pty


def test_a_line_of_40_columns_and_a_key_that_is_not_echoed(tmp_path: FilePath) -> None:
    store = MemoryStore()
    file = tmp_path / "payload.json"
    file.write_text(dump(minimal()))
    with (
        served(store) as url,
        Terminal(
            *("--plain", "--base-url", url, "--from", str(file)), home=tmp_path, size=(40, 1)
        ) as terminal,
    ):
        seen = Reader(terminal)
        seen.until("Type:").type(":review\r").until("Choose:").type("1\r")
        seen.until("API key:").type(f"{KEY}\r")
        seen.until("an empty line is no:").type("no\r").until("Yes or no;").until("is no:")
        seen.type("yes\r").until("Created.").until("Choose:").type("\r")
        assert terminal.wait_exit() == 0
    assert len(store.bodies()) == 1
    # The terminal is asked for bracketed paste.
    shown = re.sub(r"\x1b\[\?2004[hl]\r?", "", bytes(terminal.raw).decode())
    assert KEY not in shown
    assert ESCAPE not in shown
    said = [line for line in shown.split("\r\n") if not line.startswith("curl ")]
    assert not [line for line in said if len(line) > 40 and " " in line]


def test_a_line_is_edited_and_refuses_several_lines(tmp_path: FilePath) -> None:
    with Terminal("--plain", "--sandbox", home=tmp_path) as terminal:
        seen = Reader(terminal).until("Begin:").type("?\r").until("Type a number").until("Begin:")
        seen.type("\r").until("Type:").type(":go name\r").until("Name:")
        terminal.paste("Asha\nAcme\nSales")
        seen.type("\r").until("takes one, so none was used.").until("Name:")
        seen.type(":goto 4\r").until("There is no command :goto.").until("Name:")
        seen.type("Asa\x1b[Dh\r").until("Company:").type("\x1bOA\x1b[Bd\r")
        seen.until("Goal:").type(":go script\r").until("full stop ends it:").type("oops\r")
        seen.type(":cancel\r").until("dropped").until("full stop ends it:")
        terminal.paste("One.\nTwo.\n.")
        seen.type("\r").until("Opt-out:").type(":leave\r")
        assert terminal.wait_exit() == 0
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as file:
        ((kept,),) = file.execute("SELECT answers FROM drafts").fetchall()
    assert json.loads(kept)["name"] == "Asha"
    assert json.loads(kept)["script"] == "One.\nTwo."


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, None])
def test_the_lines_of_an_interrupted_answer_are_kept(
    tmp_path: FilePath, number: signal.Signals | None
) -> None:
    with Terminal("--plain", "--sandbox", home=tmp_path) as terminal:
        seen = Reader(terminal).until("Begin:").type("\r").until("Type:").type(":go script\r")
        seen.until("a single full stop ends it:").type("You are Asha.\r").until("You are Asha.")
        seen.type("Be kind.\r").until("Be kind.").type("Half a")
        terminal.wait_still(0.2)
        if number:
            terminal.kill(number)
            seen.until("Interrupted. The draft").until("is saved")
            assert terminal.wait_exit() == 128 + number
        else:  # the window is closed
            terminal.process.close(force=False)
            wait_for(lambda: not terminal.process.isalive())
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as file:
        ((kept,),) = file.execute("SELECT answers FROM drafts").fetchall()
    assert json.loads(kept)["script"] == "You are Asha.\nBe kind."


MISFITS = {
    "a choice": ([":go type", "sideways"], 2, "sideways is not one of the choices"),
    "yes or no": ([":go is_recording", "perhaps"], 2, "Answer yes or no."),
    "a blank": ([":go name", "  "], 2, "Name: Required."),
    "nothing where something is needed": ([":go name", ""], 2, "Name: Required."),
    "an address": ([":go company_website", "acme"], 2, "Website: Enter"),
    "a number": ([":go voice_speed", "fast"], 2, "Speed: Enter one of"),
    "many lines": ([":go is_call_flow", "yes", "{", '"a"', "."], 5, "line "),
    "a place": ([":go nowhere"], 1, "no step and no field nowhere"),
    "a field that is not asked": ([":go voice_note"], 1, "does not apply now"),
    "a field in a group": ([":go widget_config.mode"], 1, "Widget mode does not apply now"),
    "a field by its labels": ([":go web widget, widget mode"], 1, "Widget mode does not apply now"),
    "a search that finds nothing": ([":go voice", "/zzqq"], 2, "Nothing found"),
    "no command": ([":go name", ":goto 4"], 2, "no command :goto"),
    "a file": ([":go script", "@/no/such/file"], 2, "no such file"),
    "the beginning": (["Asha"], 1, "Asha is not one of the choices"),
    "an action": ([":go actions", "Asha"], 2, "not a command here"),
    "a submission": ([":review", "1", "yes"], 2, "Not ready"),
    "a key": ([":key", "a-secret-key"], 1, "no terminal to type a key"),
}


@pytest.mark.parametrize(("lines", "number", "expected"), MISFITS.values(), ids=MISFITS)
def test_a_wrong_line_ends_the_input_from_a_pipe(
    lines: list[str], number: int, expected: str
) -> None:
    draft = Draft.imported(minimal() | {"name": ""})
    url = "http://127.0.0.1:9/api/v1" if lines == [":key", "a-secret-key"] else SANDBOX
    asked = [*lines, "Later", ":review", "1", "yes"]
    heard = hold(*asked, draft=draft, welcome=lines == ["Asha"], stops=True, url=url)
    assert expected in heard.misfit
    assert heard.context.console.lines_read == number
    assert "Later" not in dump(heard.draft.answers)
    assert heard.session.receipts.all() == []


@pytest.mark.parametrize(
    "lines",
    [
        [":go goal", "N"],
        [":go actions", "edit N"],
        [":go actions", "add N"],
        [":review", "fix N"],
        [":go actions[N].type"],
    ],
    ids=" ".join,
)
def test_a_number_of_many_digits_is_a_line_like_another(
    lines: list[str], tmp_path: FilePath
) -> None:
    file = tmp_path / "payload.json"
    file.write_text(dump(full()))
    typed = "\n".join(lines).replace("N", "9" * 5000) + "\n"
    ran = run("--plain", "--from", str(file), "--sandbox", home=tmp_path / "home", stdin=typed)
    assert ran.returncode == 5
    assert b"internal error" not in ran.stderr


def test_a_draft_is_not_renamed_by_a_number_of_many_digits(tmp_path: FilePath) -> None:
    run("--plain", home=tmp_path, stdin="1\n1\nAsha\n")
    ran = run("--plain", home=tmp_path, stdin=f"3\nrename {'9' * 5000}\n")
    assert b"There is no draft with that number" in ran.stdout + ran.stderr


def test_a_pipe_stops_at_the_first_wrong_line(tmp_path: FilePath) -> None:
    lines = ":go script\nYou are Asha.\n.\n:go voice_speed\nfast\n1.2\n:review\n1\nyes\n"
    done = run("--plain", "--sandbox", "--template", "win-back", home=tmp_path, stdin=lines)
    err = done.stderr.decode()
    assert done.returncode == 5
    assert "Line 5 of the input is wrong: Speed: Enter one of 1, 1.1" in err
    assert "Nothing was sent. The draft" in err
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as file:
        ((kept,),) = file.execute("SELECT answers FROM drafts").fetchall()
        assert file.execute("SELECT count(*) FROM receipts").fetchone() == (0,)
    assert json.loads(kept)["script"] == "You are Asha."


def test_the_effect_of_an_empty_line_comes_before_a_list() -> None:
    draft = Draft.imported(minimal() | {"goal": "Ours", "language": "hi"})
    for field, first in (("language", "Bengali"), ("type", "Inbound"), ("goal", "Lead quali")):
        said = asked(field=field, draft=draft).said
        assert "An empty line keeps" in said[: said.rindex(f" {first}")].rsplit("\n\n", 1)[1]


def test_a_long_list_is_printed_on_request() -> None:
    lines = ["add 1", "", "more", "/kolkata", ":leave"]
    said = hold(":go actions", *lines).said
    before, after = said.split("or more to list them.", 1)
    assert "Time zone" in before
    assert "An empty line" in before.rsplit("Time zone", 1)[1]
    asking, listed = after.split("Time zone:", 2)[:2]
    assert "Africa/" not in asking
    assert "Africa/Abidjan" in listed


def test_the_key_of_a_widget_is_not_echoed(tmp_path: FilePath) -> None:
    file = tmp_path / "payload.json"
    file.write_text(dump(with_(full(), "widget_config.api_key", "old")))
    with Terminal("--plain", "--sandbox", "--from", str(file), home=tmp_path) as terminal:
        seen = Reader(terminal).until("Type:").type(":go widget_config.api_key\r")
        seen.until("hidden").until("key:").type(f"{KEY}\r").until("Review.").type(":leave\r")
        assert terminal.wait_exit() == 0
    assert KEY not in bytes(terminal.raw).decode()
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as database:
        ((kept,),) = database.execute("SELECT answers FROM drafts").fetchall()
    assert json.loads(kept)["widget_config"]["api_key"] == KEY


def test_a_missing_receipt_an_unknown_field_and_a_useless_key_are_reported(
    tmp_path: FilePath,
) -> None:
    (tmp_path / FILE_NAME).mkdir()
    file = tmp_path / "payload.json"
    file.write_text(dump(minimal() | {"colour": "blue"}))
    lines = ":key\n:review\n1\nyes\n"
    done = run("--plain", "--sandbox", "--from", str(file), home=tmp_path, stdin=lines)
    said = done.stdout.decode()
    assert "started with --sandbox, where a key changes nothing" in said
    assert "Unknown to QCall:\ncolour: not documented, sent as it is." in said
    assert "no receipt of this will be kept" in said


class Reader:
    """Reads the output of a terminal in its order, as a braille display does."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._from = 0

    def until(self, wanted: str) -> "Reader":
        """Wait for a text after the one that was waited for before."""

        def said() -> bool:
            return wanted in self._said()

        self._terminal.wait_until(said, wanted)
        self._from += self._said().index(wanted) + len(wanted)
        return self

    def type(self, text: str) -> "Reader":
        self._terminal.send(text)
        return self

    def _said(self) -> str:
        folded = bytes(self._terminal.raw).decode(errors="ignore").replace("\r\n", " ")
        return folded[self._from :]


def test_a_dumb_terminal_is_asked_in_plain_lines(tmp_path: FilePath) -> None:
    with Terminal("--sandbox", home=tmp_path, environment={"TERM": "dumb"}) as terminal:
        seen = Reader(terminal).until("TERM is dumb").until("Begin:")
        seen.type("1\r").until("Type:").type("2\r").until("Name:").type("Asha\r").until("Company:")
        terminal.kill(signal.SIGKILL)
        assert terminal.wait_exit() == -signal.SIGKILL
    assert ESCAPE.encode() not in terminal.raw
    # What was answered before the last question is on the disk.
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as file:
        ((kept,),) = file.execute("SELECT answers FROM drafts").fetchall()
    assert json.loads(kept) == {"type": "outbound", "name": "Asha"}


def test_an_interrupt_keeps_the_draft(tmp_path: FilePath) -> None:
    with Terminal("--plain", "--sandbox", home=tmp_path) as terminal:
        seen = Reader(terminal).until("Begin:").type("\r").until("Type:").type("2\r")
        seen.until("Name:")
        # readline misses a signal that comes between the prompt and its wait for a key: Ctrl+C is
        # pressed again then, as a person does.
        for _ in range(5):
            seen.type("\x03")
            with suppress(AssertionError):
                terminal.wait_for("Interrupted. The draft", seconds=6)
                break
        seen.until("Interrupted. The draft")
        assert terminal.wait_exit() == 130


def test_questions_are_on_the_terminal_if_the_output_is_a_file(tmp_path: FilePath) -> None:
    program = f"{sys.executable} -m wizard --home {tmp_path} --sandbox > {tmp_path / 'out'}"
    process = pexpect.spawn("/bin/sh", ["-c", program], cwd=str(ROOT), timeout=40, encoding="utf-8")
    process.expect("standard output is not one")
    process.expect("Begin:")
    process.sendline(":leave")
    process.expect(pexpect.EOF)
    process.close()
    assert process.exitstatus == 0
    assert (tmp_path / "out").read_text() == ""


def test_an_existing_file_is_not_overwritten(tmp_path: FilePath) -> None:
    file = tmp_path / "payload.json"
    file.write_text(dump(full()))
    lines = f":review\n3\n{file}\n3\n{tmp_path / 'new.json'}\n:leave\n"
    done = run("--plain", "--sandbox", "--from", str(file), home=tmp_path, stdin=lines)
    assert done.returncode == 0
    assert b"already exists" in done.stdout
    assert (tmp_path / "new.json").stat().st_mode & 0o777 == 0o600


# --- small promises


def test_a_copy_of_an_action_follows_it() -> None:
    draft = Draft.imported(minimal() | {"actions": [sms(), meeting()]})
    heard = hold(":go actions", "copy 1", ":leave", draft=draft)
    types = [action["type"] for action in heard.draft.answers["actions"]]
    assert types == ["sendMessage", "sendMessage", "scheduleMeeting"]


def test_an_empty_line_sends_nothing() -> None:
    store = MemoryStore()
    with served(store) as url:
        options: dict[str, Any] = {"draft": Draft.imported(minimal()), "url": url, "key": KEY}
        heard = hold(":review", "1", "", ":leave", **options)
    assert "Nothing was sent." in heard.said
    assert store.bodies() == []


def test_a_step_back_leads_to_the_step_before() -> None:
    said = hold(":go 4", "<<", ":leave").said
    assert re.findall(r"Step (\d) of 6", said)[-2:] == ["4", "3"]


def test_no_choice_has_the_number_0() -> None:
    heard = asked("0", field="language")
    assert "0 is not one of the choices." in heard.said
    assert "language" not in heard.draft.answers


def test_choices_are_stored_in_the_order_of_the_contract() -> None:
    draft = Draft.imported(minimal() | {"actions": [meeting()]})
    heard = hold(":go actions[0].bookingDays", "3, 1", ":leave", draft=draft)
    assert at(heard.draft.answers, "actions[0].bookingDays") == "Monday,Wednesday"


def test_back_from_the_name_of_a_file_leads_to_the_review() -> None:
    heard = hold(":review", "3", "<", ":leave", draft=Draft.imported(minimal()))
    assert heard.said.count("What next?") == 2
    assert heard.written == {}
    leaves = hold(":review", "3", ":leave", draft=Draft.imported(minimal()))
    assert leaves.code == 0


def test_a_place_elsewhere_is_no_yes_to_a_copy(tmp_path: FilePath) -> None:
    first = Session(tmp_path, open_store(tmp_path))
    hold("1", "outbound", "Asha", welcome=True, session=first)
    second = Session(tmp_path, open_store(tmp_path))
    heard = hold("3", "1", "<", ":leave", welcome=True, session=second)
    drafts = second.drafts()
    for session in (first, second):
        session.close()
    assert "Open a copy?" in heard.said
    assert [line.id for line in drafts] == [first.draft.id]


def test_two_slashes_search_the_voices_of_all_languages() -> None:
    said = hold(":go language", "de", ":go 3", "/rohan", "//rohan", ":leave").said
    here, everywhere = said.split("Nothing found.")
    assert "Rohan (sandbox)" not in here
    assert "Rohan (sandbox)" in everywhere


@pytest.fixture
def empty_keyring() -> Iterator[MemoryKeyring]:
    yield use(MemoryKeyring())
    keyring.set_keyring(fail.Keyring())


def test_a_place_elsewhere_is_no_yes_to_the_keyring(empty_keyring: MemoryKeyring) -> None:
    lines = (":go 3", ":key", ":go 3", ":go 1", ":go 3", ":leave")
    url = "http://127.0.0.1:9/api/v1"
    heard = hold(*lines, url=url, key=None, unseen=lambda _: KEY)
    assert "Store the key in the system keyring?" in heard.said
    assert empty_keyring.kept == {}


def test_the_voices_are_read_again_with_a_new_key() -> None:
    lines = (":go 3", ":key", "no", ":go 1", ":go 3", ":leave")
    url = "http://127.0.0.1:9/api/v1"
    said = hold(*lines, url=url, key=None, unseen=lambda _: KEY).said
    assert said.count("Loading voices.") == 2


def test_an_unsaved_draft_is_not_reported_as_kept(tmp_path: FilePath) -> None:
    (tmp_path / FILE_NAME).mkdir()
    session = Session(tmp_path, open_store(tmp_path))
    said = hold("outbound", ":leave", session=session, draft=Draft()).said
    session.close()
    assert "Your answers are not saved." in said
    assert "is kept" not in said.rpartition("Name:")[2]


def test_sending_without_a_receipt_needs_confirmation() -> None:
    store = MemoryStore()
    with served(store) as url:
        lines = Typed(":review", "1", "yes", "Send without", "yes")
        heard = Heard(lines, Draft.imported(minimal()), url=url, key=KEY)
        heard.session.store.database.run("PRAGMA query_only = ON")
        heard.hold()
    assert "Send without a receipt" in heard.said
    assert heard.code == 0
    assert len(store.bodies()) == 1


def test_a_short_form_gives_the_same_payload_everywhere() -> None:
    typed = minimal() | {"company_website": "acme.com", "zapier_hook": "hooks.acme.com/1"}
    drafts = engine(typed), by_plain_questions(typed), by_set(typed)
    first, *others = [draft.preview() for draft in drafts]
    assert all(text == first for text in others)
    assert '"https://acme.com"' in first


def test_a_time_zone_is_answered_by_a_part_of_its_name() -> None:
    action = {"type": "scheduleMeeting", "timezone": "UTC"}
    lines = ("edit 1", "", "", "kolk")
    draft = asked(*lines, field="actions", draft=Draft(answers={"actions": [action]})).draft
    (given,) = draft.answers["actions"]
    assert given["timezone"] == "Asia/Kolkata"
