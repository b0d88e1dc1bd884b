"""The command `rehearse`, over the scripted model: actions, expectations and reports."""

import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.commands.test_cli import Ran, ended, run, started
from tests.commands.test_drafts_and_receipts import store_of
from tests.examples import minimal
from tests.listener import listening
from tests.rehearsal.scripted_model import NAME, Served, scripted_model
from tests.terminal import Terminal
from wizard.draft.draft import Draft
from wizard.storage.store import snapshot
from wizard.templates.library import find_template

KEY = "qk_model_CANARY_51ab"
MEETING = {
    "type": "scheduleMeeting",
    "meetingType": "openBooking",
    "timezone": "Asia/Kolkata",
    "startDate": "2099-12-01",
    "description": "When the caller would like a visit.",
    "say": "One moment.",
    "length": 30,
    "prompt": "Offer two times.",
    "startTime": "09:00 AM",
    "endTime": "05:00 PM",
    "bookingDays": "Monday,Thursday",
}
SMS = {
    "is_sms": True,
    "description": "When the caller asks the way.",
    "content": "Hi {{first_name}}, 1 High Street.",
}
WHATSAPP = {
    "is_zeplo": True,
    "description": "When the visit is booked.",
    "content": {
        "templateName": "visit",
        "language": "en_US",
        "category": "UTILITY",
        "parameter_slots": [
            {"section": "body", "index": 1, "label": "body {{1}}"},
            {"section": "body", "index": 2, "label": "body {{2}}"},
        ],
        "parameter_hints": ["the caller's name", "the day"],
        "components": [],
    },
}
PAYLOAD = minimal() | {
    "end_call_message": "Thank you, {{first_name}}. Goodbye.",
    "is_opt_out": True,
    "actions": [
        MEETING,
        {"type": "sendMessage", "sms": SMS, "zeplo": WHATSAPP},
    ],
}


class Place:
    """A folder with a payload and scenarios, and a scripted model."""

    def __init__(self, folder: Path, served: Served) -> None:
        self.folder, self.served = folder, served
        self.payload = self.write("payload.json", json.dumps(PAYLOAD))

    def write(self, name: str, text: str) -> str:
        file = self.folder / name
        file.write_text(text, encoding="utf-8")
        return str(file)

    def scenario(self, text: str, name: str = "scenario") -> str:
        return self.write(
            f"{name}.yaml", text if text.lstrip().startswith("name:") else f"name: {name}\n{text}"
        )

    def run(self, *arguments: str, stdin: str = "", **changed: Any) -> Ran:
        payload = self.payload
        if changed:
            payload = self.write("changed.json", json.dumps(PAYLOAD | changed))
        environ = {"QCALL_REHEARSAL_URL": self.served.url, "QCALL_REHEARSAL_KEY": KEY}
        home = ("--home", str(self.folder / "home"))
        return run("rehearse", payload, *arguments, *home, stdin=stdin, **environ)

    def play(self, scenario: str, code: int = 0, **changed: Any) -> Any:
        """Play one scenario; return its `--json` output."""
        ran = self.run("--scenario", self.scenario(scenario), "--json", **changed)
        assert ran.code == code, ran.out + ran.err
        assert "Warning" not in ran.err
        (result,) = ran.objects
        return result


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with scripted_model() as served:
        yield Place(tmp_path, served)


def lines(result: Any) -> list[str]:
    return [f"{line['speaker']}: {line['text']}" for line in result["transcript"]]


# Each kind of action


