"""The sandbox's voices: fictional people, in all 13 languages and two families."""

from collections.abc import Iterator
from itertools import product
from typing import Any, Final

from wizard.api.voice_catalogue import SANDBOX_SUFFIX
from wizard.contract.choices import LANGUAGES, language_name

# The voices of a language: accents, and the female and male names in the order native 1, 2,
# ElevenLabs 1, 2. A language that is not here has the English ones.
_NAMES: Final = {
    "en": ("american, indian", "Grace Asha Emily Priya", "Henry Rohan Jack Vikram"),
    "de": (
        "standard german, austrian",
        "Anna Leonie Greta Magdalena",
        "Jonas Florian Matthias Lukas",
    ),
    "hi": ("delhi, lucknow", "Ananya Meera Kavya Sunita", "Arjun Kabir Manoj Nikhil"),
    "es": ("castilian, mexican", "Lucía Ximena Carmen Guadalupe", "Álvaro Diego Javier Emiliano"),
    "fr": ("parisian, quebecois", "Élodie Maude Camille Océane", "Julien Étienne Antoine Mathieu"),
    "it": ("roman, milanese", "Giulia Chiara Francesca Martina", "Lorenzo Matteo Davide Niccolò"),
    "ar-kw": ("kuwaiti, gulf", "Noura Shaikha Dalal Maryam", "Fahad Khalid Bader Yousef"),
    "gu": ("ahmedabad, kathiawadi", "Hetal Jigna Komal Bhavna", "Chirag Parth Jignesh Hardik"),
    "bn": ("kolkata, dhaka", "Moushumi Farhana Sharmila Nusrat", "Anirban Tanvir Subrata Rafiq"),
    "te": (
        "hyderabad, coastal andhra",
        "Sravani Lakshmi Anusha Padmaja",
        "Karthik Srinivas Rajesh Venkat",
    ),
    "kn": (
        "bengaluru, dharwad",
        "Shruthi Savitha Rashmi Girija",
        "Puneeth Basavaraj Chetan Mallikarjun",
    ),
    "ta": ("chennai, madurai", "Kavitha Meenakshi Nithya Selvi", "Surya Pandian Arun Murugan"),
    "mr": ("pune, vidarbha", "Sai Vaishali Mrunal Asmita", "Sachin Prasad Aniket Tushar"),
}

# The members that a family's voices share. The first family is QCall's own.
_FAMILIES: Final[dict[str, dict[str, object]]] = {
    "native": {"ai_modal": "qmodel", "is_native": True, "source": "qcall", "category": "native"},
    "elevenlabs": {
        "ai_modal": "elevenlabs",
        "is_native": False,
        "source": "elevenlabs",
        "category": "premade",
    },
}


def sandbox_voices() -> list[dict[str, Any]]:
    """Return the catalogue as `voice_data` objects, always the same and in the same order.

    Each language has two families, two accents and both genders: 104 voices. No voice has a
    `preview_url`: samples are made when they are asked for.
    """
    return [voice for code in LANGUAGES for voice in _voices_of(code)]


def _voices_of(code: str) -> Iterator[dict[str, Any]]:
    accents, female, male = _NAMES.get(code, _NAMES["en"])
    for number, (family, accent) in enumerate(product(_FAMILIES, accents.split(", "))):
        for gender, names in (("female", female.split()), ("male", male.split())):
            voice_id = f"sandbox-{family}-{code}-{accent.replace(' ', '-')}-{gender}"
            yield _voice(voice_id, names[number], code, gender, accent) | _FAMILIES[family]


def _voice(voice_id: str, name: str, code: str, gender: str, accent: str) -> dict[str, Any]:
    language = {"language": code, "language_name": language_name(code)}
    return {
        "voice_id": voice_id,
        "id": voice_id,
        "name": f"{name}{SANDBOX_SUFFIX}",
        "displayname": f"{name}{SANDBOX_SUFFIX}",
        "labels": language | {"gender": gender, "accent": accent},
        "categories": ["sandbox"],
        "similarity": 75,
        "stability": 50,
        **language,
    }
