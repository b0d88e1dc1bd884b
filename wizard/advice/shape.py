"""Advice on the shape of a payload: extras, values that do not apply, parts that are left out."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from wizard.advice.applicable_fields import OBJECT, FieldSorter, inside, is_filled, standings
from wizard.advice.context import TOP, AdviceInfo, View
from wizard.contract.actions import Action
from wizard.contract.assistant import QUESTIONS, Sentiment
from wizard.contract.conditions import is_empty
from wizard.contract.fields import questions
from wizard.contract.problems import Fix, Problem
from wizard.formats.paths import MISSING, Path

ADVICE: Final = (
    AdviceInfo("QW001", "A top-level field that QCall does not document.", {"mood": "calm"}),
    AdviceInfo("QW002", "A value that does not apply as things stand.", {"background_volume": 3}),
    AdviceInfo(
        "QW003",
        "An optional part is left out that the wizard would have filled.",
        {"sentiment": {}},
    ),
    AdviceInfo("QW004", "A filler is named twice.", {"is_filler": True, "fillers": ["umm", "umm"]}),
    AdviceInfo(
        "QW005",
        "The voice object is of another voice than the assistant's.",
        {"voice_id": "v-1", "voice_data": {"voice_id": "v-2"}},
    ),
)


def look(view: View) -> Iterator[Problem]:
    """Look at the members of a payload."""
    for rule in (_extras, _idle, _unfilled, _twice, _other_voice):
        yield from rule(view)


def _extras(view: View) -> Iterator[Problem]:
    for name in view.payload:
        if name not in _KNOWN:
            yield Problem((name,), "QW001", "is not documented by QCall; it is kept and sent")


_KNOWN: Final = frozenset(question.name for question in QUESTIONS)


def _idle(view: View) -> Iterator[Problem]:
    yield from _not_applying(view, TOP, view.payload, ())


def _not_applying(view: View, model: FieldSorter, members: Any, at: Path) -> Iterator[Problem]:
    """Find the values that do not apply, in groups and in the members of lists too."""
    if not isinstance(members, OBJECT):
        return
    for question, below in view.standing(model, members, at).idle:
        value = members.get(question.name)
        if value is None:
            continue
        if below:
            for path, member in inside(question, value, (*at, question.name)):
                yield from _not_applying(view, below, member, path)
        elif not is_empty(value) and value != question.ask.default:
            told = f"does not apply: it counts when {question.ask.when.words}"
            yield Problem((*at, question.name), "QW002", told)


def _unfilled(view: View) -> Iterator[Problem]:
    mood = view.payload.get("sentiment")
    if isinstance(mood, OBJECT):
        yield from _gaps(view, _MOOD, mood, ("sentiment",))
    for path, action in view.actions:
        yield from _gaps(view, _ACTION, action, path)


_MOOD: Final = standings(questions(Sentiment))
_ACTION: Final = standings(questions(Action))


def _gaps(
    view: View, model: FieldSorter, members: Mapping[str, Any], at: Path
) -> Iterator[Problem]:
    """Find what is left out of members that apply and that the wizard never leaves empty."""
    for question, below in view.standing(model, members, at).needed:
        if question.name not in members:
            if is_filled(question):
                told = f"is left out: {question.ask.help.removesuffix('.')}"
                yield Problem((*at, question.name), "QW003", told)
        elif below and isinstance(value := members[question.name], OBJECT):
            yield from _gaps(view, below, value, (*at, question.name))


def _twice(view: View) -> Iterator[Problem]:
    fillers: Any = view.payload.get("fillers")
    for index, filler in enumerate(fillers if isinstance(fillers, list) else ()):
        if filler in fillers[:index]:
            once = Fix("Name it once", MISSING)
            yield Problem(("fillers", index), "QW004", f"names {filler} a second time", once)


def _other_voice(view: View) -> Iterator[Problem]:
    voice: Any = view.payload.get("voice_data")
    for name in ("voice_id", "id") if isinstance(voice, OBJECT) else ():
        if name in voice and voice[name] != view.payload.get("voice_id"):
            told = "differs from the assistant's voice_id: the object is of another voice"
            yield Problem(("voice_data", name), "QW005", told)
