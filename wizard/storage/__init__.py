"""What is kept on this machine: the database, drafts, sessions."""