def test_an_opt_out_is_acted_out_and_ends_the_call(place: Place) -> None:
    result = place.play(
        """
        name: wants to be left alone
        variables: {first_name: Priya}
        says: ["Who is this?", "Don't call me again.", "Are you still there?"]
        expect:
          - opt_out: true
          - action: none
          - ends: true
          - says: "no longer"
          - never_says: "{{"
          - turns_at_most: 2
          - seconds_at_most: 60
        """
    )

    assert list(result) == [
        *("scenario", "passed", "turns", "seconds", "ended", "actions", "checks", "transcript")
    ]
    assert (result["scenario"], result["passed"]) == ("wants to be left alone", True)
    assert (result["turns"], result["ended"]) == (2, "assistant")
    assert [action["name"] for action in result["actions"]] == ["opt_out", "end_call"]
    assert lines(result) == [
        "assistant: Hello Priya, this is Asha from Acme Dental.",
        "caller: Who is this?",
        "assistant: This is Asha from Acme Dental, about your visit.",
        "caller: Don't call me again.",
        "assistant: I am sorry.",
        "assistant: You will no longer be contacted.",
        "assistant: Thank you, Priya. Goodbye.",
    ]
    assert [check["check"] for check in result["checks"]] == [
        *("opt_out: true", "action: none", "ends: true", "says: no longer", "never_says: {{"),
        *("turns_at_most: 2", "seconds_at_most: 60"),
    ]


def test_an_sms_is_filled_and_not_sent(place: Place) -> None:
    result = place.play(
        'variables: {first_name: Priya}\nsays: ["Send me an SMS."]\nexpect: [action: send_sms]'
    )

    assert result["actions"] == [
        {"name": "send_sms", "arguments": {"text": "Hi Priya, 1 High Street."}}
    ]
    assert lines(result)[-1] == "assistant: I have sent it."


def test_a_whatsapp_template_gets_its_hints_as_parameters(place: Place) -> None:
    result = place.play('says: ["Send me a WhatsApp."]\nexpect: [action: send_whatsapp]')

    assert result["actions"] == [
        {"name": "send_whatsapp", "arguments": {"body_1": "Priya", "body_2": "Thursday"}}
    ]
    tools = {tool["function"]["name"]: tool["function"] for tool in _tools(place)}
    assert tools["send_whatsapp"]["parameters"]["properties"]["body_2"]["description"] == "the day"
    assert set(tools) == {
        *("schedule_meeting", "send_sms", "send_whatsapp", "opt_out", "end_call"),
    }


def _tools(place: Place) -> list[Any]:
    bodies = [body for _, _, body in place.served.requests if body and "tools" in body]
    return list(bodies[0]["tools"])


def test_a_meeting_is_booked_only_when_it_is_free(place: Place) -> None:
    says = 'says: ["Book me on Sunday.", "Then book me on Thursday."]'
    result = place.play(f"{says}\nexpect: [action: schedule_meeting]")

    assert [action["name"] for action in result["actions"]] == ["schedule_meeting"]
    assert result["actions"][0]["arguments"]["day"] == "2099-12-03"
    assert lines(result)[-4:] == [
        "assistant: Sunday cannot be booked. Would Thursday suit you?",
        "caller: Then book me on Thursday.",
        "assistant: One moment.",
        "assistant: It is booked for Thursday at ten.",
    ]


def test_a_voice_note_is_left_if_there_is_no_answer(place: Place) -> None:
    sms = SMS | {"end_call_sms_not_answered": True}
    result = place.play(
        "nobody_answers: true\nexpect: [{says: call us back}, {action: send_sms}, {ends: false}]",
        is_voice_note=True,
        voice_note="Please call us back, {{first_name}}.",
        actions=[{"type": "sendMessage", "sms": sms}],
    )

    assert lines(result) == ["assistant: Please call us back, Asha."]
    assert (result["ended"], result["turns"]) == ("unanswered", 0)
    assert [action["name"] for action in result["actions"]] == ["send_sms"]


def test_a_message_after_every_call_is_sent_once(place: Place) -> None:
    actions = [{"type": "sendMessage", "sms": SMS | {"end_call_sms": True}}]
    for says in ('["Bye."]', '["Send me an SMS.", "Bye."]'):
        result = place.play(f"says: {says}", actions=actions)
        sent = [action["name"] for action in result["actions"] if action["name"] == "send_sms"]
        assert sent == ["send_sms"]


