"""The targets, their keys and the folder; only this module reads the environment."""

import os
import re
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from wizard.errors import BadTarget
from wizard.secret import SecretStr

API: Final = "https://api.qcall.ai/api/v1"
# QCall's app, for what its API cannot do.
APP: Final = "https://qcall.ai"
# This host is never resolved: requests to the sandbox stay inside the program.
SANDBOX: Final = "http://sandbox/api/v1"
MODEL_KEY_VARIABLE: Final = "QCALL_REHEARSAL_KEY"
_KEYS: Final = ("QCALL_API_KEY", MODEL_KEY_VARIABLE)


class Target(NamedTuple):
    """The server that assistants are created on."""

    base_url: str

    @property
    def is_sandbox(self) -> bool:
        """Whether it is the sandbox, the server inside this program."""
        return self.base_url == SANDBOX

    @property
    def name(self) -> str:
        """The name to show: `sandbox`, or the host with its port."""
        return "sandbox" if self.is_sandbox else urlsplit(self.base_url).netloc

    @property
    def kind(self) -> str:
        """`sandbox`, `live` for QCall itself, `local` for this machine, or `server`."""
        if self.is_sandbox:
            return "sandbox"
        host = urlsplit(self.base_url).hostname or ""
        if host == urlsplit(API).hostname:
            return "live"
        return "local" if _is_loopback(host) else "server"

    @property
    def is_live(self) -> bool:
        """Whether it is QCall itself, where assistants are real."""
        return self.kind == "live"

    @property
    def badge(self) -> str:
        """The words at the top of every screen."""
        kinds = {"sandbox": "Sandbox", "live": "Live · ", "local": "Local · ", "server": ""}
        return kinds[self.kind] + ("" if self.is_sandbox else self.name)

    @property
    def place(self) -> str:
        """Where assistants are created, as the end of a sentence: `at api.qcall.ai`."""
        return "in the sandbox" if self.is_sandbox else f"at {self.label}"

    @property
    def label(self) -> str:
        """The name in a sentence: `the sandbox`, `api.qcall.ai`, `127.0.0.1:8080 (local)`."""
        if self.is_sandbox:
            return "the sandbox"
        return f"{self.name} (local)" if self.kind == "local" else self.name

    @property
    def effect(self) -> str:
        """What creating an assistant there means, as a sentence."""
        return {
            "sandbox": "Nothing there reaches QCall.",
            "live": "What is created there is real.",
            "local": "That is a server on this machine.",
            "server": "That is not QCall's own server.",
        }[self.kind]


class Settings(NamedTuple):
    """The settings from the command line and the environment.

    `sandbox_only` is whether `--sandbox` was given; a key then does not change the target.
    """

    target: Target
    given_key: SecretStr | None
    home: Path
    sandbox_only: bool = False

    @property
    def options(self) -> str:
        """The options, each after a space, with which a command has the same target."""
        if self.sandbox_only:
            return " --sandbox"
        is_default = self.target.kind in ("sandbox", "live")
        return "" if is_default else f" --base-url {shlex.quote(self.target.base_url)}"

    @property
    def key(self) -> SecretStr | None:
        """The key of requests; the sandbox accepts any."""
        return _secret("sandbox") if self.target.is_sandbox else self.given_key

    @property
    def keyless_url(self) -> str | None:
        """The base URL that needs a key; None if there is a key, or with `--sandbox`."""
        has_key = self.given_key and not self.target.is_sandbox
        return None if has_key else self.key_url

    @property
    def key_url(self) -> str | None:
        """The base URL that a key would be sent to; None with `--sandbox`."""
        if self.sandbox_only:
            return None
        return API if self.target.is_sandbox else self.target.base_url

    def with_key(self, key: SecretStr | None) -> "Settings":
        """Return the settings with another key, which changes the sandbox to the API.

        A base URL that was given stays the target, and so does the sandbox with `--sandbox`.
        """
        if self.sandbox_only:
            return self
        target = Target(API) if self.target.is_sandbox else self.target
        return self._replace(given_key=key, target=target)


class ModelServer(NamedTuple):
    """The OpenAI-compatible server of rehearsals.

    `model` is empty if the server's first model is to be used. `key` may be None: servers on this
    machine need none.
    """

    base_url: str
    model: str = ""
    key: SecretStr | None = None

    @property
    def name(self) -> str:
        """The host with its port."""
        return urlsplit(self.base_url).netloc


def read_model_server() -> ModelServer | None:
    """Read the server of rehearsals, None if the environment names none; raises BadTarget."""
    url = os.environ.get("QCALL_REHEARSAL_URL", "").strip()
    key = _secret(os.environ.get(MODEL_KEY_VARIABLE, ""))
    try:
        return model_server(url, os.environ.get("QCALL_REHEARSAL_MODEL", ""), key) if url else None
    except BadTarget as error:
        raise BadTarget(f"QCALL_REHEARSAL_URL: {error}") from None


def model_server(url: str, model: str, key: SecretStr | None = None) -> ModelServer:
    """Return the server of rehearsals from what was entered; raises BadTarget."""
    return ModelServer(checked_url(url.strip()), model.strip(), key)


