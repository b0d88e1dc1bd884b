"""Finds out whether a script lets people refuse further calls."""

import re
from typing import Final

# Unambiguous words in lower case. The languages in Latin letters are first; each match begins a
# word.
_CERTAIN: Final = re.compile(
    r"\b(?:"
    # English
    r"opt(?:s|ed|ing)?[ -]?out|unsubscri|no (?:more|further|future) (?:\w+ )?(?:calls?|contact)"
    r"|do[ -]?not[ -](?:call|contact)[ -](?:list|regist)|stop (?:\w+ ){0,2}calls\b"
    r"|leave (?:me|us|them|him|her) alone|(?:left alone|do not disturb)\b"
    r"|(?:withdraws?|revokes?|withdrew) (?:\w+ )?consent"
    r"|(?:remov|tak|delet|strik|cross|dropp?|get)(?:e|es|ed|ing|en|s)?"
    r" (?:me|us|them|him|her|(?:my|their|his|her|the|this) (?:phone )?(?:number|name|contact))"
    r" (?:\w+ )?(?:off|from|out of)\b"
    r"|(?:be|being|get) (?:removed|taken off|deleted|struck)\b|off (?:your|our|the) (?:\w+ )?list"
    # German
    r"|keine[rn]? (?:weiteren? |künftigen? )?(?:anrufe?|kontakt|werbeanruf)\w*"
    r"|nicht (?:mehr|wieder|erneut|noch einmal)\b[^.,;\n]{0,30}"
    r"(?:an(?:ge|zu)?ruf|kontakt|belästig|gestört|melde)"
    r"|ruf\w* (?:sie |mich |uns |ihn |bitte ){0,3}nicht (?:mehr|wieder)\b"
    r"|listen?\b[^.,;\n]{0,20}\b(?:ge)?(?:streich|strich|lösch|nehm|nomm|entfern)"
    r"|(?:streich|lösch|entfern|nehm|nimm)\w* (?:sie |bitte )?(?:mich|uns|ihn|sie"
    r"|(?:meine|ihre|die) (?:nummer|namen|daten))\b|in ruhe (?:ge)?lass|widerspr(?:ich|uch|ech)"
    r"|abmelde"
    # Spanish
    r"|no (?:desea|quiere)n? (?:\w+ ){0,3}(?:llamadas\b|contacto|llam(?:en|emos|ado|ada|ar)"
    r"|contactad)|no (?:desea|quiere)n? que (?:\w+ ){0,3}(?:llam|contact)"
    r"|no (?:me |nos |l[aeo]s? )?(?:vuelv|volv|volver|sig)\w* (?:\w+ )?a?\s?"
    r"(?:llam|contact|molest|marc)|no (?:me|nos|l[aeo]s?) (?:llam|contact|molest)\w+"
    r"|(?:no|ni) (?:más|recibir (?:más )?) ?(?:llamadas|contacto)"
    r"|dej\w* de (?:llam|contact|recibir llamadas)|(?:de|la) baja\b"
    r"|(?:qu[ií]t|elim[ií]n|b[óo]rr|s[áa]qu?)\w*(?: (?:su|mi|el|a la) (?:\w+))?"
    r" de (?:la|su|tu|nuestra|esa) (?:lista|base)"
    # French
    r"|ne (?:veu|souhait|désir|voudr)\w* (?:plus|pas) (?:[\w'’]+ ){0,4}?(?:l['’]|d['’])?"
    r"(?:re)?(?:appel|contact|démarch)|ne plus (?:[\w'’]+ ){0,3}?(?:l['’]|d['’])?"
    r"(?:re)?(?:appel|contact|démarch)|n(?:e |['’])(?:m['’]|me |nous |l['’]|les? |la |vous )"
    r"?(?:re)?(?:appel|contact|dérang)\w*(?: \w+)? plus\b|plus (?:aucun |d['’])(?:autre )?appel"
    r"|(?:retir|supprim|enlev|ray|radi)\w*(?:-moi)?(?: (?:son|leur|mon|ce) \w+)? d(?:e|es)"
    r" (?:la |votre |notre |vos |nos |cette )?listes?|désinscri|désabonn|tranquille"
    r"|(?:cess|arrêt)\w* (?:de |d['’]|les )(?:m['’]|nous |l['’]|les )?(?:appel|contact)"
    # Italian
    r"|non (?:vuole|vogliono|desidera|desiderano|intende) (?:\w+ ){0,3}(?:(?:ri)?chiamat[oaie]\b"
    r"|contattat|chiamate|telefonate|contatti)|non (?:vuole|vogliono|desidera|desiderano) che"
    r" (?:\w+ ){0,2}(?:ri)?(?:chiam|contatt)|non (?:essere|venire) (?:più )?(?:ri)?"
    r"(?:chiamat|contattat|disturbat)|non (?:mi|ci|l[aoie]) (?:ri)?(?:chiam|contatt|telefon)"
    r"|non (?:ri)?(?:chiam|contatt)\w* più|non ricevere (?:\w+ )?(?:chiamate|telefonate)"
    r"|(?:nessun['’]?altra|niente più|basta) (?:chiamat|telefonat)"
    r"|smett\w* di (?:chiam|telefon|contatt)|disiscri|registro delle opposizioni"
    r"|(?:togli|cancell|rimuov|rimoss|elimin|tolt)\w*(?: (?:il|la) \w+ (?:nome|numero)| il numero)?"
    r" d(?:alla|alle|ai|all['’])\s?(?:\w+ )?(?:list|elenc|database)"
    r")"
)
_CERTAIN_IN_ASIA: Final = re.compile(
    r"(?:सूची|लिस्ट)(?: में)? से [^।.\n]{0,25}(?:हटा|निकाल|काट)|ऑप्ट[ -]?आउट"
    r"|(?:यादीतून|लिस्टमधून)[^।.\n]{0,25}(?:काढ|वगळ|हटव)"
    r"|তালিকা থেকে[^।.\n]{0,25}(?:বাদ|সরা|সরি|মুছ)"
    r"|(?:યાદી|લિસ્ટ)માંથી[^.\n]{0,25}(?:કાઢ|દૂર|હટાવ|કમી)"
    r"|జాబితా (?:నుండి|నుంచి)[^.\n]{0,25}(?:తొలగి|తీసే|తీసి)|ಪಟ್ಟಿಯಿಂದ[^.\n]{0,25}(?:ತೆಗೆ|ಅಳಿಸ|ಕೈಬಿಡ)"
    r"|பட்டியலி(?:ல் இருந்து|லிருந்து)[^.\n]{0,25}(?:நீக்|எடு)"
    r"|(?:حذف|إزالة|شطب|احذف|أزل|ازل)\S{0,20}[^.،\n]{0,30}(?:قائمة|القائمة|قائمت)|إلغاء الاشتراك"
    r"|(?:إيقاف|وقف) (?:\S{1,30} )?(?:المكالمات|الاتصال)"
)
# In a sentence about a tool, these words refer to the tool.
_OF_PEOPLE: Final = re.compile(
    r"\b(?:"
    r"(?:not|never|\w{2,6}n['’]t|no longer)(?: (?:to|be|being|get|getting|want|wants|wanted|wish"
    r"|wishes|like|receive|receiving|us|you|any|more|further)){0,5}"
    r" (?:called|contacted|phoned|rung|telephoned|disturbed|bothered|calls)\b(?! by)"
    r"|(?:not|never|\w{2,6}n['’]t) (?:call|contact|phone|ring|disturb|bother)"
    r"(?: (?:me|us)\b| (?:[\w']+ ){0,4}(?:again|any ?more|any longer|in (?:the )?future)\b)"
    r"|stop (?:calling|contacting|phoning|ringing|bothering)"
    r")"
)
_OF_PEOPLE_IN_ASIA: Final = re.compile(
    # Hindi and Marathi
    r"(?:कॉल|कॉल्स|फ़ोन|फोन|संपर्क|सम्पर्क|परेशान)(?: पर)? (?:न|ना|नहीं|नही|मत)"
    r" (?:कर|की|चाह|आ|हो|पा|दे|किय|लेना)"
    r"|(?:कॉल|कॉल्स|फोन|संपर्क)(?: \S{1,30})? (?:नको|नका|नये|नयेत|नकोत)(?!\S)"
    # Bengali
    r"|(?:কল|ফোন|যোগাযোগ)(?: আর)?(?: (?:করবেন|করো|করা|করতে|করুক|চান|চাই|চাইলে|পেতে|হোক|আসুক|হবে)"
    r"){1,3} না(?!\S{0,20}[^\s।,.])|(?:কল|ফোন|যোগাযোগ) না (?:কর|চা|দি)"
    # Gujarati
    r"|(?:ફોન|કોલ|કૉલ|કોલ્સ|સંપર્ક) (?:ન|ના|નહીં|નહિ|નથી) (?:કર|જોઈ|ઇચ્છ|ઈચ્છ|આવ)"
    r"|(?:ફોન|કોલ|કૉલ|કોલ્સ|સંપર્ક)(?: (?:કરશો|કરવા|કરવો|કરતા|જોઈતા|ઇચ્છતા|ઈચ્છતા|કરવાની)){1,2}"
    r" (?:નહીં|નહિ|નથી|ના|મનાઈ)"
    # Telugu
    r"|(?:కాల్|కాల్స్|ఫోన్|ఫోన్లు)(?: (?:మళ్ళీ|మళ్లీ|ఇక|ఇకపై))? (?:వద్ద|చేయవద్ద|చేయొద్ద|చెయ్యొద్ద"
    r"|చేయకూడద|చేయకండ|చేయరాద|రాకూడద|అక్కర్లేద|అవసరం లేద|కోరుకోక|కోరుకోని|కోరుకోకపో|ఇష్టం లేద)"
    r"|సంప్రదించ(?:వద్ద|కూడద|కండ|రాద|ొద్ద)"
    # Kannada
    r"|(?:ಕರೆ|ಕಾಲ್|ಫೋನ್)(?:ಗಳು|ಗಳನ್ನು|ಯನ್ನು)?(?: (?:ಇನ್ನು|ಮತ್ತೆ))? (?:ಮಾಡಬೇಡ|ಮಾಡಬಾರದ|ಮಾಡದಂತೆ"
    r"|ಮಾಡದಿರ|ಬೇಡ|ಬರಬಾರದ|ಬಯಸದ|ಬಯಸುವುದಿಲ್ಲ|ಇಷ್ಟವಿಲ್ಲ)|ಸಂಪರ್ಕಿಸ(?:ಬೇಡ|ಬಾರದ|ದಂತೆ|ದಿರ)"
    # Tamil
    r"|(?:அழைக்க|அழைப்பு|அழைப்புகள்|தொடர்பு கொள்ள|தொடர்புகொள்ள|(?:கால்|ஃபோன்|போன்) (?:செய்ய|பண்ண))"
    r" (?:வேண்டாம்|கூடாது|விரும்பவில்லை)|அழைக்காதீ|அழைக்காதே"
    # Arabic
    r"|عدم (?:معاودة )?(?:الاتصال|التواصل|تلقي)|(?:لا|ألا|لن) (?:تتصل|نتصل|يتصل|تتواصل|نتواصل"
    r"|تعاود|نعاود|يعاود)|لا"
    r" (?:يرغب|يريد|تريد|ترغب|يود|أريد|أرغب)\S*[^.،\n]{0,30}(?:اتصال|مكالمات|التواصل)"
)
_TOOL: Final = re.compile(
    r"\b(?:tools?|functions?|api|webhooks?|endpoints?|actions?|\w*werkzeug\w*|\w*tool|funktion\w*"
    r"|herramientas?|función|funciones|outils?|fonctions?|strument[oi]|funzion[ei])\b"
    r"|टूल|फ़ंक्शन|फंक्शन|টুল|ফাংশন|ટૂલ|ફંક્શન|టూల్|ఫంక్షన్|ಟೂಲ್|ಫಂಕ್ಷನ್|ಉಪಕರಣ|டூல்|கருவி|செயல்பாட|"
    r"أداة|الأداة|وظيفة|الوظيفة|الدالة"
)
_ENDS: Final = re.compile(r"[.!?;\n।؟]")
_NEAR: Final = 300


def has_opt_out(script: str) -> bool:
    """Whether a script mentions people that refuse further calls."""
    text = script.lower()
    if _CERTAIN.search(text) or _concerns_people(_OF_PEOPLE, text):
        return True
    if text.isascii():
        return False
    return bool(_CERTAIN_IN_ASIA.search(text)) or _concerns_people(_OF_PEOPLE_IN_ASIA, text)


def _concerns_people(pattern: re.Pattern[str], text: str) -> bool:
    return any(not _TOOL.search(_sentence(text, *match.span())) for match in pattern.finditer(text))


def _sentence(text: str, start: int, end: int) -> str:
    """The sentence around a match, up to 300 characters on each side."""
    before = _ENDS.split(text[max(0, start - _NEAR) : start])[-1]
    return before + text[start:end] + _ENDS.split(text[end : end + _NEAR], 1)[0]
