"""The command `voices`: the voice catalogue of the target, for people and for programs."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from wizard.api.client import Exchange
from wizard.api.connection import connect
from wizard.api.outcomes import KeyRefused, NotSent
from wizard.api.reasons import NotSentReason
from wizard.api.voice_catalogue import Voice
from wizard.commands.output import say, say_json, tell
from wizard.commands.table import in_columns
from wizard.errors import CatalogueUnavailable
from wizard.settings import Settings

if TYPE_CHECKING:
    from wizard.commands.log import DebugLog

_HEAD: Final = ("VOICE ID", "NAME", "LANGUAGE", "ACCENT", "GENDER", "MODEL")
_CUT: Final = {1: (32, 8), 2: (16, 5), 3: (24, 6), 5: (16, 6)}
_KEY_REFUSED: Final = (401, 403)


def run(settings: Settings, language: str | None, *, as_json: bool, log: "DebugLog | None") -> int:
    """Print the voices of the target, or those of a language.

    The exit code is that of a request: 3 where the server refused the key, 5 where there is no
    catalogue to be had.
    """
    statuses: list[int | None] = []

    def noted(exchange: Exchange) -> None:
        statuses.append(exchange.status)
        if log:
            log.exchange(exchange)

    if settings.key is None:
        tell(NotSentReason.NO_KEY.sentence)
        return NotSent.exit_code
    try:
        listed = asyncio.run(_fetch(settings, noted))
    except CatalogueUnavailable as trouble:
        tell(str(trouble))
        refused = statuses and statuses[-1] in _KEY_REFUSED
        return KeyRefused.exit_code if refused else NotSent.exit_code
    _print([voice for voice in listed if language in (None, voice.language)], as_json=as_json)
    return 0


async def _fetch(settings: Settings, noted: Any) -> list[Voice]:
    client = connect(settings, noted)
    try:
        return await client.voices()
    finally:
        await client.aclose()


def _print(voices: Sequence[Voice], *, as_json: bool) -> None:
    if as_json:
        for voice in voices:
            say_json(_as_json(voice))
    elif voices:
        rows = [_HEAD, *map(_row, voices)]
        for line in in_columns(rows, _CUT) or (" · ".join(filter(None, row)) for row in rows[1:]):
            say(line)
    else:
        tell("The catalogue has no such voice.")


def _row(voice: Voice) -> tuple[str, ...]:
    spoken = voice.language or voice.language_name
    return (voice.voice_id, voice.name, spoken, voice.accent, voice.gender, voice.ai_modal)


def _as_json(voice: Voice) -> dict[str, Any]:
    return {
        "voice_id": voice.voice_id,
        "name": voice.name,
        "language": voice.language,
        "language_name": voice.language_name,
        "accent": voice.accent,
        "gender": voice.gender,
        "ai_modal": voice.ai_modal,
        "voice_data": voice.data,
    }
