"""Imports: curl commands, answers of the API, scripts, payloads."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.commands.test_cli import run
from tests.examples import full, minimal, with_
from tests.listener import listening
from tests.terminal import Terminal
from wizard.contract.masking import MASK
from wizard.contract.validation import find_errors
from wizard.draft.draft import Draft, Payload, Source
from wizard.errors import Unreadable
from wizard.exchange.export_formats import ExportFormat
from wizard.exchange.exporting import export
from wizard.exchange.importing import (
    MAX_ACTIONS,
    Candidates,
    Imported,
    TextKind,
    read,
    read_text,
    take,
)
from wizard.formats import curl, paths
from wizard.formats.json_text import dump
from wizard.formats.paths import MISSING
from wizard.formats.text import MAX_CHARACTERS

KEY = "qk_CANARY_7f31c0"
BODY = json.dumps(minimal() | {"script": 'It\'s "Asha".\n{{name}} \\ 50% $HOME नमस्ते 😀'})


def found(text: str, name: str = "it", folder: Path = Path()) -> Candidates:
    return read_text(text, name, folder)


def taken(text: str, name: str = "it", folder: Path = Path(), number: int = 0) -> Imported:
    return take(found(text, name, folder), number)


def answers(text: str, name: str = "it", folder: Path = Path()) -> dict[str, Any]:
    """The answers of the draft of a text, without the declined ones."""
    draft = taken(text, name, folder).draft
    return {n: v for n, v in draft.answers.items() if v != ""}


def left(text: str, name: str = "it") -> dict[str, str]:
    return {one.what: one.why for one in taken(text, name).report.left}


def changed(**members: Any) -> dict[str, Any]:
    """The conversions in a payload with these members: each path with its new value."""
    report = taken(json.dumps(members)).report
    return {paths.write(one.path): one.after for one in report.changed}


def quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def ansi(text: str) -> str:
    """As browsers write a text with quotes or other scripts in it."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
    wide = "".join(c if c < "\x80" else _escapes(c) for c in escaped)
    return f"$'{wide}'"


def _escapes(character: str) -> str:
    units = character.encode("utf-16-be")
    return "".join(f"\\u{units[n : n + 2].hex()}" for n in range(0, len(units), 2))


def in_double(text: str) -> str:
    for character in '\\"$`':
        text = text.replace(character, f"\\{character}")
    return f'"{text}"'


# curl

URL = "https://api.qcall.ai/api/v1/user/createAssistant"


@pytest.mark.parametrize(
    "command",
    [
        f"curl -X POST {URL} -H 'x-api-key: {KEY}' -d {quoted(BODY)}",
        f"curl '{URL}' \\\n -H 'x-api-key: {KEY}' \\\n --data-raw {ansi(BODY)} \\\n --compressed",
        f'curl --location --request POST "{URL}" --data {in_double(BODY)}',
        f"$ curl -sSL -XPOST {URL} -d{quoted(BODY)} | jq .",
        f"# create it\nexport KEY={KEY}\ncurl {URL} --json {quoted(BODY)} > out.json; echo done",
        f"curl {URL} --data-binary={quoted(BODY)}",
        f"curl {URL} -H \"x-api-key: $KEY\" -d @- <<'EOF'\n{BODY}\nEOF\n",
        f"cat <<'END' | curl {URL} --data-binary @-\n{BODY}\nEND",
        f"printf '%s' {quoted(BODY)} | curl -d @- {URL}",
        f"echo {quoted(BODY)} | KEY=1 /usr/bin/curl -d @- {URL}",
        f"curl -d @- {URL} <<< {quoted(BODY)}",
        f"curl -u {KEY}: -o out -d {quoted(BODY)} -- {URL}".replace("\n", "\r\n"),
    ],
)
def test_the_data_of_a_curl_command_is_read(command: str) -> None:
    imported = taken(command)
    assert imported.report.kind is TextKind.CURL
    assert imported.draft.compose() == json.loads(BODY)
    assert KEY not in repr(imported)
    assert KEY not in "\n".join(imported.report.lines())


