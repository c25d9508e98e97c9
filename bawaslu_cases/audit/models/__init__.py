"""Tables of the database ``audit``."""
