"""Finds placeholders left over from a template, such as [company name], in a spoken text."""

import re
from collections.abc import Iterator
from typing import Final

from wizard.advice.context import (
    AdviceContext,
    Span,
    Text,
    has_any,
    replaced,
    shown_spans,
    spans_of,
)
from wizard.advice.variables import known_names, normalised
from wizard.contract.problems import Problem
from wizard.contract.rules import is_blank

# The first words of placeholders, then roles and things that they name, in all languages.
_FILL: Final = "your|insert|enter|dein|deine|ihr|ihre|su|votre|vos|nom|tuo|suo|आपका|आपकी|तुमचे"
_WHO: Final = (
    "agent|assistant|customer|client|caller|contact|person|patient|user|guest|lead|member|student"
    "|operator|bot|doctor|kunde|kundin|anrufer|mitarbeiter|berater|arzt|cliente|agente|asistente"
    "|llamante|paciente|appelant|conseiller|chiamante|assistente|operatore|ग्राहक|एजेंट|সহকারী|গ্রাহক"
    "|ગ્રાહક|એજન્ટ|కస్టమర్|ఏజెంట్|ಗ್ರಾಹಕ|ಏಜೆಂಟ್|வாடிக்கையாளர்|முகவர்|एजंट|العميل|الوكيل|المتصل"
)
_WHAT: Final = (
    "company|business|brand|first|last|full|name|firstname|lastname|surname|date|day|time|place"
    "|address|phone|number|mobile|email|id|city|town|country|product|service|plan|amount|price|total"
    "|balance|order|invoice|account|appointment|booking|title|link|website|url|offer|department"
    "|location|firma|firmenname|unternehmen|kundenname|kundennummer|vorname|nachname|datum|uhrzeit"
    "|zeit|betrag|adresse|telefonnummer|nummer|ort|stadt|produkt|termin|empresa|nombre|apellido|fecha"
    "|hora|importe|monto|dirección|teléfono|número|ciudad|producto|cita|entreprise|nom|société|prénom"
    "|date|heure|montant|téléphone|numéro|ville|produit|azienda|nome|cognome|data|ora|società"
    "|importo|indirizzo|telefono|numero|città|prodotto|नाम|कंपनी|तारीख|समय|पता|राशि|नंबर|नाव|वेळ|पत्ता"
    "|रक्कम|নাম|কোম্পানি|তারিখ|সময়|ঠিকানা|পরিমাণ|নম্বর|નામ|કંપની|તારીખ|સમય|સરનામું|રકમ|નંબર|పేరు"
    "|కంపెనీ|తేదీ|సమయం|చిరునామా|మొత్తం|నంబర్|ಹೆಸರು|ಕಂಪನಿ|ದಿನಾಂಕ|ಸಮಯ|ವಿಳಾಸ|ಮೊತ್ತ|ಸಂಖ್ಯೆ|பெயர்"
    "|நிறுவனம்|தேதி|நேரம்|முகவரி|தொகை|எண்|الاسم|اسم|الشركة|شركة|التاريخ|تاريخ|الوقت|وقت|العنوان"
    "|المبلغ|الرقم|رقم"
)
_FILLS, _ROLES, _THINGS = (frozenset(words.split("|")) for words in (_FILL, _WHO, _WHAT))
# Words that only an instruction in brackets has.
_INSTRUCT: Final = (
    "if|when|then|wait|waits|pause|ask|say|tell|state|repeat|confirm|give|gives|check|after|before"
    "|until|wenn|falls|si|cuando|quand|se|quando"
)
_INSTRUCTS: Final = frozenset(_INSTRUCT.split("|"))
_BRACKETED: Final = re.compile(
    r"\[([^\[\]\n]{1,60})\](?!\()([*_]{0,3}\s?[:：])?|<([^<>\n=/]{1,60})>([*_]{0,3}\s?[:：])?|_{3,}+"
)
_APART: Final = re.compile(r"(?<=[a-zà-ÿ])(?=[A-ZÀ-Ý])|[\s_-]+|['’]s?\b")


def _left_over(text: str) -> list[Span]:
    """The spans of placeholders in brackets, and of blank lines to fill in."""
    if not has_any(text, "[<_"):
        return []
    return [_span(match) for match in _BRACKETED.finditer(text) if _is_placeholder(match)]


def _span(found: re.Match[str]) -> Span:
    """The span of the brackets, without a colon after them."""
    has_colon = found[2] or found[4]
    return found.start(), max(found.start(2), found.start(4)) if has_colon else found.end()


def _is_placeholder(found: re.Match[str]) -> bool:
    """Whether the text in brackets names a thing, and is neither a speaker nor an instruction."""
    inner = found[1] or found[3]
    if inner is None:
        return True
    words = [word.casefold() for word in _APART.split(inner.strip()) if word and not word.isdigit()]
    if not words or not _INSTRUCTS.isdisjoint(words):
        return False
    first, *others = words
    if first in _ROLES:
        # A dialogue names its speakers in brackets before a colon.
        return not _THINGS.isdisjoint(others) if others else not (found[2] or found[4])
    return first in _FILLS | _THINGS or (len(words) <= 4 and words[-1] in _THINGS | _ROLES)


_UNFINISHED_WORDS: Final = ("XXX", "TODO", "TBD", "FIXME", "orem ipsum")
_UNFINISHED: Final = re.compile(r"\b(?:XXX+|TODO|TBD|FIXME|[Ll]orem ipsum)\b")
_COMPANY: Final = re.compile(
    r"(?:your |the )?(?:company|business|brand)(?:[ _-]?name)?|empresa|entreprise|firma|azienda"
)


def check_placeholders(context: AdviceContext, text: Text) -> Iterator[Problem]:
    """Check a text for placeholders."""
    spans = _left_over(text.bare)
    is_unfinished = has_any(text.bare, _UNFINISHED_WORDS)
    unfinished = spans_of(_UNFINISHED, text.bare) if is_unfinished else []
    if spans or unfinished:
        message = f"Contains a placeholder: {shown_spans(text, spans + unfinished)}. Fill it in"
        values = [_replacement(context, text.text[start:end]) for start, end in spans]
        filled = None
        if all(values) and not unfinished:
            remaining = iter(values)
            filled = replaced("Fill it in", text, spans, lambda _: next(remaining))
        yield Problem(text.path, "QW119", f"{message}, or use a variable.", filled)


def _replacement(context: AdviceContext, written: str) -> str:
    """The company's name or a known variable in place of a placeholder; empty if unclear."""
    inner = written.strip("[]<>").strip()
    if _COMPANY.fullmatch(inner.lower()):
        company = context.text("company_name")
        return "" if is_blank(company) or _left_over(company) else company
    name = normalised(inner)
    return f"{{{{{name}}}}}" if name in known_names(context.payload) else ""
