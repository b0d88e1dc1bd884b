"""The commands as they are declared, by what they are about; `wizard.cli` imports them late."""
