"""Templates: each is valid in every language, and none overwrites typed answers."""

import asyncio
import json
import os
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from copy import deepcopy
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.commands.test_cli import ROOT, run
from tests.examples import full, meeting, minimal, voices_of
from tests.golden.cases import TEMPLATES
from tests.published import published_errors
from tests.terminal import Terminal
from wizard.advice import advise, variables
from wizard.api.client import Client
from wizard.api.connection import connect
from wizard.api.outcomes import Created
from wizard.api.voice_catalogue import fills
from wizard.contract.choices import FAREWELLS, LANGUAGES
from wizard.draft.action_list import rearrange
from wizard.draft.draft import Draft, Source
from wizard.errors import NoSuch, NotReady, NotWritten, Unreadable
from wizard.formats import paths
from wizard.formats.paths import MISSING
from wizard.formats.yaml_text import parse_yaml
from wizard.sandbox.sandbox_voices import sandbox_voices
from wizard.settings import read
from wizard.storage.database import Database
from wizard.storage.session import copy_of
from wizard.storage.store import Store, snapshot
from wizard.templates import library
from wizard.templates.library import all_templates, find_template, own_folder, template_names
from wizard.templates.own import name_for, save_as_template
from wizard.templates.template import Template, read_template

VOICES = {voice.language: voice for voice in reversed(voices_of(sandbox_voices()))}
WANTED = set(TEMPLATES)
SMALL = """\
title: Small
answers:
  type: outbound
  goal: Feedback and surveys
  script: |
    You are {{assistant_name}}.
openings:
  en: {start_speech: "Hello.", end_call_message: "Goodbye."}
  de: {start_speech: "Guten Tag.", end_call_message: "Auf Wiederhören."}
sample: {assistant_name: Maya}
"""


def template(text: str = SMALL, name: str = "small") -> Template:
    return read_template(text, f"{name}.yaml", name, own=True)


def other() -> Template:
    """A template of which nearly everything differs from the small one's."""
    return template(
        """
        title: Other
        answers:
          type: inbound
          goal: Lead qualification
          temperature: 0.9
          sentiment: {positive_prompt: Glad.}
          actions: [{type: scheduleMeeting, say: One moment.}]
        openings:
          en: {start_speech: "Good day."}
          hi: {start_speech: "नमस्ते।"}
        """,
        "other",
    )


def begun(made: Template | None = None, **answers: Any) -> Draft:
    """A draft of these answers, started from a template."""
    draft = Draft()
    for name, value in answers.items():
        draft.answer((name,), value)
    draft.start_from(made or template())
    return draft


def put(home: Path, name: str, text: str) -> Path:
    """A file among a person's own templates."""
    path = own_folder(home) / f"{name}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


# The program's own


def test_there_are_twelve_and_all_of_them_can_be_read() -> None:
    found = all_templates(None)
    assert found.refused == ()
    assert {made.name for made in found.templates} >= WANTED
    assert "inbound" in {made.type for made in found.templates}
    assert set(template_names(None)) == {made.name for made in found.templates}


@pytest.mark.parametrize("name", template_names(None))
async def test_each_is_right_advised_and_created_in_every_language(name: str) -> None:
    made = find_template(name, None)
    client = connect(read(sandbox=True, environment={}))
    raised: set[str] = set()
    for language in LANGUAGES:
        payload = ready(made, language).payload()
        assert published_errors(payload.data) == []
        raised |= {warning.code for warning in advise(payload.data)}
        assert raised <= set(made.expects), (language, list(map(str, advise(payload.data))))
        await created(client, payload.body, made, language)
        assert payload.data["is_start_speech_update"] is False
        missing = set(variables.used_in(payload.data)) - set(made.sample)
        assert not missing, f"no sample for {missing}"
    assert raised == set(made.expects), "advice is declared that is not raised"
    await client.aclose()


def ready(made: Template, language: str) -> Draft:
    """A draft with the answers that a template lacks: the name, the company and the voice."""
    draft = Draft()
    draft.start_from(made)
    for name, value in {"name": "Maya", "company_name": "Acme", "language": language}.items():
        draft.answer((name,), value)
    draft.choose_voice(fills(VOICES[language]))
    assert draft.problems() == ()
    return draft


