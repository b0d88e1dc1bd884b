"""Results as JUnit XML, which CI servers show."""

import re
from collections.abc import Sequence
from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from wizard.rehearsal.runner import Result

# What XML 1.0 cannot hold.
_UNFIT: Final = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_junit(results: Sequence[Result], name: str) -> str:
    """Return the results of one payload as JUnit XML. The times are spoken seconds."""
    suite = Element(
        "testsuite",
        name=_fit(name),
        tests=str(len(results)),
        failures=str(sum(result.was_played and not result.passed for result in results)),
        errors=str(sum(not result.was_played for result in results)),
        time=f"{sum(result.seconds for result in results):.1f}",
    )
    for result in results:
        _add_case(suite, result, name)
    indent(suite)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(suite, encoding="unicode")}\n'


def _add_case(suite: Element, result: Result, name: str) -> None:
    case = SubElement(
        suite,
        "testcase",
        classname=_fit(name),
        name=_fit(result.scenario),
        time=f"{result.seconds:.1f}",
    )
    if not result.was_played:
        SubElement(case, "error", message=_fit(result.sentence))
    elif not result.passed:
        SubElement(case, "failure", message=_fit(result.sentence))
    lines = (f"{line['speaker']}: {line['text']}" for line in result.transcript)
    SubElement(case, "system-out").text = _fit("\n".join(lines))


def _fit(text: str) -> str:
    return _UNFIT.sub("�", text)
