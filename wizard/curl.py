"""Reads the data out of a curl command, as browsers copy it and documentation prints it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from wizard.errors import Unreadable

_LOOKS: Final = re.compile(
    r"(?:^|[|;&({])[ \t]*(?:\$[ \t]+)?(?:\w+=\S*[ \t]+)*(?:[\w./~-]*/)?curl(?:\.exe)?\s", re.M
)
# A shell has braces too, with a command behind them.
_JSON: Final = re.compile(r"\s*(?:\[|\{\s*[\"}])")

# The parts of a shell's line. What a variable would stand for is not known: its name stays.
_PART: Final = re.compile(
    r"(?P<space>[ \t\r]+|\\\r?\n)"
    r"|(?P<line>\n)"
    r"|'(?P<single>[^']*+)'"
    r"|\$'(?P<ansi>(?:[^'\\]|\\.)*+)'"
    r'|"(?P<double>(?:[^"\\]|\\.)*+)"'
    r"|(?P<here><<<|<<-?)"
    r"|(?P<redirect>\d*>>?(?:&\d)?|<)"
    r"|(?P<operator>\|\|?|&&?|;|[()])"
    r"|\\(?P<escaped>.)"
    r"|(?P<plain>[^\s'\"\\|&;<>()$]+|\$)",
    re.DOTALL,
)
_IN_DOUBLE: Final = re.compile(r'\\(?:([$`"\\])|\n)')
_IN_ANSI: Final = re.compile(
    r"\\(?:x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})|([0-7]{1,3})|(.))", re.DOTALL
)
_ANSI = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}
_ANSI |= {"e": "\x1b", "E": "\x1b"}
# Two escapes of an emoji that were written one by one.
_PAIR: Final = re.compile("[\ud800-\udbff][\udc00-\udfff]")


@dataclass(slots=True)
class Command:
    """A command of a shell: its words, and the text that it is given to read."""

    words: list[str] = field(default_factory=list)
    given: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Request:
    """What a curl command sends. Of the headers only the names are kept: a key may be in them."""

    host: str
    headers: tuple[str, ...]
    data: bytes


def is_curl(text: str) -> bool:
    """Whether a text looks like a curl command, or like a script with one."""
    return not _JSON.match(text) and bool(_LOOKS.search(text))


def requests(text: str, name: str, read: Callable[[str], bytes]) -> Iterator[Request]:
    """Yield the request of each curl command that sends data.

    `read` reads a file that is named after an `@`. Raises Unreadable for quotes that do not close,
    for data that is no JSON by its option, and for what `read` refuses.
    """
    piped: list[str | _File] = []
    # All of them first: what a command is given to read may stand below the one behind it.
    for command in list(_Shell(text, name).commands()):
        program, *rest = _without_prefix(command.words) or [""]
        if re.fullmatch(r"(?:.*/)?curl(?:\.exe)?", program):
            # What is given to the command itself hides what comes through the pipe.
            given: list[str | _File] = [*command.given] or piped
            piped = []
            request = _request(rest, name, _Reader(read, given, name))
            if request:
                yield request
        else:
            piped += _printed(program, rest, command.given)


# The shell


class _Shell:
    """Reads a script as a shell does, as far as commands, their words and their input go."""

    def __init__(self, text: str, name: str) -> None:
        self._text, self._name = text.replace("\r\n", "\n"), name
        self._command = Command()
        self._word: str | None = None
        self._sign = ""  # the one before this word, which says where the word belongs
        self._waiting: list[tuple[Command, str, bool]] = []

    def commands(self) -> Iterator[Command]:
        """Yield the commands; Unreadable at a quote that is not closed."""
        at = 0
        while at < len(self._text):
            if self._word is None and self._text.startswith("#", at):
                at = self._end_of_line(at)
                continue
            found = _PART.match(self._text, at)
            if found is None:
                raise self._unclosed(at)
            at = found.end()
            if found.lastgroup not in _BETWEEN:
                self._word = (self._word or "") + _said(found)
                continue
            self._settle()
            if found.lastgroup in ("here", "redirect"):
                self._sign = found[0]
            elif found.lastgroup != "space":
                yield self._next_command()
            if found.lastgroup == "line":
                at = self._read_here(at)
        self._settle()
        yield self._next_command()

    def _end_of_line(self, at: int) -> int:
        end = self._text.find("\n", at)
        return len(self._text) if end < 0 else end

    def _unclosed(self, at: int) -> Unreadable:
        line, column = self._text.count("\n", 0, at) + 1, at - self._text.rfind("\n", 0, at)
        return Unreadable(self._name, "this quote of the curl command is not closed", line, column)

    def _next_command(self) -> Command:
        command, self._command = self._command, Command()
        return command

    def _settle(self) -> None:
        """Put the word that ends here where the sign before it wants it."""
        if self._word is None:
            return
        sign, word = self._sign, self._word
        self._sign, self._word = "", None
        if sign == "<<<":
            self._command.given.append(word + "\n")
        elif sign.startswith("<<"):
            self._waiting.append((self._command, word, sign == "<<-"))
        elif sign == "<":
            self._command.words += [_STDIN_FROM, word]
        elif not sign or "&" in sign:  # what goes to a file is no word of the command
            self._command.words.append(word)

    def _read_here(self, at: int) -> int:
        """Read the texts that follow the line, up to their marks; returns where they end."""
        for command, mark, indented in self._waiting:
            lines: list[str] = []
            while at < len(self._text):
                end = self._end_of_line(at)
                line = self._text[at:end]
                line, at = line.lstrip("\t") if indented else line, end + 1
                if line == mark:
                    break
                lines.append(line + "\n")
            command.given.append("".join(lines))
        self._waiting.clear()
        return at


_BETWEEN: Final = frozenset(("space", "line", "here", "redirect", "operator"))
# Stands for the sign < among the words of a command.
_STDIN_FROM: Final = "--stdin-from"


def _said(found: re.Match[str]) -> str:
    match found.lastgroup:
        case "double":
            return _IN_DOUBLE.sub(lambda escape: escape[1] or "", found["double"])
        case "ansi":
            text = _IN_ANSI.sub(_unescaped, found["ansi"])
            return _PAIR.sub(
                lambda pair: pair[0].encode("utf-16", "surrogatepass").decode("utf-16"), text
            )
        case kind:
            return found[str(kind)]


def _unescaped(escape: re.Match[str]) -> str:
    for digits in escape.groups()[:3]:
        if digits:
            return chr(min(int(digits, 16), 0x10FFFF))
    if escape[4]:
        return chr(int(escape[4], 8) & 0xFF)
    return _ANSI.get(escape[5], escape[5])


def _without_prefix(words: list[str]) -> list[str]:
    """The words from the program's name on."""
    for at, word in enumerate(words):
        if not re.fullmatch(r"\$|\{|sudo|time|env|[A-Za-z_]\w*=.*", word, re.DOTALL):
            return words[at:]
    return []