async def created(client: Client, body: bytes, made: Template, language: str) -> None:
    outcome = await client.create(body)
    assert isinstance(outcome, Created), (made.name, language, outcome)


@pytest.mark.parametrize("name", template_names(None))
def test_each_has_its_own_opening_and_closing_in_every_language(name: str) -> None:
    made = find_template(name, None)
    assert set(made.openings) == set(LANGUAGES)
    for part in ("start_speech", "end_call_message"):
        said = [made.openings[code][part] for code in LANGUAGES]
        assert len(set(said)) == len(said)
    assert made.title
    assert made.about
    assert {"type", "goal", "script"} <= set(made.answers)
    assert not made.own


@pytest.mark.parametrize("name", template_names(None))
def test_the_texts_of_actions_are_in_every_language(name: str) -> None:
    made = find_template(name, None)

    def texts(language: str) -> list[Any]:
        actions = made.answers_in(language).get("actions", [])
        said = [paths.get(action, place) for action in actions for place in SAID]
        return [text for text in said if text is not MISSING]

    spoken = [texts(language) for language in LANGUAGES]
    for index, english in enumerate(texts("en")):
        assert len({said[index] for said in spoken}) == len(LANGUAGES)
        for said in spoken:
            assert variables_in(said[index]) == variables_in(english)


SAID = (("say",), ("sms", "content"))


def variables_in(text: str) -> set[str]:
    return {one.name for one in variables.find(text) if one.is_right}


def test_the_texts_of_an_action_follow_the_language_until_changed() -> None:
    made = find_template("inbound-receptionist", None)
    draft = begun(made)
    english = draft.get(("actions",))
    draft.answer(("language",), "de")
    assert "Moment bitte" in draft.get(("actions", 0, "say"))
    assert "Vielen Dank" in draft.get(("actions", 1, "sms", "content"))
    assert draft.get(("actions", 0, "prompt")) == english[0]["prompt"]
    draft.answer(("actions", 0, "say"), "Moment, bitte.")
    draft.answer(("language",), "fr")
    assert draft.get(("actions", 0, "say")) == "Moment, bitte."
    assert "Merci" in draft.get(("actions", 1, "sms", "content"))


def test_an_own_template_keeps_the_texts_of_unchanged_actions(tmp_path: Path) -> None:
    draft = begun(find_template("inbound-receptionist", None), language="de")
    save_as_template(draft, "mine", tmp_path)
    for language, said in {"de": "Einen Moment", "en": "One moment", "fr": "Un instant"}.items():
        again = begun(find_template("mine", tmp_path), language=language)
        assert said in again.get(("actions", 0, "say"))
    draft.answer(("actions", 0, "say"), "Moment!")
    save_as_template(draft, "mine", tmp_path, replace=True)
    for language in ("de", "fr"):
        again = begun(find_template("mine", tmp_path), language=language)
        assert again.get(("actions", 0, "say")) == "Moment!"


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ("5", "openings.de.actions: Enter a list"),
        ("[{say: Hallo.}]", r"openings.de.actions\[0\]: Enter texts that the action has"),
    ],
)
def test_texts_of_missing_actions_are_refused(tmp_path: Path, texts: str, expected: str) -> None:
    broken = SMALL.replace('"Auf Wiederhören."', f'"Auf Wiederhören.", actions: {texts}')
    path = put(tmp_path, "broken", broken)
    with pytest.raises(Unreadable, match=expected):
        find_template(str(path), None)


