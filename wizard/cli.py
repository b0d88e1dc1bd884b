"""The command line as it is declared: the options of the wizard itself, and the commands' names."""

import click

from wizard.commands.options import Common, LateGroup, common
from wizard.declarations.shared import (
    FILE,
    alone,
    drafts_like,
    flags,
    receipts_like,
    templates_like,
)

_SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}

# The commands in the order in which help lists them: what each does, and the module of
# `wizard.declarations` that declares it. Help of the whole reads no module.
_COMMANDS = {
    "new": ("payloads", "Make a payload from answers, without questions."),
    "validate": ("payloads", "Validate payloads."),
    "submit": ("payloads", "Create assistants from payloads."),
    "export": ("payloads", "Print a payload in another form."),
    "diff": ("payloads", "Compare two payloads."),
    "schema": ("contract", "Print the JSON Schema of a payload."),
    "fields": ("contract", "List every field of a payload."),
    "advice": ("contract", "List the codes of advice."),
    "templates": ("kept", "List the starter templates."),
    "voices": ("kept", "List the voices of the target."),
    "drafts": ("kept", "List, print, delete and restore drafts."),
    "receipts": ("kept", "List and print receipts."),
    "sandbox": ("machine", "Serve the sandbox on 127.0.0.1."),
    "serve": ("machine", "Open the wizard in a browser."),
    "drift": ("contract", "Compare a newer API document with this program."),
    "doctor": ("machine", "Look at terminal, folders, key and network."),
    "completion": ("machine", "Print a script that completes commands at the Tab key."),
    "help": ("machine", "Print the help of a command."),
    "man": ("machine", "Print the manual page of a command."),
}


@click.group(
    "qcall-wizard",
    cls=LateGroup,
    invoke_without_command=True,
    context_settings=_SETTINGS,
    late=_COMMANDS,
)
@click.option(
    "--from",
    "payload",
    metavar="FILE",
    type=FILE,
    help="Begin with the answers in FILE: a payload as JSON or YAML, an answer of the API, a curl"
    " command, or a script (.txt, .md); - is standard input.",
)
@click.option(
    "--template",
    metavar="NAME",
    shell_complete=templates_like,
    help="Begin with a template; `templates` lists them. A file that ends in .yaml is one too.",
)
@click.option(
    "--draft",
    metavar="ID",
    shell_complete=drafts_like,
    help="Go on with a draft; `drafts` lists them.",
)
@click.option(
    "--receipt",
    metavar="ID",
    shell_complete=receipts_like,
    help="Begin with what was sent once; `receipts` lists that.",
)
@click.option(
    "--plain",
    is_flag=True,
    help="Ask in lines of plain text: for screen readers, dumb terminals and pipes.",
)
@click.pass_context
@common
def qcall_wizard(
    context: click.Context,
    *,
    payload: str | None,
    template: str | None,
    draft: str | None,
    receipt: str | None,
    plain: bool,
) -> int:
    """\b
    Examples:
      qcall-wizard                       create an assistant, step by step
      qcall-wizard --from payload.json   begin with the answers in a file
      qcall-wizard --template win-back   begin with a template
      qcall-wizard --draft 4f1c          go on with a draft
      qcall-wizard --sandbox             try things out where nothing is real
      qcall-wizard --plain               the same questions, as lines of text
      qcall-wizard validate *.json       judge payloads without the screens

    Creates QCall.ai voice assistants: asks what an assistant needs, shows the request, sends it.
    Without QCALL_API_KEY in the environment it works on the sandbox inside the program.

    To have the Tab key complete commands, fields and ids: qcall-wizard completion --help

    \b
    Exit codes:
        0  done
        1  a payload is invalid, or something asked for does not exist
        2  the command line is wrong
        3  the API refused
        4  the outcome is unknown: the assistant may have been created
        5  nothing was sent or nothing was created
       70  an error in the program itself; what was typed is saved
      130  interrupted
    """
    given = {"--from": payload, "--template": template, "--draft": draft, "--receipt": receipt}
    named = [option for option, value in given.items() if value is not None]
    if context.invoked_subcommand is not None:
        return alone(context, [*named, *flags(plain=plain)], "opens the wizard")
    if len(named) > 1:
        raise click.UsageError(f"{' and '.join(named)} exclude each other: name one.", context)
    from wizard.commands import start

    told = context.ensure_object(Common)
    return start.run(
        told.settings(),
        payload=payload,
        template=template,
        draft=draft,
        receipt=receipt,
        plain=plain,
        log=told.log,
    )
