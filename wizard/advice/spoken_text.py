"""Advice on spoken texts: Markdown, addresses, digits and other text that a voice reads badly."""

import re
from collections.abc import Callable, Iterator
from typing import Final

from wizard.advice.context import (
    AdviceContext,
    AdviceInfo,
    Span,
    Text,
    has_any,
    replaced,
    shorten,
    shown_spans,
    spans_of,
)
from wizard.advice.placeholders import check_placeholders
from wizard.contract.problems import Problem

ADVICE: Final = (
    AdviceInfo(
        "QW111",
        "Markdown, which a voice reads out or makes the model write more of.",
        {"start_speech": "Hello, this is **Asha** from Acme Dental."},
    ),
    AdviceInfo(
        "QW112",
        "Bullets, which cannot be heard.",
        {"start_speech": "Hello, we offer:\n- a check-up\n- a cleaning"},
    ),
    AdviceInfo(
        "QW113",
        "A web address, which people cannot follow on the phone.",
        {"start_speech": "Hello, please look at https://acme.example/book today."},
    ),
    AdviceInfo(
        "QW114",
        "An e-mail address, which a voice spells badly.",
        {"start_speech": "Hello, please write to care@acme.example today."},
    ),
    AdviceInfo(
        "QW115",
        "Emoji, which a voice skips or reads by their names.",
        {"start_speech": "Hello, this is Asha from Acme Dental. 😊"},
    ),
    AdviceInfo(
        "QW116",
        "Digits, dates or amounts of money that are not written as spoken.",
        {"start_speech": "Hello, a cleaning is at $1,299.50 this week."},
    ),
    AdviceInfo(
        "QW117",
        "Words in capitals, which a voice may spell letter by letter.",
        {"start_speech": "Hello, this is an IMPORTANT MESSAGE from Acme Dental."},
    ),
    AdviceInfo(
        "QW118",
        "Tags of SSML or HTML, which may be read out.",
        {"start_speech": 'Hello. <break time="1s"/> This is Asha.'},
    ),
    AdviceInfo(
        "QW119",
        "A placeholder left over from a template.",
        {"start_speech": "Hello, this is Asha from [company name]."},
    ),
)


def check(context: AdviceContext) -> Iterator[Problem]:
    """Check the script and the texts that a caller hears."""
    for text in context.heard:
        if may_match(text.bare):
            for rule in RULES:
                yield from rule(context, text)


def may_match(text: str) -> bool:
    """Whether any rule can match. Plain sentences skip all rules, which saves 100 µs a script."""
    return bool(
        _SIGN.search(text)
        or _CAPITAL.search(text)
        or "://" in text
        or "ww." in text.lower()
        or "orem ipsum" in text
    )


# Every match of a rule has one of these characters, two capitals, or a word in `may_match`.
_SIGN: Final = re.compile(r"[-+*_~`#<>@\[\d\x80-\U0010ffff]")
_CAPITAL: Final = re.compile(r"[A-Z][A-Z]")


# --- Markdown

_MARKED: Final = re.compile(
    r"\*\*(?P<bold>[^*\n\s][^*\n]{0,300}+)\*\*"
    r"|(?<!\w)__(?P<under>[^_\n\s][^_\n]{0,300}+)__(?!\w)"
    r"|(?<![\w*])\*(?P<slant>[^*\n\s][^*\n]{0,300}+)\*(?![\w*])"
    r"|~~(?P<struck>[^~\n]{1,300}+)~~"
    r"|```[a-z]{0,20}"
    r"|`(?P<code>[^`\n]{1,300}+)`"
    r"|(?<!@)\[(?P<link>[^\[\]\n]{1,200}+)\]\([^()\s]{1,500}+\)"
    r"|^\#{1,6}+[ \t]++(?=\S)"
    r"|^>[ \t]++(?=\S)",
    re.MULTILINE,
)


def _markdown(context: AdviceContext, text: Text) -> Iterator[Problem]:
    if not has_any(text.bare, "*_~`[#>"):
        return
    spans = spans_of(_MARKED, text.bare)
    if spans:
        message = _advised(text, f"Contains Markdown: “{_line_of(text, spans[0])}”")
        removed = replaced("Remove Markdown", text, spans, _unmarked)
        if removed and _MARKED.search(removed.value):
            removed = None
        yield Problem(text.path, "QW111", message, removed)


