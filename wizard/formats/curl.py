"""Extracts the data of curl commands, as copied from browsers and documentation."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, TypeAlias
from urllib.parse import urlsplit

from wizard.errors import Unreadable
from wizard.formats import shell
from wizard.formats.shell import Printed, program_of, text_of
from wizard.formats.text import describe_character, error_at

# The word curl and an argument that is unlikely in a sentence.
_CURL: Final = re.compile(
    r"(?<![^\s|;&({`\"'>@])(?:[^\s|;&({`\"'>@]*[/\\])?curl(?:\.exe)?\s+[\"'^$\u2018-\u201f]*"
    r"(?:[-\u2010-\u2015]{1,2}[A-Za-z:#]|https?:|localhost|(?<=[$])\w"
    r"|[\w-]+(?:\.[\w-]+)*[./:][\w/])",
    re.IGNORECASE,
)
_CONTINUED: Final = re.compile(r"[\\^`]\r?\n")
_QUOTED: Final = re.compile(r"'[^'\n]*+'|\"[^\"\n]*+\"")
# The prompt of Windows, and a program's folder.
_PROMPT: Final = re.compile(
    r"^(?:PS[ ])?(?:[A-Z]:\\[^>\s]*)?>[ ]?|(?<!\S)[A-Z]:\\\S*\\(?=curl)", re.I | re.M
)
_BEGINS: Final = re.compile(r"[|;&({`>@\n]")
_POWERSHELL: Final = re.compile(
    r"^[ \t]*(?:\$[\w:]+[ \t]*=[ \t]*)?"
    r"(?P<name>Invoke-(?:RestMethod|WebRequest)|irm|iwr|curl)\b"
    r"(?=[^\n]*[ \t]-(?:Uri|Method|Headers|Body|ContentType|InFile)\b"
    r"|[^\n]*`\r?\n[ \t]*-[A-Z][a-z])",
    re.MULTILINE | re.IGNORECASE,
)
_PROGRAM: Final = re.compile(r"\b(?:httpx|requests)\.post\(|^POST https?://\S", re.MULTILINE)
_KEY_HEADER: Final = re.compile(
    r"\bx-[\w-]{0,40}(?:key|token|secret|auth)[\w-]{0,40}[\"'^\\]*[ \t]*[:=][ \t\"'^\\]*\w"
    r"|\bauthorization[\"'^\\]*[ \t]*[:=][ \t]*[\"'^\\]*(?:bearer|basic|token|digest|key)[ \t]+\S"
    r"|(?:-H|--header)[ \t=]*[$\"'^\\]{0,3}[\w-]{0,40}(?:key|token|secret|auth|cookie|password)"
    r"[\w-]{0,40}[ \t]*:[ \t]*[^\s\"'^]",
    re.IGNORECASE,
)
# A shell has braces too, but a command follows them.
_JSON: Final = re.compile(r"\s*(?:\[|\{\s*[\"}])")
_FENCED: Final = re.compile(r"^[ \t]*```[^\n]*\n(.*?)^[ \t]*```", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Request:
    """The request of a curl command. Only names of headers are kept, as values may be secret."""

    host: str
    headers: tuple[str, ...]
    data: bytes


def is_curl(text: str) -> bool:
    """Whether a text looks like a curl command or a script that contains one."""
    return not _JSON.match(text) and _curl_line(text) is not None


def begins_with_curl(text: str) -> bool:
    """Whether a text begins with a curl command."""
    place = _curl_line(text)
    return place is not None and "\n" not in text[:place].strip()


def _curl_line(text: str) -> int | None:
    """Return the offset of the line with the first curl command."""
    joined = _CONTINUED.sub(lambda found: " " * len(found[0]), text)
    for found in _CURL.finditer(joined):
        at = found.start()
        start_of_line = joined.rfind("\n", 0, at) + 1
        before = _QUOTED.sub("text", joined[max(start_of_line, at - 400) : at])
        words = _BEGINS.split(before)[-1].split()
        while words and (words[0] in shell.KEYWORDS or shell.ASSIGNED.fullmatch(words[0])):
            words = words[1:]
        program = shell.program_of(words[0]) if words else "env"
        if program in shell.RUNNERS:
            return start_of_line
    return None


def refuse_other_requests(text: str, name: str) -> None:
    """Raise Unreadable for another program's request, and for one that contains a key."""
    if found := _POWERSHELL.search(text):
        program = _CMDLETS.get(found["name"].lower(), found["name"])
        reason = f"this is PowerShell's {program}; save its -Body as a .json file"
        raise error_at(name, text, found.start("name"), reason)
    if found := _PROGRAM.search(text):
        reason = "this is a program or an HTTP request; save its body as a .json file"
        raise error_at(name, text, found.start(), reason)
    if found := _KEY_HEADER.search(text):
        reason = "this unreadable request has a header with a key; remove the header"
        raise error_at(name, text, found.start(), reason)


