"""The contract as a real HTTP application, for trying things out."""
