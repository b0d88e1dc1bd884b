"""Advice on a payload: what is allowed and yet worth a second look. It makes nothing invalid."""

from collections.abc import Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, Final

from wizard.advice import (
    booking,
    ear,
    language,
    lengths,
    messages,
    naming,
    purpose,
    shape,
)
from wizard.advice.view import AdviceInfo, View
from wizard.problems import Problem

_PARTS: Final = (shape, naming, ear, lengths, language, booking, messages, purpose)

# Every code that advice can carry, in order.
ADVICE: Final[Mapping[str, AdviceInfo]] = MappingProxyType(
    {info.code: info for part in _PARTS for info in part.ADVICE}
)


def advise(payload: Mapping[str, Any], today: date | None = None) -> Iterator[Problem]:
    """Yield all advice on a payload, whether it is valid or not.

    `today` is the day that dates are compared with; the system's own where it is not given.
    """
    view = View(payload, today or date.today())  # noqa: DTZ011 - the person's own day
    for part in _PARTS:
        yield from part.look(view)


__all__ = ["ADVICE", "AdviceInfo", "advise"]
