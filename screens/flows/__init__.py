"""Actions of the app that span several screens; each flow reads from top to bottom."""
