"""The editor over the whole screen, and the text areas under it, as a person works in them."""

from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input, OptionList

from screens.dialogs.menu import Menu
from screens.dialogs.prompt import PromptScreen
from screens.pages.editor import EditorScreen, SampleView
from screens.payload.preview import PreviewScreen
from screens.widgets.text_area import PlainTextArea
from screens.widgets.text_layout import PlainDocument, WrappedLines
from tests.person import (
    Person,
    add_action,
    click,
    close,
    flowing_text,
    opened,
    paste,
    press,
    row,
    screen_lines,
    screen_text,
    settle,
    text_of,
    toasts,
    type_text,
    wait_for,
    wait_for_screen,
    wait_for_text,
    walk_to,
)
from wizard.contract.steps import Step
from wizard.draft.draft import Draft
from wizard.formats.text import MAX_CHARACTERS

SCRIPT = "You are Asha of {{company_name}}.\nGreet {{first_name}}, not {{First Name}}.\nThe end."
HINDI = "नमस्ते {{first_name}}, क्षमा कीजिए 👨‍👩‍👧 "


async def open_editor(pilot: Person, name: str = "script") -> EditorScreen:
    await walk_to(pilot, row(pilot.app, name).control)
    await press(pilot, "f6")
    editor: EditorScreen = await wait_for_screen(pilot, EditorScreen)
    return editor


def styles_of(area: PlainTextArea, part: str) -> set[Any]:
    """The styles in which a part of the text is drawn on the screen."""
    found = set()
    for y in range(area.size.height):
        strip = area.render_line(y)
        at = strip.text.find(part)
        if at >= 0:
            found |= {segment.style for segment in strip.crop(at, at + len(part)) if segment.text}
    return found


async def test_keys_go_to_the_ends_of_the_text_and_select_up_to_them() -> None:
    async with opened(Draft({"script": "One\ntwo\nthree"}), step="script") as pilot:
        editor = await open_editor(pilot)
        await press(pilot, "ctrl+home")
        assert editor.cursor == (0, 0)
        await press(pilot, "ctrl+end", "left", "ctrl+shift+home")
        assert editor.area.selected_text == "One\ntwo\nthre"
        await press(pilot, "ctrl+home", "ctrl+shift+end")
        assert editor.area.selected_text == editor.area.text
        await press(pilot, "ctrl+end", "!")
        assert editor.area.text == "One\ntwo\nthree!"


@pytest.mark.parametrize("size", [(80, 24), (140, 40), (40, 12)])
async def test_the_editor_fills_the_screen_and_returns_the_text(size: tuple[int, int]) -> None:
    async with opened(Draft({"script": SCRIPT}), step="script", size=size) as pilot:
        app = pilot.app
        editor = await open_editor(pilot)
        await wait_for_text(pilot, "12 words")
        assert "Sandbox" in screen_text(app)
        assert f"{len(SCRIPT)} characters" in screen_text(app)
        assert "Line 1 of 3, column 1" in screen_text(app)
        assert any(line.startswith(" 3  The end.") for line in screen_lines(app))
        await press(pilot, "down", "down", "down", "end")
        await type_text(pilot, " Truly.")
        assert "Line 3 of 3, column 16" in screen_text(app)
        assert app.draft.answers["script"] == SCRIPT + " Truly."
        await wait_for_text(pilot, "13 words")
        await type_text(pilot, " Yours.")
        await wait_for_text(pilot, "14 words")
        await press(pilot, *["backspace"] * 7)
        await wait_for_text(pilot, "13 words")
        assert editor.area.size.height >= size[1] - 7
        await close(pilot)
        assert text_of(app, "script") == SCRIPT + " Truly."
        await type_text(pilot, "!")
        assert app.draft.answers["script"].endswith("Truly.!")


async def test_every_long_text_opens_by_key_and_by_click() -> None:
    async with opened(step="script") as pilot:
        app = pilot.app
        opening = row(app, "start_speech")
        await click(pilot, opening, at=opening.link_place())
        editor = await wait_for_screen(pilot, EditorScreen)
        assert editor.path == ("start_speech",)
        await type_text(pilot, "Hello\nyou")
        await press(pilot, "f6")
        await wait_for(pilot, lambda: text_of(app, "start_speech") == "Hello\nyou")
    async with opened(step="actions") as pilot:
        app = pilot.app
        await add_action(pilot, "scheduleMeeting")
        await open_editor(pilot, ("actions", 0, "prompt"))  # type: ignore[arg-type]
        await press(pilot, "alt+a")
        await type_text(pilot, "Ask for a day.")
        await close(pilot)
        assert text_of(app, ("actions", 0, "prompt")) == "Ask for a day."
        assert app.draft.answers["actions"][0]["prompt"] == "Ask for a day."


