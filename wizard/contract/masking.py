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
    return dict(masked_at((), payload))


def masked_at(path: Path, value: Any) -> Any:
    """Return the value at a path of a payload, with the widget key masked if it is inside."""
    inner = SECRET[len(path) :]
    has_key = path == SECRET[: len(path)] and paths.get(value, inner) not in (MISSING, None, "")
    return paths.put(value, inner, MASK) if has_key else value
