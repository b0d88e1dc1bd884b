"""Hears a voice: plays its sample, or shows the sample's address."""

from functools import partial
from typing import Any

from textual.app import App

from screens.terminal.clipboard import copy_and_show
from screens.widgets.inputs import pictured
from wizard.api.client import Client
from wizard.api.voice_catalogue import Voice
from wizard.errors import SampleUnavailable

# How long an address is shown, in seconds.
_LINK_SECONDS = 20.0


async def play_sample(app: App[Any], client: Client, voice: Voice) -> None:
    """Play the sample of a voice to its end, and report errors. A caller may cancel it."""
    try:
        await _play(app, client, voice)
    except SampleUnavailable as error:
        app.notify(pictured(str(error)), severity="error")


async def _play(app: App[Any], client: Client, voice: Voice) -> None:
    # Imported late: it is needed after a key press alone.
    from wizard import audio_player  # noqa: PLC0415

    address = client.sample_address(voice)
    if app.is_web:
        _show_address_in_browser(app, voice, address)
    elif not await audio_player.play_sample(partial(client.sample, voice)):
        read = partial(client.sample, voice)
        _show_address(app, voice, address or await audio_player.store(read, voice.voice_id))


def _show_address_in_browser(app: App[Any], voice: Voice, address: str) -> None:
    if not address:
        name = pictured(voice.title)
        app.notify(f"Voices of the sandbox, such as {name}, can only be played in a terminal.")
    else:
        app.notify(f"Hear {pictured(voice.title)} at {pictured(address)}", timeout=_LINK_SECONDS)


def _show_address(app: App[Any], voice: Voice, address: str) -> None:
    """Show and copy the address of a sample that no program here plays."""
    title = f"No audio player was found. Hear {pictured(voice.title)} at:"
    copy_and_show(app, address, title, _LINK_SECONDS)
