"""Advice on a payload: values that are valid but worth a second look."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Any

from wizard.contract.problems import Problem


def advise(
    payload: Mapping[str, Any], today: date | None = None, columns: Collection[str] = ()
) -> Iterator[Problem]:
    """Yield all advice on a payload, valid or not.

    `today` defaults to the system's date; `columns` are variables that the contacts have.
    """
    # Imported late: compiling the patterns of the checks would delay the first paint.
    from wizard.advice.context import AdviceContext  # noqa: PLC0415
    from wizard.advice.registry import check  # noqa: PLC0415

    yield from check(AdviceContext(payload, today or date.today(), columns))  # noqa: DTZ011 - local date
