"""The one secret of a payload, and the mask that stands for it wherever it could be seen."""

from collections.abc import Mapping
from typing import Any, Final

from wizard.formats import paths
from wizard.formats.paths import MISSING, Path

SECRET: Final[Path] = ("widget_config", "api_key")
MASK: Final = "********"


def has_secret(payload: Mapping[str, Any]) -> bool:
    """Whether a payload holds the key of a widget, or the stars that stood for it."""
    return paths.get(payload, SECRET) not in (MISSING, None, "")


def is_masked(payload: Mapping[str, Any]) -> bool:
    """Whether the key of a widget was masked where the payload was printed."""
    return bool(paths.get(payload, SECRET) == MASK)


def masked(payload: Mapping[str, Any]) -> dict[str, Any]:
    """The payload with the key of its widget out of sight."""
    return dict(paths.put(payload, SECRET, MASK) if has_secret(payload) else payload)
