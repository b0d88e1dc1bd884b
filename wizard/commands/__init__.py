"""The commands; `wizard.cli` lists them and imports each when it is called."""