def _unmarked(marked: str) -> str:
    found = _MARKED.match(marked) or _MARKED.match(marked + "x")
    return next((group for group in found.groups() if group), "") if found else ""


def _line_of(text: Text, span: Span) -> str:
    """The match, with the rest of its line if it has no letters."""
    start, end = span
    found = text.text[start:end].strip()
    if len(found) < 5 or not any(map(str.isalnum, found)):
        end = _line_end(text.text, end)
    return shorten(text.text[start : min(end, start + 200)], 32)


def _advised(text: Text, message: str) -> str:
    """A message with advice on formatting, for a script with the reason."""
    if text.is_script:
        return f"{message}. Write plain sentences: the model speaks as its script is written."
    return f"{message}. Write plain sentences."


def _line_end(text: str, start: int) -> int:
    end = text.find("\n", start)
    return len(text) if end < 0 else end


_BULLETS: Final = "-*+•‣▪●◦–"
_BULLET: Final = re.compile(rf"^[ \t]{{0,12}}+[{_BULLETS}][ \t]++(?=\S)", re.MULTILINE)
_NUMBERED: Final = re.compile(r"^[ \t]{0,12}+[0-9]{1,2}+[.)][ \t]++(?=\S)", re.MULTILINE)


def _bullets(context: AdviceContext, text: Text) -> Iterator[Problem]:
    spans = spans_of(_BULLET, text.bare)
    if not spans and text.is_spoken:
        # The steps of a script may be numbered, spoken sentences may not.
        numbered = spans_of(_NUMBERED, text.bare)
        spans = numbered if len(numbered) > 1 else []
    if spans:
        message = _advised(text, f"Contains bullets: “{_line_of(text, spans[0])}”")
        removed = replaced("Remove bullets", text, spans, lambda _: "")
        if removed and (_BULLET.search(removed.value) or _NUMBERED.search(removed.value)):
            removed = None
        yield Problem(text.path, "QW112", message, removed)


# --- addresses

_URL: Final = re.compile(r"(?:https?://|(?<![\w.])www\.)[^\s<>\"')\]\0]{2,}+", re.IGNORECASE)
_EMAIL: Final = re.compile(r"(?<=[\w%+-])@[A-Za-z0-9-]{1,63}+(?:\.[A-Za-z0-9-]{1,63}+)+")


def _urls(context: AdviceContext, text: Text) -> Iterator[Problem]:
    if "://" not in text.bare and "www." not in text.bare.lower():
        return
    spans = spans_of(_URL, text.bare)
    if spans:
        message = (
            f"Contains the web address {shown_spans(text, spans)}. Write it as it is said, or offer"
        )
        yield Problem(text.path, "QW113", f"{message} to send it in a message.")


def _emails(context: AdviceContext, text: Text) -> Iterator[Problem]:
    if "@" not in text.bare:
        return
    found = next(_EMAIL.finditer(text.bare), None)
    if found:
        before = text.text[max(0, found.start() - 64) : found.start()]
        address = re.split(r"[^\w.%+-]", before)[-1] + found[0]
        message = (
            f"Contains the e-mail address {shorten(address, 60)}. Write it as it is said, for "
            "example care at acme dot com, or offer to send it in a message."
        )
        yield Problem(text.path, "QW114", message)


# --- signs

# Unicode 17, emoji-data.txt: ranges of emoji, in hexadecimal. The second set are typographic signs,
# which are emoji only before a variation selector.
_PICTURES: Final = """231a-231b 2328 23cf 23e9-23f3 23f8-23fa 25fd-25fe 2600-2604 260e 2611
    2614-2615 2618 261d 2620 2622-2623 2626 262a 262e-262f 2638-263a 2640 2642 2648-2653 265f-2660
    2663 2665-2666 2668 267b 267e-267f 2692-2697 2699 269b-269c 26a0-26a1 26a7 26aa-26ab 26b0-26b1
    26bd-26be 26c4-26c5 26c8 26ce-26cf 26d1 26d3-26d4 26e9-26ea 26f0-26f5 26f7-26fa 26fd 2702 2705
    2708-270d 270f 2712 2714 2716 271d 2721 2728 2733-2734 2744 2747 274c 274e 2753-2755 2757
    2763-2764 2795-2797 27a1 27b0 27bf 2b1b-2b1c 2b50 2b55 1f004 1f0cf 1f170-1f171 1f17e-1f17f
    1f18e 1f191-1f19a 1f1e6-1f1ff 1f201-1f202 1f21a 1f22f 1f232-1f23a 1f250-1f251 1f300-1f64f
    1f680-1f6ff 1f7e0-1f7eb 1f7f0 1f900-1f9ff 1fa70-1faff"""
