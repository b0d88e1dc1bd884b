"""The API key in memory, which no output shows."""

from typing import Any, Final

_DOTS: Final = "**********"


class SecretStr:
    """Holds a secret and prints as dots.

    It has the interface of pydantic's class, whose import takes 190 ms of processor time, and
    nothing else needs pydantic before the first paint. Unlike that class it cannot be pickled.
    """

    __slots__ = ("_secret",)

    def __init__(self, secret: str) -> None:
        self._secret: Final = secret

    def get_secret_value(self) -> str:
        """Return the secret itself."""
        return self._secret

    def __len__(self) -> int:
        return len(self._secret)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SecretStr) and other._secret == self._secret

    def __hash__(self) -> int:
        return hash(self._secret)

    def __str__(self) -> str:
        return _DOTS if self._secret else ""

    def __repr__(self) -> str:
        return f"SecretStr('{self}')"

    def __reduce__(self) -> Any:
        raise TypeError("a secret cannot be pickled or copied")
