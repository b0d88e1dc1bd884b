"""Advice on text for the ear: what reads well and sounds wrong when a voice says it."""

import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Final

from wizard.advice.view import AdviceInfo, Span, Text, View, fix, quoted, shorten, spliced
from wizard.problems import Fix, Problem
from wizard.values import is_blank
from wizard.variables import KNOWN, normalised

ADVICE: Final = (
    AdviceInfo(
        "QW111",
        "Markdown, which a voice reads out or makes the model write more of.",
        {"start_speech": "Hello, this is **Asha** from Acme Dental."},
    ),
    AdviceInfo(
        "QW112",
        "Bullets, which nobody can hear.",
        {"start_speech": "Hello, we offer:\n- a check-up\n- a cleaning"},
    ),
    AdviceInfo(
        "QW113",
        "A web address, which nobody can follow on the telephone.",
        {"start_speech": "Hello, please look at https://acme.example/book today."},
    ),
    AdviceInfo(
        "QW114",
        "An e-mail address, which a voice spells badly.",
        {"start_speech": "Hello, please write to care@acme.example today."},
    ),
    AdviceInfo(
        "QW115",
        "Emoji, which a voice leaves out or reads by their names.",
        {"start_speech": "Hello, this is Asha from Acme Dental. 😊"},
    ),
    AdviceInfo(
        "QW116",
        "Digits, dates or amounts of money as nobody says them.",
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
        "A placeholder that was left over from a template.",
        {"start_speech": "Hello, this is Asha from [company name]."},
    ),
)

# More of the same in one text is not looked at: what was found is told, and no fix is offered.
_MOST: Final = 5000


def look(view: View) -> Iterator[Problem]:
    """Look at the texts that a caller hears, and at the script."""
    for text in view.heard:
        if may_sound_wrong(text.bare):
            for rule in RULES:
                yield from rule(view, text)


def may_sound_wrong(text: str) -> bool:
    """Whether any rule can find something: hardly a sentence that is meant to be said holds it."""
    return bool(
        _SIGN.search(text)
        or _CAPITAL.search(text)
        or "://" in text
        or "ww." in text.lower()
        or "orem ipsum" in text
    )


def minds_names(text: Text) -> bool:
    """Whether what is said of a text can hang on the names of the assistant and its company.

    A name makes capitals calmer, never louder, and stands in for a placeholder.
    """
    if not may_sound_wrong(text.bare):
        return False
    runs = _spans(_CAPITALS, text.bare)
    return any(_shouts("", text, run) for run in runs) or bool(_BRACKETED.search(text.bare))


# Whatever a rule looks for holds one of these, two capitals, or what is named above.
_SIGN: Final = re.compile(r"[-+*_~`#<>@\[\d\x80-\U0010ffff]")
_CAPITAL: Final = re.compile(r"[A-Z][A-Z]")


def _spans(pattern: re.Pattern[str], text: str) -> list[Span]:
    return [found.span() for found in islice(pattern.finditer(text), _MOST)]


def _shown(text: Text, spans: list[Span]) -> str:
    return quoted([text.text[start:end] for start, end in spans[:50]])


def _replaced(label: str, text: Text, spans: list[Span], make: Callable[[str], str]) -> Fix | None:
    if len(spans) == _MOST or not text.is_whole:
        return None
    return fix(label, text.text, spliced(text.text, spans, make))


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


def _markdown(view: View, text: Text) -> Iterator[Problem]:
    if not _holds_any(text.bare, "*_~`[#>"):
        return
    spans = _spans(_MARKED, text.bare)
    if spans:
        told = _advised(text, f"has Markdown, as in {_line_of(text, spans[0])}")
        offered = _replaced("Take the Markdown out", text, spans, _unmarked)
        if offered and _MARKED.search(offered.value):
            offered = None
        yield Problem(text.path, "QW111", told, offered)


def _unmarked(marked: str) -> str:
    found = _MARKED.match(marked) or _MARKED.match(marked + "x")
    return next((group for group in found.groups() if group), "") if found else ""


def _line_of(text: Text, span: Span) -> str:
    """What was found, with the rest of its line where it is only a mark."""
    start, end = span
    if end - start < 5:
        end = _line_end(text.text, start)
    return shorten(text.text[start : min(end, start + 200)], 32)


def _advised(text: Text, told: str) -> str:
    """What to do about marks for the eye, and for a script why."""
    if text.is_script:
        return f"{told}: the model speaks as its script is written, so write plain sentences"
    return f"{told}: write plain sentences"


def _line_end(text: str, start: int) -> int:
    end = text.find("\n", start)
    return len(text) if end < 0 else end


def _holds_any(text: str, characters: str) -> bool:
    return any(character in text for character in characters)


_BULLET: Final = re.compile(r"^[ \t]{0,12}+[-*+•‣▪●◦–][ \t]++(?=\S)", re.MULTILINE)
_NUMBERED: Final = re.compile(r"^[ \t]{0,12}+[0-9]{1,2}+[.)][ \t]++(?=\S)", re.MULTILINE)


