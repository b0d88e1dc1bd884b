"""The contract's closed lists: the API's values with their labels."""

from typing import Any, Final

# The model of QCall's own voices.
NATIVE: Final = "qmodel"

TYPES: Final = {
    "inbound": "Inbound: answers calls",
    "outbound": "Outbound: makes calls",
}

# The name in English and in the language itself.
LANGUAGES: Final = {
    "en": "English",
    "de": "German · Deutsch",
    "hi": "Hindi · हिन्दी",
    "es": "Spanish · Español",
    "fr": "French · Français",
    "it": "Italian · Italiano",
    "ar-kw": "Arabic (Kuwait) · العربية (الكويت)",
    "gu": "Gujarati · ગુજરાતી",
    "bn": "Bengali · বাংলা",
    "te": "Telugu · తెలుగు",
    "kn": "Kannada · ಕನ್ನಡ",
    "ta": "Tamil · தமிழ்",
    "mr": "Marathi · मराठी",
}


def language_name(code: str) -> str:
    """Return the name of a language in English."""
    return LANGUAGES[code].partition(" · ")[0]


# The proposed closing message for each language.
FAREWELLS: Final = {
    "en": "Thank you for your time. Have a good day. Goodbye.",
    "de": "Vielen Dank für Ihre Zeit. Ich wünsche Ihnen einen schönen Tag. Auf Wiederhören.",
    "hi": "आपके समय के लिए धन्यवाद। आपका दिन शुभ हो। नमस्कार।",
    "es": "Muchas gracias por su tiempo. Que tenga un buen día. Hasta luego.",
    "fr": "Merci pour votre temps. Je vous souhaite une bonne journée. Au revoir.",
    "it": "La ringrazio per il Suo tempo. Le auguro una buona giornata. Arrivederci.",
    "ar-kw": "شكراً جزيلاً على وقتكم. أتمنى لكم يوماً سعيداً. مع السلامة.",
    "gu": "તમારો સમય આપવા બદલ આભાર. તમારો દિવસ શુભ રહે. નમસ્તે.",
    "bn": "আপনার সময় দেওয়ার জন্য ধন্যবাদ। আপনার দিনটি শুভ হোক। নমস্কার।",
    "te": "మీ సమయం ఇచ్చినందుకు ధన్యవాదాలు. మీకు శుభదినం. నమస్కారం.",
    "kn": "ನಿಮ್ಮ ಸಮಯಕ್ಕಾಗಿ ಧನ್ಯವಾದಗಳು. ನಿಮ್ಮ ದಿನ ಶುಭವಾಗಿರಲಿ. ನಮಸ್ಕಾರ.",
    "ta": "உங்கள் நேரத்திற்கு நன்றி. உங்கள் நாள் இனிதாக அமையட்டும். வணக்கம்.",
    "mr": "तुमचा वेळ दिल्याबद्दल धन्यवाद. तुमचा दिवस शुभ असो. नमस्कार.",
}

# Said before a new action of type meeting looks for a free time.
ANNOUNCEMENTS: Final = {
    "en": "One moment please, I am looking for a time that suits you.",
    "de": "Einen Moment bitte, ich suche einen passenden Termin.",
    "hi": "कृपया एक मिनट रुकिए, आपके लिए ठीक समय देख लेते हैं।",
    "es": "Un momento, por favor: busco una hora que le convenga.",
    "fr": "Un instant, s'il vous plaît, je cherche un créneau qui vous convient.",
    "it": "Un momento, per favore: cerco un orario comodo per Lei.",
    "ar-kw": "لحظة من فضلكم، أبحث لكم عن وقت مناسب.",
    "gu": "કૃપા કરીને એક મિનિટ રાહ જુઓ, તમારા માટે અનુકૂળ સમય જોઉં છું.",
    "bn": "একটু অপেক্ষা করুন, আপনার সুবিধামতো সময় দেখছি।",
    "te": "దయచేసి ఒక్క నిమిషం, మీకు అనుకూలమైన సమయం చూస్తున్నాను.",
    "kn": "ದಯವಿಟ್ಟು ಒಂದು ನಿಮಿಷ, ನಿಮಗೆ ಅನುಕೂಲವಾದ ಸಮಯ ನೋಡುತ್ತಿದ್ದೇನೆ.",
    "ta": "ஒரு நிமிடம் பொறுங்கள், உங்களுக்கு வசதியான நேரம் பார்க்கிறேன்.",
    "mr": "कृपया एक मिनिट थांबा, तुमच्या सोयीची वेळ पाहत आहे.",
}

# The eight starting points of QCall's own app.
GOALS: Final = (
    "Lead qualification",
    "Engagement and relationship",
    "Appointments and reminders",
    "Feedback and surveys",
    "Sales and upselling",
    "Retention and win-back",
    "Market research",
    "Compliance and verification",
)

_PROFILES = "https://precallai.s3.ap-south-1.amazonaws.com/assistant_profile"
# The published list names 1 twice and has no 2.
IMAGES: Final = {f"{_PROFILES}/{n}.jpeg": f"No. {n}" for n in (1, 3, 4, 5)}


def image_words(image: Any) -> str:
    """Where a portrait can be seen: QCall publishes no description of them."""
    is_known = isinstance(image, str) and image in IMAGES
    return f"QCall does not describe it. See it at {image}" if is_known else ""


GENDERS: Final = {"male": "Male", "female": "Female"}

VOICE_SPEEDS: Final = (1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 1.9, 2)
TEMPERATURES: Final = (0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 1.9, 2)
SENSITIVITIES: Final = tuple(range(600, 2001, 100))
UTTERANCE_LENGTHS: Final = tuple(range(1, 11))

FILLERS: Final = {"umm": "umm", "uhh": "uhh"}
BACKGROUNDS: Final = ("office", "cafe", "street", "call center", "airport", "home")

OPT_OUT_SCRIPT: Final = (
    "If a user explicitly expresses that they no longer wish to receive calls, such as by saying "
    "'Don't call me again,' 'I'm not interested,' or any similar phrase indicating that they want "
    "to opt out of future communications, please trigger the 'optOut' function and inform the "
    "user that they will no longer be contacted for calls."
)

ACTION_TYPES: Final = {
    "scheduleMeeting": "Schedule a meeting",
    "sendMessage": "Send a message",
}
MEETING_TYPES: Final = {"openBooking": "Open booking"}
DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
CATEGORIES: Final = {
    "MARKETING": "Marketing",
    "UTILITY": "Utility",
    "AUTHENTICATION": "Authentication",
}
SECTIONS: Final = {"header": "Header", "body": "Body", "button": "Button"}

WIDGET_MODES: Final = {"floating": "Floating: over the page", "embedded": "Embedded: in an element"}