@given(st.text(alphabet=st.characters(exclude_characters="\x00\r", exclude_categories=["Cs"])))
def test_every_text_survives_every_kind_of_quoting(text: str) -> None:
    body = dump({"script": text})
    for way in (quoted, ansi, in_double):
        (request,) = curl.requests(f"curl -d {way(body)} x", "it", lambda _: b"")
        assert json.loads(request.data) == {"script": text}


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash to ask")
@pytest.mark.parametrize("way", [quoted, ansi, in_double])
def test_quotes_are_read_like_a_shell_reads_them(way: Any) -> None:
    done = subprocess.run(
        ["bash", "-c", f"printf %s {way(BODY)}"],
        capture_output=True,
        env={"LC_ALL": "C.UTF-8"},
        check=True,
    )
    (request,) = curl.requests(f"curl -d {way(BODY)} x", "it", lambda _: b"")
    if way is not ansi:  # a shell writes each half of an emoji by itself
        assert request.data == done.stdout
    assert json.loads(request.data) == json.loads(BODY)


def test_an_exported_curl_command_is_imported() -> None:
    payload = Payload(full(), dump(full()))
    imported = taken(export(payload, ExportFormat.CURL, "https://api.qcall.ai/api/v1"), "it.sh")
    kept = paths.put(full(), ("widget_config", "api_key"), MISSING)
    kept = paths.put(kept, ("is_start_speech_update",), MISSING)
    assert imported.draft.compose() == kept
    assert "widget_config.api_key" in {one.what for one in imported.report.left}


def test_data_in_a_file_is_found_beside_the_command(tmp_path: Path) -> None:
    (tmp_path / "body.json").write_text(BODY, encoding="utf-8")
    for command in (
        "curl -d @body.json x",
        "curl -d @- x < body.json",
        "cat body.json | curl -d @- x",
    ):
        (tmp_path / "it.sh").write_text(command, encoding="utf-8")
        imported = take(read(str(tmp_path / "it.sh")))
        assert imported.draft.compose() == json.loads(BODY)


CURL = shutil.which("curl") and shutil.which("bash")
SENT = dump(minimal() | {"script": 'It\'s "Asha".\n$5 \\ 50%'})
SCRIPTS = {
    "sudo": "VAR=x env A=1 nice -n 5 {curl} -d '{{}}' {url}",
    "loop": "for i in 1; do {curl} -d {body} {url}; done",
    "not": "if ! {curl} -d {body} {url}; then echo no; fi",
    "group": "( A=b command {curl} -d {body} {url} ) && {{ true; }}",
    "xargs": "true | xargs {curl} {url} -d {body}",
    "plain here": 'cat <<END | {curl} -d @- {url}\n{{"a": "\\\\n \\$5 \\`x\\` \\q"}}\nEND',
    "quoted here": '{curl} -d @- {url} <<\'A B\'\n{{"a": "\\n \\$5"}}\nA B\n',
    "two": 'echo no | {curl} -d @- {url} <<A <<-B\nfirst\nA\n\t{{"b":\n\t1}}\n\tB\n',
    "before": "echo start; cat body.json | {curl} --data-binary @- {url}",
    "echo": "echo -n {body} | {curl} -d @- {url}",
    "echo as it is": 'echo \'{{"a": "\\n"}}\' | {curl} -d @- {url}',
    "printf": "printf '[%s,%%%s] \\n \\x41' 1 '2 ,' | {curl} -d @- {url}",
    "printf again": "printf '[%s,%s]\\n' 1 2 3 4 | {curl} --data-binary @- {url}",
    "locale": '{curl} -d $"{{\\"a\\": 1}}" {url}',
    "bytes": '{curl} -d $\'{{"a": "\\xc3\\xa9\\303\\251\\u00e9\\z"}}\' {url}',
    "substituted": '{curl} -d "$(cat <<\'E\'\n{{"a": "$x \\n"}}\nE\n)" {url}',
    "variable": 'body={body}\nexport TO={url}\n{curl} -d "$body" ${{TO}}',
    "raw": "{curl} --data-raw '\"@body.json\"' {url}",
    "json": "{curl} --json '{{\"a\":' --json '1}}' {url}",
    "and": "{curl} -d '\"a' -d 'b\"' {url}",
    "next": "{curl} -d 1 {url} --next -d 2 {url} -: --json 3 {url}",
    "values": "{curl} --retry-delay 2 --resolve a:1:127.0.0.1 --rate 9/s -sS {url} -d {body}",
}


