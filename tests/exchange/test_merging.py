"""Changes are merged into a record, and everything else stays byte for byte."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wizard.exchange.differences import same
from wizard.exchange.merging import is_untouched, member_changes, merged
from wizard.formats.json_members import Node

RECORD = (
    '{ "name" : "As\\u0068a","n":1.0 ,\n\t"big":12345678901234567890123,"e":1E2, '
    '"list":[ {"a":1.50},{"b":"\\/"} ,\n3 ],"in":{"x" : 0.10,"y":null}, "\\u00fc":"\\ud800"}'
)


def changed(record: str, **members: Any) -> str:
    return json.dumps(json.loads(record) | members)


@pytest.mark.parametrize(
    ("mine", "expected"),
    [
        (changed(RECORD), RECORD),
        (changed(RECORD, n=1), RECORD),
        (changed(RECORD, n=2.5), RECORD.replace("1.0", "2.5")),
        (changed(RECORD, **{"in": {"x": 0.1, "y": 7}}), RECORD.replace("null", "7")),
        (
            changed(RECORD, list=[{"b": "/"}, {"a": 1.5}, 3]),
            RECORD.replace('{"a":1.50},{"b":"\\/"}', '{"b":"\\/"},{"a":1.50}'),
        ),
        (
            changed(RECORD, list=[{"a": 1.5}, {"b": "else"}, 3]),
            RECORD.replace('"\\/"', '"else"'),
        ),
    ],
)
def test_only_changed_members_are_rewritten(mine: str, expected: str) -> None:
    assert merged(RECORD, json.loads(RECORD), mine) == expected


def test_the_form_of_a_changed_number_is_the_one_that_was_written() -> None:
    assert merged('{"a": 1, "b": 2.0}', {"a": 1, "b": 2}, '{"a":1.50,"b":2}') == (
        '{"a": 1.50, "b": 2.0}'
    )


def test_separate_changes_of_both_sides_are_kept() -> None:
    base = {"a": 1, "b": {"x": 1, "y": 1}, "c": 3}
    theirs = '{"a":9,"b":{"x":9,"y":1},"c":3,"new":0.0}'
    mine = '{"a":1,"b":{"x":1,"y":5},"c":4}'
    assert merged(theirs, base, mine) == '{"a":9,"b":{"x":9,"y":5},"c":4,"new":0.0}'


def test_members_that_a_part_lacks_stay_and_those_of_a_whole_are_removed() -> None:
    record = '{"a":1.0,"b":{"x":1.0,"y":2.0}}'
    data = json.loads(record)
    assert merged(record, data, '{"b":{"y":3}}', partial=True) == '{"a":1.0,"b":{"x":1.0,"y":3}}'
    assert merged(record, data, '{"b":{"y":3}}') == '{"b":{"y":3}}'


def test_changes_are_mine_theirs_or_conflicts() -> None:
    sides = member_changes({"a": 1, "b": 1, "c": 1, "d": 1}, {"a": 2, "b": 1, "c": 2, "d": 5},
                           {"a": 1, "b": 2, "c": 3, "d": 5})  # fmt: skip
    found = {side.name: (side.is_mine, side.is_theirs, side.is_conflict) for side in sides}
    assert found == {
        "a": (True, False, False),
        "b": (False, True, False),
        "c": (True, True, True),
        "d": (True, False, False),
    }


def test_an_item_that_moved_is_untouched() -> None:
    before = {"actions": [{"type": "a", "x": 1}, {"type": "b", "x": 2}]}
    after = {"actions": [{"type": "b", "x": 2}, {"type": "c"}]}
    assert is_untouched(("actions", 0, "x"), before, after)
    assert not is_untouched(("actions", 1, "type"), before, after)


# Any JSON, written in any way

numbers = st.sampled_from(["0", "-0.0", "1.0", "1E2", "0.10", "1e-7", "123456789012345678901", "7"])
strings = st.sampled_from(
    ['""', '"a"', '"\\u00e9"', '"é"', '"\\/"', '"\\ud800"', '"\\n\\t"', '"😀"']
)
spaces = st.sampled_from(["", " ", "\n  ", "\t"])
names = st.sampled_from(['"name"', '"script"', '"a"', '"b"', '"\\u00fc"', '"x y"', '""'])


def _list(items: list[str], space: str) -> str:
    return f"[{space}{f'{space},'.join(items)}{space}]"


def _object(members: dict[str, str], space: str) -> str:
    inner = f",{space}".join(f"{name}{space}:{value}" for name, value in members.items())
    return f"{{{space}{inner}}}"


values = st.recursive(
    numbers | strings | st.sampled_from(["true", "false", "null"]),
    lambda inner: (
        st.builds(_list, st.lists(inner, max_size=4), spaces)
        | st.builds(_object, st.dictionaries(names, inner, max_size=4), spaces)
    ),
    max_leaves=12,
)
records = st.builds(_object, st.dictionaries(names, values, max_size=6), spaces)


@settings(max_examples=150, deadline=None)
@given(record=records, mine=records, taken=st.sets(names))
def test_any_change_leaves_the_rest_of_a_record_unchanged(
    record: str, mine: str, taken: set[str]
) -> None:
    data, other = json.loads(record), json.loads(mine)
    chosen = {json.loads(name) for name in taken}
    wanted = {n: v for n, v in data.items() if n not in chosen} | {
        n: v for n, v in other.items() if n in chosen
    }
    sent = merged(record, data, json.dumps(wanted))

    assert same(json.loads(sent), wanted)
    was = {member.name: member.node.raw for member in Node.of(record).members}
    now = {member.name: member.node.raw for member in Node.of(sent).members}
    untouched = [n for n in was if n in now and same(data[n], wanted[n])]
    assert [now[n] for n in untouched] == [was[n] for n in untouched]
    # The members that stay are in their order, each with its name as it was written.
    keys = [m.key for m in Node.of(record).members if m.name in now]
    assert [m.key for m in Node.of(sent).members if m.name in was] == keys
    assert sent == record or not same(data, wanted)
