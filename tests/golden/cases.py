"""The recorded cases: drafts made on the command line, conversations over a pipe, commands."""

from typing import NamedTuple

INPUTS = "tests/golden/inputs"
LANGUAGES = ("en", "de", "hi", "ar-kw", "es", "fr", "it", "gu", "bn", "te", "kn", "ta", "mr")
TEMPLATES = (
    "admission-follow-up",
    "appointment-booking",
    "appointment-reminder",
    "feedback-survey",
    "identity-check",
    "inbound-receptionist",
    "lead-qualification",
    "market-research",
    "order-delivery",
    "payment-reminder",
    "service-reminder",
    "win-back",
)
NAMED = {"name": "Asha", "company_name": "Acme Dental"}
VOICE = {"accent": "indian", "voice_id": "v-1", "voice_name": "Asha", "ai_modal": "elevenlabs"}
FILES = (
    "outbound.json",
    "inbound.json",
    "full.json",
    "unicode.json",
    "extras.json",
    "envelope.json",
    "app.json",
    "null-actions.json",
    "numbers.json",
    "hidden.json",
    "wrong.json",
    "missing.json",
    "comments.yaml",
)
BROKEN = (
    "twice.json",
    "deep.json",
    "nan.json",
    "surrogate.json",
    "empty.json",
    "latin.json",
    "none.json",
)


class Case(NamedTuple):
    """A draft made with `new`; `like` is the case whose payload differs least from its own."""

    arguments: tuple[str, ...]
    like: str = ""
    exported: bool = True


def _set(answers: dict[str, str]) -> tuple[str, ...]:
    return tuple(part for name, value in answers.items() for part in ("--set", f"{name}={value}"))