_CMDLETS: Final = {"irm": "Invoke-RestMethod", "iwr": "Invoke-WebRequest", "curl": "own curl"}


def requests(text: str, name: str, read: Callable[[str], bytes]) -> list[Request]:
    """Return the request of each curl command that sends data.

    `read` reads a file whose name follows an `@`. Raises Unreadable for unclosed quotes and for
    options that do not send JSON.
    """
    if found := _POWERSHELL.search(text):
        refuse_other_requests(text[found.start() :], name)
    _refuse_look_alikes(text, name)
    text = _POWERSHELL_LINE.sub(r"\\\n", _POWERSHELL_JSON.sub(_without_backslashes, text))
    if _CMD.search(text):
        with suppress(Unreadable, ValueError):
            command = _DOUBLED.sub(_halved, text.replace("\r\n", "\n"))
            commands = _curl_words(_cmd_lines(command))
            found_requests = _all_requests(commands, name, read)
            if found_requests and all(json.loads(each.data) for each in found_requests):
                return found_requests
    return _all_requests(_shell_commands(text, name, read), name, read)


def _all_requests(
    commands: "Iterable[_Command]", name: str, read: Callable[[str], bytes]
) -> list[Request]:
    return [
        request
        for words, given in commands
        for request in _requests(words, name, _Reader(read, given, name))
    ]


_Command: TypeAlias = tuple[list[str], Printed]


def _shell_commands(text: str, name: str, read: Callable[[str], bytes]) -> list[_Command]:
    """Return the words and input of each curl command."""
    fenced = [part for part in _FENCED.findall(text) if is_curl(part)]
    text = _PROMPT.sub("", text)
    found: list[_Command] = []

    def add(words: list[str], given: Printed) -> None:
        found.append((words, given))

    try:
        for part in fenced or [text]:
            shell.run(part, name, read, add)
    except Unreadable:
        # An apostrophe in a sentence before the command looks like an unclosed quote.
        found.clear()
        with suppress(Unreadable):
            shell.run(text[_curl_line(text) or 0 :], name, read, add)
            return found
        raise
    return found


# Characters that are mistaken for those of a shell

_LOOK_ALIKE: Final = re.compile(
    r"\$'(?:[^'\\]|\\.)*+'|'[^']*+'|\"(?:[^\"\\]|\\.)*+\"|[\\^`]\r?\n|\\.|(?P<end>\n)"
    r"|(?P<sign>[\u2018-\u201f\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000\ufeff]"
    r"|(?<!\S)[\u2010-\u2015\u2212])",
    re.DOTALL,
)


def _refuse_look_alikes(text: str, name: str) -> None:
    """Raise Unreadable if a curl command contains curly quotes or no-break spaces."""
    for found in _LOOK_ALIKE.finditer(text, _curl_line(text) or 0):
        if found["end"]:
            return
        if found["sign"]:
            character = describe_character(found["sign"])
            reason = f"{character} is not valid in a command; type the plain one"
            raise error_at(name, text, found.start(), reason)


