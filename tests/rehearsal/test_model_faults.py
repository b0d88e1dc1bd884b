"""Faults of a model server: each is reported, and the call continues or ends cleanly."""

import json
import socket
import time
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.commands.test_cli import Ran, run
from tests.rehearsal.scripted_model import Served, scripted_model
from tests.rehearsal.test_rehearse import KEY, PAYLOAD
from wizard.api.http_client import Limits
from wizard.rehearsal.model_client import Fault, ModelClient, ModelTrouble
from wizard.secret import SecretStr
from wizard.settings import ModelServer

GOOD = {"says": "All is well."}


WELL = 'name: s\nsays: ["One", "Two"]\nexpect: [{says: "All is well"}]\n'


def play(folder: Path, served: Served | None, scenario: str = WELL, **environment: str) -> Ran:
    """Play a scenario; `--json` on standard output, sentences on standard error."""
    payload, file = folder / "payload.json", folder / "scenario.yaml"
    payload.write_text(json.dumps(PAYLOAD))
    file.write_text(scenario)
    url = {"QCALL_REHEARSAL_URL": served.url if served else "http://127.0.0.1:1/v1"}
    ran = run(
        *("rehearse", str(payload), "--scenario", str(file), "--json"),
        *("--home", str(folder / "home"), "--log", str(folder / "debug.log")),
        *("--junit", str(folder / "results.xml")),
        **(url | {"QCALL_REHEARSAL_KEY": KEY, "QCALL_REHEARSAL_MODEL": "small"} | environment),
    )
    assert KEY not in ran.out + ran.err + (folder / "debug.log").read_text()
    return ran


def converse(folder: Path, served: Served, *lines: str) -> Ran:
    """Type lines as the caller."""
    payload = folder / "payload.json"
    payload.write_text(json.dumps(PAYLOAD))
    typed = "".join(f"{line}\n" for line in lines)
    command = ("rehearse", str(payload), "--home", str(folder / "home"))
    return run(*command, stdin=typed, QCALL_REHEARSAL_URL=served.url, QCALL_REHEARSAL_KEY=KEY)


def turns(**first: Any) -> list[Any]:
    """A first turn that goes wrong, and a second that does not."""
    return [{"hears": "One$", **first}, GOOD]


@pytest.mark.parametrize(
    ("first", "sentence", "kept"),
    [
        ({"fault": "html"}, "no stream of events", ""),
        ({"fault": "cut", "says": "I am"}, "cut before its end", "I am"),
        ({"fault": "cut"}, "cut before its end", ""),
        ({}, "The model answered nothing.", ""),
        ({"fault": "no json", "says": "I am"}, "an event is not JSON", "I am"),
        ({"fault": "error in the stream"}, "failed: out of memory", ""),
        ({"fault": "endless line"}, "too large", ""),
        ({"fault": "refusal"}, "refused", "I cannot do that."),
        ({"fault": "too long", "says": "And so"}, "because it became too long", "And so"),
        ({"fault": "500"}, "failed with 500: failed for Bearer [key]", ""),
        (
            {"says": "Now.", "tools": [{"name": "send_sms", "arguments": "{half"}]},
            "send_sms with arguments that are no JSON",
            "Now.",
        ),
        ({"says": "Now.", "tools": [{"name": "fly"}]}, "'fly', which the assistant does", "Now."),
        (
            {"says": "Now.", "tools": [{"name": "send_whatsapp", "arguments": {"body_1": "x"}}]},
            "send_whatsapp without body_2",
            "Now.",
        ),
    ],
)
def test_the_call_continues_after_a_fault(
    tmp_path: Path, first: Any, sentence: str, kept: str
) -> None:
    with scripted_model([*turns(**first), GOOD]) as served:
        ran = converse(tmp_path, served, "One", "Two", ":end")

    assert ran.code == 0, ran.err
    told = " ".join(ran.out.split())
    assert told.count(sentence) == 1
    said = [*([kept] if kept else []), *([GOOD["says"]] * (1 + (kept == "Now.")))]
    assert [line.split(": ")[1].removesuffix(" ...") for line in _spoken(ran)[1:]] == said
    assert "The caller hung up." in told


