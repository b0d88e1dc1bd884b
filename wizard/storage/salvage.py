"""Reads rows straight from the pages of a damaged SQLite file, whatever became of its trees.

SQLite finds a row by walking from page to page: where one on the way is damaged, all behind it is
out of reach. The rows themselves lie on leaf pages, and each of those can be read alone.
"""

import struct
from collections.abc import Iterator
from typing import Final, NamedTuple, TypeAlias

Value: TypeAlias = int | float | str | bytes | None

_USUAL_PAGE: Final = 4096
_FILE_HEADER: Final = 100
_LOG_HEADER: Final = 32
_FRAME_HEADER: Final = 24
_LEAF: Final = 0x0D
_INTEGER_SIZES: Final = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}


class Row(NamedTuple):
    """A row as it was found: its number in its table, and its values."""

    number: int
    values: tuple[Value, ...]


class _Frame(NamedTuple):
    """A page in the log. `is_sound` is whether it is what was written behind the frame before."""

    page: int
    ends: bool
    is_of_now: bool
    is_sound: bool
    data: bytes


def version(main: bytes) -> int | None:
    """The version in a file's header, None where there is no header."""
    if not main.startswith(b"SQLite format 3\0") or len(main) < _FILE_HEADER:
        return None
    return int(struct.unpack_from(">i", main, 60)[0])


def rows(main: bytes, log: bytes) -> Iterator[Row | None]:
    """Every row on a leaf of a table, in no order; None for each that cannot be read."""
    size = _page_size(main) or _page_size_of_log(log) or _USUAL_PAGE
    whole = len(main) // size
    pages = {n + 1: main[n * size : (n + 1) * size] for n in range(whole)}
    pages |= _logged(log, size)
    for number, page in pages.items():
        start = _FILE_HEADER if number == 1 else 0
        if page[start] == _LEAF:
            yield from _leaf(pages, page, start, size)


def is_cut(log: bytes) -> bool:
    """Whether SQLite would stop reading a log before its end, at a place that was damaged.

    A log whose last write was cut short by a crash is in order: nobody was told that it is saved.
    """
    frames = list(_frames(log, _page_size_of_log(log) or _USUAL_PAGE))
    sound = _is_log_header_sound(log)
    good = next((i for i, frame in enumerate(frames) if not (sound and frame.is_sound)), None)
    if good is None:
        return False
    ended = frames[good].ends
    for frame in frames[good + 1 :]:
        if frame.is_of_now and frame.is_sound and (ended or frame.ends):
            return True
        ended = ended or (frame.is_of_now and frame.ends)
    return False


# --- pages


def _page_size(main: bytes) -> int:
    if version(main) is None:
        return 0
    return _checked_size(int.from_bytes(main[16:18], "big"))


def _page_size_of_log(log: bytes) -> int:
    return _checked_size(int.from_bytes(log[8:12], "big"))


def _checked_size(size: int) -> int:
    size = 65536 if size == 1 else size
    return size if 512 <= size <= 65536 and not size & (size - 1) else 0


def _logged(log: bytes, size: int) -> dict[int, bytes]:
    """The newest pages in the log, up to the last transaction that was finished."""
    pages: dict[int, bytes] = {}
    open_pages: dict[int, bytes] = {}
    for frame in _frames(log, size):
        if not frame.is_of_now:
            continue
        if frame.is_sound:
            open_pages[frame.page] = frame.data
        if frame.ends:
            pages |= open_pages
            open_pages = {}
    return pages


def _frames(log: bytes, size: int) -> Iterator[_Frame]:
    """The frames of a log; what an earlier use of the file left behind is not `of_now`."""
    order = ">" if log[3:4] == b"\x83" else "<"
    header_is_sound = _is_log_header_sound(log)
    salts = log[16:24] if header_is_sound else log[_LOG_HEADER + 8 : _LOG_HEADER + 16]
    before = _sums(log[:24], order) if header_is_sound else None
    for start in range(_LOG_HEADER, len(log) - _FRAME_HEADER - size + 1, _FRAME_HEADER + size):
        head = log[start : start + _FRAME_HEADER]
        data = log[start + _FRAME_HEADER : start + _FRAME_HEADER + size]
        page, pages = struct.unpack(">II", head[:8])
        told = struct.unpack(">II", head[16:24])
        of_now = head[8:16] == salts
        # The first one behind a damaged header cannot be proved, and is believed.
        sound = of_now and (before is None or _sums(head[:8] + data, order, before) == told)
        yield _Frame(page, pages > 0, of_now, sound, data)
        before = told


