"""The places of a cursor in a text: between extended grapheme clusters (UAX 29).

`wcwidth` finds the boundaries. It is imported when a text first needs it.
"""

# The most characters of a cluster; a line may have a million.
_LONGEST = 128


def before(text: str, at: int) -> int:
    """The beginning of the cluster that ends at a place."""
    if at <= 0 or text[at - 1].isascii():
        return max(0, at - 1)
    from wcwidth import grapheme_boundary_before  # noqa: PLC0415 - see above

    start = max(0, at - _LONGEST)
    return start + grapheme_boundary_before(text[start:at], at - start)


def after(text: str, at: int) -> int:
    """The end of the cluster that begins at a place."""
    if text[at : at + 2].isascii():
        return min(len(text), at + 1)
    from wcwidth import iter_graphemes  # noqa: PLC0415 - see above

    return at + len(next(iter_graphemes(text[at : at + _LONGEST])))


def start_of(text: str, at: int) -> int:
    """The beginning of the cluster around a place; the place itself between two clusters."""
    return at if at >= len(text) else before(text, at + 1)


def erased(text: str, at: int) -> int:
    """The place from which Backspace deletes: in Indic scripts the last letter or mark alone.

    Writers of these scripts correct a syllable by its last mark.
    """
    start = before(text, at)
    return at - 1 if any("\u0900" <= sign <= "\u0dff" for sign in text[start:at]) else start
