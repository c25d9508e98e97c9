"""Pages of citizens and officers."""
