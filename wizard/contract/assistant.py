"""The body of `POST /user/createAssistant` with its 54 fields."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Final

from wizard.contract.actions import Action
from wizard.contract.choices import (
    BACKGROUNDS,
    FAREWELLS,
    FILLERS,
    GENDERS,
    GOALS,
    IMAGES,
    LANGUAGES,
    NATIVE,
    OPT_OUT_SCRIPT,
    SENSITIVITIES,
    TEMPERATURES,
    TYPES,
    UTTERANCE_LENGTHS,
    VOICE_SPEEDS,
    WIDGET_MODES,
    image_words,
)
from wizard.contract.conditions import (
    ALWAYS,
    NEVER,
    Siblings,
    both,
    differs,
    either,
    equals,
    is_given,
    is_on,
)
from wizard.contract.fields import FieldMeta, Kind, Question, Sent, find, questions
from wizard.contract.model import (
    ABSENT,
    ON,
    ContractModel,
    MemberRule,
    RuledModel,
    RuleViolation,
    having,
    if_then,
    not_blank_if,
)
from wizard.contract.problems import Problem
from wizard.contract.rules import Url, Words, at_least, between, one_of, over
from wizard.contract.short_forms import full_url
from wizard.contract.steps import FieldGroup, Step
from wizard.formats.paths import MISSING, Path


def _farewell(siblings: Siblings) -> Any:
    """Return the closing message for the chosen language."""
    language = siblings.value("language")
    return FAREWELLS.get(language, MISSING) if isinstance(language, str) else MISSING


_OUTBOUND = equals("type", "outbound")
_QMODEL = equals("ai_modal", "qmodel")


class Labels(ContractModel):
    """The labels of a voice in the catalogue."""

    language: Annotated[str, FieldMeta("Language", "The voice's language code.")] = ABSENT
    language_name: Annotated[str, FieldMeta("Language name", "The name of the language.")] = ABSENT
    gender: Annotated[str, FieldMeta("Gender", "The voice's gender.")] = ABSENT
    accent: Annotated[str, FieldMeta("Accent", "The voice's accent.")] = ABSENT


class VoiceData(ContractModel):
    """A voice object from the catalogue; unknown members are kept."""

    voice_id: Annotated[str, FieldMeta("Voice ID", "The voice's ID.")] = ABSENT
    name: Annotated[str, FieldMeta("Name", "The voice's name.")] = ABSENT
    category: Annotated[str, FieldMeta("Category", "The catalogue's category.")] = ABSENT
    labels: Annotated[Labels, FieldMeta("Labels", "Language, gender and accent.")] = ABSENT
    preview_url: Annotated[str, FieldMeta("Preview", "The address of a sample.")] = ABSENT
    reference_text: Annotated[str, FieldMeta("Reference text", "The text of the sample.")] = ABSENT
    is_native: Annotated[bool, FieldMeta("Native", "Whether it is one of QCall's own.")] = ABSENT
    categories: Annotated[list[str], FieldMeta("Categories", "All its categories.")] = ABSENT
    source: Annotated[str, FieldMeta("Source", "The source of the voice.")] = ABSENT
    id: Annotated[str, FieldMeta("ID", "Equals the voice ID.")] = ABSENT
    displayname: Annotated[str, FieldMeta("Display name", "The name shown in lists.")] = ABSENT
    ai_modal: Annotated[str, FieldMeta("AI model", "qmodel for a native voice.")] = ABSENT
    language: Annotated[str, FieldMeta("Language", "The voice's language code.")] = ABSENT
    language_name: Annotated[str, FieldMeta("Language name", "The name of the language.")] = ABSENT
    similarity: Annotated[
        float,
        between(0, 100),
        FieldMeta("Similarity", "From 0 to 100 here, from 0 to 1 in the tuning."),
    ] = ABSENT
    stability: Annotated[
        float,
        between(0, 100),
        FieldMeta("Stability", "From 0 to 100 here, from 0 to 1 in the tuning."),
    ] = ABSENT


class Sentiment(ContractModel):
    """Prompts that rate the mood of a call."""

    general_prompt: Annotated[
        str,
        FieldMeta(
            "Mood: in general",
            "How to rate the mood of a call.",
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
    """The web widget for talking to an assistant in a browser."""

    enabled: Annotated[
        bool, FieldMeta("Web widget", "Lets visitors of a web page talk to the assistant.")
    ] = ABSENT
    mode: Annotated[
        str,
        one_of(WIDGET_MODES),
        FieldMeta(
            "Widget mode", "Over the page, or inside an element of the page.", when=is_on("enabled")
        ),
    ] = ABSENT
    uiStyle: Annotated[
        str, FieldMeta("Widget style", "The name of the widget's style.", when=is_on("enabled"))
    ] = ABSENT
    position: Annotated[
        str,
        FieldMeta(
            "Widget position",
            "The position on the page, for example bottom-right.",
            when=is_on("enabled"),
        ),
    ] = ABSENT
    containerId: Annotated[
        str,
        FieldMeta(
            "Widget container",
            "The ID of the element that contains the widget.",
            when=both(is_on("enabled"), equals("mode", "embedded")),
        ),
    ] = ABSENT
    api_key: Annotated[
        str,
        FieldMeta(
            "Widget key",
            "The key that the widget uses on the page. It is secret.",
            when=is_on("enabled"),
            secret=True,
        ),
    ] = ABSENT


def _fillers_named(payload: Mapping[str, Any]) -> Iterator[RuleViolation]:
    # An empty text is how QCall's app writes none.
    if payload.get("is_filler") is True and payload.get("fillers") in ([], ""):
        message = "Choose at least one of umm and uhh, or turn off Filler words."
        yield RuleViolation(("fillers",), "blank", message)


def _native_voice_object(payload: Mapping[str, Any]) -> Iterator[RuleViolation]:
    if payload.get("ai_modal") == "qmodel" and "voice_data" not in payload:
        message = "Required for the AI model qmodel. Choose a voice, or paste its object."
        yield RuleViolation(("voice_data",), "missing", message)


class Assistant(RuledModel):
    """The body of the request. The API requires the fields without a default."""

    type: Annotated[
        str,
        one_of(TYPES),
        FieldMeta("Type", "Inbound answers calls, outbound makes them.", step=Step.TYPE),
    ]
    name: Annotated[
        Words,
        FieldMeta(
            "Name",
            "The assistant's name, in lists and in calls.",
            template_variable="assistant_name",
        ),
    ]
    company_name: Annotated[
        Words, FieldMeta("Company", "The company it speaks for.", template_variable="company_name")
    ]
    company_website: Annotated[
        Url,
        FieldMeta(
            "Website",
            "The company's web address.",
            complete=full_url,
            group=FieldGroup.PROFILE,
        ),
    ] = ABSENT
    goal: Annotated[
        Words,
        FieldMeta(
            "Goal", "What a call should achieve. Press ↓ for suggestions.", suggest=lambda: GOALS
        ),
    ]
    assistant_image: Annotated[
        str,
        one_of(IMAGES),
        FieldMeta(
            "Portrait",
            "The picture beside the name in QCall's app.",
            default=next(iter(IMAGES)),
            summary=image_words,
            note="The published list names picture 1 twice and has no picture 2.",
            group=FieldGroup.PROFILE,
        ),
    ]
    language: Annotated[
        str,
        one_of(LANGUAGES),
        FieldMeta(
            "Language",
            "The language the assistant speaks.",
            step=Step.LANGUAGE,
            selects_template_texts=True,
        ),
    ]
    end_call_message: Annotated[
        str,
        FieldMeta(
            "Closing message", "Said before hanging up.", long=True, propose=_farewell, spoken=True
        ),
    ] = ABSENT
    accent: Annotated[
        Words,
        FieldMeta("Accent", "Comes with a voice from the list.", step=Step.VOICE, from_voice=True),
    ]
    voice_id: Annotated[
        Words, FieldMeta("Voice ID", "Comes with a voice from the list.", from_voice=True)
    ]
    voice_name: Annotated[
        Words, FieldMeta("Voice name", "Comes with a voice from the list.", from_voice=True)
    ]
    ai_modal: Annotated[
        Words,
        FieldMeta(
            "AI model",
            "Comes with the voice; qmodel for QCall's own.",
            note="The API spells it modal.",
            from_voice=True,
        ),
    ]
    gender: Annotated[
        str, one_of(GENDERS), FieldMeta("Gender", "The voice's gender.", from_voice=True)
    ] = ABSENT
    voice_data: Annotated[
        VoiceData,
        FieldMeta(
            "Voice object",
            "The complete voice from the catalogue, as JSON.",
            when=either(_QMODEL, is_given("voice_data")),
            whole=True,
            note="Required if the AI model is qmodel, although the document says optional.",
            from_voice=True,
        ),
    ] = ABSENT
    eleven_lab_modal: Annotated[
        str,
        FieldMeta(
            "ElevenLabs model",
            "The ID of the ElevenLabs model.",
            when=differs("ai_modal", "qmodel"),
            note="The API spells it modal.",
            group=FieldGroup.FINE_TUNING,
        ),
    ] = ABSENT
    stability: Annotated[
        float,
        between(0, 1),
        FieldMeta(
            "Stability",
            "Higher is steadier, lower more lively: 0 to 1.",
            group=FieldGroup.FINE_TUNING,
        ),
    ] = ABSENT
    similarity: Annotated[
        float,
        between(0, 1),
        FieldMeta(
            "Similarity",
            "How close it stays to the original voice: 0 to 1.",
            group=FieldGroup.FINE_TUNING,
        ),
    ] = ABSENT
    style_exaggeration: Annotated[
        float,
        between(0, 1),
        FieldMeta(
            "Style",
            "How much the voice's style is exaggerated: 0 to 1.",
            group=FieldGroup.FINE_TUNING,
        ),
    ] = ABSENT
    speaker_boost: Annotated[
        bool,
        FieldMeta(
            "Speaker boost",
            "Brings the voice closer to the original speaker.",
            group=FieldGroup.FINE_TUNING,
        ),
    ] = ABSENT
    voice_speed: Annotated[
        float,
        one_of(VOICE_SPEEDS),
        FieldMeta("Speed", "How fast it talks. 1 is the voice's normal pace.", default=1),
    ]
    is_filler: Annotated[
        bool,
        FieldMeta(
            "Filler words",
            "Says umm and uhh now and then, as people do.",
            default=False,
            group=FieldGroup.FINE_TUNING,
        ),
    ]
    fillers: Annotated[
        list[Annotated[str, one_of(FILLERS)]],
        FieldMeta(
            "Which fillers",
            "The filler words it may use.",
            when=is_on("is_filler"),
            default=[],
            note=(
                "The document puts the allowed values on the list instead of its items, so no "
                "list is valid."
            ),
            group=FieldGroup.FINE_TUNING,
        ),
    ]
    is_back_sound: Annotated[
        bool,
        FieldMeta(
            "Background sound", "Plays the sounds of a place behind the voice.", default=False
        ),
    ] = ABSENT
    background_type: Annotated[
        str,
        FieldMeta(
            "Which sound",
            "The place in the background. Press ↓ for suggestions.",
            when=is_on("is_back_sound"),
            suggest=lambda: BACKGROUNDS,
        ),
    ] = ABSENT
    background_volume: Annotated[
        float,
        between(1, 10),
        FieldMeta("Sound volume", "From 1, faint, to 10.", when=is_on("is_back_sound")),
    ] = ABSENT
    start_speech: Annotated[
        Words,
        FieldMeta(
            "Opening line",
            "The first thing it says, best in up to 250 characters.",
            step=Step.SCRIPT,
            long=True,
            spoken=True,
        ),
    ]
    is_wait_start_speech: Annotated[
        bool,
        FieldMeta(
            "Wait first",
            "Waits for the other person to speak first.",
            when=_OUTBOUND,
            default=False,
        ),
    ]
    script: Annotated[
        Words, FieldMeta("Script", "Who it is, how it talks, what it asks and answers.", long=True)
    ]
    generate_call_flow: Annotated[
        bool,
        FieldMeta(
            "Generate call flow",
            "Has QCall generate a call flow from the script.",
            group=FieldGroup.CALL_FLOW,
        ),
    ] = ABSENT
    is_call_flow: Annotated[
        bool,
        FieldMeta(
            "Custom call flow", "Uses a call flow that you provide.", group=FieldGroup.CALL_FLOW
        ),
    ] = ABSENT
    call_flow: Annotated[
        dict[str, Any],
        FieldMeta(
            "Call flow",
            "The call flow as a JSON object.",
            when=is_on("is_call_flow"),
            whole=True,
            group=FieldGroup.CALL_FLOW,
        ),
    ] = ABSENT
    is_start_speech_update: Annotated[
        bool,
        FieldMeta(
            "Opening line changed",
            "Set automatically if the opening line differs from the template's.",
            when=NEVER,
            compared_with_template="start_speech",
        ),
    ] = ABSENT
    knowledge_base_Id: Annotated[
        str,
        FieldMeta(
            "Knowledge base",
            "The ID of a knowledge base to look things up in.",
            note="The API spells Id with a capital I.",
            group=FieldGroup.CALL_FLOW,
        ),
    ] = ABSENT
    is_voice_note: Annotated[
        bool,
        FieldMeta(
            "Voice note", "Leaves a message if nobody answers.", when=_OUTBOUND, default=False
        ),
    ]
    voice_note: Annotated[
        str,
        FieldMeta(
            "Voice message",
            "The message it leaves.",
            when=both(is_on("is_voice_note"), _OUTBOUND),
            default="",
            long=True,
            spoken=True,
        ),
    ]
    is_opt_out: Annotated[bool, FieldMeta("Opt-out", "Lets people ask for no more calls.")] = ABSENT
    opt_out_script: Annotated[
        str,
        one_of((OPT_OUT_SCRIPT,)),
        FieldMeta(
            "Opt-out script",
            "QCall's fixed sentence, always sent.",
            when=NEVER,
            shown=is_on("is_opt_out"),
            default=OPT_OUT_SCRIPT,
        ),
    ]
    actions: Annotated[
        list[Action],
        FieldMeta(
            "Actions",
            "What it can do during a call: schedule a meeting, send a message.",
            step=Step.ACTIONS,
        ),
    ] = ABSENT
    zapier_hook: Annotated[
        Url,
        FieldMeta(
            "Zapier hook",
            "A web address to notify about each call.",
            complete=full_url,
            group=FieldGroup.ZAPIER,
        ),
    ] = ABSENT
    maximum_time_per_call: Annotated[
        float,
        over(0, "minutes"),
        FieldMeta(
            "Call limit (min)", "A call ends after this time.", step=Step.ADVANCED, default=10
        ),
    ]
    is_recording: Annotated[bool, FieldMeta("Record calls", "Keeps a recording of each call.")] = (
        ABSENT
    )
    temperature: Annotated[
        float,
        one_of(TEMPERATURES),
        FieldMeta(
            "Temperature", "Lower follows the script more closely, higher is freer.", default=0.7
        ),
    ]
    is_sensitivity: Annotated[
        bool,
        FieldMeta(
            "Customize sensitivity",
            "Sets how soon a pause ends the caller's turn.",
            group=FieldGroup.ANSWERING,
        ),
    ] = ABSENT
    sensitivity: Annotated[
        float,
        one_of(SENSITIVITIES),
        FieldMeta(
            "Sensitivity",
            "Higher waits longer before it answers.",
            when=is_on("is_sensitivity"),
            default=600,
            group=FieldGroup.ANSWERING,
        ),
    ]
    utterance_length: Annotated[
        float,
        one_of(UTTERANCE_LENGTHS),
        FieldMeta(
            "Utterance length",
            "How long its turns are: 1 is short, 10 long.",
            default=3,
            group=FieldGroup.ANSWERING,
        ),
    ]
    enable_delay: Annotated[
        bool,
        FieldMeta("Delay answers", "Waits a moment before it answers.", group=FieldGroup.TIMING),
    ] = ABSENT
    safety_fallback_delay: Annotated[
        float,
        at_least(0, "milliseconds"),
        FieldMeta(
            "Fallback delay (ms)",
            "How long the model may take before a fallback.",
            group=FieldGroup.TIMING,
        ),
    ] = ABSENT
    wait_max_interval: Annotated[
        float,
        at_least(0, "milliseconds"),
        FieldMeta(
            "Silence timeout (ms)",
            "How long it stays silent before it speaks again.",
            group=FieldGroup.TIMING,
        ),
    ] = ABSENT
    set_transcription_start_time: Annotated[
        float,
        at_least(0, "milliseconds"),
        FieldMeta(
            "Transcription start (ms)",
            "How long into the call the transcription begins.",
            group=FieldGroup.TIMING,
        ),
    ] = ABSENT
    sentiment: Annotated[
        Sentiment, FieldMeta("Mood", "How to rate the mood of a call.", group=FieldGroup.AFTERWARDS)
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
            group=FieldGroup.AFTERWARDS,
        ),
    ]
    call_outcome_prompt: Annotated[
        Words,
        FieldMeta(
            "Call outcome",
            "How to summarize the outcome of a call.",
            long=True,
            default=(
                "Say in one sentence what came of the call: whether its goal was reached, and if "
                "not, why and what should follow."
            ),
            group=FieldGroup.AFTERWARDS,
        ),
    ]
    ai_model_id: Annotated[
        str,
        one_of(("1",)),
        FieldMeta(
            "AI model ID",
            "Always 1.",
            when=NEVER,
            shown=ALWAYS,
            default="1",
            group=FieldGroup.ANSWERING,
        ),
    ]
    widget_config: Annotated[
        WidgetConfig,
        FieldMeta(
            "Web widget",
            "Lets visitors of a web page talk to the assistant.",
            group=FieldGroup.WIDGET,
        ),
    ] = ABSENT

    rules: ClassVar = (
        not_blank_if("is_voice_note", "voice_note"),
        MemberRule(
            _fillers_named,
            [if_then(having(is_filler=ON), {"properties": {"fillers": {"minItems": 1}}})],
        ),
        MemberRule(
            _native_voice_object,
            [if_then(having(ai_modal={"const": NATIVE}), {"required": ["voice_data"]})],
        ),
    )


QUESTIONS = questions(Assistant)

FIELD_ORDER: Final = {question.name: place for place, question in enumerate(QUESTIONS)}
"""The names of the top-level fields, each with its place in a payload."""


def field_place(name: str) -> int:
    """Return the place of a top-level field in a payload; unknown fields come last."""
    return FIELD_ORDER.get(name, len(FIELD_ORDER))


def questions_of(step: Step) -> tuple[Question, ...]:
    """Return the top-level questions of a step in order."""
    return tuple(question for question in QUESTIONS if question.step is step)


def siblings_of(path: Path) -> tuple[Question, ...]:
    """Return the questions of the object that contains a field."""
    holder = find(QUESTIONS, path[:-1])
    return holder.children if holder else QUESTIONS


def labels_of(path: Path) -> str:
    """Return a path in words, such as `Action 1, WhatsApp template, Template name`."""
    return ", ".join(_labels(path))


def labels_inside(path: Path, inner: Path) -> str:
    """Return the labels of a path from the field at another path on, which contains it."""
    return ", ".join(_labels(inner)[max(0, len(_labels(path)) - 1) :])


def _labels(path: Path) -> list[str]:
    """The labels of a path's fields; an item of a list has a number in place of the plural.

    Members that have no label stay together: a comma stands between labels.
    """
    words: list[str] = []
    is_known = True
    for end, part in enumerate(path, 1):
        if isinstance(part, int):
            words[-1] = f"{words[-1].removesuffix('s')} {part + 1}"
            continue
        question = find(QUESTIONS, path[:end])
        if not (question or is_known):
            words[-1] += f".{part}"
        elif not (question and words and repeats(question, words[-1])):
            words.append(question.label if question else part)
        is_known = question is not None
    return words


def repeats(group: Question, above: str) -> bool:
    """Return whether the label of a group adds nothing to the one above it."""
    return group.kind is Kind.GROUP and above.casefold().endswith(group.label.casefold())


# The field that identifies the voice. All fields of a voice are filled by one choice.
VOICE: Path = ("voice_id",)
NO_VOICE = "no_voice"
_REQUIRED_OF_VOICE = frozenset(
    question.name for question in QUESTIONS if question.meta.from_voice and question.is_required
)


def as_choices(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """Return the errors of a payload as a person solves them.

    Without a voice each of its required fields is missing. That is one problem: choose a voice.
    """
    missing = {p.path[0] for p in problems if len(p.path) == 1 and p.code in ("missing", "blank")}
    if not missing >= _REQUIRED_OF_VOICE:
        return tuple(problems)
    first = next(n for n, p in enumerate(problems) if p.path and p.path[0] in _REQUIRED_OF_VOICE)
    others = [p for p in problems[first:] if not p.path or p.path[0] not in _REQUIRED_OF_VOICE]
    return (*problems[:first], Problem(VOICE, NO_VOICE, "Choose a voice."), *others)