def test_the_words_that_a_speaker_corrected() -> None:
    def said(name: str, language: str) -> str:
        return find_template(name, None).openings[language]["start_speech"]

    corrected = {
        ("admission-follow-up", "de"): "Anfrage zu Studium oder Zulassung",
        ("admission-follow-up", "es"): "consulta sobre la admisión",
        ("admission-follow-up", "fr"): "demande de renseignements",
        ("admission-follow-up", "it"): "richiesta di informazioni",
        ("payment-reminder", "it"): "la Sua posizione cliente",
        ("market-research", "it"): "non Le venderemo nulla",
        ("market-research", "de"): "verkaufen nichts",
        ("lead-qualification", "gu"): "તમારી પૂછપરછ વિશે",
        ("win-back", "gu"): "વાત થઈ નથી",
        ("win-back", "kn"): "ಮಾತನಾಡಬಹುದೇ",
        ("win-back", "mr"): "बोलणे झाले नाही",
    }
    for (name, language), words in corrected.items():
        assert words in said(name, language)
    for made in all_templates(None).templates:
        spanish, german = made.openings["es"]["start_speech"], made.openings["de"]["start_speech"]
        assert "Hola" not in spanish
        assert ("{{full_name}}" in spanish) == ("{{full_name}}" in german)
        assert "Passt es gerade" not in german
        assert "suo " not in made.openings["it"]["end_call_message"]
    assert FAREWELLS["hi"].startswith("आपके समय के लिए धन्यवाद")
    assert "il Suo tempo" in FAREWELLS["it"]


def test_an_action_of_a_template_has_the_starting_values() -> None:
    draft = begun(other())
    action = draft.answers["actions"][0]
    assert action["say"] == "One moment."
    assert set(action) == set(meeting())
    assert action["length"] == 30


# Finding


def test_a_misspelt_name_gets_a_suggestion(tmp_path: Path) -> None:
    with pytest.raises(NoSuch, match=r"no template is named 'win-bak'; the nearest is win-back: "):
        find_template("win-bak", tmp_path)
    with pytest.raises(NoSuch, match=r"no template is named 'zzz': `qcall-wizard"):
        find_template("zzz", tmp_path)


def test_own_templates_are_last_and_hide_others_of_the_same_name(tmp_path: Path) -> None:
    put(tmp_path, "win-back", SMALL)
    put(tmp_path, "small", SMALL)
    found = all_templates(tmp_path)
    assert [made.name for made in found.templates[-2:]] == ["win-back", "small"]
    assert all(made.own for made in found.templates[-2:])
    assert not any(made.own for made in found.templates[:-2])
    assert find_template("win-back", tmp_path).title == "Small"


def test_a_template_can_be_named_by_its_file(tmp_path: Path) -> None:
    path = put(tmp_path, "mine", SMALL)
    made = find_template(str(path), None)
    assert (made.name, made.title, made.own) == ("mine", "Small", True)


def test_a_file_that_changed_is_read_again(tmp_path: Path) -> None:
    path = put(tmp_path, "mine", SMALL)
    assert find_template("mine", tmp_path).title == "Small"
    path.write_text(SMALL.replace("Small", "Larger"), encoding="utf-8")
    assert find_template("mine", tmp_path).title == "Larger"


