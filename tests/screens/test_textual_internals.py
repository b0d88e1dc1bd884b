"""A canary: fails when an upgrade of Textual changes a private part that the screens touch.

After an upgrade read the new code of each failed part, check that `screens/textual_internals` still
fits, and write the new digest here.
"""

import ast
import gc
import inspect
from hashlib import sha256
from io import StringIO
from pathlib import Path
from textwrap import dedent
from tokenize import COMMENT, generate_tokens
from typing import Any

import pytest
from textual import _ansi_sequences, _keyboard_protocol, _xterm_parser, reactive
from textual._styles_cache import StylesCache
from textual.app import App
from textual.dom import DOMNode
from textual.drivers import linux_driver
from textual.message_pump import MessagePump
from textual.screen import Screen
from textual.widgets import TextArea

import screens
from screens.textual_internals import option_list, styles_cache
from tests.examples import full
from tests.person import go_to_preview, imported, opened, press, screen_text, settle, wait_for

DIGESTS = {
    "app.handle_exception": (App._handle_exception, "c0155dbb15fe"),
    "app.fatal_error": (App._fatal_error, "29f9c6788a18"),
    "app.panic": (App.panic, "57ce3a8e367f"),
    "node.component_classes": (DOMNode._get_component_classes, "19f0868e5b2b"),
    "text_area.set_document": (TextArea._set_document, "6e643dc19df4"),
    "text_area.rewrap": (TextArea._rewrap_and_refresh_virtual_size, "9cde82d4d88f"),
    "text_area.refresh_size": (TextArea._refresh_size, "474544eb921a"),
    "text_area.on_paste": (TextArea._on_paste, "0c5eb22b972e"),
    "parser": (_xterm_parser.XTermParser, "bd5244d9c98e"),
    "driver.own_input_thread": (linux_driver.LinuxDriver._run_input_thread, "679bad44bc4c"),
    "option_list.move_page": (option_list._move_page, "ba087ff5c931"),
    "option_list.on_click": (option_list._on_click, "1e0db42f6eec"),
    "styles_cache.inner_outer": (styles_cache._inner_outer, "c125253bcc37"),
    "screen.invoke_callbacks": (Screen._invoke_and_clear_callbacks, "4a04079ecea5"),
    "screen.message_loop_exit": (Screen._message_loop_exit, "83365d015bc7"),
    "reactive.watch": (reactive._watch, "3905d3f4c536"),
    "app.return_code": (App.return_code.fget, "7dc3adcd879b"),
    "app.exit": (App.exit, "0031ffe115ab"),
    "app.on_notify": (App._on_notify, "826c1da8be59"),
    "app.unnotify": (App._unnotify, "8a20f66103ca"),
    "app.refresh_notifications": (App._refresh_notifications, "52267b2ec2cb"),
    "widget.pruning": (App._prune, "595f7b03f0f7"),
    "context.active_message_pump": (MessagePump._context, "21c695ca12a5"),
    "driver.input_thread": (linux_driver.LinuxDriver.run_input_thread, "0b4d22e7c767"),
}


@pytest.mark.parametrize("name", DIGESTS)
def test_a_private_part_is_unchanged(name: str) -> None:
    part, digest = DIGESTS[name]
    assert _digest(part) == digest, f"{name} changed: see the top of this file"


def _digest(part: Any) -> str:
    """A digest of the code without its comments and layout."""
    source = dedent(inspect.getsource(part))
    tokens = generate_tokens(StringIO(source).readline)
    code = "".join(each.string for each in tokens if each.type != COMMENT)
    return sha256("".join(code.split()).encode()).hexdigest()[:12]


def test_the_tables_of_keys_have_the_entries_that_are_used() -> None:
    assert _ansi_sequences.ANSI_SEQUENCES_KEYS["\x1b[A"]
    assert _keyboard_protocol.FUNCTIONAL_KEYS["13u"] == "enter"


def test_private_modules_are_imported_in_one_room_alone() -> None:
    root = Path(screens.__file__).parent
    others = [p for p in root.rglob("*.py") if p.parent.name != "textual_internals"]
    for path in others:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            module = node.module if isinstance(node, ast.ImportFrom) else None
            assert not (module or "").startswith("textual") or "._" not in str(module), path


def test_private_attributes_exist() -> None:
    app = App[None]()
    for name in ("_exception", "_return_code", "_notifications", "_pruning"):
        assert hasattr(app, name), name


async def test_nothing_keeps_the_lines_of_closed_screens() -> None:
    def kept() -> int:
        gc.unfreeze()  # the app freezes what there is once, at a moment of its own
        gc.collect()
        return sum(isinstance(each, StylesCache) for each in gc.get_objects())

    async with opened(imported(full()), size=(80, 24)) as pilot:
        # The first preview has parts that are made once.
        counts = []
        for _ in range(4):
            await go_to_preview(pilot)
            assert screen_text(pilot.app)
            await press(pilot, "escape")
            await settle(pilot)
            counts.append(kept())
        await wait_for(pilot, lambda: kept() - counts[1] < 10)
