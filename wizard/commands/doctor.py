"""The command `doctor`."""

import click

from wizard.commands.click_extensions import Command
from wizard.commands.options import CommonOptions, common_options, json_option
from wizard.commands.output import print_json, print_line, report
from wizard.settings import has_key, proxies


@click.command(cls=Command)
@json_option("finding")
@click.option("--no-keys", is_flag=True, help="Do not ask you to press keys.")
@common_options
def doctor(options: CommonOptions, as_json: bool, no_keys: bool) -> int:
    """\b
    Examples:
      qcall-wizard doctor
      qcall-wizard doctor --no-keys --sandbox
      qcall-wizard doctor --json | jq 'select(.grade != "good")'

    Checks what the wizard needs: terminal, colours, character widths, keys, folders, free space,
    database, keyring, proxy, target and clock. Each line is good, doubtful or bad, with advice.
    The only request goes to the target and creates nothing. The key's value is never shown. The
    exit code is 1 if a line is bad, else 0.
    """
    from wizard import health_checks
    from wizard.commands.terminal import check_terminal
    from wizard.health_checks import Finding, Grade

    counts = dict.fromkeys(Grade, 0)

    def show(finding: Finding) -> None:
        counts[finding.grade] += 1
        if as_json:
            print_json(finding.as_json())
            return
        print_line(f"{finding.grade:<8}  {finding.check}: {finding.found}")
        if finding.todo:
            print_line(f"          {finding.todo}")

    settings = options.settings()
    checks = (
        health_checks.check_program(),
        # A list, because the terminal is restored before anything is printed.
        list(check_terminal(ask=not no_keys and not as_json)),
        health_checks.check_folders(settings.home),
        health_checks.check_keys_file(settings.home),
        health_checks.check_database(settings.home),
        health_checks.check_keyring(),
        health_checks.check_key(settings, has_key()),
        health_checks.check_model(settings.home),
        health_checks.check_proxies(proxies()),
        health_checks.check_target(settings, options.log.exchange if options.log else None),
    )
    for findings in checks:
        for finding in findings:
            show(finding)
    report(", ".join(f"{count} {grade}" for grade, count in counts.items()))
    return 1 if counts[Grade.BAD] else 0
