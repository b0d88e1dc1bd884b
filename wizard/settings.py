"""Where the wizard works and with which key: the only module that reads the environment."""

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from pydantic import SecretStr

from wizard.errors import BadTarget

API: Final = "https://api.qcall.ai/api/v1"
# Never resolved: requests to the sandbox stay inside the program.
SANDBOX: Final = "http://sandbox/api/v1"


@dataclass(frozen=True, slots=True)
class Target:
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


@dataclass(frozen=True, slots=True)
class Settings:
    """What the command line and the environment said."""

    target: Target
    key: SecretStr | None
    home: Path


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
    key = environment.get("QCALL_API_KEY", "").strip()
    named = base_url or environment.get("QCALL_API_BASE_URL", "").strip()
    address = SANDBOX if sandbox or not (key or named) else checked_url(named or API)
    secret = SecretStr("sandbox") if address == SANDBOX else SecretStr(key) if key else None
    return Settings(Target(address), secret, _home(home or environment.get("QCALL_WIZARD_HOME")))


def checked_url(url: str) -> str:
    """Return a base URL without a slash at its end; BadTarget where it must not be used."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise BadTarget(f"{url!r} is no address: {error}") from None
    if parts.scheme not in ("http", "https") or not host:
        raise BadTarget(f"{url!r} is no address: it begins with https:// and names a host")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise BadTarget("the base URL has more than scheme, host, port and path: leave that out")
    if parts.scheme == "http" and not _is_loopback(host):
        raise BadTarget(f"{url!r} would send the key in the clear: use https://")
    return url.rstrip("/")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _home(given: str | None) -> Path:
    if given:
        return Path(given).expanduser()
    import platformdirs  # noqa: PLC0415 - takes 31 ms, and a home is often given

    return platformdirs.user_data_path("qcall-wizard", appauthor=False)
