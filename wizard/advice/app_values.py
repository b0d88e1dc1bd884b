"""Advice on values in a form of QCall's own clients, which the published document does not have."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from wizard.advice.context import AdviceContext, AdviceInfo
from wizard.contract.app_forms import APP_FORMS, app_form, app_forms_in
from wizard.contract.problems import Problem

_MEETING: Final = {"type": "scheduleMeeting"}
_EXAMPLES: Final[Mapping[str, Mapping[str, Any]]] = {
    "QW201": {"language": "en,hi"},
    "QW202": {"fillers": ""},
    "QW203": {"ai_model_id": "7"},
    "QW204": {"knowledge_base_Id": ["kb-1"]},
    "QW205": {"opt_out_script": ""},
    "QW206": {"assistant_image": ""},
    "QW207": {"background_volume": 0.5},
    "QW208": {"actions": [_MEETING | {"startDate": "0"}]},
    "QW209": {"actions": [_MEETING | {"meetingType": "cal.com"}]},
    "QW210": {"actions": [{"type": "transferCall"}]},
    "QW211": {"actions": None},
    "QW212": {"call_flow": None},
    "QW213": {"zapier_hook": None},
}

ADVICE: Final = tuple(AdviceInfo(form.code, form.about, _EXAMPLES[form.code]) for form in APP_FORMS)


def check(context: AdviceContext) -> Iterator[Problem]:
    """Report each value that is in a form of QCall's own clients."""
    for path, form in app_forms_in(context.payload).items():
        message = f"{app_form(context.payload, path)}. The published document has no such value."
        yield Problem(path, form.code, message)
