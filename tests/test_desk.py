"""The desk hands out all that the app uses of it, and imports by itself what is seldom used."""

import re
from pathlib import Path

from screens import desk, furniture, spares


def test_what_is_used_of_the_desk_is_there() -> None:
    screens = Path(desk.__file__).parent
    used = {
        name
        for file in screens.glob("*.py")
        for name in re.findall(r"\bdesk\.([A-Za-z]\w*)", file.read_text(encoding="utf-8"))
    }
    assert used - {"furnish", "PAINT_SECONDS"} == {*furniture.__all__, *spares.__all__}


def test_what_is_seldom_used_is_what_the_type_checker_takes_it_for() -> None:
    assert set(desk._LATER) == set(spares.__all__)
    for name in spares.__all__:
        assert getattr(desk, name) is getattr(spares, name), name
