"""Masks the one secret of a payload, the key of the web widget."""

from collections.abc import Mapping
from typing import Any, Final

from wizard.formats import paths
from wizard.formats.paths import MISSING, Path

SECRET: Final[Path] = ("widget_config", "api_key")
MASK: Final = "********"


def has_secret(payload: Mapping[str, Any]) -> bool:
    """Whether a payload has a widget key, masked or not."""
    return paths.get(payload, SECRET) not in (MISSING, None, "")


def is_masked(payload: Mapping[str, Any]) -> bool:
    """Whether the widget key of a payload is masked."""
    return bool(paths.get(payload, SECRET) == MASK)


def masked(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy of the payload with its widget key masked."""
    return dict(paths.put(payload, SECRET, MASK) if has_secret(payload) else payload)
