"""The foundation under every app: it imports none of them (checked by import-linter)."""
