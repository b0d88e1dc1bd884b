"""The command `doctor`: what the wizard needs, looked at line by line, with what to do."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from wizard import health_checks
from wizard.commands.output import say, say_json, tell
from wizard.commands.terminal import look_at_terminal
from wizard.health_checks import Finding, Grade
from wizard.settings import Settings, has_key, proxies

if TYPE_CHECKING:
    from wizard.commands.log import DebugLog

_BAD: Final = 1


def run(settings: Settings, *, as_json: bool, ask: bool, log: "DebugLog | None") -> int:
    """Print what is good, doubtful and bad; `ask` lets the terminal and its person be asked."""
    counts = dict.fromkeys(Grade, 0)
    for finding in _findings(settings, ask=ask and not as_json, log=log):
        counts[finding.grade] += 1
        if as_json:
            say_json(finding.as_json())
        else:
            _say(finding)
    tell(", ".join(f"{count} {grade}" for grade, count in counts.items()))
    return _BAD if counts[Grade.BAD] else 0


def _findings(settings: Settings, *, ask: bool, log: "DebugLog | None") -> Iterator[Finding]:
    yield from health_checks.check_program()
    # As a list: the terminal is as it was before anything is written on it.
    yield from list(look_at_terminal(ask=ask))
    yield from health_checks.check_folders(settings.home)
    yield from health_checks.check_database(settings.home)
    yield from health_checks.check_keyring()
    yield from health_checks.check_key(settings, has_key())
    yield from health_checks.check_proxies(proxies())
    yield from health_checks.check_target(settings, log.exchange if log else None)


def _say(finding: Finding) -> None:
    say(f"{finding.grade:<8}  {finding.check}: {finding.found}")
    if finding.todo:
        say(f"          {finding.todo}")