@pytest.mark.skipif(not CURL, reason="there is no bash or no curl to ask")
@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_is_read_like_bash_and_curl_read_it(name: str, tmp_path: Path) -> None:
    (tmp_path / "body.json").write_text(SENT, encoding="utf-8")
    with listening() as heard:
        script = SCRIPTS[name].format(curl="curl", url=heard.url, body=quoted(SENT))
        env = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
        subprocess.run(
            ["bash", "-c", script], cwd=tmp_path, env=env, capture_output=True, check=False
        )
    sent = curl.requests(script, "it", lambda file: (tmp_path / file).read_bytes())
    assert curl.is_curl(script)
    assert heard.bodies
    assert [request.data for request in sent] == heard.bodies
    assert {request.host for request in sent} == {"127.0.0.1"}


HEADED = f"-H 'x-api-key: {KEY}'"


@pytest.mark.parametrize(
    "before",
    [
        "sudo -u me ",
        "time ",
        "env -i A=1 ",
        "nice -n 5 ",
        "nohup ",
        "exec ",
        "command ",
        "xargs -0 ",
        "if ! ",
        "for i in 1 2; do ",
        "( ",
        "{ ",
        "X='a b' Y=c ",
        "! ",
        "a && ",
        "timeout 9 ",
        "$ ",
        "> ",
        "while true; do sudo ",
        "PS C:\\> ",
        "# Ours\n\n",
        "It's so:\n",
    ],
)
@pytest.mark.parametrize("name", ["it.txt", "it", "it.sh", "it.md"])
def test_curl_is_found_behind_a_prefix(before: str, name: str) -> None:
    imported = taken(f"{before}curl {URL} {HEADED} -d {quoted(BODY)}", name)
    assert imported.report.kind is TextKind.CURL
    assert imported.draft.compose() == json.loads(BODY)
    assert KEY not in repr(imported.draft.answers)


@pytest.mark.parametrize(
    "text",
    [
        f"docker run curlimages/curl {URL} {HEADED} -d '{{}}'",
        f"Run this: curl {URL} {HEADED}",
        f"wget --header='X-Api-Key: {KEY}' --post-file=x {URL}",
        f"http POST {URL} x-api-key:{KEY} name=Asha",
        f"ssh host curl {URL} -H 'Authorization: Bearer {KEY}' -d '{{}}'",
        f"requests.post(url, headers={{'x-api-key': '{KEY}'}})",
        f"import httpx\n\nhttpx.post(\n    '{URL}',\n    content='{{}}')\n",
        f"POST {URL}\nContent-Type: application/json\n\n{{}}\n",
        f"Invoke-RestMethod -Uri {URL} -Headers @{{ 'x-api-key' = '{KEY}' }} -Body '{{}}'",
        f"$made = iwr -Method Post -Uri {URL} -Body '{{}}'",
        f"curl -Method POST -Uri {URL} -Body '{{}}'",
    ],
)
def test_a_request_that_cannot_be_read_is_no_script(text: str) -> None:
    with pytest.raises(Unreadable, match=r"PowerShell|with a key|program|no data") as refused:
        found(text, "it.txt")
    assert KEY not in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        "Ask which treatment they want (curl or straighten).\nWe can't do both.",
        "| curl | forty |\n",
        "curl or cut; curl, then dry\ncurl your hair -- it's free",
        "Curl up. Say: `curl`. Authorization: ask for it.",
        "If they ask how, say: see https://example.com/curl -- or run curl.",
        "# Prices\n> curl: 40\n- curl\n1. curl - 5",
    ],
)
def test_a_script_may_speak_of_curls(text: str) -> None:
    assert answers(text, "it.txt") == {"script": text}