@pytest.mark.parametrize("name", [".", "/dev/null", "no/such/file.yaml"])
def test_a_path_that_is_no_file_is_refused(name: str) -> None:
    with pytest.raises((Unreadable, NoSuch)):
        find_template(name, None)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("title: Small\n", "", "line 1, column 1: title: Required."),
        ("title: Small", "title: ' '", "line 1, column 1: title: Required."),
        ("type: outbound", "type: sideways", "line 3, column 1: answers.type: Choose one of"),
        (
            "  type: outbound\n",
            "",
            "line 2, column 1: answers.type: Required. Enter one",
        ),
        ("goal: Feedback and surveys", "goal: 5", "line 4, column 1: answers.goal: Enter"),
        ("goal:", "temperature: 9\n  goal:", "line 4, column 1: answers.temperature: Choose one"),
        ("goal:", "actions: [{}]\n  goal:", r"line 4, column 1: answers.actions\[0\].type: Requ"),
        ("  de:", "  xx:", "line 9, column 1: openings.xx: Enter one of en, de"),
        ('"Guten Tag."', "' '", "line 9, column 1: openings.de.start_speech: Required"),
        ("end_call_message", "farewell", "line 8, column 1: openings.en: Enter an object of"),
        ("Maya", "5", "line 10, column 1: sample.assistant_name: Enter text in quotes."),
        (
            "sample:",
            "samples:",
            "line 10, column 1: samples: Not a part of a template.",
        ),
        (
            "sample:",
            "reviewed: [en, xx]\nsample:",
            r"line 10, column 1: reviewed\[1\]: Enter one of",
        ),
        ("sample:", "expects: QW1\nsample:", "line 10, column 1: expects: Enter a list"),
        ("sample:", "\tsample:", "line 10, column 1: this is a tab"),
        (SMALL, "5", "line 1, column 1: A template is an object with title"),
        (SMALL, "", "line 1, column 1: it is empty"),
    ],
)
def test_one_that_does_not_fit_is_refused_by_name_line_and_reason(
    tmp_path: Path, old: str, new: str, expected: str
) -> None:
    assert SMALL.count(old) >= 1
    put(tmp_path, "broken", SMALL.replace(old, new, 1))
    put(tmp_path, "small", SMALL)
    found = all_templates(tmp_path)
    assert [made.name for made in found.templates if made.own] == ["small"]
    (refused,) = found.refused
    assert str(refused).startswith(f"{own_folder(tmp_path) / 'broken.yaml'}, line ")
    with pytest.raises(Unreadable, match=expected):
        find_template("broken", tmp_path)


def test_a_pipe_in_the_own_folder_is_never_opened(tmp_path: Path) -> None:
    own_folder(tmp_path).mkdir()
    os.mkfifo(own_folder(tmp_path) / "mine.yaml")
    ran = run("templates", "--home", str(tmp_path))
    assert ran.code == 1
    assert "mine.yaml: this is a pipe" in ran.err
    assert "win-back" in ran.out


# A draft and its template


def test_a_draft_takes_the_answers_of_the_template() -> None:
    draft = begun()
    assert draft.answers == {
        "language": "en",
        "type": "outbound",
        "goal": "Feedback and surveys",
        "script": "You are {{assistant_name}}.\n",
        "start_speech": "Hello.",
        "end_call_message": "Goodbye.",
    }
    assert {draft.source((name,)) for name in draft.answers} == {Source.TEMPLATE}
    assert draft.template == "small"
    assert draft.template_answers()["start_speech"] == "Hello."


def test_an_own_answer_wins_over_the_template() -> None:
    draft = begun(goal="Mine", sentiment={"neutral_prompt": "Mine."})
    draft.answer(("start_speech",), "My line.")
    draft.start_from(other())
    assert draft.get(("goal",)) == "Mine"
    assert draft.get(("start_speech",)) == "My line."
    assert draft.get(("type",)) == "inbound"
    assert draft.get(("sentiment", "neutral_prompt")) == "Mine."


def test_names_are_in_the_texts_as_soon_as_they_are_answered() -> None:
    draft = begun()
    draft.answer(("name",), "Asha")
    assert draft.get(("script",)) == "You are Asha.\n"
    assert draft.source(("script",)) is Source.TEMPLATE
    draft.answer(("name",), " ")
    assert draft.get(("script",)) == "You are {{assistant_name}}.\n"


def test_typed_text_keeps_its_variables() -> None:
    draft = begun(script="I am {{assistant_name}} of {{company_name}}.")
    draft.answer(("company_name",), "Acme")
    before = len(draft.history.edits)
    draft.settle()
    assert draft.get(("script",)) == "I am {{assistant_name}} of {{company_name}}."
    assert len(draft.history.edits) == before
    assert not draft.compose()["is_start_speech_update"]


TWINS = """\
title: Twins
answers:
  type: outbound
  goal: Feedback and surveys
  script: "You are {{assistant_name}} of {{company_name}}."
  actions:
    - {type: sendMessage, sms: {is_sms: true, content: "{{company_name}}: one."}}
    - {type: sendMessage, sms: {is_sms: true, content: "{{company_name}}: two."}}
    - {type: scheduleMeeting, say: "{{assistant_name}} looks.", prompt: "For {{company_name}}."}
openings:
  en: {start_speech: "This is {{assistant_name}} of {{company_name}}."}
  de: {start_speech: "Hier ist {{assistant_name}} von {{company_name}}."}
"""
_IN_ACTIONS = (("sms", "content"), ("say",), ("prompt",))


