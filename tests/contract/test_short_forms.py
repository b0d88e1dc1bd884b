"""Answers that are typed in short, and the full forms that are sent."""

import pytest

from wizard.contract.short_forms import full_time, full_url, full_zone


@pytest.mark.parametrize(
    ("typed", "full"),
    [
        ("acme.com", "https://acme.com"),
        (" www.acme.co.in/a?b=1#c ", "https://www.acme.co.in/a?b=1#c"),
        ("acme.com:8443/x", "https://acme.com:8443/x"),
        ("bücher.de", "https://bücher.de"),
        *((text, text) for text in ("http://acme.com", "https://acme.com", "ftp://acme.com")),
        *((text, text) for text in ("acme", "", "not a url", "a@acme.com", "mailto:a@acme.com")),
        *((text, text) for text in ("acme.com is ours", "localhost:80", "//acme.com", ".com")),
    ],
)
def test_a_web_address_gets_its_scheme(typed: str, full: str) -> None:
    assert full_url(typed) == full


@pytest.mark.parametrize(
    ("typed", "full"),
    [
        ("9:30", "09:30 AM"),
        ("930", "09:30 AM"),
        ("0930", "09:30 AM"),
        ("9.30 pm", "09:30 PM"),
        ("9", "09:00 AM"),
        ("5pm", "05:00 PM"),
        ("5 P.M.", "05:00 PM"),
        ("17", "05:00 PM"),
        ("17:45", "05:45 PM"),
        ("12", "12:00 PM"),
        ("12 am", "12:00 AM"),
        ("0:05", "12:05 AM"),
        ("noon", "12:00 PM"),
        ("12 Midnight", "12:00 AM"),
        ("17h", "05:00 PM"),
        ("1730", "05:30 PM"),
        ("17:30 h", "05:30 PM"),
        ("09:30 AM", "09:30 AM"),
        *((text, text) for text in ("", "25", "9:60", "13 pm", "0 am", "noonish", "h", "9:3")),
    ],
)
def test_a_time_of_day_gets_the_form_of_the_api(typed: str, full: str) -> None:
    assert full_time(typed) == full


@pytest.mark.parametrize(
    ("typed", "full"),
    [
        ("kolk", "Asia/Kolkata"),
        ("london", "Europe/London"),
        ("new york", "America/New_York"),
        ("asia/kolkata", "Asia/Kolkata"),
        ("utc", "UTC"),
        ("new y", "America/New_York"),
        ("são p", "America/Sao_Paulo"),
        ("Mumbai", "Asia/Kolkata"),
        ("Asia/Kolkata", "Asia/Kolkata"),
        *((text, text) for text in ("", "a", "america", "nowhere")),
    ],
)
def test_a_time_zone_is_found_by_a_part(typed: str, full: str) -> None:
    assert full_zone(typed) == full