@pytest.mark.parametrize("names", [["fly"], ["fly", "swim"]])
def test_a_mistake_in_a_loop_is_told_once_with_its_count(tmp_path: Path, names: list[str]) -> None:
    looping = [{"tools": [{"name": name} for name in names]}]
    with scripted_model(looping) as served:
        ran = converse(tmp_path, served, "One", ":end")
        played = play(tmp_path, served, scenario='name: s\nsays: ["One"]\n')

    told, notes = " ".join(ran.out.split()), " ".join(played.err.split())
    for name in names:
        sentence = (
            f"The model used '{name}', which the assistant does not have. (6 times in one answer)"
        )
        assert told.count(sentence) == told.count(f"'{name}'") == 1
        assert notes.count(sentence) == notes.count(f"'{name}'") == 1


def _spoken(ran: Ran) -> list[str]:
    return [line[line.index("Assistant: ") :] for line in ran.lines if "Assistant: " in line]


CAN_FAIL = [
    {"fault": "html"},
    {"fault": "cut", "says": "I am"},
    {"fault": "cut"},
    {"fault": "no json", "says": "I am"},
    {"fault": "error in the stream", "says": "I am"},
    {"fault": "error in the stream"},
    {"fault": "endless line"},
    {"fault": "500"},
]
NEVER = 'name: s\nsays: ["One", "Two"]\nexpect: [{never_says: "{{"}, {turns_at_most: 6}]\n'


@pytest.mark.parametrize("place", ["One$", "Two$"])
@pytest.mark.parametrize("fault", CAN_FAIL)
def test_a_scenario_in_which_the_server_failed_was_not_played(
    tmp_path: Path, fault: Any, place: str
) -> None:
    with scripted_model([{"hears": place, **fault}, GOOD]) as served:
        ran = play(tmp_path, served, scenario=NEVER)

    assert ran.code == 5, ran.out
    (result,) = ran.objects
    turn = 1 if place == "One$" else 2
    assert (result["passed"], result["ended"], result["turns"]) == (False, "error", turn)
    assert [check["check"] for check in result["checks"]] == ["played"]


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ({"fault": "too long", "says": "And so"}, "because it became too long"),
        ({"says": "on and " * 3000}, "because it became too long"),
        ({"fault": "filtered", "says": "And so"}, "refused to go on"),
        ({}, "The model answered nothing."),
        ({"tools": [{"name": "fly"}]}, "used its tools and said nothing"),
        ({"tools": [{"name": "send_sms"}]}, "used its tools and said nothing"),
    ],
)
def test_an_answer_that_is_missing_or_was_cut_fails_the_scenario(
    tmp_path: Path, answer: Any, found: str
) -> None:
    turns = [{"hears": "One$", **GOOD}, answer]
    with scripted_model(turns) as served:
        ran = play(tmp_path, served, scenario=NEVER)

    assert ran.code == 1, ran.out
    (result,) = ran.objects
    assert (result["passed"], result["ended"], result["turns"]) == (False, "no_more_lines", 2)
    assert [check["passed"] for check in result["checks"]] == [True, True, False]
    assert result["checks"][-1]["check"] == "answered"
    assert found in result["checks"][-1]["found"]


def test_a_caller_whom_the_model_cannot_play_does_not_fail_the_assistant(tmp_path: Path) -> None:
    turns = [{"system": "You play", "hears": "All is well", "says": ""}]
    caller = "name: s\ncaller: hurry\nexpect: [turns_at_most: 6]\n"
    with scripted_model([*turns, {"system": "You play", "says": "Hm?"}, GOOD]) as served:
        ran = play(tmp_path, served, scenario=caller)

    assert ran.code == 5, ran.out
    assert [check["check"] for check in ran.objects[0]["checks"]] == ["played"]


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ("401", "did not accept the key. Set QCALL_REHEARSAL_KEY."),
        ("403", "did not accept the key."),
        (
            "404",
            "has no model 'small'. Set QCALL_REHEARSAL_MODEL to one of: scripted-1, scripted-2",
        ),
        ("429", "has too many requests. Try again in 7 seconds."),
        ("400", "failed with 400: failed for Bearer [key]"),
        ("302", "redirects to another address, which is not followed"),
    ],
)
def test_the_scenario_cannot_be_played(tmp_path: Path, fault: str, sentence: str) -> None:
    with scripted_model([{"fault": fault}]) as served:
        ran = play(tmp_path, served)

    assert ran.code == 5
    (result,) = ran.objects
    assert (result["passed"], result["ended"], result["turns"]) == (False, "error", 1)
    (check,) = result["checks"]
    assert check["check"] == "played"
    assert sentence in check["found"]
    assert ran.err_lines[-1] == "1 scenario: 0 passed, 0 failed, 1 not played"
    suite = ElementTree.parse(tmp_path / "results.xml").getroot()
    assert [suite.get(count) for count in ("tests", "failures", "errors")] == ["1", "0", "1"]