# Windows

_CMD: Final = re.compile(r"[ \t]\^[ \t]*\r?\n|[ \t]\^\"|[ \t]\"[\[{]\"\"")
# Browsers double every backslash; Windows halves them only before a quote.
_DOUBLED: Final = re.compile(r"(?<!\^\\)(?:\^\\)+(?!\^[\\\"])")
_CMD_PART: Final = re.compile(r"\^\n?(?P<escaped>.|\Z)|(?P<quote>\")|(?P<end>[\n&|])|.", re.DOTALL)
_ARGUMENT: Final = re.compile(r"(?P<slashes>\\*)\"(?P<second>\")?|(?P<space>\s+)|[^\s\"\\]+|\\+")


def _curl_words(lines: Iterator[list[str]]) -> Iterator[_Command]:
    for words in lines:
        for at, word in enumerate(words[:4]):
            if program_of(word) == "curl":
                yield words[at + 1 :], None
                break


def _halved(run: re.Match[str]) -> str:
    return "^\\" * ((len(run[0]) + 2) // 4)


def _cmd_lines(text: str) -> Iterator[list[str]]:
    """Yield the commands of Windows' cmd, which removes carets before it splits words."""
    line, is_quoted = "", False
    for part in _CMD_PART.finditer(text):
        if part["end"] and (part["end"] == "\n" or not is_quoted):
            yield _arguments(line)
            line, is_quoted = "", False
        elif part["escaped"] is not None and not is_quoted:
            line += part["escaped"]
        else:
            is_quoted ^= bool(part["quote"])
            line += part[0]
    yield _arguments(line)


def _arguments(line: str) -> list[str]:
    """Split a line into words as Windows programs do."""
    words: list[str] = []
    word, is_quoted = None, False
    for part in _ARGUMENT.finditer(line):
        if part["space"] and not is_quoted:
            words += [] if word is None else [word]
            word = None
            continue
        word = word or ""
        if part["slashes"] is None:
            word += part[0]
            continue
        count = len(part["slashes"])
        word += "\\" * (count // 2)
        if count % 2 or (part["second"] and is_quoted):
            word += '"'
            is_quoted ^= bool(count % 2 and part["second"])
        else:
            is_quoted = not is_quoted if not part["second"] else is_quoted
    return words + ([] if word is None else [word])


# PowerShell continues a line with a backtick, and needs backslashes before the quotes of JSON.
_POWERSHELL_LINE: Final = re.compile(r"(?<=[ \t])`\r?\n")
_POWERSHELL_JSON: Final = re.compile(r"(?<=[ \t])'[\[{]\s*\\\"[^']*'")


def _without_backslashes(found: re.Match[str]) -> str:
    return found[0].replace('\\"', '"')


# curl

# Short options with a value, in the same word or the next.
_TAKE: Final = frozenset("AbcCdDeEFhHKmoPQrtTuUwxXyYz")
_DATA = {"-d": "data", "--data": "data", "--data-ascii": "data"}
_DATA |= {"--data-raw": "raw", "--data-binary": "binary", "--json": "json"}
_NOT_JSON: Final = {
    "-F": "a form",
    "--form": "a form",
    "--form-string": "a form",
    "--data-urlencode": "a form",
    "-T": "a file by its name",
    "--upload-file": "a file by its name",
    "-G": "its data in the address",
    "--get": "its data in the address",
}
# Long options without a value. All others take the next word.
_SWITCHES: Final = shell.words(
    "anyauth append basic ca-native cert-status compressed compressed-ssh create-dirs crlf digest "
    "disable disable-eprt disable-epsv disallow-username-in-url doh-cert-status doh-insecure eprt "
    "epsv fail fail-early fail-with-body false-start form-escape ftp-create-dirs ftp-pasv "
    "ftp-pret ftp-skip-pasv-ip ftp-ssl-ccc ftp-ssl-control get globoff haproxy-protocol head "
    "http0.9 http1.0 http1.1 http2 http2-prior-knowledge http3 http3-only ignore-content-length "
    "include insecure ipv4 ipv6 junk-session-cookies list-only location location-trusted "
    "mail-rcpt-allowfails manual metalink mptcp negotiate netrc netrc-optional next ntlm ntlm-wb "
    "out-null parallel parallel-immediate path-as-is post301 post302 post303 progress-bar "
    "proxy-anyauth proxy-basic proxy-ca-native proxy-digest proxy-http2 proxy-insecure "
    "proxy-negotiate proxy-ntlm proxy-ssl-allow-beast proxy-ssl-auto-client-cert proxy-tlsv1 "
    "proxytunnel raw remote-header-name remote-name remote-name-all remote-time remove-on-error "
    "retry-all-errors retry-connrefused sasl-ir show-error show-headers silent skip-existing "
    "socks5-basic socks5-gssapi socks5-gssapi-nec ssl ssl-allow-beast ssl-auto-client-cert "
    "ssl-no-revoke ssl-reqd ssl-revoke-best-effort ssl-sessions sslv2 sslv3 styled-output "
    "suppress-connect-headers tcp-fastopen tcp-nodelay tftp-no-options tls-earlydata tlsv1 "
    "tlsv1.0 tlsv1.1 tlsv1.2 tlsv1.3 tr-encoding trace-ids trace-time use-ascii verbose version "
    "xattr"
)


def _requests(words: list[str], name: str, reader: "_Reader") -> Iterator[Request]:
    """Yield the requests of the words after `curl`, which --next separates."""
    options: list[tuple[str, str]] = []
    for option, value in (*_options(words), ("--next", "")):
        if option not in ("--next", "-:"):
            options.append((option, value))
            continue
        if request := _request(options, name, reader):
            yield request
        options = []


def _request(options: list[tuple[str, str]], name: str, reader: "_Reader") -> Request | None:
    headers: list[str] = []
    data: list[bytes] = []
    host = ""
    for option, value in options:
        if option in _NOT_JSON:
            raise Unreadable(name, f"this curl command sends {_NOT_JSON[option]}, not JSON")
        if option in ("-H", "--header"):
            headers.append(value.partition(":")[0].strip().lower())
        elif option in ("", "--url"):
            host = host or _host(value)
        elif option in _DATA:
            if data and option != "--json":
                data.append(b"&")
            data.append(reader(value, _DATA[option]))
    return Request(host, tuple(headers), b"".join(data)) if data else None


def _options(words: list[str]) -> Iterator[tuple[str, str]]:
    """Yield each option with its value; other words have the option ''."""
    left = iter(words)
    for word in left:
        if word == "--":
            continue
        if word.startswith("--"):
            option, equals, value = word.partition("=")
            takes = option[2:] not in _SWITCHES and not option.startswith("--no-")
            yield option, value if equals or not takes else next(left, "")
        elif word.startswith("-") and len(word) > 1:
            yield from _short(word[1:], left)
        else:
            yield "", word


def _short(letters: str, left: Iterator[str]) -> Iterator[tuple[str, str]]:
    """Yield the short options of one word; the last may take its value from the next word."""
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
    """Reads the value of a data option: a text, a file or the command's input."""

    read: Callable[[str], bytes]
    given: Printed
    name: str

    def __call__(self, value: str, kind: str) -> bytes:
        if kind == "raw" or not value.startswith("@"):
            return value.encode("utf-8", "surrogatepass")
        file = value[1:]
        if file in ("-", "/dev/stdin"):
            text = text_of(self.given, self.name, self.read)
            data = text.encode("utf-8", "surrogatepass")
        else:
            data = self.read(file)
        # curl removes line ends unless an option keeps them.
        return re.sub(rb"[\r\n\0]+", b"", data) if kind == "data" else data
