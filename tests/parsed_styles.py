"""Keeps parsed style sheets for all apps of a process: a fifth of the time of each start.

Each app parses the same sheets with the same colours, and only reads the rules that come of it.
"""

from typing import Any

from textual.css import stylesheet
from textual.css.model import RuleSet
from textual.css.tokenizer import Token

_parse, _tokenize = stylesheet.parse, stylesheet.tokenize_values
_Tokens = dict[str, list[Token]]
_tokens: dict[tuple[tuple[str, str], ...], _Tokens] = {}
_rules: dict[tuple[Any, ...], list[RuleSet]] = {}


def _tokenize_once(values: dict[str, str]) -> _Tokens:
    """The same object for the same values, so that it can replace them in a key."""
    key = tuple(values.items())
    if key not in _tokens:
        _tokens[key] = _tokenize(values)
    return _tokens[key]


def _parse_once(
    scope: str, css: str, read_from: Any, variable_tokens: _Tokens, **more: Any
) -> list[RuleSet]:
    key = (scope, css, read_from, id(variable_tokens), *more.values())
    if key not in _rules:
        _rules[key] = [*_parse(scope, css, read_from, variable_tokens=variable_tokens, **more)]
    return _rules[key]


def keep_parsed_styles() -> None:
    """Parse no style sheet twice in this process."""
    # The same hash, without a call in Python for each of 500 rules of each widget.
    RuleSet.__hash__ = object.__hash__  # type: ignore[method-assign]
    stylesheet.__dict__.update(parse=_parse_once, tokenize_values=_tokenize_once)