def test_an_assistant_that_waits_speaks_second(place: Place) -> None:
    result = place.play('says: ["Hello?", "Who is this?"]', is_wait_start_speech=True)

    assert lines(result)[:3] == [
        "caller: Hello?",
        "assistant: Hello Asha, this is Asha from Acme Dental.",
        "caller: Who is this?",
    ]


def test_a_call_ends_at_its_limit(place: Place) -> None:
    says = json.dumps(["Tell me more."] * 9)
    result = place.play(f"says: {says}\nexpect: [seconds_at_most: 30]", maximum_time_per_call=0.5)

    assert result["ended"] == "time_limit"
    assert result["seconds"] == 30
    assert 1 < result["turns"] < 9


# The other side


def test_the_model_plays_the_caller(place: Place) -> None:
    result = place.play("caller: In a hurry; asks not to be called again.\nexpect: [opt_out: true]")

    assert lines(result)[1] == "caller: Don't call me again."
    asked = next(prompt for prompt in place.served.prompts if "You play a person" in prompt)
    assert "In a hurry" in asked
    assert "Acme Dental" in asked


def test_a_caller_who_hangs_up_ends_the_call(place: Place) -> None:
    turns = [{"system": "You play", "says": "I have no time. [hangs up]"}]
    with scripted_model(turns) as served:
        place.served = served
        result = place.play("caller: hurry\nexpect: [ends: true]")

    assert lines(result)[1:] == ["caller: I have no time."]
    assert result["ended"] == "caller"


def test_a_caller_without_end_is_stopped_after_the_turns_that_are_allowed(place: Place) -> None:
    result = place.play("caller: friendly\nexpect: [turns_at_most: 3]", code=1)

    assert result["turns"] == 4
    assert result["checks"] == [{"check": "turns_at_most: 3", "passed": False, "found": "4 turns"}]


# What is expected, and the report


def test_the_report_names_the_turn_that_failed(place: Place) -> None:
    good = place.scenario('says: ["Who is this?"]\nexpect: [says: Asha]', "good")
    bad = place.scenario(
        'says: ["Everything?", "Send me an SMS."]\nexpect: [{action: none}, {opt_out: true}]', "bad"
    )
    ran = place.run("--scenario", good, "--scenario", bad)

    assert ran.code == 1
    assert ran.lines[0].startswith("passed      good: 1 turn, ")
    assert ran.lines[1:] == [
        "FAILED      bad: turn 2: action: none (send_sms); turn 2: opt_out: true (no opt-out)"
    ]
    assert ran.err_lines[-1] == ("2 scenarios: 1 passed, 1 failed (400 tokens sent, 40 received)")


@pytest.mark.parametrize(
    ("expected", "passes"),
    [
        ("opt_out: false", True),
        ("ends: false", True),
        ("ends: true", False),
        ('says: "ASHA from"', True),
        ('says: "this is +ASHA.*visit"', True),
        ('never_says: "(é|a+)bout"', False),
        ('never_says: "{{.*}}"', True),
        ("says: nothing like it", False),
        ("never_says: about your visit", False),
        ('never_says: "[[1]]"', True),
        ("turns_at_most: 0", False),
        ("seconds_at_most: 1", False),
        ("action: schedule_meeting", False),
        ('judge: "Was it polite?"', True),
        ('judge: "Was it rude?"', False),
    ],
)
def test_an_expectation(place: Place, expected: str, passes: bool) -> None:
    scenario = f'says: ["Who is this?"]\nexpect: [{expected}]'
    result = place.play(scenario, code=0 if passes else 1)

    (check,) = result["checks"]
    assert check["passed"] is passes
    assert check["found"].startswith("the model's judgement: ") is expected.startswith("judge")


RUNAWAY = "^(([a-z ,.])+)+#"


