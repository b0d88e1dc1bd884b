"""The terminal: colours, widths, clipboard and signals."""
