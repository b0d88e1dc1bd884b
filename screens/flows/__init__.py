"""What takes several screens, each flow in a function that reads from top to bottom."""
