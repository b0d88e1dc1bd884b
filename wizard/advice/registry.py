"""The checks of all advice, and the codes that they declare."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from wizard.advice import (
    app_values,
    booking,
    language,
    lengths,
    messages,
    purpose,
    shape,
    spoken_text,
    variable_names,
)
from wizard.advice.context import AdviceContext, AdviceInfo
from wizard.contract.problems import Problem

CHECKS: Final = (
    shape,
    variable_names,
    spoken_text,
    lengths,
    language,
    booking,
    messages,
    purpose,
    app_values,
)

# Every code of advice, in the order of the checks.
ADVICE: Final[Mapping[str, AdviceInfo]] = MappingProxyType(
    {info.code: info for module in CHECKS for info in module.ADVICE}
)


def check(context: AdviceContext) -> Iterator[Problem]:
    """Run all checks."""
    for module in CHECKS:
        yield from module.check(context)
