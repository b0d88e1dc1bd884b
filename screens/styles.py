"""The stylesheet's two parts: `first.tcss` for the first screen, `wizard.tcss` for all others.

Reading the second takes as long as painting the first screen. So it is read in a thread after
that; a screen that is opened before names it as its `CSS_PATH`, and Textual reads it then.
"""

from pathlib import Path
from typing import Final

from textual.css.model import RuleSet
from textual.css.parse import parse
from textual.css.stylesheet import Stylesheet

_SECOND: Final = Path(__file__).with_name("wizard.tcss")


def parsed(sheet: Stylesheet) -> list[RuleSet] | None:
    """The rules of the second part, with the colours of a stylesheet; for a thread.

    None where the stylesheet has that part already.
    """
    if sheet.has_source(str(_SECOND)):
        return None
    css = _SECOND.read_text(encoding="utf-8")
    tokens = sheet._variable_tokens  # noqa: SLF001 - Textual reads no styles in a thread by itself
    return list(parse("", css, (str(_SECOND), ""), variable_tokens=tokens))


def add(sheet: Stylesheet, rules: list[RuleSet] | None = None) -> None:
    """Put the second part into a stylesheet; where its rules are given they are not read again."""
    if sheet.has_source(str(_SECOND)):
        return
    if rules is not None:
        css = _SECOND.read_text(encoding="utf-8")
        cache = sheet._parse_cache  # noqa: SLF001 - see above
        cache[css, (str(_SECOND), ""), False, 0, ""] = rules
    sheet.read(_SECOND)