@pytest.mark.parametrize(
    "command",
    [
        f"curl.exe -X POST {URL} ^\r\n  {{}} ^\r\n  -d @body.json\r\n",
        f'curl.exe ^"{URL}^" ^\r\n -H ^"a: b^" ^\r\n'
        ' --data-raw ^"^{^\\^"type^\\^":^\\^"outbound^\\^"^}^"',
        f'curl "{URL}" -d "{{""type"":""outbound""}}"',
        f'curl.exe {URL} ^\n -d "{{\\"type\\":\\"outbound\\"}}"',
        f'curl.exe {URL} `\r\n -d \'{{"type":"outbound"}}\'\r\n',
        f'curl.exe {URL} -d \'{{\\"type\\":\\"outbound\\"}}\'',
        f'C:\\Windows\\curl.exe {URL} -d \'{{"type":"outbound"}}\'',
    ],
)
def test_curl_in_windows_notation(command: str, tmp_path: Path) -> None:
    (tmp_path / "body.json").write_text('{"type":"outbound"}')
    assert answers(command.replace("{}", "-s"), "it.txt", tmp_path)["type"] == "outbound"


def test_curl_copied_from_a_browser_on_windows_keeps_its_lines() -> None:
    """Browsers escape for cmd with a caret before each special character, in this order."""
    script = 'One.\nTwo "quoted" \\ C:\\new\\\\ 100% ^ end\\'
    data = json.dumps({"type": "outbound", "script": script, "goal": "a\\"})
    escaped = data.replace("\\", "\\\\").replace('"', '\\"')
    escaped = re.sub(r"[^a-zA-Z0-9\s_\-:=+~'/.',?;()*`]", r"^\g<0>", escaped)
    taken = answers(f'curl ^"{URL}^" ^\n  --data-raw ^"{escaped}^"', "it.txt")
    assert (taken["script"], taken["goal"]) == (script, "a\\")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('curl -d "{\\"name\\": \\"$NAME\\"}" x', "only a shell can expand $NAME"),
        ('curl -d @- x <<E\n{"name": "$(date)"}\nE', "only a shell can expand $("),
        ("curl -d $BODY x", "only a shell can expand $BODY"),
        ('curl -d {\\"a\\":1,\\"b\\":2} x', "only a shell can expand {"),
        ("sed s/a/b/ f | curl -d @- x", "reads its data from elsewhere"),
        ("curl\u00a0-X POST x -d '{}'", "line 1, column 5: the character (U+00A0, no-break space)"),
        (
            "curl x.io/a -d \u2018{}\u2019",
            "the character \u2018 (U+2018, left single quotation mark)",
        ),
        ("curl \u2014data '{}' x", "the character \u2014 (U+2014, em dash)"),
    ],
)
def test_an_unknown_part_of_a_command_is_named(text: str, expected: str) -> None:
    with pytest.raises(Unreadable) as refused:
        found(text)
    assert expected in str(refused.value)


@pytest.mark.parametrize(
    "data",
    [
        {},
        [{"role": "system", "content": "You are Asha."}],
        {"name": "tool", "version": "1", "type": "module", "scripts": {}},
        {"info": {"name": "Q"}, "item": [{"name": "create", "request": {}}]},
        {"type": "function", "name": "f", "parameters": {}},
    ],
)
def test_a_file_without_an_assistant_is_refused(data: Any, tmp_path: Path) -> None:
    (tmp_path / "it.json").write_text(json.dumps(data))
    for command in (("--plain",), ()):
        ran = run(*command, "--from", str(tmp_path / "it.json"))
        assert (ran.code, ran.out) == (1, "")
        assert "it.json: no assistant was found in it" in ran.err


@pytest.mark.parametrize("code", ["utf-16", "utf-32"])
def test_a_script_in_another_encoding_is_named(code: str) -> None:
    for name in ("it.txt", "it.yaml", "it"):
        with pytest.raises(Unreadable, match=f"this is {code.upper()} text; save it as UTF-8"):
            read_text("type: outbound\n".encode(code), name)


def test_every_word_of_yaml_for_yes_and_no_is_converted() -> None:
    for true, false in (("yes", "no"), ("On", "oFF"), ("Y", "n"), ("TRUE", "False")):
        text = f"name: A\nis_recording: {true}\nis_filler: {false}\n"
        draft, report = taken(text, "it.yaml").draft, taken(text, "it.yaml").report
        assert (draft.answers["is_recording"], draft.answers["is_filler"]) == (True, False)
        shown = 2 if true != "TRUE" else 0
        assert len(report.changed) == shown