# Each switch on and off, with answers to the fields that depend on it.
_SWITCHES: dict[str, dict[str, str]] = {
    "wait for the other side": {"is_wait_start_speech": "true"},
    "wait, inbound": {"type": "inbound", "is_wait_start_speech": "true"},
    "voice note": {"is_voice_note": "true", "voice_note": "We call again."},
    "voice note off": {"is_voice_note": "false", "voice_note": "We call again."},
    "voice note, inbound": {"type": "inbound", "is_voice_note": "true", "voice_note": "Again."},
    "voice note blank": {"is_voice_note": "true", "voice_note": " "},
    "fillers": {"is_filler": "true", "fillers": "uhh,umm"},
    "fillers off": {"fillers": "umm"},
    "fillers empty": {"is_filler": "true"},
    "sound": {"is_back_sound": "true", "background_type": "Café", "background_volume": "10"},
    "sound off": {"is_back_sound": "false", "background_type": "cafe", "background_volume": "1"},
    "own call flow": {"is_call_flow": "true", "call_flow": '{"nodes": [{"id": 1.0}]}'},
    "own call flow off": {"is_call_flow": "false", "call_flow": '{"nodes": []}'},
    "made call flow": {"generate_call_flow": "true"},
    "opt-out": {"is_opt_out": "true"},
    "sensitivity": {"is_sensitivity": "true", "sensitivity": "2000"},
    "sensitivity off": {"is_sensitivity": "false", "sensitivity": "2000"},
    "sensitivity untouched": {"sensitivity": "900"},
    "widget": {"widget_config.enabled": "true", "widget_config.mode": "floating",
               "widget_config.position": "left", "widget_config.containerId": "kept"},
    "widget embedded": {"widget_config.enabled": "true", "widget_config.mode": "embedded",
                        "widget_config.containerId": "talk", "widget_config.uiStyle": "round"},
    "widget off": {"widget_config.enabled": "false", "widget_config.mode": "embedded"},
    "widget key": {"widget_config.enabled": "true", "widget_config.api_key": "it's \"odd\" $x"},
    "qmodel without its object": {"voice_data": ""},
    "eleven": {"ai_modal": "elevenlabs", "eleven_lab_modal": "eleven_turbo_v2",
               "stability": "0", "similarity": "1", "style_exaggeration": "0.5",
               "speaker_boost": "false"},
    "another family": {"ai_modal": "other", "eleven_lab_modal": "kept", "stability": "0.25"},
    "qmodel tuned": {"stability": "0.3", "similarity": "0.7", "eleven_lab_modal": "kept"},
    "voice object": {"voice_data": '{"voice_id": "v-9", "x": [1, null], "labels": {"y": 1e2}}'},
    "tuning": {"maximum_time_per_call": "0.5", "temperature": "2.0", "utterance_length": "10",
               "enable_delay": "true", "safety_fallback_delay": "0", "wait_max_interval": "1.5",
               "set_transcription_start_time": "250", "is_recording": "false",
               "voice_speed": "1.0"},
    "moods": {"sentiment.general_prompt": "G", "sentiment.negative_prompt": ""},
    "optional texts": {"company_website": "https://acme.example/?q=ä&b=1#c",
                       "end_call_message": "Bye.\nNow.", "knowledge_base_Id": "kb-1",
                       "zapier_hook": "https://hooks.example/1", "gender": "female"},
    "no closing message": {"end_call_message": ""},
    "odd texts": {"name": "- Asha: #1", "goal": "@@home", "script": '"quoted\\n\\ttext"',
                  "start_speech": " {{first_name}} ' \" $HOME `id` \\ ", "company_name": "null"},
    "lines": {"script": "one\r\ntwo\n\n  three \n", "meeting_note_prompt": "\n"},
    "marks": {"name": "e\u0301 👩‍👩‍👧 \u202eab\u202c\u2028",
              "call_outcome_prompt": "\u0085\ufeff\u00a0"},
    "a meeting": {"actions[0].type": "scheduleMeeting", "actions[0].startDate": "2099-12-31"},
    "a meeting of its own": {
        "actions[0].type": "scheduleMeeting", "actions[0].startDate": "2099-01-02",
        "actions[0].timezone": "Europe/Berlin", "actions[0].length": "1", "actions[0].say": "Ja.",
        "actions[0].startTime": "12:00 PM", "actions[0].endTime": "11:59 PM",
        "actions[0].bookingDays": "Sunday,Monday", "actions[0].prompt": "P",
        "actions[0].description": "D", "actions[0].meetingType": "openBooking",
    },
    "a wrong meeting": {
        "actions[0].type": "scheduleMeeting", "actions[0].startDate": "2099-02-30",
        "actions[0].timezone": "Mars/Base", "actions[0].length": "0.5",
        "actions[0].startTime": "nine", "actions[0].endTime": "08:00 AM",
        "actions[0].bookingDays": "Monday,Funday",
    },
    "an SMS": {"actions[0].type": "sendMessage", "actions[0].sms.is_sms": "true",
               "actions[0].sms.description": "D", "actions[0].sms.content": "C",
               "actions[0].sms.end_call_sms": "true"},
    "an SMS off": {"actions[0].type": "sendMessage", "actions[0].sms.is_sms": "false",
                   "actions[0].sms.description": "D", "actions[0].sms.content": "C"},
    "a message template": {
        "actions[0].type": "sendMessage", "actions[0].zeplo.is_zeplo": "true",
        "actions[0].zeplo.description": "D", "actions[0].zeplo.content.templateName": "booked",
        "actions[0].zeplo.content.category": "UTILITY",
        "actions[0].zeplo.content.parameter_slots":
            '[{"section": "body", "index": 1, "label": "body {{1}}"}]',
        "actions[0].zeplo.content.parameter_hints": '["the name"]',
    },
    "a message template off": {
        "actions[0].type": "sendMessage", "actions[0].sms.is_sms": "true",
        "actions[0].sms.description": "D", "actions[0].sms.content": "C",
        "actions[0].zeplo.is_zeplo": "false", "actions[0].zeplo.content.templateName": "kept",
    },
    "an old message": {"actions[0].type": "sendMessage",
                       "actions[0].whatsapp": '{"is_whatsapp": true, "description": "D", '
                                              '"content": {"template": "t"}}'},
    "no channel": {"actions[0].type": "sendMessage"},
    "fields of the other type": {
        "actions[0].type": "sendMessage", "actions[0].say": "kept", "actions[0].length": "5",
        "actions[0].sms": '{"is_sms": true, "description": "D", "content": "C"}',
    },
    "three actions": {
        "actions[0].type": "sendMessage",
        "actions[0].sms": '{"is_sms": true, "description": "D", "content": "C"}',
        "actions[1].type": "scheduleMeeting", "actions[1].startDate": "2099-12-31",
        "actions[2].type": "sendMessage",
        "actions[2].sms": '{"is_sms": true, "description": "E", "content": "F"}',
    },
}  # fmt: skip


def _cases() -> dict[str, Case]:
    base = ("--from", f"{INPUTS}/outbound.json")
    cases = {file: Case(("--from", f"{INPUTS}/{file}")) for file in FILES}
    for name, answers in _SWITCHES.items():
        cases[name] = Case((*base, *_set(answers)), "outbound.json")
    for template in TEMPLATES:
        first = f"{template} en"
        for language in LANGUAGES if template == "order-delivery" else LANGUAGES[:4]:
            said = _set({"language": language} | NAMED | VOICE)
            like = "" if language == "en" else first
            cases[f"{template} {language}"] = Case(
                ("--template", template, *said), like, exported=language in ("en", "ar-kw")
            )
        cases[f"{template} bare"] = Case(("--template", template), first, exported=False)
    cases["own opening line"] = Case(
        ("--template", "win-back", *_set(NAMED | VOICE | {"start_speech": "Mine."})), "win-back en"
    )
    return cases


CASES = _cases()


class Conversation(NamedTuple):
    """A plain conversation: how it starts, and the file with the lines that are typed."""

    file: str
    arguments: tuple[str, ...] = ()


