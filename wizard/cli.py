"""The command line as it is declared: commands, options and help. The bodies import late."""

import click

from wizard.commands.options import Common, Group, LateChoice, common


def _steps() -> dict[str, str]:
    from wizard.steps import STEPS

    return {info.step.value: info.about for info in STEPS}


def _faults() -> dict[str, str]:
    from wizard.sandbox import FAULTS

    return {fault.value: acting.says for fault, acting in FAULTS.items()}


_FILE = click.Path(readable=False, allow_dash=True)
_SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group("qcall-wizard", cls=Group, invoke_without_command=True, context_settings=_SETTINGS)
@click.option(
    "--from",
    "payload",
    metavar="FILE",
    type=_FILE,
    help="Begin with the answers in FILE: a payload as JSON or YAML, bare or in the API's envelope;"
    " - is standard input.",
)
@common
@click.pass_context
def qcall_wizard(context: click.Context, payload: str | None) -> int:
    """\b
    Examples:
      qcall-wizard                       create an assistant, step by step
      qcall-wizard --from payload.json   begin with the answers in a file
      qcall-wizard --sandbox             try things out where nothing is real
      qcall-wizard validate *.json       judge payloads without the screens

    Creates QCall.ai voice assistants: asks what an assistant needs, shows the request, sends it.
    Without QCALL_API_KEY in the environment it works on the sandbox inside the program.

    \b
    To have the Tab key complete commands and options:
      bash   eval "$(_QCALL_WIZARD_COMPLETE=bash_source qcall-wizard)"
      zsh    eval "$(_QCALL_WIZARD_COMPLETE=zsh_source qcall-wizard)"
      fish   _QCALL_WIZARD_COMPLETE=fish_source qcall-wizard | source
    """
    if context.invoked_subcommand is None:
        from wizard.commands import start

        return start.run(context.ensure_object(Common).settings(), payload)
    if payload is not None:
        raise click.UsageError(
            f"--from opens the wizard; it does not go with {context.invoked_subcommand}.", context
        )
    return 0


@qcall_wizard.command(short_help="Judge payloads by the contract.")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=_FILE)
@click.option("--json", "as_json", is_flag=True, help="Print JSON Lines, one object a payload.")
@common
def validate(files: tuple[str, ...], as_json: bool) -> int:
    """\b
    Examples:
      qcall-wizard validate payload.json
      qcall-wizard validate --json payloads.jsonl | jq 'select(.valid | not)'
      curl -s https://example.com/payload.yaml | qcall-wizard validate -

    Judges payloads: JSON or YAML, bare or in the API's envelope. A FILE that ends in .jsonl holds
    one payload a line; - is standard input. An error makes a payload invalid, advice does not.
    The exit code is 0 where every payload is valid, else 1.
    """
    from wizard.commands import validate as command

    return command.run(files, as_json)


@qcall_wizard.command(short_help="Print the JSON Schema of a payload.")
@common
def schema() -> int:
    """\b
    Examples:
      qcall-wizard schema > assistant.schema.json
      qcall-wizard schema | jq .required

    Prints the JSON Schema (2020-12) of a payload, for editors and other programs. Rules that
    compare two values, as that a day's end comes after its start, are judged by validate alone.
    """
    from wizard.commands import describe

    return describe.schema()


@qcall_wizard.command(short_help="List every field of a payload.")
@click.option(
    "--step", metavar="STEP", type=LateChoice("STEP", _steps), help="Only the fields of STEP."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON Lines, one object a field.")
@common
def fields(step: str | None, as_json: bool) -> int:
    """\b
    Examples:
      qcall-wizard fields
      qcall-wizard fields --step voice
      qcall-wizard fields --json | jq -r 'select(.required).field'

    Lists every field: its step and label, what is allowed, when it is asked and when it is sent,
    and the resting value that is sent while there is no answer.
    """
    from wizard.commands import describe

    return describe.fields(step, as_json)


@qcall_wizard.command(short_help="Serve the sandbox on 127.0.0.1.")
@click.option(
    "--port",
    metavar="N",
    type=click.IntRange(0, 65535),
    default=0,
    help="Listen on port N; without it, or with 0, on a free one.",
)
@click.option(
    "--fault",
    metavar="KIND",
    type=LateChoice("KIND", _faults),
    help="Act out a failure whenever an assistant is to be created.",
)
@click.option("--envelope", is_flag=True, help="Answer in the API's envelope.")
@common
def sandbox(port: int, fault: str | None, envelope: bool) -> int:
    """\b
    Examples:
      qcall-wizard sandbox --port 8700
      qcall-wizard sandbox --port 8700 --fault slow
      qcall-wizard --base-url http://127.0.0.1:8700/api/v1

    Serves the API as the contract describes it, on this machine alone, until Ctrl+C: it judges
    requests, keeps what was created until it ends, and takes any key. The address is printed.
    """
    from wizard.commands import sandbox as command

    return command.run(port, fault, envelope)
