"""Samples of voices: allowed addresses, refused answers, and players."""

import asyncio
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.examples import voices_of
from tests.listener import KEY
from tests.person import make_client
from tests.samples import WAV, Answer, Player, program, serving
from wizard.api.client import Client
from wizard.api.voice_catalogue import Voice
from wizard.api.voice_sample import MOST_BYTES, Sample, extension_of
from wizard.audio_player import find_player, play, play_sample
from wizard.errors import SampleUnavailable
from wizard.sandbox import sandbox_app
from wizard.sandbox.sandbox_voices import sandbox_voices
from wizard.secret import SecretStr


def voice_at(address: str) -> Voice:
    (found,) = voices_of([{"voice_id": "v-1", "name": "Asha", "preview_url": address}])
    return found


def read(address: str, base_url: str = "https://api.example.com/v1") -> Sample:
    """Read a sample with a client that has a key."""

    async def reading() -> Sample:
        client = Client(base_url, SecretStr(KEY))
        try:
            return await client.sample(voice_at(address))
        finally:
            await client.aclose()

    return asyncio.run(reading())


def why_not(address: str) -> str:
    with pytest.raises(SampleUnavailable) as refused:
        read(address)
    return str(refused.value)


def test_a_sample_is_read_without_the_key_and_without_a_header_of_the_program() -> None:
    with serving() as asked:
        assert read(f"{asked.url}/asha.wav") == Sample(WAV, ".wav")
    (headers,) = asked.headers
    assert set(headers) <= {"host", "accept", "accept-encoding", "connection", "user-agent"}
    assert "qcall" not in str(headers)
    assert KEY not in str(headers)


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (Answer(status=404), "The sample was not found (404)."),
        (Answer(status=503), "The server of the sample answered 503."),
        (Answer(status=501), "The server of the sample answered 501."),
        (Answer(WAV + bytes(2 * MOST_BYTES)), "The sample is not played: it is larger than 10 MB."),
        (Answer(b"<html>Log in</html>"), "The sample is not played: it is not audio."),
        (
            Answer(b"#EXTM3U\nhttp://example.com/", headers={"content-type": "audio/x-mpegurl"}),
            "The sample is not played: it is not audio.",
        ),
        (Answer(b"\x00\x01", headers={}), "The sample is not played: it is not audio."),
        (
            Answer(b"", 302, {"location": "http://example.com/asha.wav"}),
            "The sample is not played: it moved to another address.",
        ),
        (
            Answer(b"", 302, {"location": "file:///etc/passwd"}),
            "The sample is not played: it moved to another address.",
        ),
    ],
)
def test_an_unplayable_sample_has_a_reason(answer: Answer, sentence: str) -> None:
    with serving(lambda _: answer) as asked:
        assert why_not(asked.url) == sentence
    assert asked.sent < 2 * MOST_BYTES


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("http://example.com/asha.wav", "This sample is not played: its address is not https."),
        ("file:///etc/passwd", "The catalogue's address of this sample is not a web address."),
        ("http://[1", "The catalogue's address of this sample is not a web address."),
        ("", "The catalogue has no sample of Asha."),
        ("http://sandbox/x.wav", "This sample is not played: its address is not https."),
        ("http://127.0.0.1:9/x.wav", "The server of the sample could not be reached."),
    ],
)
def test_only_https_and_this_machine_are_asked(address: str, sentence: str) -> None:
    assert why_not(address) == sentence


@pytest.mark.parametrize(
    ("audio", "kind", "extension"),
    [
        (b"ID3\x04", "application/octet-stream", ".mp3"),
        (b"\xff\xfb\x90", "", ".mp3"),
        (b"OggS\x00", "application/ogg", ".ogg"),
        (b"\x00\x00\x00\x20ftypM4A ", "", ".m4a"),
        (b"\x00\x00\x00\x20ftypisom", "video/mp4", ""),
        (b"\x01\x02\x03", "audio/mpeg", ".mp3"),
        (b"[playlist]", "audio/x-scpls", ""),
    ],
)
def test_audio_is_known_by_its_beginning_or_its_type(
    audio: bytes, kind: str, extension: str
) -> None:
    assert extension_of(audio, kind) == extension


# --- players


