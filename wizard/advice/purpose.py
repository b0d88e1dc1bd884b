"""Advice on what a call is for: a way out for those who are called, and a script for the goal."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from wizard.advice.scripts import LATIN, main_system
from wizard.advice.view import AdviceInfo, View, quoted
from wizard.choices import GOALS
from wizard.problems import Fix, Problem

ADVICE: Final = (
    AdviceInfo(
        "QW161",
        "An outbound assistant has no opt-out, neither the switch nor a line of the script.",
        {
            "type": "outbound",
            "is_opt_out": False,
            "script": "You are Asha of Acme Dental. Ask whether the appointment is convenient.",
        },
    ),
    AdviceInfo(
        "QW162",
        "No line of the script speaks to the goal.",
        {
            "goal": "Collect overdue rent from tenants",
            "script": "You are Asha of Acme Dental. Ask the patient whether the appointment is "
            "convenient, and offer them another day if it is not. If they want no more calls, "
            "promise that.",
        },
    ),
)

# How the scripts of the languages speak of wanting no more calls; a hit anywhere is enough.
_WAY_OUT: Final = re.compile(
    r"opt(?:s|ed|ing)?[ -]?out|unsubscri|no (?:more|further) (?:calls|contact)|do[ -]not[ -]call"
    r"|(?:don['’]t|do not|never|not be|stop) (?:be )?call(?:ed|ing)?\b|call list"
    r"|(?:want|wish|ask)s? (?:not )?(?:no|to be (?:removed|taken))"
    r"|keine (?:weiteren )?(?:anrufe|kontakt)|nicht mehr an(?:ge|zu)?ruf"
    r"|no (?:desea|quiere|recibir|volver)[^.\n]{0,40}llam|no más llamadas"
    r"|ne (?:plus|pas)[^.\n]{0,40}appel"
    r"|plus d['’]appel|non (?:vuole|desidera|essere|ricevere)[^.\n]{0,40}chiam"
    r"|कॉल (?:न|ना|नहीं|मत|नको)|फ़ोन (?:न|ना|नहीं|मत)|फोन (?:न|नको|करू)|কল (?:না|করবেন)|ফোন না"
    r"|ફોન (?:ન|ના)|કૉલ (?:ન|ના)|કોલ (?:ન|ના)|కాల్ (?:చేయ|వద్దు)|ಕರೆ (?:ಮಾಡ|ಬೇಡ)"
    r"|அழைக்க (?:வேண்டாம்|கூடாது)|عدم الاتصال|لا (?:تتصل|يرغب)|إيقاف المكالمات",
    re.IGNORECASE,
)


def look(view: View) -> Iterator[Problem]:
    """Look at the script as a whole."""
    script = view.text("script")
    if not script.strip():
        return
    is_open = view.payload.get("type") == "outbound" and view.payload.get("is_opt_out") is not True
    if is_open and not _WAY_OUT.search(script[:_LONGEST_READ]):
        told = "is off and no line of the script lets people refuse more calls: turn it on"
        yield Problem(("is_opt_out",), "QW161", told, Fix("Turn the opt-out on", True))
    yield from _goal(view, script)


# Function words: they tell the language of a text and are no part of what it is about.
_FUNCTION_WORDS: Final = {
    "en": """a an and are as at be by call caller callers calls can for from has have how if in
        into is it make of on or our that the their them they this to up we what when whether
        which who will with you your assistant people person customer customers goal""",
    "de": """aber als am an auf aus bei bin bis das dass dem den der des die du ein eine einem
        einen einer er es für hat im in ist kann mit nach nicht ob oder sie sind so um und uns vom
        von wann was wenn wer wie wir wird zu zum zur ihr ihre ihren anruf kunde kunden""",
    "es": """a al como con cuando de del el ella en es esta este la las le lo los más me mi no o
        para pero por que qué se si sin su sus un una unos y ya llamada cliente clientes""",
    "fr": """à au aux avec ce ces dans de des du elle en est et il la le les leur leurs mais ne
        nous ou par pas plus pour qu que qui sa se ses si son sur un une vous votre appel client
        clients""",
    "it": """a al alla che chi come con da dal del della di e è gli i il in la le lei lo ma nel
        non o per più quando se si sono su sua suo un una uno chiamata cliente clienti""",
}
_SMALL: Final = {code: frozenset(words.split()) for code, words in _FUNCTION_WORDS.items()}
_WORD: Final = re.compile(r"[^\W\d_]+(?:[\u0900-\u0d7f][^\W\d_]*)*")
_LONGEST_READ: Final = 100_000
_LEAST_WORDS: Final = 3


def _goal(view: View, script: str) -> Iterator[Problem]:
    """Compare stems of the words that carry the goal with those of the script.

    The headings of QCall's app are no goals in words, and texts of different languages, or with
    too few words, say nothing: only what is clear is told.
    """
    goal = view.text("goal")
    if goal.strip() in GOALS or len(goal) > 20_000:
        return
    spoken = f"{script[:_LONGEST_READ]} {view.text('start_speech')[:1000]}"
    if main_system(goal)[0] is not LATIN or main_system(spoken)[0] is not LATIN:
        return
    aims, words = _words(goal), _words(spoken)
    language = _language(words)
    if not language or (_language(aims) or language) != language:
        return
    content = [word for word in aims if len(word) > 3 and word not in _SMALL[language]]
    if len(content) >= _LEAST_WORDS and set(map(_stem, words)).isdisjoint(map(_stem, content)):
        told = f"speaks of {quoted(content)}, of which no line of the script does"
        yield Problem(("goal",), "QW162", f"{told}: let the script lead there, or mend the goal")


def _words(text: str) -> list[str]:
    return list(dict.fromkeys(_WORD.findall(text.lower())))


def _language(words: list[str]) -> str:
    """The language whose function words a text has most of; empty where it has hardly any."""
    hits = {code: len(small.intersection(words)) for code, small in _SMALL.items()}
    best = max(hits, key=hits.__getitem__)
    second = max(count for code, count in hits.items() if code != best)
    return best if hits[best] >= 2 and hits[best] > second else ""


def _stem(word: str) -> str:
    """The beginning of a word without its accents, which words of one family share."""
    if word.isascii():
        return word[:4]
    plain = unicodedata.normalize("NFKD", word)
    return "".join(c for c in plain[:8] if not unicodedata.combining(c))[:4]