def texts_of(answers: Any) -> list[Any]:
    """The texts of a template's kind in a draft or a payload."""
    found = [paths.get(answers, (name,)) for name in ("script", "start_speech")]
    for action in paths.get(answers, ("actions",)):
        found += [text for inside in _IN_ACTIONS if (text := paths.get(action, inside))]
    return found


@given(st.lists(st.integers(0, 9), min_size=1, max_size=25))
def test_a_text_is_never_shown_otherwise_than_it_is_sent(deeds: list[int]) -> None:
    draft = begun(template(TWINS))
    draft.answer(("name",), "Asha")
    draft.answer(("company_name",), "Acme")
    draft.history.clock = count(step=5).__next__  # a pause after each deed
    first = draft.history.done
    states: dict[int, Any] = {}
    for number, deed in enumerate(deeds):
        states[draft.history.done] = draft.compose()
        if deed < 2:
            draft.answer(("name",), f"Name {number}")
        elif deed == 2:
            draft.answer(("company_name",), f"Company {number}")
        elif deed == 3:
            draft.answer(("language",), ("de", "en")[number % 2])
        elif deed == 4:
            draft.answer(("script",), f"{draft.get(('script',))} {number}.")
        elif deed == 5:
            kinds = [action["type"] for action in draft.get(("actions",))]
            at = kinds.index("sendMessage")
            draft.answer(("actions", at, "sms", "content"), f"Mine {number}.")
        elif deed == 6:
            rearrange(draft, ("up", "down", "copy")[number % 3], 1)
        elif draft.history.done > first:
            draft.undo()
            assert draft.compose() == states[draft.history.done]
            draft.redo()
            draft.undo()
            assert draft.compose() == states[draft.history.done]
        shown = texts_of(draft.shown)
        assert shown == texts_of(draft.compose())
        assert "{{" not in str(shown)


def test_another_template_removes_the_answers_of_the_first() -> None:
    draft = begun(other())
    assert draft.get(("temperature",)) == 0.9
    draft.start_from(template())
    for gone in ("temperature", "actions"):
        assert draft.get((gone,)) is MISSING
    assert draft.get(("sentiment", "positive_prompt")) is MISSING
    draft.start_from(None)
    assert draft.template is None
    assert not draft.compose().keys() & {"goal", "script", "language", "is_start_speech_update"}


def test_another_language_brings_its_words_unless_they_were_changed() -> None:
    draft = begun()
    draft.answer(("end_call_message",), "Bye!")
    draft.answer(("language",), "de")
    assert draft.get(("start_speech",)) == "Guten Tag."
    assert draft.get(("end_call_message",)) == "Bye!"
    assert draft.source(("start_speech",)) is Source.TEMPLATE


def test_a_language_that_was_chosen_first_stays() -> None:
    draft = begun(language="de")
    assert draft.get(("start_speech",)) == "Guten Tag."
    assert draft.source(("language",)) is Source.TYPED


def test_an_emptied_text_stays_empty() -> None:
    draft = begun()
    draft.answer(("start_speech",), MISSING)
    draft.answer(("end_call_message",), "")
    draft.answer(("language",), "de")
    assert draft.get(("start_speech",)) is MISSING
    assert draft.get(("end_call_message",)) == ""
    draft.undo()
    draft.undo()
    draft.undo()
    draft.answer(("language",), "de")
    assert draft.get(("start_speech",)) == "Guten Tag."


def test_a_changed_list_is_kept_as_a_whole() -> None:
    draft = begun(other())
    draft.answer(("actions", 0, "say"), "A moment, please.")
    draft.start_from(template())
    assert draft.get(("actions", 0, "say")) == "A moment, please."