def _bullets(view: View, text: Text) -> Iterator[Problem]:
    spans = _spans(_BULLET, text.bare)
    if not spans and text.is_spoken:
        # The steps of a script may be numbered; what is said aloud has no numbers before it.
        numbered = _spans(_NUMBERED, text.bare)
        spans = numbered if len(numbered) > 1 else []
    if spans:
        told = _advised(text, f"has bullets, as in {_line_of(text, spans[0])}")
        offered = _replaced("Take the bullets out", text, spans, lambda _: "")
        if offered and (_BULLET.search(offered.value) or _NUMBERED.search(offered.value)):
            offered = None
        yield Problem(text.path, "QW112", told, offered)


# --- addresses

_URL: Final = re.compile(r"(?:https?://|(?<![\w.])www\.)[^\s<>\"')\]\0]{2,}+", re.IGNORECASE)
_EMAIL: Final = re.compile(r"(?<=[\w%+-])@[A-Za-z0-9-]{1,63}+(?:\.[A-Za-z0-9-]{1,63}+)+")


def _urls(view: View, text: Text) -> Iterator[Problem]:
    if "://" not in text.bare and "www." not in text.bare.lower():
        return
    spans = _spans(_URL, text.bare)
    if spans:
        told = f"holds the web address {_shown(text, spans)}: say it as one does on the telephone"
        yield Problem(text.path, "QW113", f"{told}, or offer to send it in a message")


def _emails(view: View, text: Text) -> Iterator[Problem]:
    if "@" not in text.bare:
        return
    found = next(_EMAIL.finditer(text.bare), None)
    if found:
        before = text.text[max(0, found.start() - 64) : found.start()]
        address = re.split(r"[^\w.%+-]", before)[-1] + found[0]
        told = f"holds the e-mail address {shorten(address, 60)}: say it in words, as in care at"
        yield Problem(text.path, "QW114", f"{told} acme dot com, or offer to send it in a message")


# --- signs

_PICTURE: Final = "\U0001f1e6-\U0001f1ff\U0001f300-\U0001faff\u2600-\u26ff\u2702-\u27b0\u2b50\u2b55"
_EMOJI: Final = re.compile(
    f"[ ]?(?:[{_PICTURE}]|[0-9#*]\ufe0f?\u20e3)[{_PICTURE}\u200d\ufe0f\u2640\u2642]*+"
)


def _emoji(view: View, text: Text) -> Iterator[Problem]:
    if text.bare.isascii():
        return
    spans = _spans(_EMOJI, text.bare)
    if spans:
        told = f"has emoji, {_shown(text, spans)}: say it in words or leave it out"
        offered = _replaced("Take the emoji out", text, spans, lambda _: "")
        yield Problem(text.path, "QW115", told, offered)


_MONEY: Final = re.compile(
    r"(?:[$€£₹¥]|\b(?:Rs|INR|USD|EUR|GBP|KWD|AED|KD)\b)\.?[ \u00a0]?\d[\d.,]{0,30}+(?:/-)?"
    r"|(?<![\d.,])\d[\d.,]{0,30}+[ \u00a0]?(?:[€£₹]|(?:INR|USD|EUR|GBP|KWD|AED)\b|/-)"
)
_DATE: Final = re.compile(
    r"(?<![\d./-])(?:\d{1,2}([./-])\d{1,2}\1(?:\d{4}|\d{2})|\d{4}-\d\d-\d\d)(?!\d)"
)
_LONG: Final = re.compile(
    r"(?<![\w.,])(?=\+?(?:\d[() -]{0,3}){7})\+?\d[\d() -]{5,24}|(?<![\w.,])\d{5,}+"
)


def _digits(view: View, text: Text) -> Iterator[Problem]:
    if not _DIGIT.search(text.bare):
        return
    for pattern, what, advised in _SAYINGS:
        found = next(pattern.finditer(text.bare), None)
        if found:
            shown = shorten(found[0].strip(" (-"))
            yield Problem(
                text.path, "QW116", f"has {what} {shown}: write it as it is said, {advised}"
            )
            return


_DIGIT: Final = re.compile(r"\d")
_SAYINGS: Final = (
    (_MONEY, "the amount", "as in four thousand five hundred rupees"),
    (_DATE, "the date", "as in the third of May"),
    (_LONG, "the number", "in words and in small groups"),
)


# --- capitals

_CAPITALS: Final = re.compile(
    r"(?<![\w'’-])[^\W\d_a-z]{2,}+(?:[ ,]{1,2}[^\W\d_a-z]{2,}+){0,30}+(?!\w)"
)
_SHOUTED: Final = {True: (2, 7), False: (4, 18)}