@dataclass(frozen=True, slots=True)
class _File:
    """A file that a command hands on."""

    name: str


def _printed(program: str, words: list[str], given: list[str]) -> "list[str | _File]":
    """What a command that prints hands on to the one behind its pipe."""
    match program:
        case "cat":
            return [*given, *(_File(word) for word in words if not word.startswith("-"))]
        case "echo":
            return [" ".join(word for word in words if word not in ("-n", "-e", "-E")) + "\n"]
        case "printf" if words:
            return [_formatted(words[0], words[1:])]
        case _:
            return []


def _formatted(form: str, values: list[str]) -> str:
    left = iter(values)
    form = _IN_ANSI.sub(_unescaped, form)
    return re.sub("%[%bs]", lambda sign: "%" if sign[0] == "%%" else next(left, ""), form)


# curl

# Options whose value stands in the next word.
_TAKE: Final = frozenset("AbcCdDeEFhHKmoPQrtTuUwxXyYz")
_DATA = {"-d": "data", "--data": "data", "--data-ascii": "data"}
_DATA |= {"--data-raw": "raw", "--data-binary": "data", "--json": "data"}
_NOT_JSON: Final = {
    "-F": "a form",
    "--form": "a form",
    "--form-string": "a form",
    "--data-urlencode": "a form",
    "-T": "a file by its name",
    "--upload-file": "a file by its name",
}
_VALUED: Final = {
    "--header",
    "--request",
    "--user",
    "--url",
    "--output",
    "--user-agent",
    "--cookie",
    "--referer",
    "--proxy",
    "--max-time",
    "--connect-timeout",
    "--retry",
    "--write-out",
    "--cacert",
    "--cert",
    _STDIN_FROM,
    "--oauth2-bearer",
}


def _request(words: list[str], name: str, reader: "_Reader") -> Request | None:
    """What the words after `curl` send; None where that is nothing."""
    headers: list[str] = []
    data: list[bytes] = []
    host = ""
    options = list(_options(words))
    reader.redirected = [value for option, value in options if option == _STDIN_FROM]
    for option, value in options:
        if option in _NOT_JSON:
            raise Unreadable(name, f"this curl command sends {_NOT_JSON[option]}, and no JSON")
        if option in ("-H", "--header"):
            headers.append(value.partition(":")[0].strip().lower())
        elif option in ("", "--url"):
            host = host or _host(value)
        elif option in _DATA:
            is_file = value.startswith("@") and _DATA[option] == "data"
            data.append(reader(value[1:]) if is_file else value.encode("utf-8", "surrogatepass"))
    joint = b"" if any(option == "--json" for option, _ in options) else b"&"
    return Request(host, tuple(headers), joint.join(data)) if data else None


def _options(words: list[str]) -> Iterator[tuple[str, str]]:
    """Each option with its value; a word that is no option has the option ''."""
    left = iter(words)
    for word in left:
        if word.startswith("--"):
            option, equals, value = word.partition("=")
            takes = option in _DATA or option in _NOT_JSON or option in _VALUED
            yield option, value if equals or not takes else next(left, "")
        elif word.startswith("-") and len(word) > 1:
            yield from _short(word[1:], left)
        else:
            yield "", word


def _short(letters: str, left: Iterator[str]) -> Iterator[tuple[str, str]]:
    """The short options of one word, the last of which may have its value there or in the next."""
    for at, letter in enumerate(letters, 1):
        if letter in _TAKE:
            yield f"-{letter}", letters[at:] or next(left, "")
            return
        yield f"-{letter}", ""


def _host(address: str) -> str:
    try:
        return urlsplit(address if "//" in address else f"//{address}").hostname or ""
    except ValueError:
        return ""


@dataclass(slots=True)
class _Reader:
    """Reads what stands behind an `@`: a file, or what the command is given to read."""

    read: Callable[[str], bytes]
    given: list[str | _File]
    name: str
    redirected: list[str] = field(default_factory=list)

    def __call__(self, file: str) -> bytes:
        if file not in ("-", "/dev/stdin"):
            return self.read(file)
        parts = [*self.given, *(_File(name) for name in self.redirected)]
        if not parts:
            told = "this curl command reads its data from elsewhere: name the file that it reads"
            raise Unreadable(self.name, told)
        return b"".join(
            self.read(part.name)
            if isinstance(part, _File)
            else part.encode("utf-8", "surrogatepass")
            for part in parts
        )
