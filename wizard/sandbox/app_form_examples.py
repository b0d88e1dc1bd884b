"""Assistants in the form of QCall's own clients, for trying out what they need."""

from typing import Any, Final

from wizard.sandbox.sandbox_store import MemoryStore

_SENTIMENT: Final = {
    "general_prompt": "Judge the mood of the call.",
    "positive_prompt": "The caller was friendly.",
    "negative_prompt": "The caller was annoyed.",
    "neutral_prompt": "The caller was matter-of-fact.",
}


def _example(number: int, name: str, **members: Any) -> dict[str, Any]:
    voice = f"sandbox-native-en-indian-{'female' if number % 2 else 'male'}"
    return {
        "id": number,
        "hash_id": f"app{number}",
        "type": "outbound",
        "name": name,
        "company_name": "Acme Dental",
        "goal": "Appointments and reminders",
        "assistant_image": "",
        "language": "en,hi",
        "accent": "indian",
        "voice_id": voice,
        "voice_name": name,
        "ai_modal": "qmodel",
        "voice_data": {"voice_id": voice, "id": voice, "ai_modal": "qmodel", "name": name},
        "voice_speed": 1.0,
        "is_filler": False,
        "fillers": "",
        "is_back_sound": True,
        "background_type": "office",
        "background_volume": 0.5,
        "start_speech": "Hello {{first_name}}, this is Acme Dental.",
        "is_wait_start_speech": False,
        "script": f"You are {name} of Acme Dental. Ask whether the appointment still suits.",
        "knowledge_base_Id": [],
        "is_voice_note": False,
        "voice_note": "",
        "is_opt_out": False,
        "opt_out_script": "",
        "actions": None,
        "call_flow": None,
        "zapier_hook": None,
        "maximum_time_per_call": 10,
        "temperature": 0.7,
        "sensitivity": 600,
        "utterance_length": 3,
        "sentiment": _SENTIMENT,
        "meeting_note_prompt": "Summarise the call.",
        "call_outcome_prompt": "Say what came of the call.",
        "ai_model_id": "7",
        "turn_detector": "multilingual",
        "latency_fill_mode": "off",
        "updatedAt": "2026-11-01T09:30:00Z",
    } | members


def app_form_examples() -> list[dict[str, Any]]:
    """Return three assistants; the last one has no id, so it can be copied and not updated."""
    meeting = {
        "type": "scheduleMeeting",
        "meetingType": "cal.com",
        "timezone": "Asia/Kolkata",
        "startDate": "1",
        "description": "When the caller would like an appointment.",
        "say": "One moment please.",
        "length": 30,
        "prompt": "Offer two times.",
        "startTime": "09:30 AM",
        "endTime": "05:00 PM",
        "bookingDays": "Monday,Wednesday,Friday",
    }
    transfer = {"type": "transferCall", "transfer_number": "+910000000000", "description": "Asked."}
    without = _example(3, "Kabir", language="pt,ml", knowledge_base_Id=["kb-1", "kb-2"])
    return [
        _example(1, "Asha", actions=[meeting, transfer], knowledge_base_Id=["kb-1"]),
        _example(2, "Rohan", type="inbound", opt_out_script="Stop calling if asked to."),
        {name: value for name, value in without.items() if name not in ("id", "hash_id")},
    ]


def add_app_form_examples(store: MemoryStore) -> None:
    """Store the examples, the first one as the newest."""
    for example in reversed(app_form_examples()):
        store.put(example, b"")
