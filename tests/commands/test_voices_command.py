"""The command `voices`, through real processes."""

from tests.benchmarks.world import serving
from tests.commands.test_cli import run
from tests.commands.test_doctor import answering
from tests.listener import KEY, listening
from wizard.contract.choices import LANGUAGES


def test_the_sandbox_has_voices_for_every_language() -> None:
    ran = run("--sandbox", "voices", "--json")
    assert ran.code == 0
    assert {voice["language"] for voice in ran.objects} == set(LANGUAGES)
    first = ran.objects[0]
    assert first["voice_data"]["voice_id"] == first["voice_id"]


def test_the_voices_of_a_language_in_columns() -> None:
    ran = run("--sandbox", "voices", "--language", "hi")
    head, *rows = ran.lines
    assert (ran.code, ran.err) == (0, "")
    assert head.split() == ["VOICE", "ID", "NAME", "LANGUAGE", "ACCENT", "GENDER", "MODEL"]
    assert rows
    assert all(" hi " in row for row in rows)


def test_a_catalogue_that_is_longer_than_other_answers_may_be() -> None:
    with serving(30_000) as url:
        ran = run("--base-url", url, "voices", "--json", QCALL_API_KEY=KEY)
    assert (ran.code, ran.err) == (0, "")
    assert len(ran.out) > 10_000_000
    assert [voice["voice_id"] for voice in ran.objects] == [f"v{n}" for n in range(30_000)]
    last = ran.objects[-1]
    assert last["voice_data"]["name"] == last["name"] == "Voice 29999"


def test_an_unknown_language_is_an_error() -> None:
    ran = run("voices", "--language", "xx")
    assert ran.code == 2
    assert "'ar-kw'" in ran.err


def test_without_a_key_there_is_no_catalogue() -> None:
    ran = run("--base-url", "http://127.0.0.1:1/api", "voices")
    assert (ran.code, ran.out) == (5, "")
    assert ran.err.startswith("There is no API key")


def test_a_server_that_is_not_there_or_refuses_the_key() -> None:
    ran = run("--base-url", "http://127.0.0.1:1/api", "voices", QCALL_API_KEY=KEY)
    assert (ran.code, ran.out) == (5, "")
    assert ran.err.startswith("The voices could not be loaded: connection refused.")
    with listening(refusing=True) as heard:
        ran = run("--base-url", heard.url, "voices", QCALL_API_KEY=KEY)
    assert (ran.code, ran.out) == (3, "")
    assert "did not accept the API key" in ran.err
    assert KEY not in ran.err


def test_an_answer_that_names_success_twice_is_refused() -> None:
    said = b'{"success": true, "data": {"voices": [{"voice_id": "v"}]}, "success": false}'
    with answering(200, said) as (url, _):
        ran = run("--base-url", url, "voices", QCALL_API_KEY=KEY)
    assert (ran.code, ran.out) == (5, "")
    assert "unexpected" in ran.err