_SIGNS: Final = """a9 ae 203c 2049 2122 2139 2194-2199 21a9-21aa 24c2 25aa-25ab 25b6 25c0 25fb-25fc
    2934-2935 2b05-2b07 3030 303d 3297 3299"""


def _ranges(listed: str) -> str:
    """The ranges as the inside of a set in a regular expression."""
    ends = [[chr(int(end, 16)) for end in part.split("-")] for part in listed.split()]
    return "".join("-".join(pair) for pair in ends)


_EMOJI: Final = re.compile(
    f"[ ]?(?:(?:[{_ranges(_PICTURES)}](?!\ufe0e)|[{_ranges(_SIGNS)}]\ufe0f|[0-9#*]\ufe0f?\u20e3)"
    "[\u200d\ufe0f\u20e3\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]*+)+"
)


def _emoji(context: AdviceContext, text: Text) -> Iterator[Problem]:
    if text.bare.isascii():
        return
    spans = spans_of(_EMOJI, text.bare)
    if spans:
        message = f"Contains emoji: {shown_spans(text, spans)}. Write it in words or leave it out."
        removed = replaced("Remove emoji", text, spans, lambda _: "")
        yield Problem(text.path, "QW115", message, removed)


_CURRENCIES: Final = (*"$€£₹¥", "Rs", "INR", "USD", "EUR", "GBP", "KWD", "AED", "KD", "/-")
_MONEY: Final = re.compile(
    r"(?:[$€£₹¥]|\b(?:Rs|INR|USD|EUR|GBP|KWD|AED|KD)\b)\.?[ \u00a0]?\d[\d.,]{0,30}+(?:/-)?"
    r"|(?<![\d.,])\d[\d.,]{0,30}+[ \u00a0]?(?:[€£₹]|(?:INR|USD|EUR|GBP|KWD|AED)\b|/-)"
)
# These two begin with a digit or sign and look behind it, which is ten times as fast in a text
# without numbers as a look behind each character.
_DATE: Final = re.compile(
    r"\d(?<![\d./-].)(?:\d?([./-])\d{1,2}\1(?:\d{4}|\d{2})|\d{3}-\d\d-\d\d)(?!\d)"
)
_BETWEEN: Final = r"(?:\.|[()/ \u00a0\u202f\u2010-\u2013-]{0,3})"
_LONG: Final = re.compile(
    rf"[+(\d](?<![\w.,].)(?:(?<=\+)\(?\d|(?<=\()\d|(?<=\d))(?:{_BETWEEN}\d){{4,30}}+"
)
_SPAN: Final = (
    r"\d\d?(?:\.\d\d)? ?[\u2010-\u2013-] ?\d\d?(?:\.\d\d)?|\d{4} ?[\u2010-\u2013-] ?\d{4}"
)
_SPANS: Final = re.compile(rf"(?:{_SPAN})(?:[ /]{{1,3}}(?:{_SPAN}))*")


def _is_long(found: str) -> bool:
    """Whether digits are a telephone or other long number.

    Opening hours such as `9-12 13-17`, years as in `2019-2023`, and counting as in `1 2 3 4 5 6 7`
    are not.
    """
    groups = re.findall(r"\d+", found)
    most, digits = max(map(len, groups)), sum(map(len, groups))
    if most >= 5 or (found[0] == "+" and digits >= 7):
        return True
    if digits < 7 or most == 1:
        return False
    numbers = [int(group) for group in groups]
    if all(len(g) == 4 and 1500 <= n < 2200 for g, n in zip(groups, numbers, strict=True)):
        return False
    if _SPANS.fullmatch(found):
        return max(numbers) > (2400 if most == 4 else 59)
    # Groups of two digits are a number as in 06 12 34 56 78, or counting up to 31.
    return most > 2 or groups[0][0] == "0" or max(numbers) > 31


def _numbers(text: str) -> Iterator[str]:
    return (found[0] for found in _LONG.finditer(text) if _is_long(found[0]))