def test_a_voice_of_another_language_is_not_changed() -> None:
    draft = begun()
    draft.choose_voice(fills(VOICES["en"]))
    draft.answer(("language",), "de")
    draft.start_from(other())
    assert draft.get(("voice_id",)) == VOICES["en"].voice_id


def test_no_part_of_a_voice_is_mixed_with_an_own_one() -> None:
    voice = dict(fills(VOICES["hi"]))
    spoken = Template("spoken", "Spoken", "", {"type": "inbound", **voice}, own=True)
    assert begun(spoken).get(("voice_id",)) == voice["voice_id"]
    draft = begun(spoken, accent="mine")
    assert all(draft.get((name,)) is MISSING for name in voice if name != "accent")


def test_choosing_a_template_or_a_language_is_one_edit() -> None:
    draft = begun(name="Asha")
    draft.answer(("language",), "de")
    draft.undo()
    assert draft.get(("start_speech",)) == "Hello."
    draft.undo()
    assert (draft.answers, draft.template) == ({"name": "Asha"}, None)
    draft.redo()
    draft.redo()
    assert draft.get(("start_speech",)) == "Guten Tag."
    assert draft.template == "small"


def test_the_payload_says_if_the_opening_line_was_changed() -> None:
    draft = begun()
    path = ("is_start_speech_update",)
    assert draft.compose()[path[0]] is False
    draft.answer(("start_speech",), "Hello!")
    assert draft.compose()[path[0]] is True
    assert draft.source(path) is Source.DERIVED
    draft.answer(("start_speech",), "Hello.")
    assert draft.compose()[path[0]] is False
    names = list(ready(find_template("win-back", None), "en").compose())
    assert names.index(path[0]) == names.index("script") + 1
    assert path[0] not in Draft.imported(minimal()).compose()


def test_the_template_is_kept_with_the_draft_and_with_a_copy() -> None:
    draft = begun()
    store = Store(Database.in_memory())
    store.save(snapshot(draft, 0))
    for again in (store.load(draft.id), copy_of(draft)):
        assert again.template == "small"
        again.answer(("language",), "de")
        assert again.get(("start_speech",)) == "Guten Tag."
        again.undo()
        again.undo()
        assert again.template is None


PLACES = [
    (("goal",), st.sampled_from(["Mine", "Lead qualification", ""])),
    (("start_speech",), st.sampled_from(["Mine", "Hello.", "Guten Tag.", ""])),
    (("end_call_message",), st.sampled_from(["Mine", "Goodbye."])),
    (("script",), st.text(max_size=3)),
    (("type",), st.sampled_from(["inbound", "outbound"])),
    (("temperature",), st.sampled_from([0.7, 0.9, "hot"])),
    (("sentiment", "positive_prompt"), st.sampled_from(["Mine", "Glad."])),
    (("actions",), st.sampled_from([[], [meeting()]])),
    (("actions", 0, "say"), st.sampled_from(["Mine", "One moment."])),
]
EDITS = st.one_of(
    *(st.tuples(st.just(path), values) for path, values in PLACES),
    st.tuples(st.just(("language",)), st.sampled_from([*LANGUAGES, "xx", MISSING])),
    st.tuples(st.none(), st.sampled_from([template(), other(), None])),
)


@given(st.lists(EDITS, max_size=12))
@settings(max_examples=150, deadline=None)
def test_typed_answers_survive_any_order_of_templates_and_languages(
    edits: list[tuple[Any, Any]],
) -> None:
    draft = Draft()
    typed: dict[str, Any] = {}
    whole = set()
    states = [(deepcopy(draft.answers), draft.template)]
    for path, value in edits:
        if path is None:
            draft.start_from(value)
        else:
            draft.answer(path, value)
            typed = paths.put(typed, path, value)
            whole.add(path)
        for place, _ in PLACES:
            own = paths.get(typed, place)
            if own is not MISSING and place in whole:
                assert draft.get(place) == own
            elif place[0] != "actions":
                offered = paths.get(draft.template_answers(), place)
                assert draft.get(place) == offered
        states.append((deepcopy(draft.answers), draft.template))
    while draft.undo() is not None:
        assert (draft.answers, draft.template) in states
    assert (draft.answers, draft.template) == ({}, None)
    while draft.redo() is not None:
        pass
    assert (draft.answers, draft.template) == states[-1]


