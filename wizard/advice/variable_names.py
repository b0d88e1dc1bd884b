"""Advice on variables: names that nothing fills, and what was meant for a variable and is none."""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from itertools import islice
from typing import Final

from wizard.advice.context import AdviceInfo, Text, View, fix, quoted, spliced
from wizard.advice.variables import KNOWN, Form, Variable, may_hold, scan
from wizard.contract.problems import Fix, Problem

ADVICE: Final = (
    AdviceInfo(
        "QW101",
        "Variables that QCall does not fill by itself: the contacts have to bring them.",
        {"start_speech": "Hello {{first_name}}, is {{visit_place}} still convenient for you?"},
    ),
    AdviceInfo(
        "QW102",
        "A variable whose name is nearly one that QCall fills.",
        {"start_speech": "Hello {{firstname}}, is this a good moment?"},
    ),
    AdviceInfo(
        "QW103",
        "A variable with capitals in its name.",
        {"start_speech": "Hello {{First_Name}}, is this a good moment?"},
    ),
    AdviceInfo(
        "QW104",
        "A variable with blanks in its braces.",
        {"start_speech": "Hello {{ first_name }}, is this a good moment?"},
    ),
    AdviceInfo(
        "QW105",
        "A variable with hyphens in its name.",
        {"start_speech": "Hello {{first-name}}, is this a good moment?"},
    ),
    AdviceInfo(
        "QW106",
        "A name in single braces, which is no variable.",
        {"start_speech": "Hello {first_name}, is this a good moment?"},
    ),
    AdviceInfo(
        "QW107",
        "Braces that do not pair, hold nothing, or hold what is no name.",
        {"start_speech": "Hello {{first_name}, is this a good moment?"},
    ),
    AdviceInfo(
        "QW108",
        "A mention as in @[Name](id) where a variable was meant.",
        {"start_speech": "Hello @[First name](first_name), is this a good moment?"},
    ),
    AdviceInfo(
        "QW109",
        "A numbered placeholder as in {{1}} outside of a message template.",
        {"start_speech": "Hello {{1}}, is this a good moment?"},
    ),
)

# A text with more than this has a trouble of its own, which the first of them tell well enough.
_MOST: Final = 2000
_NAMES_JUDGED: Final = 100

_ODD: Final = "QW107"
# Why QCall takes what is written for no variable, by its form.
_REASONS: Final = {
    Form.CASE: ("QW103", "because of capitals"),
    Form.BLANKS: ("QW104", "because of blanks"),
    Form.HYPHEN: ("QW105", "because of hyphens"),
    Form.SINGLE: ("QW106", "in single braces"),
    Form.UNEVEN: (_ODD, "as the braces do not pair"),
    Form.EMPTY: (_ODD, "without a name"),
    Form.CHARACTERS: (_ODD, "because of its characters"),
    Form.MENTION: ("QW108", "in the form of a mention"),
    Form.NUMBER: ("QW109", "outside of a message template"),
}


def look(view: View) -> Iterator[Problem]:
    """Look at the variables in the texts of a payload."""
    unknown: dict[str, Text] = {}
    for text in view.texts:
        if not may_hold(text.text):
            continue
        found = list(islice(scan(text.text), _MOST))
        yield from _near_misses(text, [one for one in found if not one.is_right])
        misspelt: dict[str, str] = {}
        rights = dict.fromkeys(one.name for one in found if one.is_right)
        for name in islice((name for name in rights if name not in KNOWN), _NAMES_JUDGED):
            meant = _meant(name)
            if meant:
                misspelt[name] = meant
            else:
                unknown.setdefault(name, text)
        if misspelt:
            yield _misspelt(text, found, misspelt)
    if unknown:
        yield _unknown(view, unknown)


def _near_misses(text: Text, missed: Sequence[Variable]) -> Iterator[Problem]:
    by_code: dict[str, list[Variable]] = {}
    for variable in missed:
        by_code.setdefault(_REASONS[variable.form][0], []).append(variable)
    for code, found in by_code.items():
        shown = quoted([text.text[one.start : one.end] for one in found])
        right = found[0].mended or "{{first_name}}"
        advised = f"write {right}" if found[0].mended else f"write a name, as in {right}"
        which = "which is no variable" if len(found) == 1 else "which are no variables"
        told = f"holds {shown}, {which} to QCall {_REASONS[found[0].form][1]}: {advised}"
        yield Problem(text.path, code, told, _mending(text, code, found))


def _mending(text: Text, code: str, found: Sequence[Variable]) -> Fix | None:
    """A fix that writes all of what was found anew, where that mends every one."""
    if not (text.is_whole and len(found) < _MOST and all(one.mended for one in found)):
        return None
    mended = iter(found)
    spans = [(one.start, one.end) for one in found]
    after = spliced(text.text, spans, lambda _: next(mended).mended)
    left = islice(scan(after), _MOST)
    if any(not one.is_right and _REASONS[one.form][0] == code for one in left):
        return None
    label = "Write it as a variable" if len(found) == 1 else "Write them as variables"
    return fix(label, text.text, after)


def _meant(name: str) -> str:
    """The known name that another is likely meant for; empty where there is none."""
    joined = name.replace("_", "")
    same = [known for known in KNOWN if known.replace("_", "") == joined]
    near = same or (get_close_matches(name, KNOWN, n=1, cutoff=0.88) if len(name) < 20 else [])
    return near[0] if near else ""


def _misspelt(text: Text, found: Sequence[Variable], meant: Mapping[str, str]) -> Problem:
    first, right = next(iter(meant.items()))
    told = f"holds {{{{{first}}}}}, which QCall does not fill: {{{{{right}}}}} is likely meant"
    wrong = [one for one in found if one.is_right and one.name in meant]
    mended = iter(wrong)
    after = spliced(
        text.text,
        [(one.start, one.end) for one in wrong],
        lambda _: f"{{{{{meant[next(mended).name]}}}}}",
    )
    whole = text.is_whole and len(found) < _MOST
    offered = fix("Take the name that QCall fills", text.text, after) if whole else None
    return Problem(text.path, "QW102", told, offered)


def _unknown(view: View, unknown: Mapping[str, Text]) -> Problem:
    """One line for all names that the contacts have to bring, at the first text that has one."""
    shown = quoted([f"{{{{{name}}}}}" for name in unknown])
    which = "a variable that" if len(unknown) == 1 else "variables that"
    told = f"uses {shown}, {which} QCall does not fill by itself"
    if view.payload.get("type") == "inbound":
        told += ": a caller comes without a contact list, so write the words themselves"
    else:
        told += ": see that every contact brings a value"
    return Problem(next(iter(unknown.values())).path, "QW101", told)
