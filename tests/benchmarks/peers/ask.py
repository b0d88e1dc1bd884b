"""One question by questionary; run by the interpreter that has it."""

import questionary

questionary.text("READY").ask()