# A template of one's own


def test_a_template_of_a_draft_gives_the_same_draft(tmp_path: Path) -> None:
    draft = Draft.imported(full())
    path = save_as_template(draft, "mine", tmp_path, title="Mine: the best")
    assert path == tmp_path / "templates" / "mine.yaml"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [p.name for p in path.parent.iterdir()] == ["mine.yaml"]
    again = Draft()
    again.start_from(find_template("mine", tmp_path))
    kept = paths.put(full(), ("widget_config", "api_key"), MISSING)
    assert again.compose() == kept
    assert again.template == "mine"


def test_no_secret_is_in_its_file(tmp_path: Path) -> None:
    text = save_as_template(Draft.imported(full()), "mine", tmp_path).read_text()
    assert "widget-key" not in text
    assert "api_key" not in text
    assert "containerId" in text


def test_an_own_template_keeps_other_languages_if_unchanged(tmp_path: Path) -> None:
    draft = begun()
    draft.answer(("goal",), "Mine")
    save_as_template(draft, "mine", tmp_path)
    made = find_template("mine", tmp_path)
    assert made.answers["goal"] == "Mine"
    assert set(made.openings) == {"en", "de"}
    assert made.sample == {"assistant_name": "Maya"}
    draft.answer(("start_speech",), "Mine.")
    save_as_template(draft, "mine", tmp_path, replace=True)
    assert set(find_template("mine", tmp_path).openings) == {"en"}


@given(script=st.text(min_size=1).filter(lambda text: not text.isspace()))
@settings(max_examples=50, deadline=None)
def test_every_script_survives_a_template(
    tmp_path_factory: pytest.TempPathFactory, script: str
) -> None:
    home = tmp_path_factory.mktemp("home")
    draft = begun(script=script)
    save_as_template(draft, "mine", home)
    assert find_template("mine", home).answers["script"] == script


def test_a_template_is_overwritten_only_on_request(tmp_path: Path) -> None:
    path = save_as_template(begun(), "mine", tmp_path)
    before = path.read_bytes()
    with pytest.raises(NotWritten, match="the template mine exists") as refused:
        save_as_template(begun(goal="Another"), "mine", tmp_path)
    assert refused.value.exists
    assert path.read_bytes() == before
    save_as_template(begun(goal="Another"), "mine", tmp_path, replace=True)
    assert b"Another" in path.read_bytes()
    assert [p.name for p in path.parent.iterdir()] == ["mine.yaml"]


@pytest.mark.parametrize("name", ["", "My Own", "../mine", "-", "a--b", "x" * 61, "ü"])
def test_an_invalid_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(NotWritten, match="cannot be a template's name"):
        save_as_template(begun(), name, tmp_path)
    assert not own_folder(tmp_path).exists()


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("My own: the 2nd!", "my-own-the-2nd"),
        ("Grüße", "grusse"),
        ("नमस्ते", ""),
        ("x " * 60, "x-" * 29 + "x"),
    ],
)
def test_a_title_proposes_a_name(title: str, name: str) -> None:
    assert name_for(title) == name


def test_an_invalid_draft_makes_no_template(tmp_path: Path) -> None:
    with pytest.raises(NotReady, match=r": Temperature: Choose one of"):
        save_as_template(begun(temperature=9), "mine", tmp_path)
    with pytest.raises(NotReady, match=r": Type: Required"):
        save_as_template(Draft(), "mine", tmp_path)


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "templates").write_text("a file")
    with pytest.raises(NotWritten, match=r"mine.yaml cannot be written: "):
        save_as_template(begun(), "mine", tmp_path)


# Speed