def test_the_first_player_that_is_there_plays_a_private_file(programs: Path) -> None:
    play_, aplay = Player(programs, "play"), Player(programs, "aplay")
    assert asyncio.run(play_sample(partial(_given, Sample(WAV, ".wav"))))
    assert not play_.has_begun
    assert aplay.arguments == ["-q", str(aplay.file)]
    assert (aplay.mode, aplay.audio) == ("600", WAV)
    assert aplay.file.suffix == ".wav"
    assert not aplay.file.exists()


async def _given(sample: Sample) -> Sample:
    return sample


def test_a_player_of_wav_files_alone_gets_no_other(programs: Path) -> None:
    aplay = Player(programs, "aplay")
    assert not asyncio.run(play_sample(partial(_given, Sample(b"ID3\x04", ".mp3"))))
    assert not aplay.has_begun


def test_without_a_player_nothing_is_read(programs: Path) -> None:
    async def never() -> Sample:
        raise AssertionError

    assert not asyncio.run(play_sample(never))


@pytest.mark.parametrize(
    ("then", "sentence"),
    [("exit 3", "mpv could not play the sample (exit code 3).")],
)
def test_a_player_that_fails_is_named(programs: Path, then: str, sentence: str) -> None:
    player = Player(programs, then=then)
    with pytest.raises(SampleUnavailable) as failed:
        asyncio.run(play(Sample(WAV, ".wav"), find_player()))
    assert str(failed.value) == sentence
    assert not player.file.exists()


def test_a_player_that_cannot_be_started_is_named(programs: Path) -> None:
    program(programs, "mpv", "").write_bytes(b"\x7fELF")
    with pytest.raises(SampleUnavailable, match="mpv could not be started: Exec format error"):
        asyncio.run(play(Sample(WAV, ".wav"), find_player()))


@pytest.mark.parametrize("then", ["exec sleep 60", "trap '' TERM; while :; do sleep 0.05; done"])
def test_a_cancelled_player_is_killed(programs: Path, then: str) -> None:
    player = Player(programs, then=then)

    async def playing() -> None:
        task = asyncio.create_task(play(Sample(WAV, ".wav"), find_player()))
        while not player.has_begun:
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(playing())
    assert player.has_ended
    assert not player.file.exists()


# --- the sandbox


def sandbox_sample(number: int = 0) -> Sample:
    async def reading() -> Sample:
        client = make_client()
        try:
            return await client.sample(voices_of(sandbox_voices())[number])
        finally:
            await client.aclose()

    return asyncio.run(reading())


def test_the_sandbox_makes_its_samples_when_they_are_asked_for(programs: Path) -> None:
    noted = programs / "noted"
    program(programs, "espeak-ng", f"echo \"$*\" > {noted}; printf 'RIFF1234WAVE'")
    assert sandbox_sample() == Sample(b"RIFF1234WAVE", ".wav")
    expected = "-v en+f2 --stdout Hello, my name is Grace. How can I help you?"
    assert noted.read_text().strip() == expected


def test_the_sizes_in_the_header_of_a_sample_are_right(programs: Path) -> None:
    unknown = b"\xff\xff\xff\x7f"
    made = programs / "made.wav"
    made.write_bytes(b"RIFF" + unknown + b"WAVE" + bytes(24) + b"data" + unknown + bytes(100))
    program(programs, "espeak-ng", f"cat {made}")
    audio = sandbox_sample().audio
    assert len(audio) == 144
    assert int.from_bytes(audio[4:8], "little") == 136
    assert int.from_bytes(audio[40:44], "little") == 100


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        (None, "The sandbox makes its samples with espeak-ng, which is not installed here."),
        ("exit 1", "The server of the sample answered 500."),
    ],
)
def test_the_sandbox_gives_the_reason_for_a_missing_sample(
    programs: Path, script: Any, sentence: str
) -> None:
    if script:
        program(programs, "espeak-ng", script)
    with pytest.raises(SampleUnavailable) as refused:
        sandbox_sample()
    assert str(refused.value) == sentence


def test_a_served_sandbox_has_the_samples_at_an_address(programs: Path) -> None:
    program(programs, "espeak-ng", "printf 'RIFF1234WAVE'")
    voice = voices_of(sandbox_voices())[0]
    base_url = f"http://127.0.0.1:8700{sandbox_app.PREFIX}"
    address = Client(base_url, SecretStr(KEY)).sample_address(voice)
    assert address == f"{base_url}/samples/{voice.voice_id}.wav"
    with pytest.raises(SampleUnavailable):
        Client("https://api.example.com", SecretStr(KEY)).sample_address(voice)
