"""The same sandbox and the same fixtures as the cleaner's tests."""

from tests.complaints.cleaner.conftest import _sandbox, clean, refused

__all__ = ["_sandbox", "clean", "refused"]
