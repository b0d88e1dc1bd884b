"""The command `new`: answers on the command line give the same payload as on the screens."""

import json
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.commands.test_cli import ROOT, run
from tests.examples import full, minimal, with_, without
from wizard.contract.masking import MASK
from wizard.draft.draft import Draft, starting_action
from wizard.errors import NotWritten, Unreadable
from wizard.exchange.set_expression import BadAssignment, set_answer
from wizard.formats import paths
from wizard.formats.files import new_file
from wizard.formats.json_text import dump
from wizard.formats.text import MAX_CHARACTERS
from wizard.formats.yaml_text import parse_yaml
from wizard.templates.library import all_templates, find_template


def nothing(name: str) -> str:
    raise AssertionError(f"{name} was read")


def assigned(*written: str, files: dict[str, str] | None = None) -> Draft:
    draft = Draft()
    for one in written:
        set_answer(draft, one, files.__getitem__ if files else nothing)
    return draft


def leaves(value: Any, path: paths.Path = ()) -> Iterator[tuple[paths.Path, Any]]:
    if isinstance(value, dict) and value and path[:1] != ("voice_data",):
        for name, member in value.items():
            yield from leaves(member, (*path, name))
    elif isinstance(value, list) and value:
        for index, item in enumerate(value):
            yield from leaves(item, (*path, index))
    else:
        yield path, value


def written(payload: dict[str, Any]) -> list[str]:
    return [f"{paths.write(path)}={json.dumps(value)}" for path, value in leaves(payload)]


# The same payload


@pytest.mark.parametrize("payload", [minimal(), full()], ids=["minimal", "full"])
def test_setting_every_leaf_gives_the_payload_of_the_draft(payload: dict[str, Any]) -> None:
    draft = Draft()
    for path, value in leaves(payload):
        draft.answer(path, value)
    assert assigned(*written(payload)).payload().text == draft.payload().text


@pytest.mark.parametrize("payload", [minimal(), full()], ids=["minimal", "full"])
def test_setting_whole_fields_gives_the_same_payload(payload: dict[str, Any]) -> None:
    draft = Draft()
    for name, value in payload.items():
        draft.answer((name,), value)
    whole = [f"{name}={json.dumps(value)}" for name, value in payload.items()]
    assert assigned(*whole).payload().text == draft.payload().text


_SAID = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(
    lambda text: not text.isspace()
)


@given(name=_SAID, script=_SAID, speed=st.sampled_from([1, 1.1, 2]), note=st.booleans())
@settings(max_examples=100)
def test_any_text_is_kept_exactly(name: str, script: str, speed: float, note: bool) -> None:
    payload = minimal() | {"name": name, "script": script, "voice_speed": speed}
    payload |= {"is_voice_note": note, "voice_note": name if note else ""}
    draft = Draft()
    for key, value in payload.items():
        draft.answer((key,), value)
    assert assigned(*written(payload)).payload().text == draft.payload().text


def test_through_a_process_byte_for_byte() -> None:
    draft = Draft()
    for path, value in leaves(full()):
        draft.answer(path, value)
    options = [part for one in written(full()) for part in ("--set", one)]
    ran = run("new", *options)
    assert ran.code == 0
    assert ran.out.encode() == draft.payload().body + b"\n"


# How values are read


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("name=Asha", "Asha"),
        ("name=5", "5"),
        ("name=true", "true"),
        ("name=null", "null"),
        ('name="As\\nha"', "As\nha"),
        ('name="Asha" said "hi"', '"Asha" said "hi"'),
        ("name=a=b", "a=b"),
        ("name=@@home", "@home"),
        ("name=", ""),
        ("voice_speed=1.5", 1.5),
        ("voice_speed=fast", "fast"),
        ("voice_speed=NaN", "NaN"),
        ("is_filler=true", True),
        ("is_filler=yes", "yes"),
        ("fillers=umm, uhh", ["umm", "uhh"]),
        ('fillers=["umm"]', ["umm"]),
        ("fillers[0]=umm", ["umm"]),
        ('call_flow={"nodes": []}', {"nodes": []}),
        ("call_flow.nodes=[1]", {"nodes": [1]}),
        ("call_flow.start=here", {"start": "here"}),
        ("voice_data.name=5", {"name": "5"}),
        ("voice_data.own=5", {"own": 5}),
        ("sentiment.general_prompt=Well?", {"general_prompt": "Well?"}),
    ],
)
def test_a_value_is_text_or_json(said: str, value: Any) -> None:
    draft = assigned(said)
    assert draft.answers[paths.parse(said.partition("=")[0])[0]] == value


