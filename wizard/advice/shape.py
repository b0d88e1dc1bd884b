"""Advice on the shape of a payload: unknown fields, values that do not apply, missing parts."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, Final

from wizard.advice.context import AdviceContext, AdviceInfo
from wizard.contract.assistant import FIELD_ORDER, siblings_of
from wizard.contract.fields import Question, Sent, condition_words
from wizard.contract.problems import Fix, Problem
from wizard.formats.paths import MISSING

ADVICE: Final = (
    AdviceInfo("QW001", "A top-level field that QCall does not document.", {"mood": "calm"}),
    AdviceInfo(
        "QW002", "A value that does not apply with the other answers.", {"background_volume": 3}
    ),
    AdviceInfo(
        "QW003",
        "An optional part that the wizard would fill is missing.",
        {"sentiment": {}},
    ),
    AdviceInfo(
        "QW004", "A filler is listed twice.", {"is_filler": True, "fillers": ["umm", "umm"]}
    ),
    AdviceInfo(
        "QW005",
        "The voice object belongs to another voice than the assistant's.",
        {"voice_id": "v-1", "voice_data": {"voice_id": "v-2"}},
    ),
)


def check(context: AdviceContext) -> Iterator[Problem]:
    """Check the members of a payload."""
    yield from _unknown(context)
    yield from _not_applying(context)
    yield from _missing(context)
    yield from _repeated_fillers(context)
    yield from _other_voice(context)


def _unknown(context: AdviceContext) -> Iterator[Problem]:
    for name in context.payload:
        if name not in FIELD_ORDER:
            yield Problem((name,), "QW001", undocumented(name))


def undocumented(name: str) -> str:
    """Say that QCall does not document a top-level field, and which may be meant; or nothing."""
    if name in FIELD_ORDER:
        return ""
    near = get_close_matches(name, FIELD_ORDER, n=1, cutoff=0.8) if len(name) < _LONG_NAME else []
    meant = f" Did you mean {near[0]}?" if near else ""
    return f"QCall does not document this field. It is kept and sent.{meant}"


# No field has a name of this length.
_LONG_NAME: Final = 60


def _not_applying(context: AdviceContext) -> Iterator[Problem]:
    for path, question in context.not_applying:
        message = (
            f"Has no effect. It only counts when {condition_words(question, siblings_of(path))}."
        )
        yield Problem(path, "QW002", message)


def _missing(context: AdviceContext) -> Iterator[Problem]:
    """Report the fields of sentiment and actions that the wizard never leaves empty."""
    for path, question in context.missing:
        if len(path) > 1 and path[0] in ("sentiment", "actions") and _is_filled(question):
            yield Problem(path, "QW003", f"Missing. {question.meta.help}")


def _is_filled(question: Question) -> bool:
    """Whether the wizard itself always sends an answer."""
    sent = question.meta.start is not None or question.sent in (Sent.ALWAYS, Sent.ASKED)
    return sent and question.default != []


def _repeated_fillers(context: AdviceContext) -> Iterator[Problem]:
    fillers: Any = context.payload.get("fillers")
    for index, filler in enumerate(fillers if isinstance(fillers, list) else ()):
        if filler in fillers[:index]:
            once = Fix("Remove it", MISSING)
            message = f"{filler} is listed twice. Remove one."
            yield Problem(("fillers", index), "QW004", message, once)


def _other_voice(context: AdviceContext) -> Iterator[Problem]:
    voice: Any = context.payload.get("voice_data")
    for name in ("voice_id", "id") if isinstance(voice, Mapping) else ():
        if name in voice and voice[name] != context.payload.get("voice_id"):
            message = (
                "Belongs to another voice than the assistant's Voice ID. Choose the voice again."
            )
            yield Problem(("voice_data", name), "QW005", message)
