"""The blanks of a draft's texts: found, filled, kept as columns, and undone as one change."""

from pathlib import Path

import pytest

from tests.examples import full, minimal, sms, with_
from wizard.draft.action_list import add_action, rearrange
from wizard.draft.blanks import Blank, blanks, fill, fill_words
from wizard.draft.draft import COLUMNS_PLACE, Draft, Source
from wizard.storage.session import Session
from wizard.storage.store import open_store
from wizard.templates.library import find_template


def begun(name: str = "inbound-receptionist") -> Draft:
    draft = Draft()
    draft.start_from(find_template(name, None))
    return draft


def imported(**answers: object) -> Draft:
    return Draft.imported(minimal() | answers)


def names(draft: Draft) -> list[str]:
    return [blank.name for blank in blanks(draft)]


def shown(blank: Blank) -> tuple[str, str, str]:
    place = blank.places[0]
    sentence = place.sentence
    return sentence[: place.start], sentence[place.start : place.end], sentence[place.end :]


# --- blanks and their places


def test_contact_fields_are_blanks_of_inbound_only() -> None:
    texts = {"script": "Call {{first_name}} at {{visit_day}}, {{phone}}.", "start_speech": "Hello."}
    assert names(imported(**texts)) == ["visit_day"]
    assert names(imported(type="inbound", **texts)) == ["first_name", "visit_day", "phone"]


def test_the_names_that_a_template_gets_from_answers_are_no_blanks() -> None:
    draft = begun()
    assert names(draft) == ["company_description", "company_address", "opening_hours", "services"]
    assert fill_words(blanks(draft)) == "Fill in 4 blanks"
    # Without a template they are not filled.
    assert names(imported(script="This is {{company_name}}.")) == ["company_name"]


def test_every_text_counts_and_no_other_answer() -> None:
    payload = full() | {"type": "outbound", "goal": "{{a}}", "voice_note": "{{b}}"}
    payload = with_(payload, "actions[1].sms.content", "{{c}}")
    payload = with_(payload, "actions[2].zeplo.content.parameter_hints[0]", "{{d}}")
    payload = with_(payload, "voice_data.reference_text", "{{e}}")
    payload = with_(payload, "call_flow.nodes[0].id", "{{f}}")
    assert names(Draft.imported(payload)) == ["a", "b", "c", "d"]
    # A text that is not sent has no blanks to fill.
    assert names(Draft.imported(payload | {"is_voice_note": False})) == ["a", "c", "d"]


def test_near_misses_with_a_name_are_blanks_and_other_braces_are_not() -> None:
    script = "{{Opening Hours}} {{opening-hours}} {single} {{1}} {{}} {{half"
    assert names(imported(script=script)) == ["opening_hours"]


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        ("One. Open {{x}}, always! Two.", ("Open ", "{{x}}", ", always!")),
        ("One\nOpen {{x}}\nTwo", ("Open ", "{{x}}", "")),
        ("{{x}}", ("", "{{x}}", "")),
        ("हम {{x}} पर हैं। आइए।", ("हम ", "{{x}}", " पर हैं।")),
        ("Version 1.2 is {{x}}", ("Version 1.2 is ", "{{x}}", "")),
    ],
)
def test_the_sentence_is_the_one_around_the_blank(
    script: str, sentence: tuple[str, str, str]
) -> None:
    assert shown(blanks(imported(script=script))[0]) == sentence


def test_a_long_sentence_is_cut_at_words() -> None:
    before, blank, after = shown(
        blanks(imported(script=f"{'alpha ' * 90}{{{{x}}}}{' omega' * 90}"))[0]
    )
    assert blank == "{{x}}"
    assert before.startswith("…alpha ")
    assert after.endswith(" omega…")
    assert len(before) + len(after) < 200


def test_a_place_is_named_by_its_label_and_the_others_are_counted() -> None:
    draft = imported(script="{{x}} {{x}}", end_call_message="{{x}}", start_speech="Hi.")
    assert blanks(draft)[0].where == "Closing message and 2 more places"
    assert blanks(draft)[0].label == "X"
    assert blanks(imported(actions=[with_(sms(), "sms.content", "{{a_b}}")]))[0].where == (
        "Action 1, SMS, Text of the SMS"
    )


# --- filling


def test_an_answer_replaces_the_blank_everywhere_as_one_change() -> None:
    payload = with_(
        minimal() | {"type": "inbound", "actions": [sms()], "start_speech": "Hello."},
        "actions[0].sms.content",
        "Open {{opening_hours}}.",
    )
    draft = Draft.imported(
        payload | {"script": "{{ opening_hours }} or {{opening_hours}}: {{more}}."}
    )
    before = draft.preview()
    fill(draft, {"opening_hours": " 9 to 5 "})
    assert draft.get(("script",)) == "9 to 5 or 9 to 5: {{more}}."
    assert draft.get(("actions", 0, "sms", "content")) == "Open 9 to 5."
    assert names(draft) == ["more"]
    draft.undo()
    assert draft.preview() == before
    draft.redo()
    assert names(draft) == ["more"]


