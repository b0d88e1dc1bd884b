"""Where the wizard works and with which key: the only module that reads the environment."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from wizard.errors import BadTarget
from wizard.secret import SecretStr

API: Final = "https://api.qcall.ai/api/v1"
# Never resolved: requests to the sandbox stay inside the program.
SANDBOX: Final = "http://sandbox/api/v1"


class Target(NamedTuple):
    """The server that assistants are created on."""

    base_url: str

    @property
    def is_sandbox(self) -> bool:
        """Whether it is the server inside this program, where nothing is real."""
        return self.base_url == SANDBOX

    @property
    def name(self) -> str:
        """The words for it: `sandbox`, or the host with its port."""
        return "sandbox" if self.is_sandbox else urlsplit(self.base_url).netloc


class Settings(NamedTuple):
    """What the command line and the environment said.

    `held` tells whether the sandbox was asked for by name: no key leads away from it then.
    """

    target: Target
    given_key: SecretStr | None
    home: Path
    held: bool = False

    @property
    def key(self) -> SecretStr | None:
        """The key that requests carry; for the sandbox, which takes any, a word that is none."""
        return _secret("sandbox") if self.target.is_sandbox else self.given_key

    @property
    def keyless_url(self) -> str | None:
        """The base URL that a key is lacking for; None where there is one, or where none helps."""
        has_key = self.given_key and not self.target.is_sandbox
        return None if has_key else self.key_url

    @property
    def key_url(self) -> str | None:
        """The base URL that a key would be for; None where the sandbox was asked for by name."""
        if self.held:
            return None
        return API if self.target.is_sandbox else self.target.base_url

    def with_key(self, key: SecretStr | None) -> Settings:
        """The same with another key, which leads from the sandbox to the API.

        A server that was named stays, and so does the sandbox where it was named. Without a key
        the target is the same, and the key is missed when something is to be sent.
        """
        if self.held:
            return self
        target = Target(API) if self.target.is_sandbox else self.target
        return self._replace(given_key=key, target=target)


def read(
    *,
    sandbox: bool = False,
    base_url: str | None = None,
    home: str | None = None,
    environment: Mapping[str, str] = os.environ,
) -> Settings:
    """Settle target, key and home; BadTarget where the address will not be used.

    Without a key the target is the sandbox, unless an address was named: then the key is missing
    and is told so before anything is sent.
    """
    key = _secret(environment.get("QCALL_API_KEY", ""))
    named = base_url or environment.get("QCALL_API_BASE_URL", "").strip()
    address = SANDBOX if sandbox or not (key or named) else checked_url(named or API)
    known = None if address == SANDBOX else key
    return Settings(Target(address), known, find_home(home, environment), held=sandbox)


def find_home(given: str | None = None, environment: Mapping[str, str] = os.environ) -> Path:
    """The folder of drafts and receipts: the given one, the environment's, or the system's."""
    if named := given or environment.get("QCALL_WIZARD_HOME"):
        # Path.expanduser raises where there is no such user.
        return Path(os.path.expanduser(named))
    import platformdirs  # noqa: PLC0415 - takes 31 ms, and a home is often given

    return platformdirs.user_data_path("qcall-wizard", appauthor=False)


def is_completing(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether a shell asks what completes a command; it then names no command to run."""
    return "_QCALL_WIZARD_COMPLETE" in environment