async def test_variables_are_coloured_completed_and_previewed() -> None:
    async with opened(Draft({"script": SCRIPT}), step="script") as pilot:
        app = pilot.app
        editor = await open_editor(pilot)
        area, plain = editor.area, styles_of(editor.area, "Greet")
        known, own = styles_of(area, "{{first_name}}"), styles_of(area, "{{company_name}}")
        wrong = styles_of(area, "{{First Name}}")
        assert len({*plain, *known, *own, *wrong}) == 4
        assert all(style.underline for style in wrong)
        assert not any(style.underline for style in known | own | plain)

        await press(pilot, "down", "down", "end")
        await type_text(pilot, " {{comp")
        offer = app.screen.query_one("#editor-offer", OptionList)
        await wait_for(pilot, lambda: [o.prompt for o in offer.options] == ["company_name"])
        await press(pilot, "escape")
        assert isinstance(app.screen, EditorScreen)
        assert not offer.display
        await press(pilot, "backspace", "backspace", "backspace", "backspace")
        assert [option.prompt for option in offer.options][:2] == ["company_name", "first_name"]
        await press(pilot, "down", "tab")
        assert area.text.endswith("The end. {{first_name}}")
        await press(pilot, "enter")
        await type_text(pilot, "bye")
        assert app.draft.answers["script"].endswith("The end. {{first_name}}\nbye")

        await press(pilot, "f5")
        view = app.screen.query_one(SampleView)
        assert view.text.startswith("You are Asha of Acme.\nGreet Asha, not {{First Name}}.")
        await type_text(pilot, "nothing")
        assert area.text.endswith("\nbye")
        await press(pilot, "escape")
        assert app.focused is area


async def test_variables_are_listed_and_written_to_a_file(tmp_path: Path) -> None:
    async with opened(Draft({"script": SCRIPT}), step="script") as pilot:
        app = pilot.app
        editor = await open_editor(pilot)
        await press(pilot, "ctrl+l")
        await wait_for_screen(pilot, Menu)
        assert "first_name · Asha · Script" in screen_text(app)
        await press(pilot, "enter")
        await wait_for(pilot, lambda: isinstance(app.screen, EditorScreen))
        assert editor.area.selected_text in ("{{company_name}}", "{{first_name}}")
        for keys, name, wanted in (
            (4, "contacts.csv", "company_name,first_name\n"),
            (5, "contacts.json", '{"company_name": "Acme", "first_name": "Asha"}\n'),
        ):
            await press(pilot, "ctrl+l")
            await wait_for_screen(pilot, Menu)
            await press(pilot, *["down"] * keys, "enter")
            await wait_for_screen(pilot, PromptScreen)
            app.screen.query_one(Input).value = str(tmp_path / name)
            await press(pilot, "enter")
            await wait_for(pilot, (tmp_path / name).exists)
            assert (tmp_path / name).read_text() == wanted


async def test_the_variables_that_qcall_fills_are_listed_and_offered() -> None:
    async with opened(Draft({"type": "outbound"}), step="script") as pilot:
        app = pilot.app
        editor = await open_editor(pilot)
        await press(pilot, "ctrl+l")
        await wait_for_screen(pilot, Menu)
        assert "Insert first_name · The contact's first name." in screen_text(app)
        await press(pilot, "down", "enter")
        await wait_for(pilot, lambda: editor.area.text == "{{last_name}}")
        await type_text(pilot, " {{em")
        await wait_for_text(pilot, "email")
        await press(pilot, "enter")
        assert editor.area.text == "{{last_name}} {{email}}"
    async with opened(Draft({"type": "inbound"}), step="script") as pilot:
        await open_editor(pilot)
        await press(pilot, "ctrl+l")
        await wait_for(pilot, lambda: "QCall fills none in inbound calls" in toasts(pilot.app))


