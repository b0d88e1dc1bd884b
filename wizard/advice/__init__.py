"""Advice on a payload: what is allowed and yet worth a second look. It makes nothing invalid.

`advise` gives it, `ADVICE` has every code that it can carry. The patterns take a while to be made:
that is done at the first advice, so that a program can paint before it.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from wizard.contract.problems import Problem

if TYPE_CHECKING:
    from wizard.advice.registry import ADVICE

__all__ = ["ADVICE", "advise"]


def advise(payload: Mapping[str, Any], today: date | None = None) -> Iterator[Problem]:
    """Yield all advice on a payload, whether it is valid or not.

    `today` is the day that dates are compared with; the system's own where it is not given.
    """
    from wizard.advice.context import View  # noqa: PLC0415
    from wizard.advice.registry import look  # noqa: PLC0415 - see above

    yield from look(View(payload, today or date.today()))  # noqa: DTZ011 - the person's own day


def __getattr__(name: str) -> Any:
    """Return `ADVICE`, for which the parts are needed."""
    if name != "ADVICE":
        raise AttributeError(name)
    from wizard.advice.registry import ADVICE  # noqa: PLC0415 - see above

    return ADVICE