@pytest.mark.parametrize("kind", ["says", "never_says"])
def test_an_expression_without_end_fails_within_seconds(place: Place, kind: str) -> None:
    begun = time.monotonic()
    expected = f'[{{{kind}: "{RUNAWAY}"}}, {{ends: false}}]'
    result = place.play(f'says: ["Who is this?"]\nexpect: {expected}', code=1)

    assert time.monotonic() - begun < 20
    assert [check["passed"] for check in result["checks"]] == [False, True]
    assert "takes more than 3 seconds" in result["checks"][0]["found"]


def test_ctrl_c_ends_a_search_without_end(place: Place) -> None:
    scenario = place.scenario(f'says: ["Who is this?"]\nexpect: [says: "{RUNAWAY}"]')
    command = ("rehearse", place.payload, "--scenario", scenario)
    with started(*command, QCALL_REHEARSAL_URL=place.served.url) as process:
        while len(place.served.requests) < 2:
            time.sleep(0.02)
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        ran = ended(process)

    assert (ran.code, ran.out) == (130, "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("says: []", "line 2, column 1: says: Enter a list of texts"),
        ("says: [a]\ncaller: b", "line 3, column 1: says: Enter one of caller, says"),
        ("says: [a]\nexpect:\n  - say: x", "line 4, column 1: expect[0].say: Not an expectation"),
        ('says: [a]\nexpect: [says: "("]', "Not a regular expression"),
        ('says: [a]\nexpect: [says: "a{99999999999}"]', "the repetition number is too large."),
        ("says: [a]\nexpect: [action: fax]", "Enter one of none, send_sms"),
        ("says: [a]\nother: 1", "line 3, column 1: other: Not a part of a scenario"),
        ("says: [a]\nvariables: {x: [1]}", "variables.x: Enter a text in quotes."),
        ("name: ''\nsays: [a]", "name: Required."),
        ("[", "line 2"),
    ],
)
def test_a_wrong_scenario_is_named_with_its_line(place: Place, text: str, expected: str) -> None:
    ran = place.run("--scenario", place.scenario(text))

    assert (ran.code, ran.out, len(ran.err_lines)) == (1, "", 1)
    assert expected.rsplit(": ", maxsplit=1)[-1] in ran.err
    assert "scenario.yaml" in ran.err
    assert place.served.requests == []


def test_junit_names_the_failed_expectation(place: Place) -> None:
    good = place.scenario('says: ["Who is this?"]\nexpect: [says: Asha]', "good")
    bad = place.scenario('says: ["Hi \\x07"]\nexpect: [ends: true]', "bad")
    file = place.folder / "results.xml"
    file.write_text("of the last run")
    ran = place.run("--scenario", good, "--scenario", bad, "--junit", str(file))

    assert ran.code == 1
    suite = ElementTree.fromstring(file.read_text(encoding="utf-8"))
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("2", "1", "0")
    (failure,) = suite.iter("failure")
    assert "turn 1: ends: true (the call was still going on)" in str(failure.get("message"))
    assert [case.get("name") for case in suite.iter("testcase")] == ["good", "bad"]


def test_twenty_scenarios_end_the_same_way_each_time(place: Place) -> None:
    folder = place.folder / "scenarios"
    folder.mkdir()
    for number in range(20):
        says = ["Who is this?", "Send me an SMS.", "Don't call me again."][number % 3 :]
        text = f"name: n{number}\nsays: {json.dumps(says)}\nexpect: [opt_out: true, ends: true]"
        text = text.replace("[opt_out: true, ends: true]", "[{opt_out: true}, {action: none}]")
        (folder / f"{number:02}.yaml").write_text(text)
    outputs = set()
    for _ in range(3):
        ran = place.run("--scenario", str(folder), "--json")
        assert ran.code == 1
        assert [result["scenario"] for result in ran.objects] == [f"n{n}" for n in range(20)]
        outputs.add(ran.out)
    assert len(outputs) == 1


def test_the_scenarios_of_a_template_are_found_by_its_name(place: Place) -> None:
    ran = place.run("--scenario", "order-delivery", "--json")

    assert len(ran.objects) == 3


