"""When two requests are the same: the hash of a payload's meaning, and the normalized target."""

import hashlib
import json
import sys
from collections.abc import Mapping
from posixpath import normpath
from typing import Any, Final
from unicodedata import normalize
from urllib.parse import urlsplit, urlunsplit

from wizard.formats.json_text import is_number

_PORTS: Final = {"https": 443, "http": 80}


def payload_hash(data: Any) -> str:
    """Return the SHA-256 of a payload, independent of member order, number format and the form of
    accents (NFC or NFD).
    """
    text = json.dumps(_plain(data), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    """Return a value with each number and text in one form: 1 for 1.0, and NFC."""
    if isinstance(value, Mapping):
        return {name: _plain(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, str):
        return normalize("NFC", value)
    if not is_number(value):
        return value
    # Beyond 2 ** 53, other readers of JSON take neighbouring integers for the same number.
    number = float(value) if abs(value) <= sys.float_info.max else value
    return int(number) if abs(number) <= 2**53 and number == int(number) else number


def normalized_url(url: str) -> str:
    """Normalize a base URL for comparison of host, port and path."""
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    host = "127.0.0.1" if host in ("localhost", "::1") else host
    host = f"[{host}]" if ":" in host else host
    if parts.port and parts.port != _PORTS.get(parts.scheme):
        host += f":{parts.port}"
    path = normpath(f"/{parts.path}").strip("/")
    return urlunsplit((parts.scheme, host, f"/{path}" if path else "", "", ""))