def test_help_reads_no_template() -> None:
    code = (
        "import sys; from wizard.__main__ import main; sys.argv[1:] = ['--help']\n"
        "try: main()\n"
        "finally: print(*[m for m in sys.modules if 'templates' in m or 'ruamel' in m], 'loaded')"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[-1].strip() == "loaded"


async def test_reading_in_a_thread_does_not_block_the_loop() -> None:
    async def longest_pause() -> float:
        library._read.cache_clear()
        reading = asyncio.create_task(asyncio.to_thread(all_templates, None))
        longest = 0.0
        while not reading.done():
            start = time.process_time()
            await asyncio.sleep(0.001)
            longest = max(longest, time.process_time() - start)
        return longest

    # The best of three: another program may have taken the processor.
    assert min([await longest_pause() for _ in range(3)]) < 0.05


# The commands


def home_with(tmp_path: Path, name: str, text: str) -> Callable[..., Any]:
    put(tmp_path, name, text)
    return lambda *words: run(*words, "--home", str(tmp_path))


def test_they_are_listed_for_people_and_for_programs(tmp_path: Path) -> None:
    wizard = home_with(tmp_path, "small", SMALL)
    listed = wizard("templates")
    assert (listed.code, listed.err) == (0, "")
    assert "lead-qualification" in listed.out
    assert "small                 outbound  Small (your own)" in listed.out
    lines = [json.loads(line) for line in wizard("templates", "--json").out.splitlines()]
    names = {line["name"]: line for line in lines}
    assert names.keys() >= WANTED | {"small"}
    assert names["small"]["type"] == "outbound"
    assert names["small"]["languages"] == ["en", "de"]


def test_an_invalid_template_is_reported_and_the_others_listed(tmp_path: Path) -> None:
    wizard = home_with(tmp_path, "broken", SMALL.replace("outbound", "sideways"))
    listed = wizard("templates")
    assert listed.code == 1
    assert "broken.yaml, line 3, column 1: answers.type: Choose one of" in listed.err
    assert "win-back" in listed.out


def test_one_is_shown_in_a_language(tmp_path: Path) -> None:
    wizard = home_with(tmp_path, "small", SMALL)
    shown = wizard("templates", "show", "small", "--language", "de").out
    assert "Guten Tag." in shown
    assert "German · Deutsch: a draft that no speaker has reviewed." in shown
    assert 'assistant_name: "Maya"' in shown
    template = json.loads(wizard("templates", "show", "small", "--json").out)
    assert template["answers"]["start_speech"] == "Hello."
    assert (
        "no opening line in Hindi" in wizard("templates", "show", "small", "--language", "hi").out
    )


def test_showing_an_unknown_template_or_language_is_an_error(tmp_path: Path) -> None:
    wizard = home_with(tmp_path, "small", SMALL)
    missing = wizard("templates", "show", "smal")
    assert (missing.code, missing.out) == (1, "")
    assert "the nearest is small" in missing.err
    wrong = wizard("templates", "show", "small", "--language", "xx")
    assert wrong.code == 2


def test_the_file_of_a_template_can_be_read_back(tmp_path: Path) -> None:
    path = save_as_template(begun(), "mine", tmp_path)
    assert parse_yaml(path.read_bytes(), "mine") == find_template("mine", tmp_path).as_data()


def test_the_wizard_opens_on_a_template(tmp_path: Path) -> None:
    with Terminal("--template", "win-back", home=tmp_path) as terminal:
        terminal.wait_for("● Outbound")
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0
    draft = last_draft(tmp_path)
    assert draft.template == "win-back"
    opening = find_template("win-back", None).openings["en"]
    assert draft.answers["start_speech"] == opening["start_speech"]


def last_draft(home: Path) -> Draft:
    """The draft that was changed last."""
    with closing(Database.open(home)) as database:
        store = Store(database)
        return store.load(store.drafts()[0].id)


def test_an_unknown_template_is_an_error_before_the_screens_open(tmp_path: Path) -> None:
    ran = run("--template", "win-bak", "--home", str(tmp_path))
    assert (ran.code, ran.out) == (1, "")
    assert "the nearest is win-back" in ran.err
    both = run("--template", "win-back", "--from", "x.json")
    assert both.code == 2
    assert "--from and --template cannot be combined" in both.err
