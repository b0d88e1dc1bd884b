"""What the terminal can show, and how the program ends."""