@pytest.mark.parametrize(
    "written",
    ["'{}'", '"{}"', "{escaped}", "file://{url}", "'file://{url}'", "{}", "  {}  ", "{escaped} "],
)
def test_a_dropped_file_is_opened(written: str, tmp_path: Path) -> None:
    path = tmp_path / "my (new) file é.json"
    path.write_text(BODY, encoding="utf-8")
    escaped = "".join(f"\\{sign}" if sign in " ()" else sign for sign in str(path))
    typed = written.format(path, escaped=escaped, url=quote(str(path)))
    assert take(read(typed)).draft.compose() == json.loads(BODY)


def test_no_key_and_no_address_is_kept_of_a_command() -> None:
    reported = left(f"curl https://{KEY}@{URL[8:]}?k={KEY} -H 'X-API-Key: {KEY}' -d {quoted(BODY)}")
    assert set(reported) == {"api.qcall.ai", "the header x-api-key"}


def test_each_of_several_commands_is_a_candidate() -> None:
    one, other = quoted(BODY), quoted(BODY.replace("Asha", "Maya", 1))
    both = found(f"curl -d {one} x\ncurl https://example.com\ncurl -d {other} x")
    titles = [candidate.title for candidate in both.candidates]
    assert titles == ["Asha · Acme Dental · outbound", "Maya · Acme Dental · outbound"]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (f"curl {URL}", "it: this curl command sends no data"),
        ("curl -d '{ x", "it, line 1, column 9: this quote in the curl command is not closed"),
        ('ls\ncurl -d "{ x', "it, line 2, column 9: this quote in the curl command is not closed"),
        ("curl -F a=b x", "it: this curl command sends a form, not JSON"),
        ("curl -T body.json x", "it: this curl command sends a file by its name, not JSON"),
        ("curl -d @- x", "it: this curl command reads its data from elsewhere"),
        ("curl -d @missing.json x", "missing.json: there is no such file"),
        ("curl -d '{\"a\": }' x", "the data of the curl command in it, line 1, column 7: "),
        ("curl -d a=b x", "the data of the curl command in it, line 1, column 1: "),
        ("curl -d 5 x", "a payload must be a JSON object, not a number"),
    ],
)
def test_a_command_without_a_payload_is_an_error(command: str, expected: str) -> None:
    with pytest.raises(Unreadable) as refused:
        found(command)
    assert expected in str(refused.value)


def test_a_payload_that_speaks_of_curl_is_a_payload() -> None:
    text = json.dumps({"script": "First\ncurl -d '{}' x"})
    assert found(text).candidates[0].kind is TextKind.PAYLOAD
    assert (
        found("script: |\n  First\n  curl -d x", "it.yaml").candidates[0].kind is TextKind.PAYLOAD
    )


# Answers of the API


def noted(**members: Any) -> dict[str, Any]:
    """An assistant as a server gives it back."""
    return minimal() | {"id": 7, "hash_id": "h7", "created_at": "2026-01-01", "status": 1} | members


@pytest.mark.parametrize(
    "answer",
    [
        noted(),
        [noted()],
        {"success": True, "data": noted(), "message": "ok"},
        {"success": True, "data": [noted()]},
        {"success": True, "data": {"assistants": [noted()], "total": 1}},
        {"assistants": [noted()]},
    ],
)
def test_an_answer_is_taken_without_the_servers_notes(answer: Any) -> None:
    imported = taken(json.dumps(answer))
    assert imported.report.kind is TextKind.ANSWER
    assert imported.draft.compose() == minimal()
    assert {one.what for one in imported.report.left} == {"id", "hash_id", "created_at", "status"}


def test_one_of_several_is_picked() -> None:
    listed = json.dumps([noted(), noted(name="Maya", voice_speed="1.2")])
    assert [one.title for one in found(listed).candidates] == [
        "Asha · Acme Dental · outbound",
        "Maya · Acme Dental · outbound",
    ]
    second = taken(listed, number=1)
    assert second.draft.answers["name"] == "Maya"
    assert second.draft.answers["voice_speed"] == 1.2


