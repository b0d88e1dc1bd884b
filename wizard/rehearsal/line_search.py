"""Searches lines for a regular expression of a scenario, which may take time without end."""

import asyncio
import json
import re
import sys
import warnings
from collections.abc import Sequence
from subprocess import DEVNULL, PIPE
from typing import Final

SECONDS: Final = 3

# An expression without any repetition is done at once; all others may be runaways.
_REPEATS: Final = re.compile(r"[*+?]|\{[\d,]")
# A search holds the whole process, so it has one of its own, which can be ended.
_PROGRAM: Final = """
import json, re, sys
expression, lines = json.load(sys.stdin)
searches = (re.search(expression, line, re.IGNORECASE) for line in lines)
print(next((place for place, found in enumerate(searches) if found), -1))
"""


class EndlessSearch(Exception):
    """An expression took too long, or needs too much memory; `str()` is a clause."""


def compiled(expression: str) -> re.Pattern[str]:
    """Compile an expression for any case. Raises re.error, RecursionError and OverflowError."""
    with warnings.catch_warnings():
        # Of brackets as in [[name]], which may mean something else one day.
        warnings.simplefilter("ignore", FutureWarning)
        return re.compile(expression, re.IGNORECASE)


async def first_line(expression: str, lines: Sequence[str]) -> int | None:
    """Return the place of the first line in which an expression is found, whatever its case.

    Raises EndlessSearch.
    """
    if _REPEATS.search(expression):
        place = await _place_by_process(expression, lines)
        return None if place < 0 else place
    searches = map(compiled(expression).search, lines)
    return next((place for place, found in enumerate(searches) if found), None)


async def _place_by_process(expression: str, lines: Sequence[str]) -> int:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-S", "-c", _PROGRAM), stdin=PIPE, stdout=PIPE, stderr=DEVNULL
    )
    try:
        async with asyncio.timeout(SECONDS):
            found, _ = await process.communicate(json.dumps([expression, lines]).encode())
    except TimeoutError:
        raise EndlessSearch(
            f"the expression takes more than {SECONDS} seconds, so its repetitions are nested or "
            "too many: write a simpler one"
        ) from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise EndlessSearch("the expression cannot be searched for: write a simpler one")
    return int(found)