async def test_a_help_that_has_no_room_ends_with_an_ellipsis() -> None:
    async with opened(step="script", size=(60, 20)) as pilot:
        await walk_to(pilot, row(pilot.app, "start_speech").control)
        await press(pilot, "f6")
        await wait_for(pilot, lambda: "250 …" in screen_text(pilot.app))


async def test_search_wraps_around_and_replaces_as_one_edit() -> None:
    text = "one Two\nthree two\nTWO"
    async with opened(Draft({"script": text}), step="script") as pilot:
        app = pilot.app
        editor = await open_editor(pilot)
        await press(pilot, "ctrl+f")
        await type_text(pilot, "two")
        await wait_for_text(pilot, "1 of 3")
        # Esc closes the search first.
        await wait_for_text(pilot, "esc Close")
        assert editor.area.selection == ((0, 4), (0, 7))
        await press(pilot, "enter", "f3")
        assert editor.cursor == (2, 3)
        await press(pilot, "f3")
        assert editor.cursor == (0, 7)
        await press(pilot, "shift+f3")
        assert editor.cursor == (2, 3)
        await press(pilot, "backspace", "backspace", "backspace")
        await type_text(pilot, "Two")
        await wait_for_text(pilot, "1 of 1")
        await press(pilot, "tab")
        await type_text(pilot, "2")
        await press(pilot, "enter")
        assert app.draft.answers["script"] == "one 2\nthree two\nTWO"
        await press(pilot, "ctrl+z")
        assert editor.area.text == text
        await press(pilot, "shift+tab", "alt+a", "ctrl+u")
        await type_text(pilot, "t")
        await press(pilot, "tab", "tab", "enter")
        await wait_for_text(pilot, "4 replaced")
        assert app.draft.answers["script"] == "one 2wo\n2hree 2wo\n2WO"
        await press(pilot, "ctrl+z")
        assert editor.area.text == text
        await press(pilot, "ctrl+y", "ctrl+z", "escape")
        assert app.focused is editor.area


async def test_every_place_that_is_found_is_marked() -> None:
    async with opened(Draft({"script": "one two\nthree two\nend"}), step="script") as pilot:
        editor = await open_editor(pilot)

        def is_marked(part: str, beside: str) -> bool:
            return not styles_of(editor.area, part) & styles_of(editor.area, beside)

        assert not is_marked("two", "three")
        await press(pilot, "ctrl+f")
        await type_text(pilot, "two")
        await wait_for_text(pilot, "1 of 2")
        assert is_marked("two", "three")
        assert not is_marked("end", "three")
        await press(pilot, "escape")
        assert not is_marked("two", "three")


async def test_a_reopened_search_continues() -> None:
    async with opened(Draft({"script": "one two one two"}), step="script") as pilot:
        editor = await open_editor(pilot)
        await press(pilot, "ctrl+f")
        await type_text(pilot, "two")
        await wait_for_text(pilot, "1 of 2")
        await press(pilot, "escape", "home", "ctrl+f", "enter", "f3")
        await wait_for_text(pilot, "2 of 2")
        assert editor.area.selection == ((0, 12), (0, 15))
        await type_text(pilot, "no")
        await wait_for_text(pilot, "none")


async def test_a_long_text_is_searched_and_replaced_in() -> None:
    text = "\n".join(f"line {n} of\\ it" for n in range(20_000))
    async with opened(Draft({"script": text}), step="script") as pilot:
        app = pilot.app
        editor = await open_editor(pilot)
        await press(pilot, "ctrl+f")
        await type_text(pilot, "OF\\")
        await wait_for_text(pilot, "none")
        await press(pilot, *["backspace"] * 3)
        await type_text(pilot, "of\\")
        await wait_for_text(pilot, "1 of 20,000")
        await press(pilot, "shift+f3")
        await wait_for_text(pilot, "20,000 of 20,000")
        assert editor.cursor == (19_999, 14)
        await press(pilot, "tab")
        await type_text(pilot, r"\1\g<0>")
        await press(pilot, "tab", "enter")
        await wait_for_text(pilot, "20,000 replaced")
        assert app.draft.answers["script"] == text.replace("of\\", r"\1\g<0>")
        await press(pilot, "ctrl+z")
        assert app.draft.answers["script"] == text
        await press(pilot, "escape", "f5")
        await wait_for(pilot, lambda: app.screen.query_one(SampleView).text == text)


