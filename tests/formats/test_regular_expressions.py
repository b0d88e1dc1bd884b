"""Every regular expression of the program takes time in proportion to the text, hostile or not."""

import ast
import builtins
import importlib
import pkgutil
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from inspect import getsource
from itertools import chain
from time import process_time
from types import ModuleType
from typing import Any, Final, NamedTuple

import pytest

import screens
import wizard

_parser: Any = importlib.import_module("re._parser")

METHODS: Final = {
    name: place
    for place, names in {
        1: ("compile",),
        2: ("search", "match", "fullmatch", "findall", "finditer"),
        3: ("split",),
        4: ("sub", "subn"),
    }.items()
    for name in names
}
# Linear time takes at most 0.01 and 8 seconds; quadratic time takes hours for the long one.
SHORT, LONG = 2_000, 1_000_000
SECONDS: Final = {SHORT: 0.5, LONG: 30.0}
ENDS: Final = ("\0", '\n"', "\u202e", "")


# All of them, found in the code


class Found(NamedTuple):
    """A regular expression of the program, and the methods that use it."""

    pattern: str | bytes
    flags: int
    methods: set[str]


class Names(dict[str, Any]):
    """The names of a module; a variable of a function is a short text."""

    def __missing__(self, name: str) -> Any:
        return getattr(builtins, name, "ab")

    def value(self, node: ast.expr) -> Any:
        return eval(compile(ast.Expression(node), "here", "eval"), {}, self)


def modules() -> Iterator[ModuleType]:
    for package in (wizard, screens):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not found.name.endswith("__main__"):
                yield importlib.import_module(found.name)


def all_patterns() -> dict[str, Found]:
    sources = {module: getsource(module) for module in modules()}
    trees = {
        module: ast.parse(source) for module, source in sources.items() if "\nimport re\n" in source
    }
    used: dict[str, set[str]] = {}
    for node in (node for tree in trees.values() for node in ast.walk(tree)):
        match node:
            case ast.Attribute(value=ast.Name(id=name) | ast.Attribute(attr=name), attr=method):
                if method in METHODS:
                    used.setdefault(name, set()).add(method)
    found: dict[str, Found] = {}
    for module, tree in trees.items():
        names, kept = Names(vars(module)), dict(assigned(tree))
        for node in ast.walk(tree):
            match node:
                case ast.Call(ast.Attribute(ast.Name("re"), method), args) if method in METHODS:
                    named = [word.value for word in node.keywords if word.arg == "flags"]
                    pattern, *flags = map(
                        names.value, args[:1] + (named or args[METHODS[method] :])
                    )
                    methods = {method} - {"compile"} or used.get(kept.get(node, ""), set(METHODS))
                    place = f"{module.__name__}:{node.lineno}"
                    found[place] = Found(
                        pattern, sum(n for n in flags if isinstance(n, int)), methods - {"compile"}
                    )
    return found


def assigned(tree: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    """Each part of an assigned value, with the name that the value gets."""
    for node in ast.walk(tree):
        match node:
            case ast.Assign([ast.Name(name)], value) | ast.AnnAssign(ast.Name(name), _, value):
                yield from ((part, name) for part in ast.walk(value or node))


PATTERNS: Final = all_patterns()


# Texts that a pattern matches for long, and then not


def pumps(items: Any, before: str = "") -> Iterator[tuple[str, str]]:
    """The prefix of each repetition in a parsed pattern, and its repeated part."""
    for at, (kind, argument) in enumerate(items):
        prefix = before + sample(items[:at])
        match str(kind):
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                yield from (("", prefix), (prefix, sample(argument[2])))
                yield from pumps(argument[2], prefix)
            case "SUBPATTERN":
                yield from pumps(argument[3], prefix)
            case "ATOMIC_GROUP":
                yield from pumps(argument, prefix)
            case "BRANCH":
                for branch in argument[1]:
                    yield from pumps(branch, prefix)


def sample(items: Any) -> str:
    """A text that the items of a parsed pattern match."""
    return "".join(_sample(str(kind), argument) for kind, argument in items)


def _sample(kind: str, argument: Any) -> str:
    match kind:
        case "LITERAL" | "NOT_LITERAL" | "ANY":
            return chr(argument) if kind == "LITERAL" else "b" if argument == ord("a") else "a"
        case "IN":
            signs = chain("a 0A_-.\t", map(chr, range(0x10000)))
            return next(sign for sign in signs if holds(argument, sign))
        case "BRANCH" | "SUBPATTERN":
            return sample(argument[1][0] if kind == "BRANCH" else argument[3])
        case "ATOMIC_GROUP":
            return sample(argument)
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            return sample(argument[2]) * max(1, argument[0])
    return ""


def holds(members: Any, sign: str) -> bool:
    """Whether a character is in a parsed [class]."""
    is_in = False
    for kind, argument in members:
        match str(kind):
            case "LITERAL":
                is_in |= ord(sign) == argument
            case "RANGE":
                is_in |= argument[0] <= ord(sign) <= argument[1]
            case "CATEGORY":
                letter = next(sign for sign in "DSW" if f"_{sign}" in str(argument)[8:])
                negated = "_NOT_" in str(argument)
                is_in |= bool(re.match(f"\\{letter.lower()}", sign)) != negated
    return is_in != (str(members[0][0]) == "NEGATE")


def hostile(found: Found) -> Iterator[tuple[str, str, str]]:
    """Many combinations of a prefix, a repeated part and an end."""
    parsed = _parser.parse(found.pattern, found.flags)
    for prefix, pump in dict.fromkeys([("", sample(parsed) or "a"), *pumps(parsed)]):
        for end in ENDS if pump else ():
            yield prefix, pump, end


# How long they take


@contextmanager
def at_most(seconds: float, shape: str) -> Iterator[None]:
    """Fail when the time is over; the signal reaches a match that would go on for ever."""

    def over(*_: object) -> None:
        pytest.fail(f"over {seconds} seconds for {shape}")

    before = signal.signal(signal.SIGVTALRM, over)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def seconds_of(found: Found, text: str, shape: str) -> float:
    expression: Any = re.compile(found.pattern, found.flags)
    subject = text.encode("latin-1", "replace") if isinstance(found.pattern, bytes) else text
    begun = process_time()
    with at_most(SECONDS[SHORT if len(text) < 2 * SHORT else LONG], shape):
        for method in found.methods & {"search", "match", "fullmatch"}:
            getattr(expression, method)(subject)
        if found.methods - {"search", "match", "fullmatch"}:
            expression.sub(subject[:0], subject)
    return process_time() - begun


@pytest.mark.parametrize("place", PATTERNS)
def test_a_regular_expression_takes_linear_time(place: str) -> None:
    found = PATTERNS[place]

    def seconds(length: int, prefix: str, pump: str, end: str) -> float:
        text = f"{prefix}{pump * (length // len(pump) + 1)}{end}"
        return seconds_of(found, text, f"{prefix!r} + {pump!r} * n + {end!r}")

    slowest = max(hostile(found), key=lambda parts: seconds(SHORT, *parts))
    seconds(LONG, *slowest)