CONVERSATIONS = {
    "outbound": Conversation("outbound.txt"),
    "inbound": Conversation("inbound.txt"),
    "early": Conversation("early.txt"),
    "template": Conversation("template.txt", ("--template", "order-delivery")),
    "template chosen": Conversation("welcome.txt"),
    "curl": Conversation("review.txt", ("--from", f"{INPUTS}/create.sh")),
    "script": Conversation("review.txt", ("--from", f"{INPUTS}/script.txt")),
    "payload": Conversation("review.txt", ("--from", f"{INPUTS}/full.json")),
    "moving": Conversation("moving.txt", ("--from", f"{INPUTS}/full.json")),
    "said no, then yes": Conversation("unanswered.txt", ("--from", f"{INPUTS}/outbound.json")),
    "sandbox": Conversation("submit.txt", ("--from", f"{INPUTS}/outbound.json")),
}

COMMANDS = (
    "", "new", "validate", "submit", "export", "rehearse", "diff", "schema", "fields", "advice",
    "templates", "templates show", "voices", "drafts", "drafts show", "drafts delete",
    "drafts restore", "receipts", "receipts show", "assistants", "assistants show",
    "assistants save", "update", "sandbox", "serve", "drift", "doctor", "completion", "help",
)  # fmt: skip

OUTBOUND = f"{INPUTS}/outbound.json"
EXITS = (
    "--version",
    "--help",
    "nothing-like-it",
    "--no-such-option",
    "--template x --from y",
    "--template nothing",
    "--draft nothing",
    "--receipt nothing",
    "--plain",
    f"--from {INPUTS}/none.json",
    "new",
    f"new --from {OUTBOUND}",
    "new --set nothing=1",
    "new --template nothing",
    f"new --template win-back --from {OUTBOUND}",
    "validate",
    f"validate {OUTBOUND}",
    f"validate {INPUTS}/wrong.json",
    f"validate {INPUTS}/list.jsonl",
    f"validate --no-advice {OUTBOUND} {INPUTS}/none.json",
    *(f"validate {INPUTS}/{file}" for file in BROKEN),
    f"submit {OUTBOUND}",
    f"submit --yes {OUTBOUND}",
    f"submit --sandbox {OUTBOUND}",
    f"submit --sandbox --yes --dry-run {OUTBOUND}",
    f"submit --sandbox --yes {OUTBOUND}",
    f"submit --sandbox --yes {OUTBOUND} ",
    f"submit --sandbox --yes --again {OUTBOUND}",
    f"submit --sandbox --yes {INPUTS}/wrong.json",
    f"submit --sandbox --yes --pace -1 {OUTBOUND}",
    f"submit --base-url http://example.com --yes {OUTBOUND}",
    f"submit --base-url nothing --yes {OUTBOUND}",
    f"export {OUTBOUND}",
    f"export {OUTBOUND} --as json",
    f"export {OUTBOUND} --as nothing",
    "export nothing --as json",
    f"export {INPUTS}/wrong.json --as curl",
    "rehearse",
    "rehearse nothing",
    f"rehearse {OUTBOUND}",
    f"rehearse {OUTBOUND} --json",
    f"rehearse {OUTBOUND} --read-through",
    f"rehearse {OUTBOUND} --scenario nothing",
    f"rehearse {OUTBOUND} --scenario order-delivery",
    f"diff {OUTBOUND} {OUTBOUND}",
    f"diff {OUTBOUND} {INPUTS}/full.json",
    f"diff {OUTBOUND} nothing",
    "schema",
    "fields --step nothing",
    "advice",
    "templates show win-back",
    "templates show nothing",
    "voices --sandbox --language hi",
    "voices --sandbox --language nothing",
    "drafts",
    "drafts --deleted",
    "drafts show nothing",
    "drafts delete nothing",
    "drafts restore nothing",
    "receipts",
    "receipts show nothing",
    "assistants --sandbox",
    "assistants show --sandbox nothing",
    "assistants save --sandbox",
    "assistants show",
    "update",
    "update nothing",
    f"update --sandbox --yes nothing {OUTBOUND}",
    f"update --sandbox --dry-run nothing {OUTBOUND}",
    f"update --sandbox --yes nothing {INPUTS}/none.json",
    "update --restore nothing",
    "update --restore nothing x y",
    "sandbox --port -1",
    "drift tests/published/createAssistant.openapi.json",
    f"drift {OUTBOUND}",
    "completion bash",
    "completion nothing",
    "help new",
    "help nothing",
)

AS_JSON = (
    f"validate --json {INPUTS}/wrong.json {OUTBOUND} {INPUTS}/list.jsonl",
    f"submit --json --sandbox --yes {OUTBOUND}",
    f"submit --json --sandbox --dry-run {INPUTS}/full.json",
    f"diff --json {OUTBOUND} {INPUTS}/full.json",
    "fields --json",
    "advice --json",
    "templates --json",
    "templates show --json win-back",
    "voices --json --sandbox",
    "drafts --json",
    "receipts --json",
    "assistants --json --sandbox",
    f"update --json --sandbox --yes nothing {OUTBOUND}",
    "drift --json tests/published/createAssistant.openapi.json",
    "doctor --json --sandbox --no-keys",
)
