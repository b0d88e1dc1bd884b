"""Exports, run by a shell and by Python, send the same as the wizard; YAML is read back."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from tests.commands.test_cli import Ran, environment, run
from tests.examples import full, minimal, with_, without
from tests.exchange.test_differences import kept_draft
from tests.listener import KEY, listening
from wizard.api.client import CREATE
from wizard.api.http_client import LIMITS
from wizard.contract.masking import MASK, SECRET, has_secret, masked
from wizard.draft.draft import Draft, Payload
from wizard.exchange import importing
from wizard.exchange.exporting import (
    KEY_VARIABLE,
    WIDGET_KEY_VARIABLE,
    ExportFormat,
    address,
    as_yaml,
    export,
    rewritten,
)
from wizard.formats import paths
from wizard.formats.json_text import dump
from wizard.formats.yaml_text import parse_yaml
from wizard.settings import API, SANDBOX, Target

WIDGET_KEY = full()["widget_config"]["api_key"]
NASTY = (
    'It\'s "quoted" \\ $HOME `id` $(id) ${x} %s %n !! {{first_name}} {{$processEnv HOME}}\n'
    "QCALL_END\nEOF\n'\n\\\n\t "
    "क्षमा कीजिए\u200d 👩‍👩‍👧 \u2028 \u202e \x85 \x1b[31m \x7f \x00 end  \n\n"
)


def payload(**members: Any) -> Payload:
    data = full() | members
    return Payload(data, dump(data))


def variables() -> dict[str, str]:
    return environment(**{KEY_VARIABLE: KEY, WIDGET_KEY_VARIABLE: WIDGET_KEY})


def done(
    *command: str, stdin: str = "", env: dict[str, str] | None = None, cwd: Path | None = None
) -> Ran:
    ran = subprocess.run(
        command,
        cwd=cwd,
        input=stdin.encode(),
        env=env or variables(),
        capture_output=True,
        timeout=30,
        check=False,
    )
    return Ran(ran.returncode, ran.stdout.decode(), ran.stderr.decode())


# Running them


SAMPLES = {
    "minimal": Payload(minimal(), dump(minimal())),
    "full": payload(),
    "nasty": payload(script=NASTY, name=NASTY.strip(), goal=NASTY, extra={NASTY: [NASTY]}),
    "long": payload(script="क It's 200 KB long.\n" * 10_000),
}


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("shell", [["bash"], ["sh"], ["bash", "-s"]], ids=" ".join)
def test_curl_in_a_shell_sends_the_same_bytes(name: str, shell: list[str], tmp_path: Path) -> None:
    sample, script = SAMPLES[name], tmp_path / "create.sh"
    with listening() as heard:
        text = export(sample, ExportFormat.CURL, heard.url) + "\n"
        script.write_text(text)
        ran = done(*shell, stdin=text) if "-s" in shell else done(*shell, str(script))
    assert (ran.code, ran.err) == (0, "")
    assert heard.bodies == [sample.body]
    assert (heard.keys, heard.types) == ([KEY], ["application/json"])


@pytest.mark.parametrize("shell", ["bash", "sh", "dash"])
@pytest.mark.parametrize(
    "key",
    [
        'a "quoted" key', "back\\slash \\n \\", "two\nlines", "it's $HOME `id` $(id) %s %d &",
        "".join(map(chr, range(1, 128))), "क 👩\u200d🚀 \u2028", " blank ", "*", "-n",
    ],
)  # fmt: skip
def test_any_key_of_the_widget_is_written_as_json(shell: str, key: str, tmp_path: Path) -> None:
    script = tmp_path / "create.sh"
    with listening() as heard:
        script.write_text(export(SAMPLES["full"], ExportFormat.CURL, heard.url) + "\n")
        env = environment(**{KEY_VARIABLE: KEY, WIDGET_KEY_VARIABLE: key})
        ran = done(shell, str(script), env=env)
    assert (ran.code, ran.err) == (0, "")
    assert [json.loads(body) for body in heard.bodies] == [
        with_(full(), "widget_config.api_key", key)
    ]


@pytest.mark.parametrize("shell", ["bash", "dash"])
def test_without_the_key_of_the_widget_nothing_is_sent(shell: str, tmp_path: Path) -> None:
    script = tmp_path / "create.sh"
    with listening() as heard:
        script.write_text(export(SAMPLES["full"], ExportFormat.CURL, heard.url) + "\n")
        ran = done(shell, str(script), env=environment(**{KEY_VARIABLE: KEY}))
    assert ran.code != 0
    assert "QCALL_WIDGET_KEY: has to hold the key of the widget" in ran.err
    assert heard.bodies == []


def test_a_curl_export_is_read_back_without_its_key(tmp_path: Path) -> None:
    script = tmp_path / "create.sh"
    script.write_text(
        export(SAMPLES["full"], ExportFormat.CURL, "https://api.qcall.ai/api/v1") + "\n"
    )
    imported = importing.take(importing.read(str(script)), 0)
    assert imported.draft.answers["widget_config"] == {
        name: value for name, value in full()["widget_config"].items() if name != "api_key"
    }
    assert "widget_config.api_key" in {left.what for left in imported.report.left}


@pytest.mark.parametrize("name", SAMPLES)
def test_the_python_program_sends_the_same_bytes(name: str, tmp_path: Path) -> None:
    sample, program = SAMPLES[name], tmp_path / "create.py"
    with listening() as heard:
        program.write_text(export(sample, ExportFormat.PYTHON, heard.url) + "\n", encoding="utf-8")
        ran = done(sys.executable, str(program))
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("200 ")
    assert heard.bodies == [sample.body]
    assert (heard.keys, heard.types) == ([KEY], ["application/json"])


@pytest.mark.parametrize("form", [ExportFormat.CURL, ExportFormat.PYTHON])
def test_a_program_runs_nothing_of_the_address(form: ExportFormat, tmp_path: Path) -> None:
    program = tmp_path / "create"
    with listening() as heard:
        text = export(SAMPLES["minimal"], form, f"{heard.url}/$(touch${{IFS}}ran)'`touch ran`;&x=")
        program.write_text(text, encoding="utf-8")
        done(sys.executable if form is ExportFormat.PYTHON else "bash", str(program), cwd=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["create"]


def test_the_python_program_waits_as_long_as_the_wizard() -> None:
    assert LIMITS.total > 60
    assert f"\n    timeout={LIMITS.total:.0f},\n" in export(
        SAMPLES["full"], ExportFormat.PYTHON, ""
    )


@pytest.mark.parametrize("name", SAMPLES)
def test_the_http_file_has_the_same_request(name: str) -> None:
    sample = SAMPLES[name]
    head, _, body = export(sample, ExportFormat.HTTP, "https://host/api").partition("\n\n")
    assert head.splitlines() == [
        f"POST https://host/api{CREATE}",
        "Content-Type: application/json",
        "Accept: application/json",
        "x-api-key: {{$processEnv QCALL_API_KEY}}",
    ]
    # The editors fill in the variables that they know and leave the rest.
    assert body.replace(f"{{{{$processEnv {WIDGET_KEY_VARIABLE}}}}}", WIDGET_KEY) == sample.text


@pytest.mark.parametrize("form", [ExportFormat.CURL, ExportFormat.PYTHON])
def test_without_a_key_in_the_environment_nothing_is_sent(
    form: ExportFormat, tmp_path: Path
) -> None:
    program = tmp_path / "create"
    with listening() as heard:
        program.write_text(export(payload(), form, heard.url), encoding="utf-8")
        ran = done(
            sys.executable if form is ExportFormat.PYTHON else "bash",
            str(program),
            env=environment(),
        )
    assert ran.code != 0
    assert "QCALL_" in ran.err
    assert heard.bodies == []


@pytest.mark.parametrize("form", ExportFormat)
@pytest.mark.parametrize("name", ["full", "nasty", "long"])
def test_the_key_of_the_widget_is_in_no_export(form: ExportFormat, name: str) -> None:
    text = export(SAMPLES[name], form, "https://host")
    assert WIDGET_KEY not in text
    assert (WIDGET_KEY_VARIABLE in text) == form.sends


def test_json_is_the_payload_with_the_key_masked() -> None:
    assert export(SAMPLES["minimal"], ExportFormat.JSON, "") == SAMPLES["minimal"].text
    assert json.loads(export(payload(), ExportFormat.JSON, "")) == with_(
        full(), "widget_config.api_key", MASK
    )


def test_an_export_never_names_the_sandbox_inside_the_program() -> None:
    assert address(Target(SANDBOX)) == API
    assert address(Target("http://127.0.0.1:8700/api")) == "http://127.0.0.1:8700/api"


# YAML


@pytest.mark.parametrize("name", SAMPLES)
def test_yaml_is_read_back(name: str) -> None:
    data = SAMPLES[name].data
    assert parse_yaml(export(SAMPLES[name], ExportFormat.YAML, "") + "\n", "y") == masked(data)
    assert parse_yaml(as_yaml(data) + "\n", "y") == data


_TEXTS = st.text() | st.lists(
    st.sampled_from(["a", "- b", "# c", "", " d", "e ", "\t", "no", "1", "|", "\r", "%", "\x85"])
).map("\n".join)
_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | _TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXTS, inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    "script",
    [
        "\n".join(["a" * 60] * 4 + ["\u202bend"]),
        "a" * 20_000 + "\n\x7f",
        "\ufeffab\nc",
        "a\n" * 9_000,
    ],
    ids=["direction", "long", "mark", "lines"],
)
def test_yaml_of_any_text_is_written_at_once(script: str, tmp_path: Path) -> None:
    (tmp_path / "it.json").write_text(json.dumps(minimal() | {"script": script}))
    ran = run("export", str(tmp_path / "it.json"), "--as", "yaml")  # is stopped after a minute
    assert (ran.code, ran.err) == (0, "")
    assert parse_yaml(ran.out, "y") == minimal() | {"script": script}


def test_every_reader_of_yaml_sees_the_same_names_and_texts() -> None:
    words = [
        word
        for each in ("y", "n", "on", "off", "yes", "no", "null", "true")
        for word in (each, each.title(), each.upper())
    ]
    data = {"a": "\u2028 \u2029 \x85 \u202e"} | {word: word for word in words}
    text = as_yaml(data)
    older = YAML(typ="safe", pure=True)
    older.version = (1, 1)
    assert older.load(text) == data
    assert not set("\u2028\u2029\x85\u202e") & set(text)


def test_a_long_line_of_a_rewritten_file_is_not_folded() -> None:
    data = {"name": "Mia", "script": "a word " * 300}
    text = rewritten(f"# Ours.\n{as_yaml(data)}\n", data | {"name": "Asha"}, "the file")
    assert text is not None
    assert text.splitlines() == ["# Ours.", *as_yaml(data | {"name": "Asha"}).splitlines()]


@given(st.dictionaries(_TEXTS, _VALUES, max_size=4))
@settings(max_examples=100)
def test_any_payload_survives_yaml(data: dict[str, Any]) -> None:
    again = parse_yaml(as_yaml(data) + "\n", "y")
    assert dump(again) == dump(data)


def test_older_readers_see_texts_as_texts() -> None:
    text = as_yaml({"a": "no", "b": "2026-12-31", "no": "09:30", "d": "1e3", "e": "~", "f": ""})
    assert text.splitlines() == [
        'a: "no"',
        'b: "2026-12-31"',
        '"no": "09:30"',
        'd: "1e3"',
        'e: "~"',
        'f: ""',
    ]


COMMENTED = """\
# What we call her.
name: Asha  # short
fillers:  # while she thinks
  - umm  # the first
  - uhh