def is_dumb_terminal(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the terminal says of itself that it cannot draw."""
    return environment.get("TERM") == "dumb"


def is_in_browser(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the screens are shown by `qcall-wizard serve`, through pipes."""
    return environment.get("TEXTUAL_DRIVER", "").startswith("textual.drivers.web_driver")


def is_utf8(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the terminal shows more than ASCII, by the locale; a browser always does."""
    if os.name == "nt" or is_in_browser(environment):
        return True
    import locale  # noqa: PLC0415 - help does not wait for it

    return locale.getencoding().replace("-", "").lower() == "utf8"


class Surroundings(NamedTuple):
    """What the wizard runs in, as far as it tells which clipboard there is.

    `system` is as in `sys.platform`; `windows_below` is Linux inside Windows.
    """

    system: str
    wayland: bool = False
    x11: bool = False
    tmux: bool = False
    windows_below: bool = False


def surroundings(environment: Mapping[str, str] = os.environ) -> Surroundings:
    """Look at what the wizard runs in."""
    return Surroundings(
        system=sys.platform,
        wayland=bool(environment.get("WAYLAND_DISPLAY")),
        x11=bool(environment.get("DISPLAY")),
        tmux=bool(environment.get("TMUX")),
        windows_below=bool(environment.get("WSL_DISTRO_NAME")),
    )


class TerminalWords(NamedTuple):
    """What the environment says of the terminal: TERM, COLORTERM, and whether NO_COLOR is set."""

    term: str
    colorterm: str
    no_color: bool


def terminal_words(environment: Mapping[str, str] = os.environ) -> TerminalWords:
    """Look at what the environment says of the terminal."""
    return TerminalWords(
        term=environment.get("TERM", ""),
        colorterm=environment.get("COLORTERM", "").lower(),
        # Empty it does not count: https://no-color.org
        no_color=bool(environment.get("NO_COLOR")),
    )


def proxies(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The proxies of the environment and what needs none, by the names of their variables."""
    names = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY")
    found = {name: value.strip() for name, value in environment.items() if name.upper() in names}
    # In any case, as Python's urllib reads them.
    return {name: found[name] for name in sorted(found, key=_by_order(names)) if found[name]}


def _by_order(names: tuple[str, ...]) -> Callable[[str], tuple[int, str]]:
    return lambda name: (names.index(name.upper()), name)


def certificates(environment: Mapping[str, str] = os.environ) -> str:
    """The variable that names the certificates to trust; empty if none does."""
    names = ("SSL_CERT_FILE", "SSL_CERT_DIR")
    return next((name for name in names if environment.get(name)), "")


def has_key(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the environment holds an API key."""
    return bool(environment.get("QCALL_API_KEY", "").strip())


def editor(environment: Mapping[str, str] = os.environ) -> str:
    """The command of the person's own editor; empty where the environment names none."""
    return environment.get("VISUAL", "").strip() or environment.get("EDITOR", "").strip()


def keyless(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The environment for a program that is started from here: all but the API key."""
    return {name: value for name, value in environment.items() if name != "QCALL_API_KEY"}


def drop_colors() -> None:
    """Have no colours shown: Textual and click both go by this."""
    os.environ["NO_COLOR"] = "1"


def drop_key() -> None:
    """Remove the API key, so that no program that is started from here inherits it."""
    os.environ.pop("QCALL_API_KEY", None)


def checked_url(url: str) -> str:
    """Return a base URL without a slash at its end; BadTarget where it must not be used."""
    # Behind these marks, or before the @, stands what may be a secret.
    shown = repr(re.split("[?#]", url)[0].rpartition("@")[2])
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise BadTarget(f"{shown} is no address: its host or port cannot be read") from None
    if "@" in parts.netloc or "?" in url or "#" in url:
        raise BadTarget("the base URL has more than scheme, host, port and path: leave that out")
    if parts.scheme not in ("http", "https") or not host:
        raise BadTarget(f"{shown} is no address: it begins with https:// and names a host")
    if not url.isprintable() or " " in url:
        raise BadTarget(f"{shown} is no address: it holds a space or a control character")
    if parts.scheme == "http" and not _is_loopback(host):
        raise BadTarget(f"{shown} would send the key in the clear: use https://")
    return url.rstrip("/")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    import ipaddress  # noqa: PLC0415 - an address is seldom without https

    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _secret(text: str) -> SecretStr | None:
    if not text.strip():
        return None
    return SecretStr(text.strip())