def _is_log_header_sound(log: bytes) -> bool:
    if len(log) < _LOG_HEADER:
        return False
    order = ">" if log[3:4] == b"\x83" else "<"
    magic = int.from_bytes(log[:4], "big")
    return magic >> 1 == 0x377F0682 >> 1 and _sums(log[:24], order) == struct.unpack(
        ">II", log[24:32]
    )


def _sums(data: bytes, order: str, start: tuple[int, int] = (0, 0)) -> tuple[int, int]:
    """SQLite's checksum of a log."""
    one, two = start
    words = iter(struct.unpack(f"{order}{len(data) // 4}I", data))
    for first, second in zip(words, words, strict=True):
        one = (one + first + two) & 0xFFFFFFFF
        two = (two + second + one) & 0xFFFFFFFF
    return one, two


# --- rows


def _leaf(pages: dict[int, bytes], page: bytes, start: int, size: int) -> Iterator[Row | None]:
    cells = int.from_bytes(page[start + 3 : start + 5], "big")
    for at in range(start + 8, min(start + 8 + 2 * cells, size - 1), 2):
        try:
            yield _row(pages, page, int.from_bytes(page[at : at + 2], "big"))
        except (ValueError, KeyError, OverflowError, struct.error):
            yield None


def _row(pages: dict[int, bytes], page: bytes, at: int) -> Row:
    length, at = _varint(page, at)
    number, at = _varint(page, at)
    return Row(_signed(number), tuple(_values(_payload(pages, page, at, length))))


def _payload(pages: dict[int, bytes], page: bytes, at: int, length: int) -> bytes:
    """The bytes of a row; of a long one all but the beginning lie on a chain of pages."""
    size = len(page)
    if length > size * len(pages):
        raise ValueError("longer than the file")
    if length <= size - 35:
        return _exactly(page, at, length)
    least = (size - 12) * 32 // 255 - 23
    local = least + (length - least) % (size - 4)
    local = local if local <= size - 35 else least
    parts, left = [_exactly(page, at, local)], length - local
    following = int.from_bytes(_exactly(page, at + local, 4), "big")
    while left:
        chained = pages[following]
        following = int.from_bytes(chained[:4], "big")
        parts.append(chained[4 : 4 + left])
        left -= len(parts[-1])
    return b"".join(parts)


def _values(payload: bytes) -> Iterator[Value]:
    end, at = _varint(payload, 0)
    kinds, place = [], end
    while at < end:
        kind, at = _varint(payload, at)
        kinds.append(kind)
    for kind in kinds:
        value, place = _value(payload, place, kind)
        yield value
    if place != len(payload):
        raise ValueError("not the length that was told")


def _value(payload: bytes, at: int, kind: int) -> tuple[Value, int]:
    if kind in (0, 8, 9):
        return {0: None, 8: 0, 9: 1}[kind], at
    if kind == 7:
        return float(struct.unpack(">d", _exactly(payload, at, 8))[0]), at + 8
    if kind in _INTEGER_SIZES:
        size = _INTEGER_SIZES[kind]
        return int.from_bytes(_exactly(payload, at, size), "big", signed=True), at + size
    if kind < 12:
        raise ValueError("no kind of value")
    size = (kind - 12) // 2
    data = _exactly(payload, at, size)
    return (data.decode("utf-8", "replace") if kind % 2 else data), at + size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for place, byte in enumerate(_exactly(data, at, min(9, len(data) - at)), 1):
        if place == 9:
            return value << 8 | byte, at + 9
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + place
    raise ValueError("no end")


def _signed(number: int) -> int:
    return number - (1 << 64) if number >= 1 << 63 else number


def _exactly(data: bytes, at: int, length: int) -> bytes:
    found = data[at : at + length] if at >= 0 and length >= 0 else b""
    if len(found) != length:
        raise ValueError("cut short")
    return found