# How it feels.
sentiment:
  general_prompt: Judge the mood.  # calm
  neutral_prompt: 'Matter-of-fact.'
goal: old  # goes
"""


def test_comments_are_kept_in_rewritten_yaml() -> None:
    after = {
        "name": "Mia",
        "fillers": ["umm", "no"],
        "sentiment": {"general_prompt": "One.\nTwo.\n", "neutral_prompt": "Matter-of-fact."},
        "script": "New.",
    }
    text = rewritten(COMMENTED, after, "the file")
    assert text is not None
    assert parse_yaml(text, "y") == after
    for comment in ("# What we call her.", "# short", "# while she thinks", "# the first"):
        assert comment in text
    assert "# How it feels." in text
    assert "# goes" not in text
    assert "neutral_prompt: 'Matter-of-fact.'" in text
    assert "  - umm  # the first" in text


def test_unchanged_yaml_is_not_rewritten() -> None:
    data = parse_yaml(COMMENTED, "y")
    assert isinstance(data, dict)
    assert rewritten(COMMENTED, data, "the file") == COMMENTED.rstrip("\n")


def test_an_envelope_is_rewritten_inside() -> None:
    text = rewritten(
        "success: true  # yes\ndata:\n  - name: a  # b\n    goal: c\n", {"name": "d"}, "the file"
    )
    assert text is not None
    assert text.splitlines()[0] == "success: true  # yes"
    assert parse_yaml(text, "y") == {"success": True, "data": [{"name": "d"}]}


def test_yaml_is_not_rewritten_if_aliases_would_change_the_payload() -> None:
    assert rewritten("a: &x [1]\nb: *x\n", {"a": [1, 2], "b": [1]}, "the file") is None


# The command


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "payload.json"
    path.write_text(json.dumps(full() | {"script": NASTY}))
    return path


def test_the_printed_programs_send_the_same_as_submit(file: Path, tmp_path: Path) -> None:
    with listening() as heard:
        home = ("--home", str(tmp_path), "--base-url", heard.url)
        sent = run(*home, "submit", "--yes", str(file), QCALL_API_KEY=KEY)
        assert sent.code == 0, sent.err
        for form, program in (("curl", ["bash"]), ("python", [sys.executable, "-"])):
            printed = run(*home, "export", str(file), "--as", form)
            assert printed.code == 0
            assert "widget_config.api_key is not included. Set QCALL_WIDGET_KEY" in printed.err
            assert done(*program, stdin=printed.out).code == 0
    assert len(heard.bodies) == 3
    assert len(set(heard.bodies)) == 1


def test_the_key_of_a_widget_in_a_http_file_is_written_as_json(file: Path) -> None:
    """Editors insert a variable as it is."""
    printed = run("export", str(file), "--as", "http")
    assert "{{$processEnv QCALL_WIDGET_KEY}}" in printed.out
    assert 'as JSON writes it, with \\ before each " and \\, to run it.' in printed.err


def test_a_draft_is_exported_by_its_id(tmp_path: Path) -> None:
    draft = kept_draft(tmp_path, without(full(), "widget_config"))
    ran = run("--home", str(tmp_path), "export", draft[:6], "--as", "json")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == Draft.imported(without(full(), "widget_config")).preview() + "\n"


def test_a_yaml_file_keeps_its_comments(tmp_path: Path) -> None:
    path = tmp_path / "payload.yaml"
    path.write_text(f"# Ours.\n{as_yaml(full())}\n# The end.\n")
    ran = run("export", str(path), "--as", "yaml")
    assert ran.code == 0
    assert ran.lines[0] == "# Ours."
    assert ran.lines[-1] == "# The end."
    assert WIDGET_KEY not in ran.out
    assert "masked" in ran.err


def test_an_invalid_payload_is_exported_as_data_only(tmp_path: Path) -> None:
    path = tmp_path / "payload.json"
    path.write_text(json.dumps(without(minimal(), "name")))
    as_file, as_program = (run("export", str(path), "--as", form) for form in ("yaml", "curl"))
    assert (as_file.code, as_program.code) == (1, 1)
    assert parse_yaml(as_file.out, "y") == without(minimal(), "name")
    assert as_program.out == ""
    for ran in (as_file, as_program):
        assert f"{path}: name: Required." in ran.err


def test_an_export_does_not_overwrite_a_file(file: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.yaml"
    command = ("export", str(file), "--as", "yaml", "-o", str(output))
    assert run(*command).code == 0
    written = output.read_bytes()
    again = run(*command)
    assert again.code == 1
    assert "already exists" in again.err
    assert "--force" in again.err
    assert run(*command[:3], "json", "-o", str(output), "--force").code == 0
    assert output.read_bytes() != written
    assert run(*command[:5], str(tmp_path)).code == 1
    assert run(*command[:5], str(tmp_path / "none" / "x")).code == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.yaml", "payload.json"]


def test_a_wrong_format_lists_the_allowed_ones(file: Path) -> None:
    ran = run("export", str(file), "--as", "xml")
    assert ran.code == 2
    assert "'json', 'yaml', 'curl', 'python', 'http'" in ran.err
    assert run("export", str(file)).code == 2


def test_a_secret_is_there_or_not() -> None:
    assert has_secret(full())
    assert not has_secret(with_(full(), "widget_config.api_key", ""))
    assert paths.get(masked(full()), SECRET) == MASK


@given(st.dictionaries(_TEXTS, _VALUES, max_size=3), st.dictionaries(_TEXTS, _VALUES, max_size=3))
@settings(max_examples=60)
def test_rewritten_yaml_has_the_wanted_values_or_is_dropped(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    wanted = {"name": "Asha"} | after  # an object of success and data alone is an envelope
    text = rewritten(f"# Ours.\n{as_yaml({'name': 'Mia'} | before)}\n", wanted, "the file")
    if text is not None:
        assert dump(dict(sorted(_object(text).items()))) == dump(dict(sorted(wanted.items())))


def _object(text: str) -> dict[str, Any]:
    value = parse_yaml(text + "\n", "y")
    assert isinstance(value, dict)
    return value


@pytest.mark.parametrize("end", ["", "\n", "\n\n", "\n\n\n"])
def test_the_line_ends_of_a_text_survive_yaml(end: str) -> None:
    data = {"script": f"One.\nTwo.{end}", "name": "Asha"}
    assert parse_yaml(as_yaml(data) + "\n", "y") == data


def test_comments_are_kept_when_an_action_is_removed() -> None:
    text = "# Ours.\nname: Asha  # hers\nactions:\n- type: one\n- type: two\n"
    made = rewritten(text, {"name": "Asha", "actions": [{"type": "one"}]}, "the file")
    assert made == "# Ours.\nname: Asha  # hers\nactions:\n- type: one"


@pytest.mark.parametrize("end", ["$(touch${IFS}ran)", "`touch ran`", ";touch ran;", "&touch ran&"])
def test_a_shell_runs_no_command_in_the_address(end: str, tmp_path: Path) -> None:
    program = tmp_path / "create"
    with listening() as heard:
        text = export(SAMPLES["minimal"], ExportFormat.CURL, f"{heard.url}/{end}")
        program.write_text(text, encoding="utf-8")
        done("bash", str(program), cwd=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["create"]
