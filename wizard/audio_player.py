"""Plays audio with a program of this machine."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from subprocess import DEVNULL
from typing import Final
from urllib.parse import quote

from wizard.api.voice_sample import Sample
from wizard.errors import SampleUnavailable

# The players in the order in which they are looked for, each with its options.
_PLAYERS: Final[Mapping[str, tuple[str, ...]]] = {
    "mpv": ("--no-config", "--no-video", "--no-terminal", "--"),
    "ffplay": ("-nodisp", "-autoexit", "-loglevel", "quiet", "-i"),
    "afplay": (),
    "paplay": (),
    "aplay": ("-q",),
    "play": ("-q",),
}
# aplay plays any other file as noise.
_FORMATS: Final[Mapping[str, tuple[str, ...]]] = {"aplay": (".wav", ".au")}
# How long a player may take to end after it was asked to, in seconds.
_GRACE_SECONDS: Final = 1.0


def find_player(extension: str = ".wav") -> tuple[str, ...]:
    """Return the command of the first player that plays a format, or nothing."""
    for name, options in _PLAYERS.items():
        if extension in _FORMATS.get(name, (extension,)) and (program := shutil.which(name)):
            return program, *options
    return ()


async def play_sample(read: Callable[[], Awaitable[Sample]]) -> bool:
    """Read a sample and play it to its end; return whether there is a player.

    Without one nothing is read. Raises SampleUnavailable.
    """
    if not await asyncio.to_thread(find_player):
        return False
    sample = await read()
    player = await asyncio.to_thread(find_player, sample.extension)
    if player:
        await play(sample, player)
    return bool(player)


async def store(read: Callable[[], Awaitable[Sample]], name: str) -> str:
    """Read a sample that has no address; return that of a file with it, there until the end.

    Raises SampleUnavailable.
    """
    sample = await read()
    return await asyncio.to_thread(_stored, sample, name)


def _stored(sample: Sample, name: str) -> str:
    try:
        file = Path(_folder().name, quote(name, safe="") + sample.extension)
        file.write_bytes(sample.audio)
    except OSError as error:
        raise _not_stored(error) from None
    return file.as_uri()


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    """A folder of this user alone, removed when the program ends."""
    return tempfile.TemporaryDirectory(prefix="qcall-wizard-", ignore_cleanup_errors=True)


async def play(sample: Sample, player: tuple[str, ...]) -> None:
    """Play a sample to its end. Raises SampleUnavailable.

    When it is cancelled, the player ends. The file that the player reads is removed in any case.
    """
    name = Path(player[0]).name
    with _private_file(sample) as file:
        try:
            process = await asyncio.create_subprocess_exec(
                *player, file, stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL
            )
        except OSError as error:
            reason = error.strerror or error
            raise SampleUnavailable(f"{name} could not be started: {reason}.") from None
        try:
            code = await process.wait()
        finally:
            await _end(process)
    if code:
        raise SampleUnavailable(f"{name} could not play the sample (exit code {code}).")


async def _end(process: asyncio.subprocess.Process) -> None:
    """End a player that still plays."""
    if process.returncode is not None:
        return
    with suppress(ProcessLookupError):
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), _GRACE_SECONDS)
        except (TimeoutError, asyncio.CancelledError):
            process.kill()
            await process.wait()


@contextmanager
def _private_file(sample: Sample) -> Iterator[str]:
    """Provide a file with a sample that only this user can read."""
    try:
        handle, name = tempfile.mkstemp(prefix="qcall-wizard-", suffix=sample.extension)
    except OSError as error:
        raise _not_stored(error) from None
    try:
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(sample.audio)
        except OSError as error:
            raise _not_stored(error) from None
        yield name
    finally:
        with suppress(OSError):
            os.unlink(name)


def _not_stored(error: OSError) -> SampleUnavailable:
    return SampleUnavailable(f"The sample could not be stored: {error.strerror or error}.")
