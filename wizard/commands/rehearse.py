"""The command `rehearse`."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from wizard.commands.click_extensions import Command
from wizard.commands.options import FILE, FILE_TO_WRITE, CommonOptions, common_options, json_option
from wizard.commands.output import print_json, print_line, report
from wizard.commands.value_completion import complete_source
from wizard.errors import FAILED

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.rehearsal.model_client import ModelClient
    from wizard.rehearsal.plan import CallPlan
    from wizard.rehearsal.runner import Result
    from wizard.rehearsal.scenario import Scenario
    from wizard.settings import ModelServer

_NO_MODEL = 5
_AT_ONCE = 4


@click.command(cls=Command)
@click.argument("name", metavar="FILE|DRAFT", type=FILE, shell_complete=complete_source)
@click.option(
    "--scenario",
    "scenarios",
    metavar="FILE",
    multiple=True,
    type=FILE,
    help="Play a scenario: a .yaml file, a folder of them, or the name of a template, which has"
    " three (repeatable).",
)
@json_option("scenario")
@click.option(
    "--junit",
    metavar="FILE",
    type=FILE_TO_WRITE,
    help="Write the results to FILE as JUnit XML, for CI.",
)
@click.option(
    "--parallel",
    metavar="N",
    type=click.IntRange(1, 32),
    default=_AT_ONCE,
    help=f"Play up to N scenarios at once ({_AT_ONCE} if not given).",
)
@click.option(
    "--read-through",
    "reads_through",
    is_flag=True,
    help="Print what is said and sent word for word, without a model.",
)
@common_options
def rehearse(
    options: CommonOptions,
    *,
    name: str,
    scenarios: tuple[str, ...],
    as_json: bool,
    junit: str | None,
    parallel: int,
    reads_through: bool,
) -> int:
    """\b
    Examples:
      qcall-wizard rehearse payload.json
      qcall-wizard rehearse 4f1c --scenario no-more-calls.yaml
      qcall-wizard rehearse payload.json --scenario scenarios/ --junit results.xml
      qcall-wizard rehearse order-delivery --scenario order-delivery --json
      qcall-wizard rehearse payload.json --read-through

    Plays the call of an assistant before it exists. A language model speaks as the assistant; you
    type what the caller says, and :help lists what else you can do. With --scenario the caller's
    side and what is expected come from files. Nothing is sent to QCall, and no message is sent.

    The model is any OpenAI-compatible server: QCALL_REHEARSAL_URL, for example
    http://127.0.0.1:11434/v1 for Ollama; QCALL_REHEARSAL_MODEL, or else the first that it lists;
    and QCALL_REHEARSAL_KEY if it needs a key. Without them it is the one that was set up in the
    wizard. The script, the messages and the values of the variables are sent there.

    A scenario has a name, variables, one of caller (a description, or one of the names that
    :callers lists), says (lines, word for word) and nobody_answers: true, and expect: a list of
    opt_out, action, ends, says, never_says, turns_at_most, seconds_at_most and judge, a question
    that the model answers. The exit code is 0 if all expectations are met, 1 if one is not or
    an answer of the model is missing or was cut at its limit, and 5 if no model could be reached
    or its server failed.
    """
    if not scenarios and (as_json or junit):
        raise click.UsageError("--json and --junit are for scenarios: name one with --scenario.")
    if reads_through and scenarios:
        raise click.UsageError("--read-through and --scenario cannot be combined: use one of them.")
    from datetime import datetime

    from wizard.commands.sources import read_source
    from wizard.rehearsal.model_client import NO_MODEL_SET, ModelClient
    from wizard.rehearsal.plan import CallPlan
    from wizard.rehearsal.scenario import find_scenarios
    from wizard.templates.library import template_names

    home = options.home_folder()
    source = read_source(name, home)
    plan = CallPlan(source.data, source.sample, datetime.now().astimezone())
    if reads_through:
        _print_read_through(plan)
        return 0
    plan.require_texts()
    names = template_names(home)
    found = [each for given in scenarios for each in find_scenarios(given, names)]
    server = _model_server(home)
    if server is None:
        report(NO_MODEL_SET)
        if not found:
            _print_read_through(plan)
        return _NO_MODEL
    client = ModelClient(server, on_exchange=options.log.exchange if options.log else None)
    if not found:
        return _converse(plan, client)
    results = asyncio.run(_play(found, plan, client, at_once=parallel, as_json=as_json))
    if junit is not None and results:
        from wizard.formats.files import write_new
        from wizard.rehearsal.junit import as_junit

        write_new(junit, as_junit(results, source.name), over=True)
    return _exit_code(results)


def _model_server(home: "Path") -> "ModelServer | None":
    """Return the server of the environment, else the one that was set up in the wizard."""
    from wizard.commands.local_store import local_store
    from wizard.rehearsal.model_settings import ModelSettings
    from wizard.settings import read_model_server

    if server := read_model_server():
        return server
    with local_store(home) as store:
        return asyncio.run(ModelSettings(store).read())


def _print_read_through(plan: "CallPlan") -> None:
    from wizard.rehearsal.read_through import read_through

    for reading in read_through(plan):
        print_line(reading.line)


# Scenarios


async def _play(
    scenarios: "Sequence[Scenario]",
    plan: "CallPlan",
    client: "ModelClient",
    *,
    at_once: int,
    as_json: bool,
) -> "list[Result]":
    """Play scenarios and print a line for each; without a model the list is empty."""
    from wizard.formats.text import counted
    from wizard.rehearsal.runner import play_all

    results: list[Result] = []
    try:
        if not await _disclose(client):
            return []
        playing = play_all(
            scenarios, plan.payload, client, values=plan.values, now=plan.now, at_once=at_once
        )
        async for result in playing:
            results.append(result)
            _print_result(result, as_json=as_json)
    finally:
        await client.aclose()
    passed = sum(result.passed for result in results)
    not_played = sum(not result.was_played for result in results)
    counts = f"{passed} passed, {len(results) - passed - not_played} failed"
    counts += f", {not_played} not played" if not_played else ""
    sent, received = client.tokens
    used = f" ({sent:,} tokens sent, {received:,} received)" if sent else ""
    report(f"{counted(len(results), 'scenario')}: {counts}{used}")
    return results


async def _disclose(client: "ModelClient") -> bool:
    """Say what is sent where; returns whether there is a model."""
    from wizard.rehearsal.model_client import ModelTrouble

    try:
        report(await client.disclosure())
    except ModelTrouble as trouble:
        report(str(trouble))
        return False
    return True


def _print_result(result: "Result", *, as_json: bool) -> None:
    if as_json:
        print_json(result.as_json())
    else:
        state = "passed" if result.passed else "FAILED" if result.was_played else "not played"
        print_line(f"{state:<10}  {result.scenario}: {result.sentence}")
    for note in result.notes:
        report(f"{result.scenario}: {note}")


def _exit_code(results: "Sequence[Result]") -> int:
    if any(result.was_played and not result.passed for result in results):
        return FAILED
    return 0 if results and all(result.was_played for result in results) else _NO_MODEL


# A conversation in lines


def _converse(plan: "CallPlan", client: "ModelClient") -> int:
    """Hold a call in lines of text."""
    from wizard.commands.plain import open_console
    from wizard.plain.rehearsal_lines import RehearsalLines

    with asyncio.Runner() as runner:
        try:
            if not runner.run(_disclose(client)):
                return _NO_MODEL
            lines = RehearsalLines(plan, client, runner, open_console())
            return 0 if lines.run() else _NO_MODEL
        finally:
            runner.run(client.aclose())