async def test_the_top_row_stays_when_the_width_changes() -> None:
    """The row at the top, with the cursor elsewhere."""
    text = "\n".join(f"Line {n} {'says something ' * 9}" for n in range(300))
    async with opened(Draft({"script": text}), step="script", size=(140, 40)) as pilot:
        editor = await open_editor(pilot)
        top = editor.area.wrapped_document.location_to_offset((200, 0)).y
        editor.area.scroll_to(y=top, animate=False, immediate=True)
        await settle(pilot)
        assert screen_lines(pilot.app)[2].startswith(" 201  Line 200 says")
        for width in (60, 100, 140):
            await pilot.resize_terminal(width, 40)
            await settle(pilot)
            assert screen_lines(pilot.app)[2].startswith(" 201  Line 200 says")


async def test_undo_is_the_drafts_own_and_stays_in_the_editor() -> None:
    draft = Draft()
    draft.answer(("goal",), "Sell")
    async with opened(draft, step="script") as pilot:
        app = pilot.app
        editor = await open_editor(pilot)
        await type_text(pilot, "Hello")
        await paste(pilot, "x" * 100)
        await press(pilot, "ctrl+z")
        assert editor.area.text == "Hello"
        await press(pilot, "ctrl+z", "ctrl+z")
        assert editor.area.text == ""
        await wait_for(pilot, lambda: "That changed" in toasts(app))
        await press(pilot, "ctrl+y", "ctrl+y")
        assert editor.area.text == "Hello"
        assert draft.answers["goal"] == "Sell"
        await press(pilot, "f9")
        await wait_for_screen(pilot, PreviewScreen)
        await close(pilot)
        assert text_of(app, "script") == "Hello"


async def test_text_from_a_file(tmp_path: Path) -> None:
    good, picture, latin = tmp_path / "a.txt", tmp_path / "b.png", tmp_path / "c.txt"
    good.write_bytes("Grüße\r\naus der Datei".encode())
    picture.write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00")
    latin.write_bytes("Grüße".encode("latin-1"))
    async with opened(Draft({"script": "Hi  you"}), step="script") as pilot:
        app = pilot.app
        editor = await open_editor(pilot)
        await press(pilot, "home", "right", "right", "right")
        await press(pilot, "ctrl+o")
        for path, expected in (
            (picture, "UTF-8"),
            (tmp_path / "no", "no such file"),
            (latin, "UTF-8"),
        ):
            await wait_for_screen(pilot, PromptScreen)
            app.screen.query_one(Input).value = str(path)
            await press(pilot, "enter")
            await wait_for(pilot, lambda e=expected: e in flowing_text(app), what=expected)
            assert editor.area.text == "Hi  you"
        await wait_for_screen(pilot, PromptScreen)
        app.screen.query_one(Input).value = str(good)
        await press(pilot, "enter")
        await wait_for(pilot, lambda: "Datei" in editor.area.text)
        assert app.draft.answers["script"] == "Hi Grüße\naus der Datei you"
        await press(pilot, "ctrl+z")
        assert app.draft.answers["script"] == "Hi  you"