def test_lines_of_json_are_candidates() -> None:
    text = "\n".join(json.dumps(minimal() | {"name": name}) for name in ("A", "B"))
    assert [one.title[0] for one in found(text, "it.jsonl").candidates] == ["A", "B"]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"success": False, "message": "no", "status": 401}, "an error response"),
        ({"error": 400, "message": "no"}, "an error response"),
        ([], "no assistant was found in it"),
        ({"success": True, "data": []}, "no assistant was found in it"),
        ({"success": True, "data": [5]}, "an assistant is a JSON object, this is a number"),
        (5, "a payload must be a JSON object, not a number"),
    ],
)
def test_an_answer_without_an_assistant_is_an_error(answer: Any, expected: str) -> None:
    with pytest.raises(Unreadable, match=expected):
        found(json.dumps(answer))


# Scripts


@pytest.mark.parametrize("name", ["it.txt", "it.MD", "a/b.markdown"])
def test_a_plain_text_becomes_the_script(name: str) -> None:
    imported = taken("{{name}}, you are Asha.\r\nBe brief.\n", name)
    assert imported.draft.answers == {"script": "{{name}}, you are Asha.\nBe brief.\n"}
    assert imported.draft.source(("script",)) is Source.IMPORTED
    assert imported.report.sentence == f"{name} is a script: 1 answer used."


def test_a_payload_in_a_text_file_is_a_payload() -> None:
    assert found(BODY, "it.txt").candidates[0].kind is TextKind.PAYLOAD


@pytest.mark.parametrize(
    ("data", "expected"),
    [(b"  \n", "the file is empty"), (b"a\nb\xff", "line 2, column 2: the byte 0xFF is not UTF-8")],
)
def test_an_unusable_script_is_an_error(data: bytes, expected: str) -> None:
    with pytest.raises(Unreadable, match=expected):
        read_text(data, "it.txt")


# Sizes


def test_a_text_of_a_million_characters_is_imported_and_a_longer_one_is_refused() -> None:
    longest = "x" * MAX_CHARACTERS
    assert answers(json.dumps(minimal() | {"script": longest}))["script"] == longest
    assert answers(longest, "it.txt") == {"script": longest}
    reason = "script: this text has 1,000,001 characters; the limit is 1,000,000"
    for text, name in ((longest + "x", "it.txt"), (dump({"script": longest + "x"}), "it.json")):
        with pytest.raises(Unreadable, match=reason):
            found(text, name)
    assert not find_errors(minimal() | {"script": longest + "x"})


def test_too_many_actions_are_not_imported() -> None:
    action = {"type": "scheduleMeeting"}
    assert len(answers(dump({"actions": [action] * MAX_ACTIONS}))["actions"]) == MAX_ACTIONS
    with pytest.raises(Unreadable, match="there are 1,001 actions; the limit is 1,000"):
        found(dump({"actions": [action] * (MAX_ACTIONS + 1)}))


# What became of it


def test_an_unchanged_payload_has_no_changes_in_the_report() -> None:
    for payload in (minimal(), full()):
        report = taken(json.dumps(payload)).report
        assert report.changed == ()
        assert report.kept == ()
        given = {name for name, value in payload.items() if value not in ("", [], None)}
        assert set(report.used) == given - {each.what for each in report.left}
    assert answers(json.dumps(minimal())) == {n: v for n, v in minimal().items() if v != ""}


def test_unknown_fields_are_kept_and_listed() -> None:
    imported = taken(json.dumps(minimal() | {"id": 5, "novelty": [1]}))
    assert imported.draft.extras() == ("id", "novelty")
    assert imported.report.kept == ("id", "novelty")


def test_fields_that_do_not_apply_or_are_null_are_left_out() -> None:
    reported = left(json.dumps(minimal() | {"company_website": None, "background_type": "cafe"}))
    assert reported["company_website"] == "null has no meaning"
    assert reported["background_type"] == "it is sent when “Background sound” is on"


def test_what_is_left_out_is_not_used_too() -> None:
    report = taken(json.dumps(minimal() | {"is_filler": False, "fillers": ["umm"]})).report
    assert "fillers" in [each.what for each in report.left]
    assert "fillers" not in report.used