def test_ctrl_c_ends_the_scenarios(place: Place) -> None:
    scenario = place.scenario('says: ["Speak slowly."]')
    command = ("rehearse", place.payload, "--scenario", scenario)
    with started(*command, QCALL_REHEARSAL_URL=place.served.url) as process:
        while len(place.served.requests) < 2:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        ran = ended(process)

    # click ends the line of the terminal that shows ^C.
    assert (ran.code, ran.out, ran.err_lines[1:]) == (130, "", ["", "Interrupted."])


def test_a_scenario_is_read_from_standard_input(place: Place) -> None:
    good = 'name: piped\nsays: ["Who is this?"]'
    assert "piped" in place.run("--scenario", "-", stdin=good).out
    assert "standard input" in place.run("--scenario", "-", stdin="says: 1").err


def test_scenario_files_that_do_not_exist_and_options_that_do_not_fit(place: Place) -> None:
    (place.folder / "empty").mkdir()
    for arguments, code in (
        (("--scenario", str(place.folder / "none.yaml")), 1),
        (("--scenario", str(place.folder / "empty")), 1),
        (("--scenario", "~nobody-here/none.yaml"), 1),
        (("--json",), 2),
        (("--junit", "x.xml"), 2),
        (("--read-through", "--scenario", "order-delivery"), 2),
        (("--parallel", "0"), 2),
    ):
        ran = place.run(*arguments)
        assert (ran.code, ran.out) == (code, ""), ran.err


def test_a_draft_and_a_template_are_rehearsed_with_the_values_of_the_template(
    place: Place,
) -> None:
    draft = Draft(id="4f1c2d3e")
    draft.start_from(find_template("order-delivery", None))
    with store_of(place.folder / "home") as store:
        store.save(snapshot(draft, 0))
    scenario = place.scenario('says: ["Who is this?"]\nexpect: [says: this is Maya from Freshcart]')
    text = 'variables: {company_name: Zed}\nsays: ["Who is this?"]\nexpect: [says: from Zed]'
    own = place.scenario(text, "own")
    for name in ("4f1c", "order-delivery"):
        place.payload = name
        ran = place.run("--scenario", scenario, "--scenario", own)
        assert ran.code == 0, ran.out + ran.err


# Requests and keys


def test_nothing_is_sent_to_qcall_and_each_key_goes_to_its_own_host(place: Place) -> None:
    with listening() as qcall:
        scenario = place.scenario('says: ["Don\'t call me again."]')
        ran = run(
            *("rehearse", place.payload, "--scenario", scenario),
            QCALL_API_BASE_URL=qcall.url,
            QCALL_API_KEY="qk_live_CANARY_7f3a9c",
            QCALL_REHEARSAL_URL=place.served.url,
            QCALL_REHEARSAL_KEY=KEY,
        )

    assert ran.code == 0
    assert not qcall.arrived.is_set()
    assert place.served.requests
    for _, headers, body in place.served.requests:
        assert [name for name, value in headers.items() if KEY in value] == ["authorization"]
        assert "qk_live_CANARY" not in json.dumps([dict(headers), body])
        assert KEY not in json.dumps(body)
    line = ran.err_lines[0]
    assert NAME in line
    assert place.served.url.split("/")[2] in line
    assert "Nothing is sent to QCall." in line


def test_the_prompt_has_the_answers(place: Place) -> None:
    place.play('says: ["Who is this?"]')
    prompt = place.served.prompts[0]

    for part in (
        *("You are Asha", "Acme Dental", "Appointments and reminders", "English", "no more calls"),
        *("one or two short sentences", "Ask whether the appointment still suits.", "optOut"),
    ):
        assert part in prompt
    assert "{{" not in prompt
    assert "$" not in prompt


# Without a model