def _capitals(view: View, text: Text) -> Iterator[Problem]:
    own = view.text("company_name") + " " + view.text("name")
    spans = [span for span in _spans(_CAPITALS, text.bare) if _shouts(own, text, span)]
    if spans:
        told = f"has {_shown(text, spans)} in capitals, which a voice may spell: write it as other"
        before = iter([text.bare[max(0, start - 3) : start] for start, _ in spans])
        label = "Write it in small letters"
        offered = _replaced(label, text, spans, lambda run: _lowered(run, next(before)))
        yield Problem(text.path, "QW117", f"{told} words", offered)


def _shouts(own: str, text: Text, span: Span) -> bool:
    """Whether a run of capitals is more than an abbreviation or a part of one's own names."""
    run = text.text[span[0] : span[1]]
    if not run.isupper():
        return False
    words = [word for word in re.split(r"[ ,]+", run) if word not in own]
    many, letters = _SHOUTED[text.is_spoken]
    if text.is_spoken and len(words) == 1:
        return len(words[0]) > letters
    return len(words) >= many and sum(map(len, words)) >= letters


def _lowered(run: str, before: str) -> str:
    """A run in small letters, but for the first of a sentence."""
    begins = not before.strip() or before.rstrip()[-1] in ".!?।:\n"
    return (run[0] if begins else run[0].lower()) + run[1:].lower()


# --- tags

_ONE_TAG: Final = (
    r"</?(?:speak|break|prosody|emphasis|say-as|phoneme|sub|voice|audio|mark|lang|p|s|w"
    r"|b|i|u|em|strong|br|div|span|ul|ol|li|h[1-6]|a|amazon:[a-z-]{1,20})"
    r"(?:\s[^<>\n]{0,200}+)?/?>"
)
# A tag between two blanks goes with one of them.
_TAG: Final = re.compile(rf" {_ONE_TAG}(?=[\s.,!?]|\Z)|{_ONE_TAG}", re.IGNORECASE)


def _tags(view: View, text: Text) -> Iterator[Problem]:
    if "<" not in text.bare:
        return
    spans = _spans(_TAG, text.bare)
    if spans:
        told = f"has tags, as in {_shown(text, spans[:1])}: leave them out, a voice may read them"
        offered = _replaced("Take the tags out", text, spans, lambda _: "")
        if offered and _TAG.search(offered.value):
            offered = None
        yield Problem(text.path, "QW118", told, offered)


# --- what a template left

_WORDS: Final = (
    "company|business|brand|agent|assistant|customer|client|caller|contact|person|your|insert|first"
    "|last|full|name|date|day|time|place|address|phone|number|mobile|email|city|product|service"
    "|amount|price|order|invoice|title|link|website|url|offer|department|doctor|firma|unternehmen"
    "|kunde|kundenname|datum|uhrzeit|betrag|empresa|nombre|cliente|fecha|hora|entreprise|nom"
    "|société|prénom|azienda|nome|data|ora|società|नाम|कंपनी|तारीख|समय|नाव|الاسم|الشركة|التاريخ"
)
_BRACKETED: Final = re.compile(
    rf"\[(?:{_WORDS})\b[^\[\]\n]{{0,40}}+\](?!\()|<(?:{_WORDS})\b[^<>\n=]{{0,40}}+>|_{{3,}}+",
    re.IGNORECASE,
)
_UNFINISHED: Final = re.compile(r"\b(?:XXX+|TODO|TBD|FIXME|[Ll]orem ipsum)\b")
_COMPANY: Final = re.compile(
    r"(?:your |the )?(?:company|business|brand)(?:[ _-]?name)?|empresa|entreprise|firma|azienda"
)


def _placeholders(view: View, text: Text) -> Iterator[Problem]:
    spans = _spans(_BRACKETED, text.bare) if _holds_any(text.bare, "[<_") else []
    unfinished = _spans(_UNFINISHED, text.bare)
    if spans or unfinished:
        told = f"has {_shown(text, spans + unfinished)} left over: write what belongs there"
        stand_ins = [_stand_in(view, text.text[start:end]) for start, end in spans]
        offered = None
        if all(stand_ins) and not unfinished:
            made = iter(stand_ins)
            offered = _replaced("Fill it in", text, spans, lambda _: next(made))
        yield Problem(text.path, "QW119", f"{told}, or a variable", offered)


def _stand_in(view: View, written: str) -> str:
    """What surely belongs in the place of a placeholder; empty where that cannot be told."""
    inner = written.strip("[]<>").strip()
    if _COMPANY.fullmatch(inner.lower()):
        company = view.text("company_name")
        return "" if is_blank(company) or _BRACKETED.search(company) else company
    name = normalised(inner)
    return f"{{{{{name}}}}}" if name in KNOWN else ""


RULES: Final[tuple[Callable[[View, Text], Iterator[Problem]], ...]] = (
    _markdown,
    _bullets,
    _urls,
    _emails,
    _emoji,
    _digits,
    _capitals,
    _tags,
    _placeholders,
)
