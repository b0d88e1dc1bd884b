"""Random keys, texts, clicks and sizes: the wizard keeps running, and quits cleanly."""

import random
import time
from pathlib import Path

import pytest

from tests.terminal import KEYS, Terminal, key_bytes

SECONDS = 15.0
OFTEN = ["tab", "enter", "escape", "ctrl+n", "ctrl+p", "up", "down", "left", "right"] * 4
PRESSED = [*OFTEN, *KEYS, *(f"ctrl+{letter}" for letter in "abdefgklorstuvwxyz")]
TYPED = "aZ 09!\"#%&'(){}[]<>|~\u00e9\u0939\u093f\u6f22\U0001f600\u0645\u200d\u202e"
PASTED = ["one\ntwo {{first_name}}\n", "\x1b[31mred\x07", "x" * 9000, "[b]m[/]" * 30]
SENT = [b"\xe9\xff\x80", b"\x1b]11;rgb:0/0/0\x1b\\", b"\x1b[97;1:3u", b"\x1b[1114112u"]
SIZES = [(80, 24), (140, 40), (40, 12), (20, 6), (10, 3)]
AROUND = {"VISUAL": "true", "EDITOR": "true"}


@pytest.mark.parametrize("which", ["fixed", "new"])
def test_random_keys_end_nothing(tmp_path: Path, which: str) -> None:
    seed = 3 if which == "fixed" else random.SystemRandom().randrange(1_000_000)
    chance, done = random.Random(seed), []
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        home = tmp_path / str(len(done))
        home.mkdir()
        size = chance.choice(SIZES[:3])
        with Terminal(
            "--sandbox", home=home, folder=home, size=size, environment=AROUND
        ) as terminal:
            terminal.wait_for("Start from scratch")
            while time.monotonic() < end and terminal.process.isalive():
                done.append(do_something(terminal, chance))
                catch_up(terminal)
            if terminal.process.isalive():
                terminal.resize(100, 30).press("ctrl+q")
            context = f"seed {seed}, after {done[-20:]}"
            assert terminal.wait_exit(90) == 0, f"{context}\n{terminal.text}"
            assert b"Traceback" not in terminal.raw, context


def catch_up(terminal: Terminal) -> None:
    """Let a busy machine draw; only the keys of one burst are faster than the wizard."""
    end, drawn = time.monotonic() + 1.0, -1
    while drawn != len(terminal.raw) and time.monotonic() < end:
        drawn = len(terminal.raw)
        terminal.look(0.15)


def do_something(terminal: Terminal, chance: random.Random) -> object:
    """Do one thing at random; return its name."""
    dice = chance.random()
    if dice < 0.6:
        keys = chance.choices(PRESSED, k=chance.choice([1, 1, 4, 8, 12]))
        terminal.send("".join(map(key_bytes, keys)))
        return keys
    if dice < 0.75:
        typed = "".join(chance.choices(TYPED, k=chance.randrange(1, 9)))
        terminal.type(typed)
        return typed
    if dice < 0.88:
        x, y = chance.randrange(140), chance.randrange(40)
        terminal.send(f"\x1b[<0;{x + 1};{y + 1}M\x1b[<0;{x + 1};{y + 1}m")
        return x, y
    if dice < 0.92:
        size = chance.choice(SIZES)
        terminal.resize(*size)
        return size
    if dice < 0.96:
        terminal.paste(chance.choice(PASTED))
        return "a paste"
    sent = chance.choice(SENT)
    terminal.send(sent)
    return sent
