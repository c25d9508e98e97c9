"""The mirror: the office's records as the server last told them, and the place to go on from.

Each page and its cursor are written together, so a run that breaks anywhere goes on from the last page
that is whole.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from bawaslu_api.api import Api
from bawaslu_api.errors import GoneError
from bawaslu_api.records import ChangePage
from bawaslu_sync.store import Store

KINDS = ("complaint", "case", "deadline", "referral", "follow_up")


@dataclass
class Pulled:
    """What a run brought."""

    kept: int = 0
    removed: int = 0
    began_anew: bool = False


class Puller:
    """One run over the change feed. Hold ``store.alone("pull")`` around it."""

    def __init__(
        self,
        api: Api,
        store: Store,
        *,
        clock: Callable[[], dt.datetime],
        told: Callable[[Pulled], object] = lambda _pulled: None,
    ) -> None:
        self._api = api
        self._store = store
        self._clock = clock
        self._told = told

    def run(self) -> Pulled:
        """Bring the mirror up to now. A cursor that the server does not know any more begins anew.

        What the mirror held stays readable until the new scan is through; then what it did not bring is
        taken out.
        """
        done = Pulled()
        try:
            self._follow(done)
        except GoneError:
            done.began_anew = True
            with self._store.together():
                self._store.put("cursor", "")
                self._store.put("generation", self._generation + 1)
            self._follow(done)
        return done

    @property
    def _generation(self) -> int:
        return int(self._store.get("generation", 1))

    def _follow(self, done: Pulled) -> None:
        generation = self._generation
        for page in self._api.changes(self._store.get("cursor", "")):
            self._keep(page, generation, done)
            self._told(done)

    def _keep(self, page: ChangePage, generation: int, done: Pulled) -> None:
        with self._store.together():
            for change in page.items:
                if change.raw is None:
                    self._store.mirror_drop(change.kind, str(change.id))
                    done.removed += 1
                else:
                    self._store.mirror_put(change.kind, str(change.id), change.raw, generation)
                    done.kept += 1
            self._store.put("cursor", page.cursor)
            if not page.has_more:
                self._store.mirror_drop_before(generation)
                self._store.put("pulled_at", self._clock().isoformat())
                self._store.put("server_time", page.server_time.isoformat())