def _amounts(text: str) -> Iterator[str]:
    if has_any(text, _CURRENCIES):
        yield from (found[0] for found in _MONEY.finditer(text))


def _dates(text: str) -> Iterator[str]:
    return (found[0] for found in _DATE.finditer(text))


def _digits(context: AdviceContext, text: Text) -> Iterator[Problem]:
    if not _DIGIT.search(text.bare):
        return
    for find, what, advised in _SAYINGS:
        found = next(find(text.bare), None)
        if found:
            shown = shorten(found.strip(" (-"))
            message = f"Contains {what} {shown}. Write it as it is said, {advised}."
            yield Problem(text.path, "QW116", message)
            return


_DIGIT: Final = re.compile(r"\d")
_SAYINGS: Final = (
    (_amounts, "the amount", "for example four thousand five hundred rupees"),
    (_dates, "the date", "for example the third of May"),
    (_numbers, "the number", "in words and in small groups"),
)


# --- capitals

# The group is what a possessive one would be, which Python before 3.11.5 matches wrongly.
_CAPITALS: Final = re.compile(
    r"(?<![\w'’-])(?=([^\W\d_a-z]{2,}(?:[ ,]{1,2}[^\W\d_a-z]{2,}){0,30}))\1(?!\w)"
)
_TWO_CAPITALS: Final = re.compile(r"[^\W\d_a-z][^\W\d_a-z]")
_SHOUTED: Final = {True: (2, 7), False: (4, 18)}


def _capitals(context: AdviceContext, text: Text) -> Iterator[Problem]:
    two_capitals = _CAPITAL if text.bare.isascii() else _TWO_CAPITALS
    if not two_capitals.search(text.bare):
        return
    own = context.text("company_name") + " " + context.text("name")
    spans = [span for span in spans_of(_CAPITALS, text.bare) if _shouts(own, text, span)]
    if spans:
        message = f"Contains capitals: {shown_spans(text, spans)}. A voice may spell them out."
        before = iter([text.bare[max(0, start - 3) : start] for start, _ in spans])
        label = "Use lower case"
        removed = replaced(label, text, spans, lambda run: _lowered(run, next(before)))
        yield Problem(text.path, "QW117", message, removed)


def _shouts(own: str, text: Text, span: Span) -> bool:
    """Whether a run of capitals is neither an abbreviation nor part of the assistant's names."""
    run = text.text[span[0] : span[1]]
    if not run.isupper():
        return False
    words = [word for word in re.split(r"[ ,]+", run) if word not in own]
    many, letters = _SHOUTED[text.is_spoken]
    if text.is_spoken and len(words) == 1:
        return len(words[0]) > letters
    return len(words) >= many and sum(map(len, words)) >= letters


def _lowered(run: str, before: str) -> str:
    """A run in lower case, except for the first letter of a sentence."""
    begins = not before.strip() or before.rstrip()[-1] in ".!?।:\n"
    return (run[0] if begins else run[0].lower()) + run[1:].lower()


# --- tags

_ONE_TAG: Final = (
    r"</?(?:speak|break|prosody|emphasis|say-as|phoneme|sub|voice|audio|mark|lang|p|s|w"
    r"|b|i|u|em|strong|br|div|span|ul|ol|li|h[1-6]|a|amazon:[a-z-]{1,20})"
    r"(?:\s[^<>\n]{0,200}+)?/?>"
)
# A tag between two spaces is removed with one of them.
_TAG: Final = re.compile(rf" {_ONE_TAG}(?=[\s.,!?]|\Z)|{_ONE_TAG}", re.IGNORECASE)


def _tags(context: AdviceContext, text: Text) -> Iterator[Problem]:
    spans = spans_of(_TAG, text.bare)
    if spans:
        message = f"Contains tags: {shown_spans(text, spans[:1])}. A voice may read them out."
        removed = replaced("Remove tags", text, spans, lambda _: "")
        if removed and _TAG.search(removed.value):
            removed = None
        yield Problem(text.path, "QW118", message, removed)


RULES: Final[tuple[Callable[[AdviceContext, Text], Iterator[Problem]], ...]] = (
    _markdown,
    _bullets,
    _urls,
    _emails,
    _emoji,
    _digits,
    _capitals,
    _tags,
    check_placeholders,
)