def test_a_server_that_failed_is_not_asked_for_more_of_the_caller(tmp_path: Path) -> None:
    with scripted_model([{"fault": "500"}]) as served:
        ran = play(tmp_path, served, "name: s\ncaller: hurry\n")

    assert ran.code == 5
    assert len(served.requests) == 1


@pytest.mark.parametrize("turn", [{}, {"tools": [{"name": "fly"}]}])
def test_a_call_without_a_single_answer_was_not_played(tmp_path: Path, turn: Any) -> None:
    with scripted_model([turn]) as served:
        ran = play(tmp_path, served)

    assert ran.code == 5
    (result,) = ran.objects
    assert (result["passed"], result["ended"], result["turns"]) == (False, "error", 2)
    assert [check["check"] for check in result["checks"]] == ["played"]


def test_a_model_that_has_nothing_to_add_after_an_action_has_not_failed(tmp_path: Path) -> None:
    turns = [{"hears": "^sent", "says": ""}, {**GOOD, "tools": [{"name": "send_sms"}]}]
    with scripted_model(turns) as served:
        ran = play(tmp_path, served)

    assert (ran.code, len(ran.err_lines)) == (0, 2)
    assert [line["text"] for line in ran.objects[0]["transcript"][1:3]] == ["One", GOOD["says"]]


def test_a_server_that_does_not_run_is_reported(tmp_path: Path) -> None:
    named = play(tmp_path, None)
    unnamed = play(tmp_path, None, QCALL_REHEARSAL_MODEL="")

    assert (named.code, unnamed.code) == (5, 5)
    message = "No model could be reached at 127.0.0.1:1: connection refused."
    assert message in named.objects[0]["checks"][0]["found"]
    assert (unnamed.out, len(unnamed.err_lines)) == ("", 1)
    assert message in unnamed.err


def test_a_server_without_the_model_api_is_reported(tmp_path: Path) -> None:
    with scripted_model([GOOD]) as served:
        served.url = served.url.removesuffix("/v1")
        ran = play(tmp_path, served, QCALL_REHEARSAL_MODEL="")

    assert (ran.code, ran.out, len(ran.err_lines)) == (5, "", 1)
    assert "failed with 404" in ran.err


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("http://models.example/v1", "would send the key unencrypted: use https://"),
        ("nonsense", "is not a web address"),
        ("https://me:secret@models.example/v1", "may only have a scheme"),
    ],
)
def test_an_address_that_cannot_be_used_is_wrong_usage(
    tmp_path: Path, url: str, sentence: str
) -> None:
    ran = play(tmp_path, None, QCALL_REHEARSAL_URL=url)

    assert (ran.code, ran.out, len(ran.err_lines)) == (2, "", 1)
    assert ran.err.startswith("QCALL_REHEARSAL_URL: ")
    assert sentence in ran.err
    assert "secret" not in ran.err


def test_a_key_that_fits_no_header_is_not_repeated(tmp_path: Path) -> None:
    with scripted_model([GOOD]) as served:
        ran = play(tmp_path, served, QCALL_REHEARSAL_KEY="gehëim-1234")

    assert ran.code == 5
    assert "QCALL_REHEARSAL_KEY contains" in ran.out
    assert "gehëim" not in ran.out + ran.err
    assert served.requests == []


def test_an_answer_in_one_piece_is_taken(tmp_path: Path) -> None:
    with scripted_model([{"fault": "not streamed", **GOOD}]) as served:
        ran = play(tmp_path, served)

    assert ran.code == 0
    assert ran.objects[0]["transcript"][-1]["text"] == GOOD["says"]


