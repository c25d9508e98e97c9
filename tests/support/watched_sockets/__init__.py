"""A folder for PYTHONPATH: every Python process started with it writes down whom it turns to (check L14)."""