def read(
    *,
    sandbox: bool = False,
    base_url: str | None = None,
    home: str | None = None,
    environment: Mapping[str, str] = os.environ,
) -> Settings:
    """Read the target, the key and the folder; raises BadTarget.

    Without a key the target is the sandbox, unless a base URL was given: sending then asks for
    the key.
    """
    key = _secret(environment.get("QCALL_API_KEY", ""))
    named = base_url or environment.get("QCALL_API_BASE_URL", "").strip()
    address = SANDBOX if sandbox or not (key or named) else checked_url(named or API)
    known = None if address == SANDBOX else key
    return Settings(Target(address), known, find_home(home, environment), sandbox_only=sandbox)


def find_home(given: str | None = None, environment: Mapping[str, str] = os.environ) -> Path:
    """Return the folder of drafts and receipts, by option, environment or system."""
    if named := given or environment.get("QCALL_WIZARD_HOME"):
        # Path.expanduser raises if the user does not exist.
        return Path(os.path.expanduser(named))
    import platformdirs  # noqa: PLC0415 - takes 31 ms, and a folder is often given

    return platformdirs.user_data_path("qcall-wizard", appauthor=False)


def is_completing() -> bool:
    """Whether a shell asks for completions, for which no command is run."""
    return "_QCALL_WIZARD_COMPLETE" in os.environ


def is_dumb_terminal(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the terminal declares that it cannot draw."""
    return environment.get("TERM") == "dumb"


def is_in_browser() -> bool:
    """Whether `qcall-wizard serve` shows the screens in a browser."""
    return os.environ.get("TEXTUAL_DRIVER", "").startswith("textual.drivers.web_driver")


def is_utf8() -> bool:
    """Whether the terminal shows more than ASCII, by its locale; a browser always does."""
    if os.name == "nt" or is_in_browser():
        return True
    import locale  # noqa: PLC0415 - not needed for help

    return locale.getencoding().replace("-", "").lower() == "utf8"


class Surroundings(NamedTuple):
    """The system and the terminal, as far as they decide on the clipboard.

    `system` is `sys.platform`; `windows_below` is Linux inside Windows.
    """

    system: str
    wayland: bool = False
    x11: bool = False
    tmux: bool = False
    windows_below: bool = False


def surroundings(environment: Mapping[str, str] = os.environ) -> Surroundings:
    """Read the surroundings from the environment."""
    return Surroundings(
        system=sys.platform,
        wayland=bool(environment.get("WAYLAND_DISPLAY")),
        x11=bool(environment.get("DISPLAY")),
        tmux=bool(environment.get("TMUX")),
        windows_below=bool(environment.get("WSL_DISTRO_NAME")),
    )


class TerminalWords(NamedTuple):
    """The terminal's variables: TERM, COLORTERM, and whether NO_COLOR is set."""

    term: str
    colorterm: str
    no_color: bool


def terminal_words() -> TerminalWords:
    """Read the terminal's variables from the environment."""
    return TerminalWords(
        term=os.environ.get("TERM", ""),
        colorterm=os.environ.get("COLORTERM", "").lower(),
        # An empty value does not count: https://no-color.org
        no_color=bool(os.environ.get("NO_COLOR")),
    )


def proxies() -> dict[str, str]:
    """Return the proxies of the environment, and the hosts that need none, by their variables."""
    names = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY")
    found = {name: value.strip() for name, value in os.environ.items() if name.upper() in names}
    # In upper and lower case, as Python's urllib reads them.
    in_order = sorted(found, key=lambda name: (names.index(name.upper()), name))
    return {name: found[name] for name in in_order if found[name]}


def certificates() -> str:
    """Return the variable that names the certificates to trust; empty if none does."""
    names = ("SSL_CERT_FILE", "SSL_CERT_DIR")
    return next((name for name in names if os.environ.get(name)), "")


def has_key() -> bool:
    """Whether the environment holds an API key."""
    return bool(os.environ.get("QCALL_API_KEY", "").strip())


def editor(environment: Mapping[str, str] = os.environ) -> str:
    """Return the command of the external editor; empty if the environment has none."""
    return environment.get("VISUAL", "").strip() or environment.get("EDITOR", "").strip()


def keyless(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the environment without the keys, for programs that the wizard starts."""
    return {name: value for name, value in environment.items() if name not in _KEYS}


def drop_colors() -> None:
    """Turn colours off in Textual and in click."""
    os.environ["NO_COLOR"] = "1"


def drop_key() -> None:
    """Remove the keys, so that no program started by the wizard inherits them."""
    for name in _KEYS:
        os.environ.pop(name, None)


def checked_url(url: str) -> str:
    """Return a base URL without a slash at its end; raises BadTarget."""
    # A query, a fragment or a user name may be a secret, so errors do not show it.
    shown = repr(re.split("[?#]", url)[0].rpartition("@")[2])
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise BadTarget(f"{shown} is not a web address: its host or port is not valid") from None
    if "@" in parts.netloc or "?" in url or "#" in url:
        raise BadTarget("the base URL may only have a scheme, a host, a port and a path")
    if parts.scheme not in ("http", "https") or not host:
        raise BadTarget(f"{shown} is not a web address: enter one such as https://example.com")
    if not url.isprintable() or " " in url:
        raise BadTarget(f"{shown} is not a web address: it contains a space or a control character")
    if parts.scheme == "http" and not _is_loopback(host):
        raise BadTarget(f"{shown} would send the key unencrypted: use https://")
    return url.rstrip("/")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    import ipaddress  # noqa: PLC0415 - only for http

    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _secret(text: str) -> SecretStr | None:
    if not text.strip():
        return None
    return SecretStr(text.strip())