async def test_a_paste_of_any_size_is_inserted_or_refused() -> None:
    async with opened(step="script") as pilot:
        app = pilot.app
        await open_editor(pilot)
        line = "Say this to {{first_name}} [b].\n"
        much = line * (900_000 // len(line))
        await paste(pilot, much)
        await wait_for(pilot, lambda: app.draft.answers.get("script") == much)
        await type_text(pilot, "END")
        assert app.draft.answers["script"] == much + "END"
        await paste(pilot, "x" * MAX_CHARACTERS)
        await wait_for(pilot, lambda: "the limit is 1,000,000" in toasts(app))
        assert app.draft.answers["script"] == much + "END"


async def test_every_character_survives_the_editor() -> None:
    """Joiners, emoji, rare line ends and control characters, on one long line, wrapped or not."""
    text = HINDI * 400 + "\u2028 a\x0bb\x07c\td \u200dend"
    async with opened(Draft({"script": text}), step="script") as pilot:
        app = pilot.app
        editor = await open_editor(pilot)
        await press(pilot, "ctrl+end", "end")
        assert editor.cursor == (0, len(text))
        await type_text(pilot, "!")
        await press(pilot, "up", "pageup", "alt+z", "end", "home", "alt+z")
        assert app.draft.answers["script"] == text + "!"
        await press(pilot, "ctrl+end")
        assert "\x07" not in screen_text(app)
        assert "\u2407" in screen_text(app)


async def test_only_rows_that_changed_are_drawn() -> None:
    """Makes a key cheap in a long text; uses hooks of Textual's text area."""
    script = "\n".join(f"line {n}" for n in range(20_000))
    async with opened(Draft({"script": script}), step="script") as pilot:
        editor = await open_editor(pilot)
        area, drawn = editor.area, []
        assert isinstance(area.document, PlainDocument)
        assert isinstance(area.wrapped_document, WrappedLines)
        draw = area.render_line
        screen_text(pilot.app)

        def counted(y: int) -> Any:
            drawn.append(y)
            return draw(y)

        area.render_line = counted  # type: ignore[method-assign]
        for _ in range(2):
            await press(pilot, "down")
            screen_text(pilot.app)
        assert set(drawn) == {0, 1, 2}
        drawn.clear()
        await type_text(pilot, "x")
        screen_text(pilot.app)
        assert set(drawn) == {2}
        drawn.clear()
        await press(pilot, "enter")
        screen_text(pilot.app)
        assert set(drawn) >= set(range(2, area.size.height))
        area.load_text("")
        await type_text(pilot, "{")
        assert area.text == "{"


# --- graphemes


FAMILY, FLAGS, ACCENT, HINDI, TAMIL, CONJUNCT = "👨‍👩‍👧", "🇮🇳🇩🇪", "e\u0301", "कि", "கொ", "क्ष"
SIGNS = {
    "family": (FAMILY, [FAMILY]),
    "flags": (FLAGS, ["🇮🇳", "🇩🇪"]),
    "accent": (ACCENT, [ACCENT]),
    "skin": ("👍🏽", ["👍🏽"]),
    "keycap": ("1️⃣", ["1️⃣"]),
    "korean": ("\u1112\u1161\u11ab", ["\u1112\u1161\u11ab"]),
    "hindi": (HINDI, [HINDI]),
    "conjunct": (CONJUNCT, [CONJUNCT]),
    "tamil": (TAMIL, [TAMIL]),
}
INDIC = ("hindi", "conjunct", "tamil")


@pytest.mark.parametrize("field", ["script", "name", "search"])
async def test_arrows_and_deletions_go_by_grapheme(field: str) -> None:
    """In a text of many lines, in one of one line, and in an input that is no answer."""
    step = "type" if field == "name" else "script"
    async with opened(Draft(), step=step) as pilot:
        app = pilot.app
        if field == "search":
            await app.steps.go(Step.SCRIPT, ("script",))
            await press(pilot, "f6")
            await wait_for(pilot, lambda: isinstance(app.screen, EditorScreen))
            await press(pilot, "ctrl+f")
            control = app.screen.query_one("#search-text", Input)
        else:
            control = row(app, field).control
            control.focus()

        def text() -> str:
            return control.value if isinstance(control, Input) else control.text

        async def put(into: str) -> None:
            if isinstance(control, Input):
                control.value, control.cursor_position = into, len(into)
            else:
                control.load_text(into)
                control.move_cursor(control.document.end)
            await settle(pilot)

        for name, (sample, signs) in SIGNS.items():
            await put(f"a{sample}b")
            await press(pilot, "left", *["left"] * len(signs), "delete")
            assert text() == "a" + "".join(signs[1:]) + "b", name
            await put(f"a{sample}b")
            await press(pilot, "home", "right", "right", "x")
            assert text() == f"a{signs[0]}x{''.join(signs[1:])}b", name
            await put(f"a{sample}b")
            await press(pilot, "left", "shift+left")
            assert control.selected_text == signs[-1], name
            await press(pilot, "backspace")
            assert text() == "a" + "".join(signs[:-1]) + "b", name
            await put(f"a{sample}")
            await press(pilot, "backspace")
            left = sample[:-1] if name in INDIC else "".join(signs[:-1])
            assert text() == f"a{left}", name


async def test_the_cursor_is_never_inside_a_grapheme() -> None:
    text = f"abcdefgh\n{FAMILY * 8}"
    async with opened(Draft({"script": text}), step="script") as pilot:
        control = row(pilot.app, "script").control
        control.focus()
        await settle(pilot)
        for column in range(9):
            control.move_cursor((0, column))
            await press(pilot, "down")
            assert control.cursor_location in [(1, 0), (1, len(FAMILY))]
            await press(pilot, "up")