def test_the_content_of_a_file_is_taken_exactly() -> None:
    files = {"s.txt": "One.\r\nTwo.\n", "n.txt": "Asha\n", "a.yaml": "- type: sendMessage\n"}
    draft = assigned("script=@s.txt", "name=@n.txt", "actions=@a.yaml", files=files)
    assert draft.answers == {
        "script": "One.\nTwo.\n",
        "name": "Asha",
        "actions": [{"type": "sendMessage"}],
    }


def test_a_file_with_a_longer_text_than_a_million_characters_is_refused() -> None:
    files = {"s.txt": "x" * MAX_CHARACTERS, "long.txt": "x" * (MAX_CHARACTERS + 1)}
    assert assigned("script=@s.txt", files=files).answers == {"script": files["s.txt"]}
    with pytest.raises(BadAssignment, match="script: this text has 1,000,001 characters"):
        assigned("script=@long.txt", files=files)


def test_a_new_action_has_the_starting_values() -> None:
    draft = assigned("actions[0].type=scheduleMeeting", "actions[0].say=One moment.")
    assert draft.answers["actions"] == [starting_action("scheduleMeeting") | {"say": "One moment."}]
    other = assigned("actions[0].say=One moment.", "actions[0].type=scheduleMeeting")
    assert other.answers == draft.answers


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("name", "'name' has no value"),
        ("nane=x", "there is no field 'nane': did you mean name?"),
        ("Company=x", "did you mean company_name?"),
        ("knowledge_base_id=x", "did you mean knowledge_base_Id?"),
        ("actions[3].typ=x", "did you mean actions[3].type?"),
        ("actions[0].sms.contnt=x", "did you mean actions[0].sms.content?"),
        ("templateName=x", "did you mean"),
        ("zzzzzzzz=x", "`qcall-wizard fields` lists them all"),
        ("actions[1].say=x", "actions[1] leaves a gap; the next one is actions[0]"),
        ("actions.say=x", "actions is a list; choose one of its items, such as actions[0]"),
        ("name[0]=x", "name is not a list"),
        ("name.x=1", "there is no field 'name.x'"),
        ("=x", "'' is not a field"),
        ("[0]=x", "'[0]' is not a field"),
        ("a..b=x", "'a..b' is not a field"),
        ("actions[0=x", "is not a field"),
        ("call_flow={", "the value of call_flow, line 1, column 2"),
        ('call_flow={"a":1,"a":2}', "is a duplicate"),
    ],
)
def test_a_misspelt_field_gets_a_suggestion(said: str, expected: str) -> None:
    with pytest.raises((BadAssignment, Unreadable), match=re.escape(expected)):
        assigned(said)


# The command


def answers(payload: dict[str, Any]) -> list[str]:
    whole = (f"{name}={json.dumps(value)}" for name, value in payload.items())
    return [part for one in whole for part in ("--set", one)]


