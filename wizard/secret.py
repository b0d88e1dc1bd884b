"""A text that must not be seen: the API key, in memory."""

from typing import Any, Final

_DOTS: Final = "**********"


class SecretStr:
    """Holds a secret and shows dots in its place, however it is printed.

    It is used as pydantic's class of that name is, which costs every start with a key 94 ms and
    5 MB. This one cannot be pickled either, so that no file comes to hold what it holds.
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
        raise TypeError("a secret is written nowhere")