def test_filled_texts_still_follow_the_names_and_the_language() -> None:
    draft = begun()
    fill(draft, {"opening_hours": "9 to 5"})
    draft.answer(("company_name",), "Acme")
    draft.answer(("language",), "de")
    draft.settle()
    text = f"{draft.get(('script',))} {draft.get(('actions',))}"
    assert "9 to 5" in text
    assert "Acme" in str(draft.get(("start_speech",)))
    assert "{{company_name}}" not in f"{text} {draft.get(('start_speech',))}"
    assert "{{opening_hours}}" not in text
    assert draft.source(("script",)) is Source.TEMPLATE


def test_template_texts_in_changed_actions_follow_the_names() -> None:
    draft = begun()
    draft.answer(("company_name",), "Acme")
    draft.answer(("actions", 0, "length"), 45)
    rearrange(draft, "up", 1)
    add_action(draft, "sendMessage")
    draft.answer(("company_name",), "Beta")
    sent, meeting, added = draft.compose()["actions"]
    assert sent["sms"]["content"].startswith("Beta: ")
    assert meeting["length"] == 45
    assert added == {"type": "sendMessage"}
    draft.answer(("actions", 0, "sms", "content"), "{{company_name}} is what I wrote.")
    assert draft.compose()["actions"][0]["sms"]["content"] == "{{company_name}} is what I wrote."


def test_own_words_in_a_templates_text_are_filled_too() -> None:
    draft = begun()
    draft.answer(("script",), "We are open {{opening_hours}}, in {{town}}.")
    fill(draft, {"opening_hours": "9 to 5", "town": "Pune"})
    assert draft.get(("script",)) == "We are open 9 to 5, in Pune."
    assert "9 to 5" in str(draft.get(("actions",)))
    draft.undo()
    assert draft.get(("script",)) == "We are open {{opening_hours}}, in {{town}}."
    assert "{{opening_hours}}" in str(draft.get(("actions",)))


def test_there_is_no_advice_on_a_variable_that_is_kept_as_a_column() -> None:
    draft = imported(type="outbound", script="{{a}} {{b}}")
    assert "QCall does not fill {{a}} and {{b}}." in unfilled(draft)
    fill(draft, {}, ["a"])
    assert "QCall does not fill {{b}}." in unfilled(draft)
    fill(draft, {}, ["b"])
    assert not unfilled(draft)
    draft.answer(("type",), "inbound")
    assert "{{a}} and {{b}}. Inbound callers" in unfilled(draft), "they have no contacts"
    draft.undo()
    draft.undo()
    assert "QCall does not fill {{b}}." in unfilled(draft)


def unfilled(draft: Draft) -> str:
    """The advice on variables that QCall does not fill."""
    return " ".join(each.message for each in draft.advice() if each.code == "QW101")


def test_a_value_is_never_filled_again() -> None:
    draft = imported(script="{{a}} {{b}}")
    fill(draft, {"a": "{{b}}", "b": "x"})
    assert draft.get(("script",)) == "{{b}} x"


@pytest.mark.parametrize("value", ["", " ", "\n"])
def test_a_blank_value_leaves_the_blank(value: str) -> None:
    draft = imported(script="{{a}}")
    fill(draft, {"a": value})
    assert names(draft) == ["a"]
    assert draft.history.done == 0


def test_filling_is_an_undo_step_of_its_own() -> None:
    draft = Draft()
    draft.answer(("script",), "{{a}}")
    fill(draft, {"a": "x"})
    draft.undo()
    assert draft.get(("script",)) == "{{a}}"


# --- columns of the contacts


def test_a_column_is_no_blank_of_an_outbound_assistant() -> None:
    draft = begun("appointment-reminder")
    fill(draft, {"location": "High Street"}, ["appointment_day"])
    assert names(draft) == ["appointment_time", "what_to_bring"]
    assert "{{appointment_day}}" in str(draft.get(("script",)))
    draft.answer(("type",), "inbound")
    assert "appointment_day" in names(draft)
    draft.undo()
    assert draft.undo() is not None
    assert names(draft) == ["appointment_day", "appointment_time", "location", "what_to_bring"]
    draft.redo()
    assert names(draft) == ["appointment_time", "what_to_bring"]


def test_columns_are_kept_with_the_draft(tmp_path: Path) -> None:
    session = Session(tmp_path, open_store(tmp_path))
    draft = session.begin(begun("appointment-reminder"))
    fill(draft, {}, ["appointment_day", "appointment_time"])
    assert draft.undo() == draft.redo() == COLUMNS_PLACE
    session.changed()
    session.close()
    again = Session(tmp_path, open_store(tmp_path))
    opened = again.open(draft.id)
    assert names(opened) == ["location", "what_to_bring"]
    opened.undo()
    assert len(names(opened)) == 4
    again.close()
