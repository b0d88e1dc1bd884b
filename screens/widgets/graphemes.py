"""Where a cursor may stay in a text: between what a person sees as one sign.

The boundaries are those of extended grapheme clusters (UAX 29), as `wcwidth` finds them. It is
imported with the first text that needs it.
"""

# No cluster that people write is longer; a line may have a million characters.
_LONGEST = 128


def before(text: str, at: int) -> int:
    """Where the sign begins that ends at a place."""
    if at <= 0 or text[at - 1].isascii():
        return max(0, at - 1)
    from wcwidth import grapheme_boundary_before  # noqa: PLC0415 - see above

    start = max(0, at - _LONGEST)
    return start + grapheme_boundary_before(text[start:at], at - start)


def after(text: str, at: int) -> int:
    """Where the sign ends that begins at a place."""
    if text[at : at + 2].isascii():
        return min(len(text), at + 1)
    from wcwidth import iter_graphemes  # noqa: PLC0415 - see above

    return at + len(next(iter_graphemes(text[at : at + _LONGEST])))


def start_of(text: str, at: int) -> int:
    """Where the sign begins that a place is inside of; the place itself between two signs."""
    return at if at >= len(text) else before(text, at + 1)


def erased(text: str, at: int) -> int:
    """Where Backspace at a place begins to delete: in Indic scripts the last letter or mark alone.

    People who write them correct a syllable by its last mark.
    """
    start = before(text, at)
    return at - 1 if any("\u0900" <= sign <= "\u0dff" for sign in text[start:at]) else start
