"""A worker keeps its connections from task to task, as a web process does from request to request.

Celery's own fixup closes every connection before and after each task, whatever CONN_MAX_AGE says. A
database that is asked over a new connection forks, reads its catalogues and compiles its triggers anew:
for a referral that was more work than all its statements.
"""

from typing import Any

from celery import Celery, Task

# The stubs know the first alone.
from celery.fixups.django import DjangoFixup, DjangoWorkerFixup  # type: ignore[attr-defined]


class KeptConnections(DjangoWorkerFixup):  # type: ignore[misc]
    """Between tasks closes what is old, broken or left inside a transaction, and nothing else.

    A new child of the worker begins without its parent's connections, as with Celery's own.
    """

    def on_task_prerun(self, sender: Task[Any, Any], **_signal: Any) -> None:
        """Do what Django does before a request: the first query asks whether the line still stands."""
        if not sender.request.is_eager:
            self._look_after()

    def on_task_postrun(self, sender: Task[Any, Any], **_signal: Any) -> None:
        """Do what Django does after a request, and let the lines forget what was sent."""
        if not sender.request.is_eager:
            self._look_after()
            self.close_cache()

    def _look_after(self) -> None:
        for connection in self._db.connections.all(initialized_only=True):
            held: Any = connection
            held.overwrite_sent()
            held.close_if_unusable_or_obsolete()


class _Fixup(DjangoFixup):
    """Celery's, with our way between tasks; made as late, for it reads the settings."""

    _kept: Any = None

    @property
    def worker_fixup(self) -> Any:
        """The part that a worker alone has."""
        if self._kept is None:
            self._kept = KeptConnections(self.app)
        return self._kept


def fixup(app: Celery) -> DjangoFixup:
    """Install it; Celery calls this once for the application."""
    made = _Fixup(app)
    made.install()
    return made
