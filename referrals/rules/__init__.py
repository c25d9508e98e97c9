"""What the rules say: pure functions, no query."""
