"""Variables in texts: found, distinguished from near misses, listed, filled and exported."""

import csv
import json
from io import StringIO
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.examples import full, minimal, with_
from wizard.advice.variables import (
    KNOWN,
    Form,
    csv_header,
    description,
    find,
    normalised,
    render,
    sample,
    texts,
    used_in,
)

BRACED = st.text(alphabet="{}@[]()aA1_- \nक", max_size=60)


@pytest.mark.parametrize(
    ("written", "form", "corrected"),
    [
        ("{{first_name}}", Form.RIGHT, "{{first_name}}"),
        ("{{order_2}}", Form.RIGHT, "{{order_2}}"),
        ("{{ first_name }}", Form.BLANKS, "{{first_name}}"),
        ("{{first name}}", Form.BLANKS, "{{first_name}}"),
        ("{{FirstName}}", Form.CASE, "{{first_name}}"),
        ("{{FIRST_NAME}}", Form.CASE, "{{first_name}}"),
        ("{{first-name}}", Form.HYPHEN, "{{first_name}}"),
        ("{first_name}", Form.SINGLE, "{{first_name}}"),
        ("{Customer Name}", Form.SINGLE, "{{customer_name}}"),
        ("{{first_name}", Form.UNEVEN, "{{first_name}}"),
        ("{first_name}}", Form.UNEVEN, "{{first_name}}"),
        ("{{{first_name}}}", Form.UNEVEN, "{{first_name}}"),
        ("{{first", Form.UNEVEN, "{{first}}"),
        ("{{}}", Form.EMPTY, ""),
        ("{{user.name}}", Form.CHARACTERS, "{{user_name}}"),
        ("{{नाम}}", Form.CHARACTERS, ""),
        ("{{#if paid}}", Form.CHARACTERS, ""),
        ("{{1}}", Form.NUMBER, ""),
        ("{{ 12 }}", Form.NUMBER, ""),
        ("@[First name](first_name)", Form.MENTION, "{{first_name}}"),
    ],
)
def test_the_form_of_a_variable_is_recognised(written: str, form: Form, corrected: str) -> None:
    (found,) = find(f"Hello {written}, good day.")

    assert (found.start, found.end) == (6, 6 + len(written))
    assert (found.form, found.corrected) == (form, corrected)
    assert found.is_right is (form is Form.RIGHT)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no braces",
        '{"a": 1}',
        "{ a, b }",
        "{}",
        "{ }",
        "a } b { c",
        "f(x) { return x; }",
        "@home",
    ],
)
def test_similar_text_is_not_a_variable(text: str) -> None:
    assert find(text) == []


def test_several_are_found_in_order() -> None:
    found = find("{{b}} and {a} and {{b}}\n{{C}}")

    assert [one.name for one in found] == ["b", "a", "b", "c"]
    assert [one.is_right for one in found] == [True, False, True, False]


@given(BRACED)
def test_found_variables_do_not_overlap(text: str) -> None:
    end = 0
    for one in find(text):
        assert end <= one.start < one.end <= len(text)
        end = one.end


@given(BRACED)
def test_a_corrected_variable_is_right(text: str) -> None:
    for one in find(text):
        if one.corrected:
            (again,) = find(one.corrected)
            assert again.is_right
            assert again.name == one.name


@given(BRACED)
def test_only_right_variables_are_listed_and_filled(text: str) -> None:
    right = dict.fromkeys(one.name for one in find(text) if one.is_right)

    assert list(used_in({"script": text})) == list(right)
    assert (render(text) != text) is bool(right)


@pytest.mark.parametrize(
    "text", ["{{{a}}}", "{{{a}}", "{{a}}}", "{{a}", "@[a](a)", "{{" + "a" * 81 + "}}"]
)
def test_a_malformed_variable_is_not_filled(text: str) -> None:
    assert used_in({"script": text}) == {}
    assert render(text) == text


@given(st.text(max_size=30))
def test_normalising_a_name_twice_changes_nothing(name: str) -> None:
    once = normalised(name)
    assert normalised(once) == once


def test_the_names_in_use_come_in_the_contracts_order_with_their_places() -> None:
    payload = with_(full(), "actions[1].sms.content", "{{order_id}} for {{first_name}}")
    payload["script"] = "{{visit_day}} {{first_name}} {{visit_day}} {Typo} {{Not_Right}}"

    assert used_in(dict(reversed(payload.items()))) == {
        "first_name": (("start_speech",), ("script",), ("actions", 1, "sms", "content")),
        "visit_day": (("script",),),
        "order_id": (("actions", 1, "sms", "content"),),
    }


def test_values_that_are_not_texts_are_ignored() -> None:
    assert used_in({"script": 5, "actions": [None, {"say": "{{a}}"}, "{{b}}"], "x": None}) == {
        "a": (("actions", 1, "say"),),
        "b": (("actions", 2),),
    }
    assert [path for path, _ in texts({"x": ["a", {"y": "b"}]})] == [("x", 0), ("x", 1, "y")]


def test_a_text_is_rendered_with_samples_or_given_values() -> None:
    assert render("Hello {{first_name}}, Hello {{ first_name }}") == (
        "Hello Asha, Hello {{ first_name }}"
    )
    assert render("{{first_name}}: {{odd_thing}}", {"first_name": "Ravi"}) == "Ravi: odd thing"


@pytest.mark.parametrize("name", [*KNOWN, "name", "visit_date", "amount_due", "a", "x_1", "_"])
def test_every_name_has_a_sample(name: str) -> None:
    assert isinstance(sample(name), str)
    assert "{" not in sample(name)


def test_the_csv_header_can_be_read_as_csv() -> None:
    payload = minimal() | {"script": "{{b}} {{a}}"}

    assert csv_header(payload) == "first_name,b,a"
    assert next(csv.reader(StringIO(csv_header(payload)))) == list(used_in(payload))
    assert csv_header({}) == ""


def test_the_description_is_a_json_object_of_names_and_values() -> None:
    payload = minimal() | {"script": "{{order_id}} {{नाम}}"}

    assert json.loads(description(payload)) == {"first_name": "Asha", "order_id": "4521"}
    assert json.loads(description(payload, {"order_id": "क"}))["order_id"] == "क"
    assert "क" in description(payload, {"order_id": "क"})


@pytest.mark.parametrize(
    "unit", ["word ", "{", "{{", "{{a", "{a ", "@[", "@[a](", "}", "{{ ", "{\n", "[]("]
)
def test_finding_variables_takes_linear_time(unit: str) -> None:
    text = (unit * 1_000_000)[:1_000_000]
    began = process_time()

    find(text)
    used_in({"script": text})
    render(text)

    # Some tens of milliseconds for most; quadratic time would be hours.
    assert process_time() - began < 8
