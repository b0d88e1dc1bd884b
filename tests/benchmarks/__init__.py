"""Programs that measure the wizard beside others, in one run, and print ratios."""
