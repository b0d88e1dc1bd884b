"""What each command does; `wizard.cli` declares them and imports these when they are called."""