def test_missing_answers_are_listed_and_the_rest_printed() -> None:
    ran = run("new", "--set", "name=Asha", "--set", "background_type=office")
    assert ran.code == 1
    assert json.loads(ran.out)["name"] == "Asha"
    assert "background_type" not in ran.out
    sentence = "not sent: background_type: it is sent when “Background sound” is on"
    assert sentence in ran.err_lines
    assert "  company_name: Required." in ran.err_lines
    assert "  name: " not in ran.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("--set", "nane=x"),
        ("--set", "name"),
        ("--set", "call_flow={"),
        ("--template", "x", "--from", "y"),
        ("--set", "name=@-", "--set", "goal=@-"),
        ("--nonsense",),
    ],
)
def test_a_wrong_command_line(arguments: tuple[str, ...]) -> None:
    ran = run("new", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert len(ran.err_lines) == 2
    assert ran.err_lines[1] == "Try: qcall-wizard new --help"


@pytest.mark.parametrize(
    "arguments",
    [
        ("--from", "none.json"),
        ("--template", "none"),
        ("--template", "~nobody-here/none.yaml"),
        ("--set", "script=@none.txt"),
        ("--set", "script=@tests"),
    ],
)
def test_a_missing_source_is_an_error(arguments: tuple[str, ...]) -> None:
    ran = run("new", *arguments)
    assert (ran.code, ran.out) == (1, "")
    assert len(ran.err_lines) == 1


def test_standard_input_is_a_value_or_a_payload() -> None:
    ran = run("new", *answers(minimal()), "--set", "script=@-", stdin="One.\nTwo.\n")
    assert (ran.code, json.loads(ran.out)["script"]) == (0, "One.\nTwo.\n")
    ran = run("new", "--from", "-", "--set", "name=Mia", stdin=dump(minimal()))
    assert (ran.code, json.loads(ran.out)["name"]) == (0, "Mia")
    assert run("new", "--from", "-", "--set", "name=@-", stdin='{"name": "A"}').code == 2


@pytest.mark.parametrize(
    "text",
    [
        "curl https://api.qcall.ai/api/v1/user/listAssistant -H 'x-api-key: CANARY'",
        "http GET api.qcall.ai/api/v1/user/listAssistant 'x-api-key: CANARY'",
        '{"log": {"entries": [{"headers": [{"name": "x-api-key", "value": "CANARY"}]}]}}',
    ],
)
def test_a_request_without_an_assistant_is_no_payload(text: str) -> None:
    """Read as YAML or JSON it would be an unknown field, which is kept and sent."""
    ran = run("new", "--from", "-", stdin=text)
    assert (ran.code, ran.out) == (1, "")
    assert "CANARY" not in ran.err


def test_new_starts_from_a_template() -> None:
    ran = run("new", "--template", "lead-qualification", "--set", "name=Mia")
    assert ran.code == 1
    draft = Draft()
    draft.start_from(find_template("lead-qualification", None))
    draft.answer(("name",), "Mia")
    assert ran.out == draft.preview() + "\n"


@pytest.mark.parametrize("template", [t.name for t in all_templates(None).templates])
def test_every_template_gives_the_payload_of_the_draft(template: str) -> None:
    voice = {name: minimal()[name] for name in minimal() if name.startswith(("voice", "accent"))}
    rest = voice | {"ai_modal": "qmodel", "name": "Mia", "company_name": "Acme"}
    one, other = Draft(), Draft()
    for draft in (one, other):
        draft.start_from(find_template(template, None))
    for name, value in rest.items():
        one.answer((name,), value)
        set_answer(other, f"{name}={json.dumps(value)}", nothing)
    assert one.preview() == other.preview()
    assert one.problems() == other.problems()


def test_blanks_are_filled_after_all_answers() -> None:
    ran = run(
        *("new", "--template", "inbound-receptionist", "--fill", "opening_hours=9 = nine to 5"),
        *("--fill", "town=Pune", "--set", "start_speech=Hello from {{town}}."),
    )
    payload = json.loads(ran.out)
    assert "The hours are 9 = nine to 5." in payload["script"]
    assert "Open 9 = nine to 5." in payload["actions"][1]["sms"]["content"]
    assert payload["start_speech"] == "Hello from Pune."
    assert "{{services}}" in payload["script"]


@pytest.mark.parametrize(
    ("template", "said", "why"),
    [
        ("win-back", "time_away", "'time_away' has no value; use the form NAME=VALUE"),
        ("win-back", "time_away=", "'time_away=' has no value; use the form NAME=VALUE"),
        ("win-back", "=x", "'' is not a blank; the blanks are"),
        ("win-back", "time_awey=x", "not a blank; did you mean time_away? The blanks are"),
        ("win-back", "first_name=x", "'first_name' is filled by QCall"),
        ("inbound-receptionist", "company_name=x", "is filled by the answer to company_name"),
        ("inbound-receptionist", "first_name=x", "'first_name' is not a blank; the blanks are"),
    ],
)
def test_a_blank_that_cannot_be_filled(template: str, said: str, why: str) -> None:
    ran = run("new", "--template", template, "--fill", said)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err_lines[0].startswith("--fill: ")
    assert why in ran.err_lines[0]
    assert ran.err_lines[1] == "Try: qcall-wizard new --help"


def test_a_file_is_written_and_not_overwritten(tmp_path: Path) -> None:
    output = tmp_path / "payload.json"
    command = ("new", *answers(without(full(), "widget_config")), "-o", str(output))
    ran = run(*command)
    assert (ran.code, ran.out) == (0, "")
    assert json.loads(output.read_text())["name"] == "Asha"
    assert run(*command).code == 1
    assert run(*command, "--set", "name=Mia", "--force").code == 0
    assert json.loads(output.read_text())["name"] == "Mia"
    assert [path.name for path in tmp_path.iterdir()] == ["payload.json"]


def test_a_file_with_a_secret_is_its_owners_alone(tmp_path: Path) -> None:
    output = tmp_path / "payload.yaml"
    assert run("new", *answers(full()), "-o", str(output)).code == 0
    assert stat.S_IMODE(output.stat().st_mode) == 0o600
    assert parse_yaml(output.read_bytes(), "y") == json.loads(run("new", *answers(full())).out)


def test_a_file_that_cannot_be_written_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    (tmp_path / "file").touch()
    for output in ("none/x.json", "file/x.json"):
        ran = run("new", *answers(minimal()), "-o", str(tmp_path / output))
        said = "cannot be written: there is no such folder; create it, or name another file"
        assert (ran.code, ran.err_lines) == (1, [f"{tmp_path / output} {said}"])
    ran = run("new", *answers(minimal()), "-o", str(tmp_path / "circle"), "--force")
    assert (ran.code, json.loads((tmp_path / "circle").read_text())["name"]) == (0, "Asha")


def test_a_yaml_file_is_rewritten_with_its_comments(tmp_path: Path) -> None:
    file = tmp_path / "payload.yaml"
    assert run("new", *answers(minimal()), "-o", str(file)).code == 0
    file.write_text(
        f"# Ours.\n{file.read_text()}# The end.\n".replace('Asha"\n', 'Asha"  # her\n', 1)
    )
    file.chmod(0o640)
    ran = run("new", "--from", str(file), "--set", "voice_speed=1.5", "-o", str(file))
    assert ran.code == 0
    text = file.read_text()
    assert text.startswith("# Ours.\n")
    assert text.endswith("# The end.\n")
    assert "# her" in text
    assert "voice_speed: 1.5" in text
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


def test_a_masked_key_is_refused_until_it_is_given(tmp_path: Path) -> None:
    file, key = tmp_path / "payload.json", tmp_path / "key.txt"
    file.write_text(json.dumps(with_(full(), "widget_config.api_key", MASK)))
    key.write_text("widget-key\n")
    ran = run("new", "--from", str(file))
    assert (ran.code, ran.out) == (1, "")
    assert "is masked" in ran.err
    ran = run("new", "--from", str(file), "--set", f"widget_config.api_key=@{key}")
    assert ran.code == 0
    assert json.loads(ran.out)["widget_config"]["api_key"] == "widget-key"


def test_a_full_disk_is_reported(tmp_path: Path) -> None:
    if os.path.exists("/dev/full"):
        ran = run("new", *answers(minimal()), "-o", "/dev/full", "--force")
        assert ran.code == 1
        assert ran.err_lines[-1].startswith("/dev/full cannot be written")


def test_a_new_file_is_its_owners_alone_and_a_link_to_nothing_is_left(tmp_path: Path) -> None:
    for name in ("payload.json", "payload.yaml"):
        output = tmp_path / name
        assert run("new", *answers(minimal()), "-o", str(output)).code == 0
        assert stat.S_IMODE(output.stat().st_mode) == 0o600
    (tmp_path / "link.json").symlink_to(tmp_path / "nowhere.json")
    assert run("new", *answers(minimal()), "-o", str(tmp_path / "link.json")).code == 1
    assert not (tmp_path / "nowhere.json").exists()


def test_a_file_that_another_program_writes_meanwhile_is_left(tmp_path: Path) -> None:
    output = tmp_path / "payload.json"
    with pytest.raises(NotWritten, match="already exists"), new_file(str(output), over=False):
        output.write_text("theirs")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {output.name: "theirs"}


def test_a_dash_is_standard_output(tmp_path: Path) -> None:
    name = str(tmp_path / "payload.json")
    assert run("new", "--template", "win-back", "-o", name).code in (0, 1)
    for command in (("new", "--template", "win-back"), ("export", name, "--as", "json")):
        plain, dashed = run(*command), run(*command, "-o", "-")
        assert plain.out
        assert (dashed.code, dashed.out) == (plain.code, plain.out)
    assert not (ROOT / "-").exists()
