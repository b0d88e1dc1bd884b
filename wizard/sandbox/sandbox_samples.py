"""The samples of the sandbox's voices, made by espeak-ng when they are asked for."""

import asyncio
import shutil
from subprocess import DEVNULL, PIPE
from typing import Final

from wizard.api.voice_catalogue import read_voice
from wizard.api.voice_sample import NO_SPEECH, NOT_MADE
from wizard.errors import WizardError
from wizard.sandbox.sandbox_voices import sandbox_voices

_PROGRAM: Final = "espeak-ng"
_SECONDS: Final = 10.0
_TEXTS: Final = {
    "en": "Hello, my name is {}. How can I help you?",
    "de": "Guten Tag, mein Name ist {}. Wie kann ich Ihnen helfen?",
    "hi": "नमस्ते, मेरा नाम {} है। मैं आपकी क्या सहायता करूँ?",
    "es": "Hola, me llamo {}. ¿En qué puedo ayudarle?",
    "fr": "Bonjour, je m'appelle {}. Comment puis-je vous aider ?",
    "it": "Buongiorno, mi chiamo {}. Come posso aiutarla?",
    "ar-kw": "مرحباً، اسمي {}. كيف يمكنني مساعدتك؟",
    "gu": "નમસ્તે, મારું નામ {} છે. હું તમને કેવી રીતે મદદ કરું?",
    "bn": "নমস্কার, আমার নাম {}। আমি কীভাবে সাহায্য করতে পারি?",
    "te": "నమస్కారం, నా పేరు {}. నేను ఎలా సహాయం చేయగలను?",
    "kn": "ನಮಸ್ಕಾರ, ನನ್ನ ಹೆಸರು {}. ನಾನು ಹೇಗೆ ಸಹಾಯ ಮಾಡಲಿ?",
    "ta": "வணக்கம், என் பெயர் {}. நான் எப்படி உதவலாம்?",
    "mr": "नमस्कार, माझं नाव {}. मी काय मदत करू?",
}
_PITCHES: Final = {"female": "+f2", "male": "+m3"}


class NoSample(WizardError):
    """The sample of a voice cannot be made; `status` is that of the answer."""

    def __init__(self, message: str, status: int) -> None:
        self.status = status
        super().__init__(message)


async def make_sample(voice_id: str) -> bytes:
    """Return a voice's sample as a WAV file. Raises NoSample."""
    voices = map(read_voice, sandbox_voices())
    voice = next((v for v in voices if v and v.voice_id == voice_id), None)
    if voice is None:
        raise NoSample("The sandbox has no such voice.", 404)
    program = shutil.which(_PROGRAM)
    if program is None:
        raise NoSample(NO_SPEECH, NOT_MADE)
    spoken = voice.language.partition("-")[0] + _PITCHES[voice.gender]
    text = _TEXTS.get(voice.language, _TEXTS["en"]).format(voice.title)
    try:
        async with asyncio.timeout(_SECONDS):
            return await _speak(program, spoken, text)
    except (OSError, TimeoutError):
        raise NoSample(f"{_PROGRAM} could not make the sample.", 500) from None


async def _speak(program: str, voice: str, text: str) -> bytes:
    process = await asyncio.create_subprocess_exec(
        program, "-v", voice, "--stdout", text, stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL
    )
    try:
        audio, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    if process.returncode or not audio:
        raise OSError
    return _with_sizes(audio)


def _with_sizes(audio: bytes) -> bytes:
    """Write the sizes into the header of a WAV file, which espeak-ng does not know in time."""
    if audio[36:40] != b"data":
        return audio
    whole, samples = (len(audio) - start for start in (8, 44))
    sizes = (size.to_bytes(4, "little") for size in (whole, samples))
    return audio[:4] + next(sizes) + audio[8:40] + next(sizes) + audio[44:]
