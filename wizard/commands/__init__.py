"""What each command does; `wizard.declarations` declares them and imports these when called."""