def test_a_model_without_tools_acts_in_marked_lines(tmp_path: Path) -> None:
    marked = "I am sending [one] now.\n[[send_sms {}]]\n"
    whatsapp = 'Done.\n[[send_whatsapp {"body_1": "Asha", "body_2": "Monday"}]]'
    answers = [
        {"hears": "One$", "fault": "no tools", "marked": marked},
        {"fault": "no tools", "marked": f"{whatsapp}\nAll is well.\n[[end_call]]"},
    ]
    with scripted_model(answers) as served:
        ran = play(tmp_path, served)

    assert ran.code == 0, ran.err
    assert "does not support tools" in ran.err_lines[1]
    assert ran.err.count("does not support tools") == 1
    (result,) = ran.objects
    assert [action["name"] for action in result["actions"]] == [
        *("send_sms", "send_whatsapp", "end_call")
    ]
    said = [line["text"] for line in result["transcript"] if line["speaker"] == "assistant"]
    assert said[1:] == [
        "I am sending [one] now.",
        "Done.\n\nAll is well.",
        "Thank you, Asha. Goodbye.",
    ]
    asked = served.prompts[-1]
    assert "- send_whatsapp: " in asked
    assert "body_2: the day" in asked


def test_several_calls_find_out_at_once_that_a_model_takes_no_tools(tmp_path: Path) -> None:
    with scripted_model([{"fault": "no tools", "marked": "Yes. [[end_call]]"}]) as served:
        folder = tmp_path / "scenarios"
        folder.mkdir()
        for number in range(4):
            text = f"name: n{number}\nsays: [Hello]\nexpect: [ends: true]"
            (folder / f"{number}.yaml").write_text(text)
        payload = tmp_path / "payload.json"
        payload.write_text(json.dumps(PAYLOAD))
        ran = run(
            *("rehearse", str(payload), "--scenario", str(folder)), QCALL_REHEARSAL_URL=served.url
        )

    assert ran.code == 0, ran.out + ran.err
    assert ran.err.count("does not support tools") == 4


async def test_a_server_that_answers_too_late_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/v1"
        client = ModelClient(ModelServer(url, "m"), limits=Limits(read=0.2, total=100))
        started = time.monotonic()
        with pytest.raises(ModelTrouble, match="took too long") as raised:
            await client.complete([{"role": "user", "content": "x"}])
        await client.aclose()

    assert raised.value.fault is Fault.SLOW
    assert time.monotonic() - started < 60


def test_a_model_that_never_stops_is_stopped(tmp_path: Path) -> None:
    with scripted_model([{"hears": "One$", "says": "on and " * 3000}, GOOD]) as served:
        ran = play(tmp_path, served)

    assert ran.code == 1
    assert "because it became too long" in ran.err_lines[1]
    longest = max(len(line["text"]) for line in ran.objects[0]["transcript"])
    assert 4000 < longest < 4100


@pytest.mark.parametrize(
    ("says", "spoken"),
    [
        ("<think>It asks who I am. Hm.</think>\nI am Asha.", "I am Asha."),
        ("<think></think>Yes.", "Yes."),
        ("<b> Yes.", "<b> Yes."),
        ("<think", "<think"),
        ("Yes. <think>", "Yes. <think>"),
    ],
)
async def test_the_reasoning_of_a_model_is_not_spoken(says: str, spoken: str) -> None:
    pieces: list[str] = []
    with scripted_model([{"says": says}]) as served:
        client = ModelClient(ModelServer(served.url))
        answer = await client.complete([{"role": "user", "content": "x"}], on_text=pieces.append)
        await client.aclose()

    assert answer.text == spoken == "".join(pieces)


@pytest.mark.parametrize(
    ("says", "spoken"),
    [
        ("It is key of the model 17, is it not?", "It is [key], is it not?"),
        ("It is key of the model", "It is key of the model"),
        ("A key of key of the model 17", "A key of [key]"),
    ],
)
async def test_a_model_that_says_the_key_is_masked(says: str, spoken: str) -> None:
    pieces: list[str] = []
    tool = {"name": "send_sms", "arguments": {"body": "key of the model 17"}}
    with scripted_model([{"says": says, "tools": [tool]}]) as served:
        client = ModelClient(ModelServer(served.url, key=SecretStr("key of the model 17")))
        answer = await client.complete([{"role": "user", "content": "x"}], on_text=pieces.append)
        await client.aclose()

    assert answer.text == spoken == "".join(pieces)
    assert answer.calls[0].arguments == '{"body": "[key]"}'


async def test_tokens_are_counted() -> None:
    """Numbers that cannot be are left out: Python does not print the sum of two such long ones."""
    turns = [{**GOOD, "hears": "y", "tokens": 10**4299}, {**GOOD, "hears": "z", "tokens": -1}, GOOD]
    with scripted_model(turns) as served:
        client = ModelClient(ModelServer(served.url))
        for content in "xyzx":
            await client.complete([{"role": "user", "content": content}])
        await client.aclose()

    assert client.tokens == (200, 20)
