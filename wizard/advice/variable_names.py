"""Advice on variables: names that QCall does not fill, and misspelt variables."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Final

from wizard.advice.context import AdviceContext, AdviceInfo, Text, fix, quoted, spliced
from wizard.advice.variables import Form, Variable, find, known_names
from wizard.contract.problems import Fix, Problem

ADVICE: Final = (
    AdviceInfo(
        "QW101",
        "Variables that QCall does not fill: the contacts must have values for them.",
        {"start_speech": "Hello {{first_name}}, is {{visit_place}} still convenient for you?"},
    ),
    AdviceInfo(
        "QW102",
        "A variable with a name close to one that QCall fills.",
        {"start_speech": "Hello {{firstname}}, is this a good moment?"},
    ),
    AdviceInfo(
        "QW103",
        "A variable with capitals in its name.",
        {"start_speech": "Hello {{First_Name}}, is this a good moment?"},
    ),
    AdviceInfo(
        "QW104",
        "A variable with spaces in its braces.",
        {"start_speech": "Hello {{ first_name }}, is this a good moment?"},
    ),
    AdviceInfo(
        "QW105",
        "A variable with hyphens in its name.",
        {"start_speech": "Hello {{first-name}}, is this a good moment?"},
    ),
    AdviceInfo(
        "QW106",
        "A name in single braces, which is not a variable.",
        {"start_speech": "Hello {first_name}, is this a good moment?"},
    ),
    AdviceInfo(
        "QW107",
        "Braces that do not pair, are empty, or do not contain a name.",
        {"start_speech": "Hello {{first_name}, is this a good moment?"},
    ),
    AdviceInfo(
        "QW108",
        "A mention as in @[Name](id) instead of a variable.",
        {"start_speech": "Hello @[First name](first_name), is this a good moment?"},
    ),
    AdviceInfo(
        "QW109",
        "A numbered placeholder as in {{1}} outside of a message template.",
        {"start_speech": "Hello {{1}}, is this a good moment?"},
    ),
)

_ODD: Final = "QW107"
# The code and the reason why QCall does not fill a variable, by its form.
_REASONS: Final = {
    Form.CASE: ("QW103", "a name has no capitals"),
    Form.BLANKS: ("QW104", "a name has no spaces"),
    Form.HYPHEN: ("QW105", "a name has no hyphens"),
    Form.SINGLE: ("QW106", "a variable has two pairs of braces"),
    Form.UNEVEN: (_ODD, "the braces do not match"),
    Form.EMPTY: (_ODD, "the name is missing"),
    Form.CHARACTERS: (_ODD, "the name has characters that are not allowed"),
    Form.MENTION: ("QW108", "a mention is not a variable"),
    Form.NUMBER: ("QW109", "numbers are for message templates"),
}


def check(context: AdviceContext) -> Iterator[Problem]:
    """Check the variables in the texts of a payload."""
    unknown: dict[str, Text] = {}
    known = known_names(context.payload)
    for text in context.texts:
        found = find(text.text)
        if not found:
            continue
        yield from _near_misses(text, [variable for variable in found if not variable.is_right])
        misspelt: dict[str, str] = {}
        names = dict.fromkeys(variable.name for variable in found if variable.is_right)
        for name in (name for name in names if name not in known and name not in context.columns):
            meant = _closest(name, known)
            if meant:
                misspelt[name] = meant
            else:
                unknown.setdefault(name, text)
        if misspelt:
            yield _misspelt(text, found, misspelt)
    if unknown:
        yield _unknown(context, unknown)


def _near_misses(text: Text, variables: Sequence[Variable]) -> Iterator[Problem]:
    by_code: dict[str, list[Variable]] = {}
    for variable in variables:
        by_code.setdefault(_REASONS[variable.form][0], []).append(variable)
    for code, found in by_code.items():
        shown = quoted([text.text[variable.start : variable.end] for variable in found])
        right = found[0].corrected or "{{first_name}}"
        advised = f"Write {right}." if found[0].corrected else f"Write a name, as in {right}."
        message = f"QCall does not fill {shown}: {_REASONS[found[0].form][1]}. {advised}"
        yield Problem(text.path, code, message, _correction(text, code, found))


def _correction(text: Text, code: str, found: Sequence[Variable]) -> Fix | None:
    """A fix that corrects all near misses; None if one of them cannot be corrected."""
    if not (text.is_whole and all(variable.corrected for variable in found)):
        return None
    corrected = iter(found)
    spans = [(variable.start, variable.end) for variable in found]
    after = spliced(text.text, spans, lambda _: next(corrected).corrected)
    if any(not left.is_right and _REASONS[left.form][0] == code for left in find(after)):
        return None
    label = "Write it as a variable" if len(found) == 1 else "Write them as variables"
    return fix(label, text.text, after)


def _closest(name: str, known: Collection[str]) -> str:
    """The known name that an unknown one is likely meant for; empty if none is close."""
    joined = name.replace("_", "")
    same = [other for other in known if other.replace("_", "") == joined]
    near = same or (get_close_matches(name, known, n=1, cutoff=0.88) if len(name) < 20 else [])
    return near[0] if near else ""


def _misspelt(text: Text, found: Sequence[Variable], meant: Mapping[str, str]) -> Problem:
    first, right = next(iter(meant.items()))
    message = f"QCall does not fill {{{{{first}}}}}. Did you mean {{{{{right}}}}}?"
    wrong = [variable for variable in found if variable.is_right and variable.name in meant]
    names = iter(variable.name for variable in wrong)
    after = spliced(
        text.text,
        [(variable.start, variable.end) for variable in wrong],
        lambda _: f"{{{{{meant[next(names)]}}}}}",
    )
    renamed = fix("Use the name that QCall fills", text.text, after) if text.is_whole else None
    return Problem(text.path, "QW102", message, renamed)


def _unknown(context: AdviceContext, unknown: Mapping[str, Text]) -> Problem:
    """One problem for all names that QCall does not fill, at the first text with one."""
    shown = quoted([f"{{{{{name}}}}}" for name in unknown])
    message = f"QCall does not fill {shown}."
    if context.payload.get("type") == "inbound":
        message += " Inbound callers are not in a contact list. Write the words instead."
    else:
        message += " Make sure that every contact has a value."
    return Problem(next(iter(unknown.values())).path, "QW101", message)
