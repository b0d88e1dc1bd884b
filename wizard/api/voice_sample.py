"""Reads the sample of a voice: audio from https or from this machine, at most 10 MB."""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urljoin, urlsplit

from wizard.api.proxies import is_loopback
from wizard.api.voice_catalogue import Voice
from wizard.errors import SampleUnavailable
from wizard.settings import SANDBOX

if TYPE_CHECKING:
    import httpx

MOST_BYTES: Final = 10_000_000
SAMPLES: Final = "/samples"
# The sandbox's answer without the program that makes its samples.
NOT_MADE: Final = 501
NO_SPEECH: Final = "The sandbox makes its samples with espeak-ng, which is not installed here."
_REDIRECTS: Final = 5
_CONNECT_SECONDS: Final = 10.0
_TOTAL_SECONDS: Final = 30.0

# The first bytes of audio files, each with the extension that players know them by.
_BEGINNINGS: Final[Mapping[bytes, str]] = {
    b"ID3": ".mp3",
    b"\xff\xfb": ".mp3",
    b"\xff\xfa": ".mp3",
    b"\xff\xf3": ".mp3",
    b"\xff\xf2": ".mp3",
    b"\xff\xf1": ".aac",
    b"\xff\xf9": ".aac",
    b"OggS": ".ogg",
    b"fLaC": ".flac",
    b".snd": ".au",
    b"\x1aE\xdf\xa3": ".webm",
}
_TYPES: Final[Mapping[str, str]] = {
    "audio/mpeg": ".mp3",
    "audio/mp3": ".mp3",
    "audio/mp4": ".m4a",
    "audio/wav": ".wav",
    "audio/x-wav": ".wav",
    "audio/wave": ".wav",
    "audio/ogg": ".ogg",
}


@dataclass(frozen=True)
class Sample:
    """The bytes of a sample, and the extension of a file that has them."""

    audio: bytes
    extension: str


def sandbox_address(voice: Voice, base_url: str) -> str:
    """Return the address of a sandbox voice's sample; empty for another voice or target.

    The objects of these voices have no `preview_url`, so that a payload is the same on every port.
    """
    on_this_machine = base_url == SANDBOX or is_loopback(base_url)
    if voice.preview_url or not (voice.is_sandbox and on_this_machine):
        return ""
    return f"{base_url}{SAMPLES}/{quote(voice.voice_id, safe='')}.wav"


def check_address(address: str) -> None:
    """Raise SampleUnavailable unless an address is https, or http on this machine."""
    try:
        scheme, host = urlsplit(address).scheme, urlsplit(address).hostname
    except ValueError:
        scheme, host = "", None
    if not host or not address.isprintable() or scheme not in ("https", "http"):
        raise SampleUnavailable("The catalogue's address of this sample is not a web address.")
    if scheme == "http" and not is_loopback(address):
        raise SampleUnavailable("This sample is not played: its address is not https.")


async def read_sample(address: str, connected: "httpx.AsyncClient | None" = None) -> Sample:
    """Read a sample. Raises SampleUnavailable.

    `connected` is a client that answers inside the program. Otherwise a new one is used: it has
    neither the API key nor a header of this program.
    """
    import httpx  # noqa: PLC0415 - takes 140 ms

    try:
        async with asyncio.timeout(_TOTAL_SECONDS), AsyncExitStack() as stack:
            if connected is None:
                connected = await stack.enter_async_context(_anonymous(address))
            return await _follow(connected, address)
    except TimeoutError:
        raise SampleUnavailable(f"The sample did not arrive in {_TOTAL_SECONDS:.0f} s.") from None
    except httpx.TimeoutException:
        raise SampleUnavailable("The server of the sample did not answer in time.") from None
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError):
        raise SampleUnavailable("The server of the sample could not be reached.") from None


def _anonymous(address: str) -> "httpx.AsyncClient":
    import httpx  # noqa: PLC0415 - takes 140 ms

    return httpx.AsyncClient(
        timeout=httpx.Timeout(_CONNECT_SECONDS),
        follow_redirects=False,
        trust_env=not is_loopback(address),
    )


async def _follow(http: "httpx.AsyncClient", address: str) -> Sample:
    """Read an address or the one that it redirects to, which has to be https."""
    for _ in range(_REDIRECTS + 1):
        # Compressed data could be much longer than 10 MB.
        headers = {"accept-encoding": "identity"}
        async with http.stream("GET", address, headers=headers) as response:
            if not response.is_redirect:
                return await _read(response)
            address = urljoin(address, response.headers["location"])
            if urlsplit(address).scheme != "https":
                raise SampleUnavailable("The sample is not played: it moved to another address.")
            check_address(address)
    raise SampleUnavailable("The sample is not played: it moved too often.")


async def _read(response: "httpx.Response") -> Sample:
    if response.status_code == 404:
        raise SampleUnavailable("The sample was not found (404).", 404)
    if response.status_code != 200:
        status = response.status_code
        raise SampleUnavailable(f"The server of the sample answered {status}.", status)
    audio = bytearray()
    async for chunk in response.aiter_raw():
        audio += chunk
        if len(audio) > MOST_BYTES:
            raise SampleUnavailable("The sample is not played: it is larger than 10 MB.")
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    extension = extension_of(bytes(audio), kind)
    if not extension:
        raise SampleUnavailable("The sample is not played: it is not audio.")
    return Sample(bytes(audio), extension)


def extension_of(audio: bytes, kind: str) -> str:
    """Return the extension for audio by its first bytes or its content type; else nothing.

    A text is never audio, whatever its type: a playlist would lead a player to other addresses.
    """
    if audio[:4] in (b"RIFF", b"RF64") and audio[8:12] == b"WAVE":
        return ".wav"
    if audio[:4] == b"FORM" and audio[8:11] == b"AIF":
        return ".aiff"
    if audio[4:8] == b"ftyp" and (kind.startswith("audio/") or audio[8:11] in (b"M4A", b"M4B")):
        return ".m4a"
    for beginning, extension in _BEGINNINGS.items():
        if audio.startswith(beginning):
            return extension
    is_binary = any(byte < 9 for byte in audio[:4096])
    return _TYPES.get(kind, ".audio") if kind.startswith("audio/") and is_binary else ""
