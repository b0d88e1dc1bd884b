"""All parts of the advice, and the codes that they declare."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from wizard.advice import (
    booking,
    language,
    lengths,
    messages,
    purpose,
    shape,
    spoken_text,
    variable_names,
)
from wizard.advice.context import AdviceInfo, View
from wizard.contract.problems import Problem

PARTS: Final = (shape, variable_names, spoken_text, lengths, language, booking, messages, purpose)

# Every code that advice can carry, in order.
ADVICE: Final[Mapping[str, AdviceInfo]] = MappingProxyType(
    {info.code: info for part in PARTS for info in part.ADVICE}
)


def look(view: View) -> Iterator[Problem]:
    """Look at all there is."""
    for part in PARTS:
        yield from part.look(view)
