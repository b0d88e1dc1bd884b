"""Payloads to start from, each a new object, and helpers to change them."""

from collections.abc import Iterable, Sequence
from copy import deepcopy
from typing import Any

from wizard.api.voice_catalogue import Catalogue, Voice, read_voice
from wizard.contract.choices import IMAGES, OPT_OUT_SCRIPT
from wizard.formats import paths
from wizard.formats.paths import MISSING

PORTRAIT = next(iter(IMAGES))


def minimal() -> dict[str, Any]:
    """A valid outbound payload: the 27 required fields, and the voice object qmodel asks for."""
    return {
        "type": "outbound",
        "name": "Asha",
        "company_name": "Acme Dental",
        "goal": "Appointments and reminders",
        "assistant_image": PORTRAIT,
        "language": "en",
        "accent": "indian",
        "voice_id": "v-1",
        "voice_name": "Asha",
        "ai_modal": "qmodel",
        "voice_data": {"voice_id": "v-1", "id": "v-1", "ai_modal": "qmodel", "name": "Asha"},
        "voice_speed": 1,
        "is_filler": False,
        "fillers": [],
        "start_speech": "Hello {{first_name}}, this is Asha from Acme Dental.",
        "is_wait_start_speech": False,
        "script": "You are Asha.\nAsk whether the appointment still suits.\n"
        "If they want no more calls, promise that.",
        "is_voice_note": False,
        "voice_note": "",
        "opt_out_script": OPT_OUT_SCRIPT,
        "maximum_time_per_call": 10,
        "temperature": 0.7,
        "sensitivity": 600,
        "utterance_length": 3,
        "sentiment": {
            "general_prompt": "Judge the mood.",
            "positive_prompt": "The tone was friendly.",
            "negative_prompt": "The tone was annoyed.",
            "neutral_prompt": "Matter-of-fact.",
        },
        "meeting_note_prompt": "Summarise the call.",
        "call_outcome_prompt": "Say what came of it.",
        "ai_model_id": "1",
    }


def full() -> dict[str, Any]:
    """A valid payload with all 54 fields, every nested one too, and all that can apply applying.

    Its voice is ElevenLabs', to which all the tuning applies.
    """
    return minimal() | {
        "company_website": "https://acme.example/dental",
        "end_call_message": "Thank you, goodbye.",
        "ai_modal": "elevenlabs",
        "gender": "female",
        "voice_data": voice_object(),
        "eleven_lab_modal": "eleven_turbo_v2",
        "stability": 0.5,
        "similarity": 0.75,
        "style_exaggeration": 0,
        "speaker_boost": True,
        "voice_speed": 1.1,
        "is_filler": True,
        "fillers": ["umm", "uhh"],
        "is_back_sound": True,
        "background_type": "office",
        "background_volume": 3,
        "is_wait_start_speech": True,
        "generate_call_flow": False,
        "is_call_flow": True,
        "call_flow": {"nodes": [{"id": 1, "next": None}]},
        "is_start_speech_update": False,
        "knowledge_base_Id": "kb-1",
        "is_voice_note": True,
        "voice_note": "We will call again.",
        "is_opt_out": True,
        "actions": [meeting(), sms(), zeplo(), whatsapp()],
        "zapier_hook": "https://hooks.example/catch/1",
        "is_recording": True,
        "is_sensitivity": True,
        "sensitivity": 700,
        "enable_delay": True,
        "safety_fallback_delay": 1500,
        "wait_max_interval": 8000,
        "set_transcription_start_time": 0,
        "widget_config": {
            "enabled": True,
            "mode": "embedded",
            "uiStyle": "round",
            "position": "bottom-right",
            "containerId": "talk",
            "api_key": "widget-key",
        },
    }


def voice_object() -> dict[str, Any]:
    """A voice as a catalogue gives it, with every documented member."""
    return {
        "voice_id": "v-1",
        "name": "Asha",
        "category": "premade",
        "labels": {
            "language": "en",
            "language_name": "English",
            "gender": "female",
            "accent": "indian",
        },
        "preview_url": "https://voices.example/v-1.mp3",
        "reference_text": "The quick brown fox.",
        "is_native": False,
        "categories": ["calm", "clear"],
        "source": "elevenlabs",
        "id": "v-1",
        "displayname": "Asha, calm",
        "ai_modal": "elevenlabs",
        "language": "en",
        "language_name": "English",
        "similarity": 75,
        "stability": 50,
    }


def meeting() -> dict[str, Any]:
    """An action that schedules a meeting."""
    return {
        "type": "scheduleMeeting",
        "meetingType": "openBooking",
        "timezone": "Asia/Kolkata",
        "startDate": "2099-12-31",
        "description": "When the caller would like an appointment.",
        "say": "One moment please.",
        "length": 30,
        "prompt": "Offer two times.",
        "startTime": "09:30 AM",
        "endTime": "05:00 PM",
        "bookingDays": "Monday,Wednesday,Friday",
    }


def sms() -> dict[str, Any]:
    """An action that sends a text message."""
    return {
        "type": "sendMessage",
        "sms": {
            "is_sms": True,
            "description": "When the caller asks the way.",
            "content": "Acme Dental, 1 High Street.",
            "end_call_sms": True,
            "end_call_sms_not_answered": False,
        },
    }


def whatsapp() -> dict[str, Any]:
    """An action of the old form, as imported payloads still have it."""
    return {
        "type": "sendMessage",
        "whatsapp": {
            "is_whatsapp": True,
            "description": "When the appointment is booked.",
            "content": {"template": "booked"},
            "end_call_sms": False,
            "end_call_sms_not_answered": False,
        },
    }


def zeplo() -> dict[str, Any]:
    """An action that sends a message template, with a placeholder in each of its parts."""
    return {
        "type": "sendMessage",
        "zeplo": {
            "is_zeplo": True,
            "description": "When the appointment is booked.",
            "content": {
                "templateName": "booked",
                "language": "en_US",
                "category": "UTILITY",
                "parameter_slots": [
                    {"section": "header", "index": 1, "label": "header {{1}}"},
                    {"section": "body", "index": 1, "label": "body {{1}}"},
                    {"section": "button", "index": 0, "sub_index": 1, "label": "button 0 {{1}}"},
                ],
                "parameter_hints": ["the company", "the caller's name", "the booking's number"],
                "components": [],
            },
            "end_call_sms": True,
            "end_call_sms_not_answered": True,
        },
    }


def with_(payload: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """The payload with `value` at a path such as `actions[0].say`."""
    return dict(paths.put(deepcopy(payload), paths.parse(path), value))


def without(payload: dict[str, Any], path: str) -> dict[str, Any]:
    """The payload without the value at a path."""
    return with_(payload, path, MISSING)


def at(payload: Any, path: str) -> Any:
    """The value at a path of the payload."""
    return paths.get(payload, paths.parse(path))


def catalogue_of(objects: Iterable[Any]) -> Catalogue:
    """A catalogue as the client reads it off an answer with these objects."""
    return Catalogue([voice for item in objects if (voice := read_voice(item))])


def voices_of(objects: Iterable[Any]) -> Sequence[Voice]:
    """The voices of such a catalogue."""
    return catalogue_of(objects).voices
