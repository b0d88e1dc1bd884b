"""The request of `POST /user/createAssistant`: its 54 fields, declared here and nowhere else."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar

from wizard.contract.actions import Action
from wizard.contract.choices import (
    BACKGROUNDS,
    FAREWELLS,
    FILLERS,
    GENDERS,
    GOALS,
    IMAGES,
    LANGUAGES,
    OPT_OUT_SCRIPT,
    SENSITIVITIES,
    TEMPERATURES,
    TYPES,
    UTTERANCE_LENGTHS,
    VOICE_SPEEDS,
    WIDGET_MODES,
)
from wizard.contract.conditions import (
    ALWAYS,
    NEVER,
    Siblings,
    both,
    either,
    given,
    on,
    unlike,
    when,
)
from wizard.contract.fields import FieldMeta, Question, Sent, questions, walk
from wizard.contract.model import ABSENT, ContractModel, RuleViolation
from wizard.contract.rules import Url, Words, at_least, between, is_blank, one_of, over
from wizard.contract.steps import Step
from wizard.formats.paths import MISSING


def _farewell(siblings: Siblings) -> Any:
    """A courteous way to end a call in the chosen language."""
    language = siblings.value("language")
    return FAREWELLS.get(language, MISSING) if isinstance(language, str) else MISSING


_OUTBOUND = when("type", "outbound")
_QMODEL = when("ai_modal", "qmodel")


class Labels(ContractModel):
    """What a catalogue says of a voice."""

    language: Annotated[str, FieldMeta("Language", "The voice's language code.")] = ABSENT
    language_name: Annotated[str, FieldMeta("Language name", "The language in words.")] = ABSENT
    gender: Annotated[str, FieldMeta("Gender", "The voice's gender.")] = ABSENT
    accent: Annotated[str, FieldMeta("Accent", "The voice's accent.")] = ABSENT


class VoiceData(ContractModel):
    """A voice object as the catalogue gave it; unknown members are kept."""

    voice_id: Annotated[str, FieldMeta("Voice id", "The voice's id.")] = ABSENT
    name: Annotated[str, FieldMeta("Name", "The voice's name.")] = ABSENT
    category: Annotated[str, FieldMeta("Category", "The catalogue's category.")] = ABSENT
    labels: Annotated[Labels, FieldMeta("Labels", "Language, gender and accent.")] = ABSENT
    preview_url: Annotated[str, FieldMeta("Preview", "Where a sample can be heard.")] = ABSENT
    reference_text: Annotated[str, FieldMeta("Reference text", "What the sample says.")] = ABSENT
    is_native: Annotated[bool, FieldMeta("Native", "Whether it is one of QCall's own.")] = ABSENT
    categories: Annotated[list[str], FieldMeta("Categories", "All its categories.")] = ABSENT
    source: Annotated[str, FieldMeta("Source", "Where the voice comes from.")] = ABSENT
    id: Annotated[str, FieldMeta("Id", "Equals the voice id.")] = ABSENT
    displayname: Annotated[str, FieldMeta("Display name", "The name to show.")] = ABSENT
    ai_modal: Annotated[str, FieldMeta("AI model", "qmodel for a native voice.")] = ABSENT
    language: Annotated[str, FieldMeta("Language", "The voice's language code.")] = ABSENT
    language_name: Annotated[str, FieldMeta("Language name", "The language in words.")] = ABSENT
    similarity: Annotated[
        float, between(0, 100), FieldMeta("Similarity", "From 0 to 100 here, unlike the tuning.")
    ] = ABSENT
    stability: Annotated[
        float, between(0, 100), FieldMeta("Stability", "From 0 to 100 here, unlike the tuning.")
    ] = ABSENT


class Sentiment(ContractModel):
    """How the mood of a call is judged."""

    general_prompt: Annotated[
        str,
        FieldMeta(
            "Mood: in general",
            "How to judge the mood of a call.",
            sent=Sent.ALWAYS,
            long=True,
            default=(
                "Read the whole conversation and judge how the other person felt about it: "
                "positive, negative or neutral."
            ),
        ),
    ] = ABSENT
    positive_prompt: Annotated[
        str,
        FieldMeta(
            "Mood: positive",
            "What makes a call positive.",
            sent=Sent.ALWAYS,
            long=True,
            default=(
                "The other person was friendly or interested, agreed to a next step or thanked "
                "the assistant."
            ),
        ),
    ] = ABSENT
    negative_prompt: Annotated[
        str,
        FieldMeta(
            "Mood: negative",
            "What makes a call negative.",
            sent=Sent.ALWAYS,
            long=True,
            default=(
                "The other person was annoyed, refused, complained, asked not to be called again "
                "or hung up early."
            ),
        ),
    ] = ABSENT
    neutral_prompt: Annotated[
        str,
        FieldMeta(
            "Mood: neutral",
            "What makes a call neutral.",
            sent=Sent.ALWAYS,
            long=True,
            default="The other person was matter-of-fact: neither pleased nor displeased.",
        ),
    ] = ABSENT


class WidgetConfig(ContractModel):
    """The web widget through which an assistant can be talked to."""

    enabled: Annotated[
        bool, FieldMeta("Web widget", "Lets visitors of a web page talk to the assistant.")
    ] = ABSENT
    mode: Annotated[
        str,
        one_of(WIDGET_MODES),
        FieldMeta(
            "Widget mode",
            "Over the page, or inside an element of it.",
            when=on("enabled"),
        ),
    ] = ABSENT
    uiStyle: Annotated[
        str, FieldMeta("Widget style", "The name of the widget's style.", when=on("enabled"))
    ] = ABSENT
    position: Annotated[
        str,
        FieldMeta("Widget position", "Where on the page, as in: bottom-right.", when=on("enabled")),
    ] = ABSENT
    containerId: Annotated[
        str,
        FieldMeta(
            "Widget container",
            "The id of the element that holds the widget.",
            when=both(on("enabled"), when("mode", "embedded")),
        ),
    ] = ABSENT
    api_key: Annotated[
        str,
        FieldMeta(
            "Widget key",
            "The key that the widget uses on the page; a secret.",
            when=on("enabled"),
            secret=True,
        ),
    ] = ABSENT


def _voice_note_said(payload: Mapping[str, Any]) -> Iterator[RuleViolation]:
    note = payload.get("voice_note")
    if payload.get("is_voice_note") is True and isinstance(note, str) and is_blank(note):
        yield RuleViolation(("voice_note",), "blank", "must not be blank while is_voice_note is on")


def _fillers_named(payload: Mapping[str, Any]) -> Iterator[RuleViolation]:
    if payload.get("is_filler") is True and payload.get("fillers") == []:
        told = "must name at least one of umm, uhh while is_filler is on"
        yield RuleViolation(("fillers",), "blank", told)


def _native_voice_whole(payload: Mapping[str, Any]) -> Iterator[RuleViolation]:
    if payload.get("ai_modal") == "qmodel" and "voice_data" not in payload:
        told = "is needed while ai_modal is qmodel: choose a voice, or paste its object"
        yield RuleViolation(("voice_data",), "missing", told)


class Assistant(ContractModel):
    """The body of the request. A field without a default is required by the API."""

    type: Annotated[
        str,
        one_of(TYPES),
        FieldMeta(
            "Type",
            "Inbound answers calls, outbound makes them.",
            step=Step.TYPE,
        ),
    ]
    name: Annotated[
        Words,
        FieldMeta(
            "Name",
            "How the assistant is listed, and what it calls itself.",
            template_variable="assistant_name",
        ),
    ]
    company_name: Annotated[
        Words,
        FieldMeta(
            "Company",
            "The company for which it speaks.",
            template_variable="company_name",
        ),
    ]
    company_website: Annotated[
        Url,
        FieldMeta(
            "Website",
            "The company's web address.",
        ),
    ] = ABSENT
    goal: Annotated[
        Words,
        FieldMeta(
            "Goal",
            "What a call should achieve; ↓ offers starting points.",
            suggest=lambda: GOALS,
        ),
    ]
    assistant_image: Annotated[
        str,
        one_of(IMAGES),
        FieldMeta(
            "Portrait",
            "The picture beside the name in QCall's app.",
            default=next(iter(IMAGES)),
            note="The published list names picture 1 twice and has no picture 2.",
        ),
    ]
    language: Annotated[
        str,
        one_of(LANGUAGES),
        FieldMeta(
            "Language",
            "The language in which the assistant talks.",
            step=Step.LANGUAGE,
            selects_template_texts=True,
        ),
    ]
    end_call_message: Annotated[
        str,
        FieldMeta(
            "Last words",
            "Said before hanging up.",
            long=True,
            propose=_farewell,
            spoken=True,
        ),
    ] = ABSENT
    accent: Annotated[
        Words,
        FieldMeta(
            "Accent",
            "Comes with the voice chosen above.",
            step=Step.VOICE,
        ),
    ]
    voice_id: Annotated[
        Words,
        FieldMeta(
            "Voice id",
            "Comes with the voice chosen above.",
        ),
    ]
    voice_name: Annotated[
        Words,
        FieldMeta(
            "Voice name",
            "Comes with the voice chosen above.",
        ),
    ]
    ai_modal: Annotated[
        Words,
        FieldMeta(
            "AI model",
            "Comes with the voice; qmodel for QCall's own.",
            note="The API spells it modal.",
        ),
    ]
    gender: Annotated[
        str,
        one_of(GENDERS),
        FieldMeta(
            "Gender",
            "The voice's gender.",
        ),
    ] = ABSENT
    voice_data: Annotated[
        VoiceData,
        FieldMeta(
            "Voice object",
            "The whole voice as the catalogue gave it, as JSON.",
            when=either(_QMODEL, given("voice_data")),
            whole=True,
            note="Required while ai_modal is qmodel, though published as optional.",
        ),
    ] = ABSENT
    eleven_lab_modal: Annotated[
        str,
        FieldMeta(
            "ElevenLabs model",
            "The id of ElevenLabs' model.",
            when=unlike("ai_modal", "qmodel"),
            note="The API spells it modal.",
        ),
    ] = ABSENT
    stability: Annotated[
        float,
        between(0, 1),
        FieldMeta(
            "Stability",
            "Higher is steadier, lower more lively: 0 to 1.",
        ),
    ] = ABSENT
    similarity: Annotated[
        float,
        between(0, 1),
        FieldMeta(
            "Similarity",
            "How close it keeps to the original voice: 0 to 1.",
        ),
    ] = ABSENT
    style_exaggeration: Annotated[
        float,
        between(0, 1),
        FieldMeta(
            "Style",
            "How much the voice's style is exaggerated: 0 to 1.",
        ),
    ] = ABSENT
    speaker_boost: Annotated[
        bool,
        FieldMeta(
            "Speaker boost",
            "Brings the voice closer to the original speaker.",
        ),
    ] = ABSENT
    voice_speed: Annotated[
        float,
        one_of(VOICE_SPEEDS),
        FieldMeta(
            "Speed",
            "How fast it talks; 1 is the voice's own pace.",
            default=1,
        ),
    ]
    is_filler: Annotated[
        bool,
        FieldMeta(
            "Filler words",
            "Says umm and uhh now and then, as people do.",
            default=False,
        ),
    ]
    fillers: Annotated[
        list[Annotated[str, one_of(FILLERS)]],
        FieldMeta(
            "Which fillers",
            "The filler words it may use.",
            when=on("is_filler"),
            default=[],
            note=(
                "Published with the enum on the list itself, which no list can meet; it is meant "
                "for the items."
            ),
        ),
    ]
    is_back_sound: Annotated[
        bool,
        FieldMeta(
            "Background sound",
            "Plays the sounds of a place behind the voice.",
            default=False,
        ),
    ] = ABSENT
    background_type: Annotated[
        str,
        FieldMeta(
            "Which sound",
            "The place that is heard; ↓ offers some.",
            when=on("is_back_sound"),
            suggest=lambda: BACKGROUNDS,
        ),
    ] = ABSENT
    background_volume: Annotated[
        float,
        between(1, 10),
        FieldMeta(
            "Its volume",
            "From 1, faint, to 10.",
            when=on("is_back_sound"),
        ),
    ] = ABSENT
    start_speech: Annotated[
        Words,
        FieldMeta(
            "Opening line",
            "The first thing it says; up to 250 characters is best.",
            step=Step.SCRIPT,
            long=True,
            spoken=True,
        ),
    ]
    is_wait_start_speech: Annotated[
        bool,
        FieldMeta(
            "Wait first",
            "Waits for the other side to speak first.",
            when=_OUTBOUND,
            default=False,
        ),
    ]
    script: Annotated[
        Words,
        FieldMeta(
            "Script",
            "Who it is, how it talks, what it asks and answers.",
            long=True,
        ),
    ]
    generate_call_flow: Annotated[
        bool,
        FieldMeta(
            "Make a call flow",
            "Has QCall make a call flow from the script.",
        ),
    ] = ABSENT
    is_call_flow: Annotated[
        bool,
        FieldMeta(
            "Own call flow",
            "Brings a call flow of your own.",
        ),
    ] = ABSENT
    call_flow: Annotated[
        dict[str, Any],
        FieldMeta(
            "Call flow",
            "The call flow as a JSON object.",
            when=on("is_call_flow"),
            whole=True,
        ),
    ] = ABSENT
    is_start_speech_update: Annotated[
        bool,
        FieldMeta(
            "Opening line changed",
            "Derived: whether the opening line differs from the template's.",
            when=NEVER,
        ),
    ] = ABSENT
    knowledge_base_Id: Annotated[
        str,
        FieldMeta(
            "Knowledge base",
            "The id of a knowledge base it may look things up in.",
            note="The capital I is the API's.",
        ),
    ] = ABSENT
    is_voice_note: Annotated[
        bool,
        FieldMeta(
            "Voice note",
            "Leaves a message when nobody answers.",
            when=_OUTBOUND,
            default=False,
        ),
    ]
    voice_note: Annotated[
        str,
        FieldMeta(
            "What it says",
            "The message that is left.",
            when=on("is_voice_note"),
            default="",
            long=True,
            spoken=True,
        ),
    ]
    is_opt_out: Annotated[
        bool,
        FieldMeta(
            "Opt-out",
            "Lets people say that they want no more calls.",
        ),
    ] = ABSENT
    opt_out_script: Annotated[
        str,
        one_of((OPT_OUT_SCRIPT,)),
        FieldMeta(
            "Opt-out script",
            "The one published sentence; always sent.",
            when=NEVER,
            shown=on("is_opt_out"),
            default=OPT_OUT_SCRIPT,
        ),
    ]
    actions: Annotated[
        list[Action],
        FieldMeta(
            "Actions",
            "What it can do while it talks: schedule a meeting, send a message.",
            step=Step.ACTIONS,
        ),
    ] = ABSENT
    zapier_hook: Annotated[
        Url,
        FieldMeta(
            "Zapier hook",
            "A web address that is told about each call.",
        ),
    ] = ABSENT
    maximum_time_per_call: Annotated[
        float,
        over(0, "minutes"),
        FieldMeta(
            "Longest call",
            "Minutes after which a call ends.",
            step=Step.ADVANCED,
            default=10,
        ),
    ]
    is_recording: Annotated[
        bool,
        FieldMeta(
            "Record calls",
            "Keeps a recording of each call.",
        ),
    ] = ABSENT
    temperature: Annotated[
        float,
        one_of(TEMPERATURES),
        FieldMeta(
            "Temperature",
            "Lower keeps to the script, higher is freer.",
            default=0.7,
        ),
    ]
    is_sensitivity: Annotated[
        bool,
        FieldMeta(
            "Own sensitivity",
            "Sets how soon a pause ends the other's turn.",
        ),
    ] = ABSENT
    sensitivity: Annotated[
        float,
        one_of(SENSITIVITIES),
        FieldMeta(
            "Sensitivity",
            "Higher waits longer before it answers.",
            when=on("is_sensitivity"),
            default=600,
        ),
    ]
    utterance_length: Annotated[
        float,
        one_of(UTTERANCE_LENGTHS),
        FieldMeta(
            "Utterance length",
            "How long its turns are: 1 is short, 10 long.",
            default=3,
        ),
    ]
    enable_delay: Annotated[
        bool,
        FieldMeta(
            "Delay answers",
            "Waits a moment before it answers.",
        ),
    ] = ABSENT
    safety_fallback_delay: Annotated[
        float,
        at_least(0, "milliseconds"),
        FieldMeta(
            "Fallback delay",
            "Milliseconds the model may take before a fallback.",
        ),
    ] = ABSENT
    wait_max_interval: Annotated[
        float,
        at_least(0, "milliseconds"),
        FieldMeta(
            "Longest silence",
            "Milliseconds of silence before it speaks again.",
        ),
    ] = ABSENT
    set_transcription_start_time: Annotated[
        float,
        at_least(0, "milliseconds"),
        FieldMeta(
            "Transcription start",
            "Milliseconds into the call when it begins.",
        ),
    ] = ABSENT
    sentiment: Annotated[
        Sentiment,
        FieldMeta(
            "Mood",
            "How the mood of a call is judged.",
        ),
    ]
    meeting_note_prompt: Annotated[
        Words,
        FieldMeta(
            "Meeting notes",
            "How to write the notes of a call.",
            long=True,
            default=(
                "Summarise the call in a few short points: who called, what was wanted, what was "
                "agreed, and what is to be done next."
            ),
        ),
    ]
    call_outcome_prompt: Annotated[
        Words,
        FieldMeta(
            "Call outcome",
            "How to tell what came of a call.",
            long=True,
            default=(
                "Say in one sentence what came of the call: whether its goal was reached, and if "
                "not, why and what should follow."
            ),
        ),
    ]
    ai_model_id: Annotated[
        str,
        one_of(("1",)),
        FieldMeta(
            "AI model id",
            "Always 1.",
            when=NEVER,
            shown=ALWAYS,
            default="1",
        ),
    ]
    widget_config: Annotated[
        WidgetConfig,
        FieldMeta(
            "Web widget",
            "Lets visitors of a web page talk to the assistant.",
        ),
    ] = ABSENT

    rules: ClassVar = (_voice_note_said, _fillers_named, _native_voice_whole)


QUESTIONS = questions(Assistant)


def questions_of(step: Step) -> tuple[Question, ...]:
    """The top-level questions of a step, in order."""
    return tuple(question for question in QUESTIONS if question.step is step)


# Where secrets stand; they are shown as dots, and only drafts and requests hold them.
SECRETS = tuple(path for path, question in walk(QUESTIONS) if question.ask.secret)
