"""The forms of QCall's own clients, which the published document does not have."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from wizard.contract.choices import ACTION_TYPES, IMAGES, LANGUAGES, OPT_OUT_SCRIPT
from wizard.contract.rules import is_filled, is_url
from wizard.formats import paths
from wizard.formats.paths import MISSING, Path

# The languages of QCall's app that the document lacks.
APP_LANGUAGES: Final = {
    "ml": "Malayalam · മലയാളം",
    "pa": "Punjabi · ਪੰਜਾਬੀ",
    "nl": "Dutch · Nederlands",
    "pt": "Portuguese · Português",
    "pl": "Polish · Polski",
}
APP_MEETINGS: Final = {
    "cal.com": "Cal.com",
    "google_calendar": "Google Calendar",
    "gohighlevel": "GoHighLevel",
}
_CODES: Final = LANGUAGES | APP_LANGUAGES
_OFFSETS: Final = ("0", "1", "2", "3", "4", "5")
APP_VOLUME: Final = 0.5


@dataclass(frozen=True, slots=True)
class AppForm:
    """A form of one field.

    `place` is the field's path without indexes, `code` its advice. `words` describes a value in
    this form, and is empty for any other value.
    """

    place: tuple[str, ...]
    code: str
    about: str
    words: Callable[[Any], str]


def language_codes(value: Any) -> list[str]:
    """Return the codes of QCall's app in a text, such as `en,hi`; empty for any other value."""
    codes = [code.strip() for code in value.split(",")] if isinstance(value, str) else []
    known = bool(codes) and all(code in _CODES for code in codes)
    return codes if known and value not in LANGUAGES else []


def language_words(value: Any) -> str:
    """Return the languages of a value, of the document or the app; empty for any other value."""
    codes = [value] if isinstance(value, str) and value in LANGUAGES else language_codes(value)
    names = [_CODES[code].partition(" · ")[0] for code in codes]
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1]))) if names else ""


def _languages(value: Any) -> str:
    return language_words(value) if language_codes(value) else ""


def _fillers(value: Any) -> str:
    return "no filler words" if value == "" else ""


def _model(value: Any) -> str:
    is_other = is_filled(value) and value != "1"
    return "another AI model" if is_other else ""


def _knowledge(value: Any) -> str:
    if value is None or value == []:
        return "no knowledge base"
    is_list = isinstance(value, list) and all(isinstance(each, str) for each in value)
    several = "1 knowledge base" if is_list and len(value) == 1 else "several knowledge bases"
    return several if is_list else ""


def _opt_out(value: Any) -> str:
    if value == "":
        return "no opt-out script"
    is_own = isinstance(value, str) and value != OPT_OUT_SCRIPT
    return "an opt-out script of its own" if is_own else ""


def _image(value: Any) -> str:
    if value == "":
        return "no portrait"
    is_other = isinstance(value, str) and value not in IMAGES and is_url(value)
    return "another portrait" if is_other else ""


def _volume(value: Any) -> str:
    is_app = isinstance(value, float) and value == APP_VOLUME
    return "a volume of one half" if is_app else ""


def _date(value: Any) -> str:
    if not isinstance(value, str) or value not in _OFFSETS:
        return ""
    return "the same day" if value == "0" else f"{value} day{'s' * (value != '1')} later"


def _meeting(value: Any) -> str:
    return APP_MEETINGS.get(value, "") if isinstance(value, str) else ""


def _action(value: Any) -> str:
    is_other = is_filled(value) and value not in ACTION_TYPES
    return "an action of the app's own" if is_other else ""


def _nothing(value: Any) -> str:
    return "nothing" if value is None else ""


APP_FORMS: Final = (
    AppForm(("language",), "QW201", "Several languages, or one of QCall's app.", _languages),
    AppForm(("fillers",), "QW202", "An empty text for the filler words.", _fillers),
    AppForm(("ai_model_id",), "QW203", "Another AI model.", _model),
    AppForm(("knowledge_base_Id",), "QW204", "A list of knowledge bases, or null.", _knowledge),
    AppForm(("opt_out_script",), "QW205", "An opt-out script of its own, or none.", _opt_out),
    AppForm(("assistant_image",), "QW206", "Another portrait, or none.", _image),
    AppForm(("background_volume",), "QW207", "A sound volume of 0.5.", _volume),
    AppForm(("actions", "startDate"), "QW208", "A number of days for a date.", _date),
    AppForm(("actions", "meetingType"), "QW209", "A meeting in another calendar.", _meeting),
    AppForm(("actions", "type"), "QW210", "An action of QCall's app.", _action),
    AppForm(("actions",), "QW211", "The actions are null.", _nothing),
    AppForm(("call_flow",), "QW212", "The call flow is null.", _nothing),
    AppForm(("zapier_hook",), "QW213", "The Zapier hook is null.", _nothing),
)
_BY_PLACE: Final = {form.place: form for form in APP_FORMS}


def app_form(payload: Mapping[str, Any], path: Path) -> str:
    """Return what the value at a path is in QCall's app: `QCall's app: English and Hindi`.

    Empty if it is not in a form of QCall's own clients.
    """
    found = form_at(payload, path)
    words = found.words(paths.get(payload, path)) if found else ""
    return f"QCall's app: {words}" if words else ""


def form_at(payload: Mapping[str, Any], path: Path) -> AppForm | None:
    """Return the form that the value at a path is in, or None."""
    found = _BY_PLACE.get(tuple(part for part in path if isinstance(part, str)))
    value = paths.get(payload, path)
    return found if found and value is not MISSING and found.words(value) else None


def allows(payload: Mapping[str, Any], path: Path) -> bool:
    """Whether an error at a path is due to a form of QCall's own clients.

    The members of an action of another type are its own.
    """
    whole = (path[:end] for end in range(1, len(path) + 1))
    if any(form_at(payload, each) for each in whole):
        return True
    is_inside = len(path) >= 2 and path[0] == "actions" and isinstance(path[1], int)
    return is_inside and form_at(payload, (*path[:2], "type")) is not None


def app_forms_in(payload: Mapping[str, Any]) -> dict[Path, AppForm]:
    """Return every value of a payload that is in a form of QCall's own clients, by its path."""
    found: dict[Path, AppForm] = {}
    for form in APP_FORMS:
        name, *inside = form.place
        value = payload.get(name, MISSING)
        if not inside:
            if value is not MISSING and form.words(value):
                found[form.place] = form
        elif isinstance(value, list):
            for index, item in enumerate(value):
                if isinstance(item, (dict, Mapping)) and form.words(item.get(inside[0])):
                    found[(name, index, inside[0])] = form
    return found
