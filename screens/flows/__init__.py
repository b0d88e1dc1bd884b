"""What the app does over several screens, each flow from top to bottom."""
