"""What the wizard is measured against: the least that does the same with the same libraries."""
