"""Advice: each code is raised by its example, not by its counterexamples, and has its fix."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import full, meeting, minimal, sms, with_
from wizard.advice import advise, spoken_text
from wizard.advice.context import AdviceContext
from wizard.advice.messages import segments
from wizard.advice.registry import ADVICE
from wizard.advice.unicode_scripts import LATIN, main_script, script_of
from wizard.contract.applicability import Applicability
from wizard.contract.assistant import QUESTIONS
from wizard.contract.choices import ANNOUNCEMENTS, FAREWELLS, LANGUAGES
from wizard.contract.problems import Problem
from wizard.contract.validation import find_errors
from wizard.draft.draft import Draft
from wizard.formats import paths

TODAY = date(2026, 6, 15)
SCRIPT = minimal()["script"]
HINDI = "नमस्ते, मैं एक्मे डेंटल से आशा बोल रही हूँ। क्या अभी बात हो सकती है?"


def advice(**members: Any) -> list[Problem]:
    """The advice on the smallest example with other members."""
    return list(advise(minimal() | members, TODAY))


def codes(**members: Any) -> list[str]:
    return [problem.code for problem in advice(**members)]


def only(**members: Any) -> Problem:
    """The one piece of advice on the smallest example with other members."""
    (problem,) = advice(**members)
    return problem


def booking(**members: Any) -> dict[str, Any]:
    return {"actions": [meeting() | members]}


def message(content: str) -> dict[str, Any]:
    return {"actions": [with_(sms(), "sms.content", content)]}


# What comes near to each code and does not raise it: a reader would find the advice mistaken.
COUNTEREXAMPLES: Mapping[str, list[Mapping[str, Any]]] = {
    "QW001": [{"knowledge_base_Id": "kb-1"}],
    "QW002": [{"is_back_sound": True, "background_volume": 3}, {"is_voice_note": False}],
    "QW003": [booking()],
    "QW004": [{"is_filler": True, "fillers": ["umm", "uhh"]}],
    "QW005": [{"voice_data": {"name": "Asha"}}],
    "QW101": [{"script": f"{SCRIPT} {{{{first_name}}}} {{{{email}}}} {{{{phone}}}}"}],
    "QW102": [{"script": f"{SCRIPT} {{{{shop_name}}}} {{{{phone_model}}}} {{{{last_visit}}}}"}],
    "QW103": [{"start_speech": "Hello {{first_name}}, Good Day."}],
    "QW104": [{"start_speech": "Hello {{first_name}} , good day."}],
    "QW105": [{"start_speech": "Hello {{first_name}} - good day."}],
    "QW106": [{"script": f'{SCRIPT} Answer as in {{"day": 1}} or {{}}.'}],
    "QW107": [{"script": SCRIPT + " } { } and {{first_name}}"}],
    "QW108": [{"script": f"{SCRIPT} @home [or](so)"}],
    "QW109": [
        with_(full(), "actions[2].zeplo.content.parameter_hints[0]", "what {{1}} stands for"),
        {"script": f"{SCRIPT} {{{{line_1}}}}"},
    ],
    "QW111": [
        {"start_speech": "Hello, rated 5 * 3 * 2 by all_our_guests, room #5, 3 > 2."},
        {"sentiment": minimal()["sentiment"] | {"general_prompt": "# Judge the **mood**."}},
    ],
    "QW112": [{"script": f"{SCRIPT}\n1. Greet them.\n2. Ask.\nSay well-known things - slowly."}],
    "QW113": [
        {"start_speech": "Hello, look at acme dot example.", "company_website": "https://a.b"}
    ],
    "QW114": [{"start_speech": "Hello, write to care at acme dot example, or @ us."}],
    "QW115": [{"start_speech": "Hello – this is Asha™, “Acme” № 5…"}, {"start_speech": HINDI}],
    "QW116": [
        {"start_speech": "Hello, at 10:30 on the 3rd, in room 204, for 45 minutes, in 2027."},
        {"start_speech": "Hello, from 9 - 10:30, for 10 - 12 people, 3 or 4 (or 5) days, 50%."},
        {"start_speech": "Hello, {{amount_due_12345}} is open."},
    ],
    "QW117": [
        {"start_speech": "Hello, this is Asha of NASA and the BBC, about your GST."},
        {"start_speech": "Hello, ACME DENTALCARE calling.", "company_name": "ACME DENTALCARE"},
        {"script": f"{SCRIPT} NEVER give advice. ALWAYS be kind."},
        {"language": "hi", "start_speech": HINDI},
    ],
    "QW118": [{"start_speech": "Hello, is 3 < 5 and 7 > 2, or <3?"}],
    "QW119": [
        {"script": f"{SCRIPT} [pause] [if they agree] Say it [twice]."},
        {"start_speech": "Hello {{first_name}}, this is Asha, phone in hand."},
    ],
    "QW121": [{"name": "A" * 100}],
    "QW122": [{"company_name": "A" * 200}],
    "QW123": [{"goal": "A" * 2000}],
    "QW124": [{"script": SCRIPT.ljust(30_000)}, {"script": SCRIPT[:50].ljust(50, ".")}],
    "QW125": [{"start_speech": "h" * 250}],
    "QW126": [{"call_outcome_prompt": "A" * 3000}, {"call_outcome_prompt": "Sum it up."}],
    "QW127": [{"maximum_time_per_call": 120}],
    "QW128": [
        {"start_speech": "Hello {{first_name}}, this is Asha from Acme Dental. Is it a good time?"}
    ],
    "QW131": [
        {"language": "hi", "start_speech": HINDI},
        {"language": "hi", "start_speech": "नमस्ते {{first_name}} जी, Acme Dental से आशा।"},
        {"language": "hi", "start_speech": "Hello!"},
        {"language": "de", "start_speech": "Guten Tag, hier ist Asha, schön dass Sie da sind."},
    ],
    "QW132": [
        {"language": "hi", "script": f"{SCRIPT} Hold the call in Hindi."},
        {"language": "ta", "script": f"{SCRIPT} Keep to the language of the opening line."},
        {"language": "mr", "script": "तुम्ही आशा आहात. अपॉइंटमेंट सोयीची आहे का ते विचारा. धन्यवाद."},
    ],
    "QW133": [
        {"voice_data": {"voice_id": "v-1", "labels": {"language": "en-IN"}}},
        {"voice_data": {"voice_id": "v-1", "language_name": "English", "language": "xx"}},
        {"voice_data": {"voice_id": "v-1", "labels": {"language": "klingon"}}},
        {
            "voice_data": {"voice_id": "v-1", "labels": {"language": "ta"}},
            "ai_modal": "elevenlabs",
            "eleven_lab_modal": "eleven_multilingual_v2",
        },
        {
            "language": "ar-kw",
            "voice_data": {"voice_id": "v-1", "labels": {"language": "ar"}},
        },
    ],
    "QW141": [booking(startDate=TODAY.isoformat()), booking(startDate="no date")],
    "QW142": [booking(startTime="09:00 AM", endTime="09:30 AM", length=30)],
    "QW143": [booking(bookingDays="Sunday")],
    "QW144": [{"actions": [meeting()] * 5}],
    "QW151": [
        message("a" * 160),
        message("क" * 70),
        {"actions": [with_(with_(sms(), "sms.content", "a" * 500), "sms.is_sms", False)]},
    ],
    "QW161": [
        {"is_opt_out": True, "script": SCRIPT.partition("If")[0] + "Be kind."},
        {"type": "inbound", "script": SCRIPT.partition("If")[0] + "Be kind."},
        {"script": "Du bist Asha. Wer keine weiteren Anrufe will, bekommt keine mehr."},
    ],
    "QW162": [
        {"goal": "Remind patients of their dental appointments"},
        {"goal": "Lead qualification"},
        {"goal": "Collect rent"},
        {"goal": "Überfällige Mieten von Mietern eintreiben und dabei freundlich sein"},
        {"goal": "किराया वसूल करना और समय पर भुगतान करवाना"},
    ],
    "QW201": [{"language": "hi"}, {"language": "xx"}, {"language": 3}, {"language": ""}],
    "QW202": [{"fillers": []}, {"fillers": " "}],
    "QW203": [{"ai_model_id": "1"}, {"ai_model_id": ""}, {"ai_model_id": 7}],
    "QW204": [{"knowledge_base_Id": "kb-1"}, {"knowledge_base_Id": [1]}],
    "QW205": [{"opt_out_script": None}, {"opt_out_script": 1}],
    "QW206": [{"assistant_image": "a picture"}, {"assistant_image": None}],
    "QW207": [{"background_volume": 0.25}, {"background_volume": 1}],
    "QW208": [booking(startDate="6"), booking(startDate="2099-12-31")],
    "QW209": [booking(meetingType="openBooking"), booking(meetingType=None)],
    "QW210": [booking(), {"actions": [{"type": ""}, 3]}],
    "QW211": [{"actions": []}],
    "QW212": [{"call_flow": {}}],
    "QW213": [{"zapier_hook": ""}],
}


@pytest.mark.parametrize("code", ADVICE)
def test_each_code_is_raised_by_its_example(code: str) -> None:
    assert code in codes(**ADVICE[code].example)


@pytest.mark.parametrize("code", ADVICE)
def test_no_code_is_raised_by_its_counterexamples(code: str) -> None:
    for members in COUNTEREXAMPLES[code]:
        assert code not in codes(**members), members


def test_every_code_has_an_example_a_counterexample_and_a_sentence() -> None:
    assert set(COUNTEREXAMPLES) == set(ADVICE)
    assert all(COUNTEREXAMPLES.values())
    for code, info in ADVICE.items():
        assert info.code == code
        assert re.fullmatch(r"QW\d{3}", code)
        assert info.example
        assert re.fullmatch(r"[A-Z].*\.", info.about)
        json.dumps(info.example)


@pytest.mark.parametrize("code", ADVICE)
def test_a_message_is_a_sentence(code: str) -> None:
    for problem in advice(**ADVICE[code].example):
        assert problem.message[0].isupper() or problem.message.startswith("umm")
        assert problem.message.endswith((".", "?"))
        assert "\n" not in problem.message
        assert len(problem.message) < 300
        assert problem.as_json().keys() == {"path", "code", "message"}
        hash(problem)


def test_a_payload_without_fault_gets_no_advice() -> None:
    assert codes() == []
    assert [problem.code for problem in advise(full(), TODAY)] == []


# Fixes


def fixable() -> Iterator[str]:
    for code, info in ADVICE.items():
        if any(problem.fix and problem.code == code for problem in advice(**info.example)):
            yield code


@pytest.mark.parametrize("code", list(fixable()))
def test_a_fix_takes_its_advice_away_and_breaks_nothing(code: str) -> None:
    payload = minimal() | dict(ADVICE[code].example)
    for problem in advise(payload, TODAY):
        if problem.fix:
            fixed = paths.put(payload, problem.path, problem.fix.value)
            left = [(one.path, one.code) for one in advise(fixed, TODAY)]
            assert (problem.path, problem.code) not in left
            assert find_errors(fixed) == []


PIECES = (
    "{{a}}|{{ a }}|{{A-b}}|{a}|{{a}|{{{{a}}}}|@[a](b)|{{1}}|**b**|__c__|*d*|`e`|[f](g)|# h|- i"
    "|* j|1. k|~~l~~|> m|https://n.example|o@p.example|😊|👩‍👩‍👧|1️⃣|$5|12/05/2026|98765 43210"
    "|IMPORTANT NEWS|LOUDLY|<b>|</b>|<break/>|[company]|[first name]|<name>|XXX|____|\n|\n\n"
    "| |  |word|Hello.|“x”|…|€|क|नमस्ते|**|[|]|<|>|{|}|*|_|\t|\r"
)
FRAGMENTS = st.lists(st.sampled_from(PIECES.split("|")), max_size=14).map("".join)


@given(FRAGMENTS, st.sampled_from(["start_speech", "script", "end_call_message", "sms"]))
def test_a_fix_takes_its_advice_away_in_any_text(text: str, place: str) -> None:
    path = "actions[0].sms.content" if place == "sms" else place
    payload = with_(minimal() | {"actions": [sms()]}, path, f"Good day. {text}")
    assert find_errors(payload) == []
    for problem in advise(payload, TODAY):
        if problem.fix:
            fixed = paths.put(payload, problem.path, problem.fix.value)
            left = {(one.path, one.code) for one in advise(fixed, TODAY)}
            assert (problem.path, problem.code) not in left
            assert find_errors(fixed) == []


def test_a_fix_changes_only_the_fault() -> None:
    def fixed(**members: Any) -> Any:
        fix = only(**members).fix
        assert fix
        return fix.value

    assert fixed(start_speech="Hello {{First-Name}}, {{first_name}}.") == (
        "Hello {{first_name}}, {{first_name}}."
    )
    assert fixed(start_speech="Hello, **Asha** here, see [us](x).") == "Hello, Asha here, see us."
    assert fixed(start_speech="Hello 😊, Asha here 👩‍👩‍👧") == "Hello, Asha here"
    assert fixed(start_speech="Hello, from [Company Name] today.") == (
        "Hello, from Acme Dental today."
    )
    assert fixed(start_speech="VERY URGENT: please call. NEWS FLASH") == (
        "Very urgent: please call. News flash"
    )
    assert fixed(script=f"{SCRIPT} Mind: DO NOT MENTION PRICES BEFORE.") == (
        f"{SCRIPT} Mind: Do not mention prices before."
    )
    assert fixed(**message("‘A’ – “b”… " + "c" * 60)) == "'A' - \"b\"... " + "c" * 60
    assert fixed(**booking(startDate="2026-06-14")) == "2026-06-16"


def test_an_uncertain_case_has_no_fix() -> None:
    assert only(start_speech="Hello, this is [agent name] from Acme.").fix is None
    assert only(start_speech="Hello {{}}, this is Asha.").fix is None
    assert only(start_speech="😊").fix is None


@pytest.mark.parametrize("text", ["`**a**`", "<b<b>>", "{" * 10 + "a" + "}" * 10, "- - a\nb"])
def test_no_fix_is_offered_if_the_fault_would_remain(text: str) -> None:
    assert only(start_speech=f"Hello\n{text}").fix is None


# Variables


def test_unknown_variables_are_reported_once_per_payload() -> None:
    problem = only(
        start_speech="Hello {{order_id}}.", script=f"{SCRIPT} {{{{order_id}}}} {{{{due_day}}}}"
    )

    assert problem.path == ("start_speech",)
    assert "{{order_id}} and {{due_day}}" in problem.message
    assert "contact" in problem.message


def test_a_caller_brings_no_variables() -> None:
    assert "Write the words" in only(type="inbound", script=f"{SCRIPT} {{{{shop}}}}").message


@pytest.mark.parametrize("name", ["firstname", "fullname", "e_mail", "frist_name", "phones"])
def test_a_misspelt_variable_gets_the_known_name_as_fix(name: str) -> None:
    problem = only(start_speech=f"Hello {{{{{name}}}}}.")

    assert problem.code == "QW102"
    assert problem.fix


def test_variables_are_checked_in_every_text() -> None:
    for path in ("script", "voice_note", "actions[0].say", "actions[1].sms.content"):
        payload = with_(full(), path, f"{SCRIPT} {{{{ first_name }}}}")
        assert [(p.path, p.code) for p in advise(payload, TODAY)] == [(paths.parse(path), "QW104")]


# For the ear


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Hello __there__, good day.", "QW111"),
        ("Hello *there*, good day.", "QW111"),
        ("## Hello", "QW111"),
        ("Hello `there`", "QW111"),
        ("Hello [there](https)", "QW111"),
        ("• Hello\n• there", "QW112"),
        ("1. Hello\n2. there", "QW112"),
        ("Hello, see www.acme.example", "QW113"),
        ("Hello ❤️", "QW115"),
        ("Hello 🇮🇳", "QW115"),
        ("Hello, ₹4,500 is open.", "QW116"),
        ("Hello, Rs. 500/- is open.", "QW116"),
        ("Hello, 45 € is open.", "QW116"),
        ("Hello, it was due on 12/05/2026.", "QW116"),
        ("Hello, it was due on 2026-05-12.", "QW116"),
        ("Hello, call 98765 43210.", "QW116"),
        ("Hello, order 4521987.", "QW116"),
        ("Hello, ACHTUNG WICHTIG.", "QW117"),
        ("<speak>Hello</speak>", "QW118"),
        ("Hello<br/>there", "QW118"),
        ("Hello <customer name>", "QW119"),
        ("Hello, this is XXXX", "QW119"),
        ("Hello, this is ____", "QW119"),
        ("Hello [नाम]", "QW119"),
    ],
)
def test_text_that_sounds_wrong_is_reported(text: str, code: str) -> None:
    assert codes(start_speech=text) == [code]
    assert codes(is_voice_note=True, voice_note=text) == [code]


def test_the_script_is_checked_for_text_the_model_would_repeat() -> None:
    script = f"# You\n{SCRIPT}\n- Say https://acme.example, care@acme.example, ₹4,500 😊 <b>x</b>"

    assert codes(script=script) == [
        *("QW111", "QW112", "QW113", "QW114", "QW115", "QW116", "QW118"),
    ]


# Language


@pytest.mark.parametrize("language", LANGUAGES)
def test_proposed_texts_are_in_the_writing_system_of_their_language(language: str) -> None:
    for text in (FAREWELLS[language], ANNOUNCEMENTS[language]):
        script, share = main_script(text)

        assert script is script_of(language)
        assert share == 1


def test_text_in_another_writing_system_is_reported() -> None:
    assert only(start_speech=HINDI).code == "QW131"
    assert "QW132" in codes(language="ta", script=HINDI, start_speech="வணக்கம்")
    assert main_script("123 …")[1] == 0
    assert main_script("Ünïcödé")[0] is LATIN


# SMS


@pytest.mark.parametrize(
    ("text", "number", "units"),
    [
        ("", 1, 0),
        ("a" * 160, 1, 160),
        ("a" * 161, 2, 161),
        ("a" * 306, 2, 306),
        ("a" * 307, 3, 307),
        ("€" * 80, 1, 160),
        ("€" * 81, 2, 162),
        ("a" + "€" * 80, 2, 161),
        # 153 places hold 76 signs of two and one place stays empty.
        ("€" * 152, 2, 304),
        ("€" * 153, 3, 306),
        ("ä" * 160, 1, 160),
        ("ç" * 70, 1, 70),
        ("ç" * 71, 2, 71),
        ("ç" * 134, 2, 134),
        ("ç" * 135, 3, 135),
        ("😊" * 35, 1, 70),
        ("😊" * 36, 2, 72),
        # 67 units hold 33 pairs and one unit stays empty.
        ("😊" * 66, 2, 132),
        ("😊" * 67, 3, 134),
        ("क" * 71, 2, 71),
    ],
)
def test_the_segments_of_an_sms_are_counted(text: str, number: int, units: int) -> None:
    made = segments(text)
    assert (made.number, made.units) == (number, units)


def test_the_message_names_the_cause_of_a_long_sms() -> None:
    assert "“ç” is not in the GSM alphabet" in only(**message("ç" * 71)).message
    assert "U+200B" in only(**message("\u200b" + "a" * 80)).message
    with_variable = only(**message("{{first_name}} " + "a" * 156))
    assert "with example values" in with_variable.message


# The whole


def test_dates_are_compared_with_the_day_that_is_given() -> None:
    payload = minimal() | booking(startDate="2026-06-15")

    assert [p.code for p in advise(payload, date(2026, 6, 16))] == ["QW141"]
    assert list(advise(payload, date(2026, 6, 15))) == []


def test_the_advice_of_a_draft_is_kept_until_it_changes() -> None:
    draft = Draft.imported(minimal() | {"start_speech": "Hello {First_Name}.", "name": "A" * 101})

    assert [p.code for p in draft.advice()] == ["QW106", "QW121"]
    assert draft.advice() is draft.advice()
    problem, other = draft.advice()
    assert problem.fix
    draft.answer(problem.path, problem.fix.value)
    assert draft.advice() == (other,)


def test_advice_on_an_older_payload_is_dropped() -> None:
    draft = Draft.imported(minimal() | {"start_speech": "Hello {First_Name}."})
    payload = draft.compose()
    late = tuple(advise(payload, TODAY))
    draft.answer(("start_speech",), "Hello.")
    draft.compose()
    draft.set_advice(payload, late)
    assert not draft.is_advised
    assert draft.advice() == ()


NASTY = (
    "*|**a|__a|`a|#|> |[|[name |<|<b |@|a@a.|http://|www.|1|1 |1-|1,|$|ABC |A|{|{{|{{a|{a} |{{A}} "
    "|\n- |X|_|~~a|😊|😊 |क|no |ne pas |(|+1|1/1/|[a](|@[a](b)|XX | "
)

ODD = [*"-+*_~`#<>@[]()|:/.$€% \t\n09AZazéÉſİŁन٣😊\u00a0\u20e3\ufe0f", "WwW.", "http://x.y"]
ODD += ["Lorem ipsum", "{{name}}", "TODO", "XXX", "<b>", "[date]", "\n - a", "a@b.c", "____"]


@given(st.lists(st.sampled_from(ODD), max_size=12).map("".join))
@settings(deadline=None, max_examples=400)
def test_no_rule_reports_an_ignored_text(text: str) -> None:
    context = AdviceContext({"start_speech": text, "script": text}, TODAY)
    for heard in context.heard:
        if not spoken_text.may_match(heard.bare):
            assert [found for rule in spoken_text.RULES for found in rule(context, heard)] == []


def test_the_context_separates_fields_that_apply_from_the_others() -> None:
    for payload in (minimal(), full(), full() | {"type": "inbound", "is_filler": False}):
        applicability = Applicability(QUESTIONS, payload)
        context = AdviceContext(payload, TODAY)
        applying = {q.name for q in QUESTIONS if applicability.applies(q.name)}
        assert applying.isdisjoint(path[0] for path, _ in context.not_applying if len(path) == 1)
        assert {path[0] for path, _ in context.missing if len(path) == 1} == applying - set(payload)
        assert {text.path[0] for text in context.texts} <= applying


@pytest.mark.parametrize("unit", NASTY.split("|"))
def test_advice_takes_linear_time(unit: str) -> None:
    text = (unit * 1_000_000)[:1_000_000]
    payload = minimal() | {"script": text, "start_speech": text, "goal": text}
    began = process_time()

    list(advise(payload, TODAY))

    # Half a second at most; quadratic time would be minutes.
    assert process_time() - began < 10


def test_advice_on_a_long_script_is_fast() -> None:
    line = "Ask {{first_name}} whether the appointment still suits, and offer another day.\n"

    def best(text: str) -> float:
        took = []
        for _ in range(5):
            began = process_time()
            list(advise(minimal() | {"script": text}, TODAY))
            took.append(process_time() - began)
        return min(took)

    # Ten times the target, for busy machines.
    assert best((line * 400)[:30_000]) < 0.1
    assert best((line * 14_000)[:1_000_000]) < 1.5


# The command line


def run(*arguments: str) -> list[dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-m", "wizard", *arguments], capture_output=True, check=True
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_validate_reports_advice_as_warnings(tmp_path: Path) -> None:
    file = tmp_path / "payload.json"
    file.write_text(json.dumps(minimal() | {"start_speech": "Hello {name}.", "name": "A" * 101}))

    (result,) = run("validate", "--json", str(file))

    assert result["valid"]
    assert [(one["path"], one["code"]) for one in result["warnings"]] == [
        ("start_speech", "QW106"),
        ("name", "QW121"),
    ]


def test_the_command_lists_every_code() -> None:
    listed = run("advice", "--json")

    assert [info["code"] for info in listed] == list(ADVICE)
    assert listed == [
        {"code": info.code, "about": info.about, "example": info.example}
        for info in ADVICE.values()
    ]


# The kinds of the advice, in all languages


BEFORE = SCRIPT.partition("If")[0]
WAYS_OUT = {
    "en": [
        "If they asked not to be contacted again, note it and say goodbye.",
        "If they say take me off your list, do it and say goodbye.",
        "If they don't want to receive any calls, say sorry.",
        "Whoever says stop calling me gets no call.",
    ],
    "de": [
        "Wenn jemand nicht mehr angerufen werden möchte, entschuldige dich.",
        "Wer von der Liste gestrichen werden will, wird gestrichen.",
    ],
    "hi": ["अगर वे दोबारा कॉल नहीं चाहते, तो माफ़ी माँगें।", "कहें कि नंबर लिस्ट से हटा दिया जाएगा।"],
    "es": ["Si pide que no le llamen más, confírmalo.", "Si dice quítenme de la lista, hazlo."],
    "fr": ["Si elle dit ne m'appelez plus, excuse-toi.", "Si elle veut être retirée de la liste."],
    "it": ["Se non vuole più essere chiamato, scusati.", "Se chiede di essere tolto dalla lista."],
    "ar-kw": ["إذا طلب عدم الاتصال به مرة أخرى فاعتذر.", "إذا طلب حذف رقمه من القائمة فوافق."],
    "gu": ["જો તેઓ ફરી ફોન ન કરવાનું કહે, તો માફી માગો.", "નંબર યાદીમાંથી કાઢવા કહે, તો તેમ કરો."],
    "bn": ["যদি বলেন আমাকে আর ফোন করবেন না, কথা শেষ করুন।", "তালিকা থেকে নাম বাদ দিতে বললে তা করুন।"],
    "te": ["మళ్లీ కాల్ చేయవద్దు అంటే క్షమాపణ చెప్పండి.", "జాబితా నుంచి పేరు తొలగించమంటే అలాగే చేయండి."],
    "kn": ["ಮತ್ತೆ ಕರೆ ಮಾಡಬೇಡಿ ಎಂದರೆ ಕ್ಷಮೆ ಕೇಳಿ.", "ಪಟ್ಟಿಯಿಂದ ಹೆಸರು ತೆಗೆಯಲು ಹೇಳಿದರೆ ಹಾಗೆ ಮಾಡಿ."],
    "ta": ["இனி அழைக்க வேண்டாம் என்றால் முடிக்கவும்.", "பட்டியலிலிருந்து பெயரை நீக்கச் சொன்னால்."],
    "mr": ["पुन्हा फोन करू नका असे म्हटल्यास माफी मागा.", "यादीतून नाव काढा असे म्हटल्यास तसे करा."],
}
NO_WAYS_OUT = {
    "en": [
        "Do not call the booking tool before they have agreed.",
        "The save function must not be called twice.",
        "Begin at the top of the call list.",
        "Ask now for the day. Take a slot from the list of free times.",
        "Do not end the call early.",
    ],
    "de": ["Rufe das Buchungstool nicht auf.", "Beginne oben in der Anrufliste.", "Frage nun."],
    "hi": ["बुकिंग टूल को कॉल न करें।", "कॉल सूची में सबसे ऊपर से शुरू करें।", "कॉल नंबर नोट करें।"],
    "es": ["No llames a la herramienta antes.", "Si no quiere otra hora, termina la llamada."],
    "fr": [
        "N'appelle pas l'outil avant.",
        "Ne pas appeler l'outil.",
        "Commence la liste d'appels.",
    ],
    "it": ["Non chiamare lo strumento prima.", "Se non vuole altro, chiudi la chiamata."],
    "ar-kw": ["لا تستدعِ أداة الحجز قبل موافقتهم.", "إذا كان لا يرغب في موعد آخر فاشكره."],
    "gu": ["બુકિંગ ટૂલને કૉલ ન કરો.", "કૉલ યાદીની ઉપરથી શરૂ કરો.", "ફોન નંબર નોંધો."],
    "bn": ["বুকিং টুল কল করবেন না।", "কল তালিকার উপর থেকে শুরু করুন।", "পরে কল করবেন।"],
    "te": ["బుకింగ్ టూల్‌ను కాల్ చేయవద్దు.", "కాల్ జాబితా పైనుంచి మొదలుపెట్టండి.", "రేపు కాల్ చేయండి."],
    "kn": ["ಬುಕಿಂಗ್ ಟೂಲ್‌ಗೆ ಕರೆ ಮಾಡಬೇಡಿ.", "ಕರೆ ಪಟ್ಟಿಯ ಮೇಲಿನಿಂದ ಆರಂಭಿಸಿ.", "ನಾಳೆ ಕರೆ ಮಾಡಿ."],
    "ta": ["பதிவுக் கருவியை அழைக்க வேண்டாம்.", "அழைப்புப் பட்டியலின் மேலிருந்து தொடங்குங்கள்."],
    "mr": ["बुकिंग टूलला कॉल करू नका.", "कॉल यादीच्या वरून सुरुवात करा.", "फोन नंबर लिहून घ्या."],
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_opt_out_is_recognised_in_every_language(language: str) -> None:
    for line in WAYS_OUT[language]:
        assert "QW161" not in codes(script=f"{BEFORE}{line}"), line
    for line in NO_WAYS_OUT[language]:
        assert "QW161" in codes(script=f"{BEFORE}{line}"), line


@pytest.mark.parametrize(
    "text",
    [
        *("[customer_name]", "<company_name>", "[Patient Name]", "[hotel name]", "[FirstName]"),
        *("<ORDER-ID>", "[your company]", "[Customer's first name]:", "[Name des Kunden]"),
        *("[nombre del cliente]", "[nom du client]", "[नाम]", "[कंपनी]", "[গ্রাহক]", "[નામ]", "[పేరు]"),
        *("[ಹೆಸರು]", "[பெயர்]", "[नाव]", "[اسم العميل]", "[nome]"),
    ],
)
def test_a_placeholder_is_recognised_with_any_separator(text: str) -> None:
    assert codes(script=f"{SCRIPT} Greet {text} now.") == ["QW119"]


@pytest.mark.parametrize(
    "text",
    [
        *("[Agent]: Hello. [Customer]: Hello.", "**[Agent 1]:** Hello", "<caller>: Hello"),
        *("[Kunde]: Ja.", "[ग्राहक]: नमस्ते", "[customer hangs up]", "[wait for the name]", "[1]"),
    ],
)
def test_a_speaker_and_an_instruction_are_no_placeholders(text: str) -> None:
    assert "QW119" not in codes(script=f"{SCRIPT}\n{text}")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        *((sign, True) for sign in "⏰⌚🆕📅🀄🅰🤖🩷❤☎"),
        *((sign, True) for sign in ("▶️", "⬇️", "ℹ️", "©️", "‼️", "1️⃣", "#⃣", "🇮🇳", "👩\u200d⚕️")),
        *((sign, False) for sign in "©®™ℹ▶⬇‼→№★0#"),
        *((sign, False) for sign in ("☎\ufe0e", "⏰\ufe0e", "1\ufe0f", "C#")),
    ],
)
def test_emoji_are_those_of_unicode_without_text_symbols(text: str, found: bool) -> None:
    assert ("QW115" in codes(script=f"{SCRIPT} Be {text} kind.")) is found


def test_what_follows_an_emoji_stays() -> None:
    fix = only(start_speech="Hello, this is Asha. I am on line 👍🏽1.").fix
    assert fix
    assert fix.value == "Hello, this is Asha. I am on line1."


@pytest.mark.parametrize(
    "text",
    [
        *("555.123.4567", "555-123-4567", "(555) 123-4567", "+44 20 7946 0958", "030/1234567"),
        *("06 12 34 56 78", "06.12.34.56.78", "0800 123 456", "555–123–4567", "०९८७६५४३२१०"),
    ],
)
def test_a_telephone_number_is_recognised_in_any_grouping(text: str) -> None:
    assert codes(script=f"{SCRIPT} Our number is {text}.") == ["QW116"]


@pytest.mark.parametrize(
    "text",
    [
        *(
            "9-12 13-17",
            "08:00-12:00 13:00-17:00",
            "9.00-12.30 13.30-17.00",
            "0900-1700",
            "९-१२ १३-१७",
        ),
        *("2019-2023", "2019–2023", "2019 2020 2021", "2019/2020", "1 2 3 4 5 6 7", "10 11 12 13"),
    ],
)
def test_opening_hours_years_and_single_digits_are_fine(text: str) -> None:
    assert "QW116" not in codes(script=f"{SCRIPT} We say {text}.")


def test_the_example_of_a_bullet_is_its_line_at_any_depth() -> None:
    for bullet in ("- ", "    - ", "\t\t* ", "            • "):
        problem = only(script=f"{SCRIPT}\n1. Begin.\n{bullet}Say your name.\nThen ask.")
        assert f"“{bullet.strip()} Say your name.”. Write" in problem.message
    assert "“###### Begin”. Write" in only(script=f"{SCRIPT}\n###### Begin\nAsk.").message


def test_texts_of_actions_are_checked_for_the_language() -> None:
    actions = [meeting(), with_(sms(), "sms.content", "Your order comes to you on Monday, at ten.")]
    for language in ("de", "fr", "hi", "ta"):
        problems = advice(language=language, actions=actions)
        fields = {paths.write(problem.path) for problem in problems if problem.code == "QW131"}
        # A message is read: people write Hindi and Tamil in Latin letters, too.
        assert ("actions[1].sms.content" in fields) == (language in ("de", "fr"))
        assert "actions[0].say" in fields
    spoken = {p.path: p.message for p in advice(language="ta", actions=actions)}
    assert "Write Tamil in Tamil script, or" in spoken["actions", 0, "say"]
    german = meeting() | {"say": "Einen Moment bitte, ich suche einen freien Termin für Sie."}
    assert ("actions", 0, "say") not in {p.path for p in advice(language="de", actions=[german])}
    assert "QW131" in [p.code for p in advice(language="fr", actions=[german])]


def test_a_count_of_one_is_in_the_singular() -> None:
    assert "Has 1 character." in only(call_outcome_prompt="x").message
    short = only(**booking(startTime="09:00 AM", endTime="09:01 AM"))
    assert "the 1 minute between" in short.message
    assert short.fix
    assert short.fix.label == "Use 1 minute"


def test_both_ids_of_the_voice_object_are_compared() -> None:
    found = advice(voice_data={"voice_id": "v-1", "id": "v-2"})
    assert [(each.code, each.path) for each in found] == [("QW005", ("voice_data", "id"))]


def test_a_part_of_an_action_that_is_left_out_is_reported() -> None:
    action = meeting()
    del action["description"]
    found = advice(actions=[action])
    assert [(each.code, each.path) for each in found] == [("QW003", ("actions", 0, "description"))]