def test_an_error_in_a_line_names_one_place() -> None:
    with pytest.raises(Unreadable) as refused:
        found(f"{json.dumps(minimal())}\n\n{{'a'}}", "lines.jsonl")
    assert str(refused.value).startswith("lines.jsonl, line 3, column 2: ")


def test_a_masked_secret_is_left() -> None:
    text = json.dumps(with_(full(), "widget_config.api_key", MASK))
    assert "widget_config.api_key" in left(text)
    assert MASK not in json.dumps(taken(text).draft.answers)


def test_unambiguous_values_are_converted() -> None:
    assert changed(voice_speed="1.1", maximum_time_per_call="10", temperature=0.7) == {
        "voice_speed": 1.1,
        "maximum_time_per_call": 10,
    }
    assert changed(maximum_time_per_call="1" * 16) == {}  # more digits than a number keeps
    assert changed(is_recording="true", is_filler=0, is_opt_out=True) == {
        "is_recording": True,
        "is_filler": False,
    }
    assert changed(type="Outbound", language="German", ai_model_id=1) == {
        "type": "outbound",
        "language": "de",
        "ai_model_id": "1",
    }
    assert changed(sentiment='{"general_prompt": "x"}', fillers='["umm"]', call_flow="{}") == {
        "sentiment": {"general_prompt": "x"},
        "fillers": ["umm"],
        "call_flow": {},
    }
    days = [{"type": "scheduleMeeting", "bookingDays": ["friday", "Monday"], "length": "30"}]
    assert changed(actions=json.dumps(days)) == {
        "actions": days,
        "actions[0].bookingDays": "Monday,Friday",
        "actions[0].length": 30,
    }


@pytest.mark.parametrize(
    "members",
    [
        {"voice_speed": "fast"},
        {"maximum_time_per_call": "1e3"},
        {"is_recording": "perhaps"},
        {"is_recording": 2},
        {"type": "sideways"},
        {"type": True},
        {"sentiment": "[]"},
        {"fillers": "umm"},
        {"name": 5},
        {"company_website": "5"},
        {"actions": [5]},
    ],
)
def test_ambiguous_values_stay_unchanged(members: dict[str, Any]) -> None:
    assert changed(**members) == {}
    assert answers(json.dumps(members)) == members


def test_a_report_lists_everything() -> None:
    text = json.dumps([noted(voice_speed="1.1", novelty=1)])
    report = taken(text, "list.json").report
    assert report.sentence == (
        "list.json is an API response: 26 answers used, 1 unknown field kept, 4 left out, "
        "1 converted."
    )
    printed = "\n".join(report.lines())
    assert "Kept (undocumented): novelty" in printed
    assert "Left out: hash_id: added by the server" in printed
    assert 'Converted: voice_speed: "1.1" was read as 1.1' in printed


@given(st.binary(max_size=60) | st.text(max_size=60).map(lambda text: f"curl -d {text}".encode()))
def test_any_file_is_imported_or_refused(data: bytes) -> None:
    for name in ("it", "it.txt", "it.sh", "it.json", "it.jsonl"):
        try:
            imported = take(read_text(data, name))
        except Unreadable:
            continue
        assert isinstance(imported.draft, Draft)
        assert list(imported.report.lines())


# The command


def test_several_assistants_without_a_terminal_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "list.json").write_text(json.dumps([noted(), noted(name="Maya")]))
    ran = run("--from", str(tmp_path / "list.json"))
    assert (ran.code, ran.out) == (1, "")
    assert "list.json: it holds 2 assistants; keep exactly one of them" in ran.err


def test_one_of_several_is_asked_for_in_a_terminal(tmp_path: Path) -> None:
    (tmp_path / "list.json").write_text(json.dumps([noted(), noted(name="Maya")]))
    with Terminal("--from", str(tmp_path / "list.json"), home=tmp_path / "home") as terminal:
        terminal.wait_for("Which one")
        assert "2  Maya · Acme Dental · outbound" in terminal.text
        terminal.type("2\r")
        terminal.wait_for("an API response")
        terminal.wait_for("Maya")
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0