def test_without_a_model_there_is_the_read_through(place: Place) -> None:
    ran = run("rehearse", place.payload)

    assert ran.code == 5
    assert len(ran.err_lines) == 1
    assert "QCALL_REHEARSAL_URL=http://127.0.0.1:11434/v1" in ran.err
    assert ran.lines[0].startswith("Opening line (")
    assert ran.lines[0].endswith("seconds): Hello Asha, this is Asha from Acme Dental.")
    assert "SMS: Hi Asha, 1 High Street." in ran.lines
    assert ran.lines[-1] == "Longest call: 10 minutes"
    asked = run("rehearse", place.payload, "--read-through")
    assert (asked.code, asked.out, asked.err) == (0, ran.out, "")


def test_without_a_model_no_scenario_is_played(place: Place) -> None:
    ran = run("rehearse", place.payload, "--scenario", "order-delivery", "--json")

    assert (ran.code, ran.out, len(ran.err_lines)) == (5, "", 1)


def test_without_a_script_there_is_nothing_to_rehearse(place: Place) -> None:
    ran = place.run("--scenario", "order-delivery", script=" ")

    assert (ran.code, ran.err_lines) == (
        1,
        [
            "There is no script yet, so the call cannot be rehearsed. Write the script first.",
        ],
    )


# A conversation in lines


def test_ctrl_c_stops_an_answer_and_not_the_call(place: Place) -> None:
    environment = {"QCALL_REHEARSAL_URL": place.served.url}
    with Terminal(
        "rehearse", place.payload, home=place.folder / "home", environment=environment
    ) as terminal:
        terminal.wait_for("Hello Asha")
        terminal.type("Speak slowly.").press("enter")
        terminal.wait_until(lambda: len(place.served.requests) == 2, "the request")
        terminal.press("ctrl+c").wait_for("Stopped.")
        terminal.type("Who is this?").press("enter").wait_for("about your visit.")
        # What is typed is on the terminal already.
        assert "Caller: Who is this?" not in terminal.text
        terminal.type(":end").press("enter").wait_for("Mood: neutral")
        assert terminal.wait_exit() == 0


def test_a_conversation_in_lines(place: Place) -> None:
    ran = place.run(stdin="Who is this?\nSend me an SMS.\nDon't call me again.\n")

    assert ran.code == 0, ran.err
    for line in (
        "Assistant: Hello Asha, this is Asha from Acme Dental.",
        "Assistant: This is Asha from Acme Dental, about your visit.",
        "[Would send SMS: Hi Asha, 1 High Street.]",
        "[Opted out.]",
        "[Hung up.]",
        "Assistant: Thank you, Asha. Goodbye.",
        "Notes: Priya called.",
        "Outcome: Priya called.",
        "Mood: neutral",
    ):
        assert line in ran.out
    assert "The assistant hung up." in ran.out


def test_a_conversation_with_a_caller_of_the_model(place: Place) -> None:
    ran = place.run(stdin=":help\n:callers\n:next\n:caller friendly\n:next\n:prompt\n:end\n")

    assert ran.code == 0, ran.err
    assert "Choose a caller first" in ran.out
    assert "hurry: In a hurry" in ran.out
    assert ran.out.count("Caller: Tell me more about it, please.") == 2
    assert "Your script:" in ran.out
    assert "[The caller hung up." in ran.out


def test_a_conversation_outlives_a_server_that_is_busy_once(place: Place) -> None:
    turns = [
        {"hears": "One$", "fault": "429"},
        {"hears": "One\nTwo", "says": "Here I am."},
        {"says": "fine"},
    ]
    with scripted_model(turns) as served:
        place.served = served
        ran = place.run(stdin="One\nTwo\n:end\n")
        none = place.run(stdin="One\n:end\n")

    assert (ran.code, none.code) == (0, 5)
    for out in (ran.out, none.out):
        assert "has too many requests. Try again in 7 seconds.]" in out
    assert "Assistant: Here I am." in ran.out
    assert "Notes: fine" in ran.out
    assert "Notes" not in none.out


def test_the_end_of_the_input_hangs_up(place: Place) -> None:
    ran = place.run(stdin="")

    assert ran.code == 0
    assert "[The caller hung up." in ran.out
    assert "Notes" not in ran.out
