"""What is decided by a table: words for codes."""
