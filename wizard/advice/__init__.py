"""Advice on a payload: values that are valid but worth a second look.

The patterns of the checks are compiled at the first use, so that a program can paint before it.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from wizard.contract.problems import Problem

if TYPE_CHECKING:
    from wizard.advice.registry import ADVICE

__all__ = ["ADVICE", "advise"]


def advise(payload: Mapping[str, Any], today: date | None = None) -> Iterator[Problem]:
    """Yield all advice on a payload, valid or not. `today` defaults to the system's date."""
    from wizard.advice.context import AdviceContext  # noqa: PLC0415
    from wizard.advice.registry import check  # noqa: PLC0415 - the patterns, see above

    yield from check(AdviceContext(payload, today or date.today()))  # noqa: DTZ011 - local date


def __getattr__(name: str) -> Any:
    """Import `ADVICE` at its first use."""
    if name != "ADVICE":
        raise AttributeError(name)
    from wizard.advice.registry import ADVICE  # noqa: PLC0415 - the patterns, see above

    return ADVICE
