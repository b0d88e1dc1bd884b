"""Runs the wizard's commands one after another in one process, as `python -m wizard` runs them.

Reads a command a line, as JSON with `arguments`, `stdin` and the API `key`. Answers each with a
line of JSON: its exit code and its outputs. Starting Python for each of hundreds of commands takes
too long.
"""

import io
import json
import os
import runpy
import sys
from collections.abc import Sequence
from datetime import date
from typing import Any

import wizard.advice
from wizard.contract import actions


class RecordedDay(date):
    """A calendar that stays at the day of the record: a meeting starts on the next day."""

    @classmethod
    def today(cls) -> date:  # type: ignore[override]
        """Return the day of the record."""
        return date(2026, 11, 29)


def _text(data: bytes = b"") -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(data), encoding="utf-8", newline="")


def _written(stream: Any) -> str:
    stream.flush()
    return str(stream.buffer.getvalue().decode())


def _play(arguments: Sequence[str], stdin: str, key: str) -> dict[str, Any]:
    os.environ.pop("QCALL_API_KEY", None)
    if key:
        os.environ["QCALL_API_KEY"] = key
    sys.argv = ["qcall-wizard", *arguments]
    sys.stdin, sys.stdout, sys.stderr = _text(stdin.encode()), _text(), _text()
    code: Any = 0
    try:
        runpy.run_module("wizard", run_name="__main__", alter_sys=False)
    except SystemExit as end:
        code = end.code or 0
    return {"code": code, "out": _written(sys.stdout), "err": _written(sys.stderr)}


def main() -> None:
    """Answer each line of standard input."""
    given, answers = sys.stdin, sys.stdout
    for module in (actions, wizard.advice):
        module.date = RecordedDay  # type: ignore[attr-defined]
    for line in given:
        print(json.dumps(_play(**json.loads(line))), file=answers, flush=True)


if __name__ == "__main__":
    main()
