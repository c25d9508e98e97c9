"""Storage and database brought to agree: objects without a row go, rows without an object are told."""

import logging
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import islice

from django.conf import settings
from django.core.cache import cache
from django.utils import timezone
from redis.exceptions import RedisError

from bawaslu_cases.shared.object_storage import StoredObject, evidence_storage
from complaints.models import Upload
from complaints.rules.retention import kept_days
from complaints.selectors.evidence_retention import (
    evidence_past_its_term,
    links_past_their_term,
    names_in_use,
    names_still_in_use,
)
from complaints.selectors.evidence_storage import LAST_SWEEP, REMEMBERED_SECONDS, storage_state
from complaints.services.evidence_check import check_anew, check_stored_files
from complaints.services.evidence_retention import erase_past_terms
from complaints.services.standing_alarms import EVIDENCE, raise_standing_alarm
from complaints.services.uploads import expire_uploads

logger = logging.getLogger(__name__)

ORPHAN_AFTER = timedelta(days=1)
"""An object may be written long before the row that names it is committed; days are all it tells."""
BATCH = 500


@dataclass(frozen=True)
class Sweep:
    """What one sweep found, and removed unless it was a rehearsal.

    ``orphans`` objects that no row names, ``broken`` writes that were broken off, ``missing`` rows whose
    object is gone, ``expired`` uploads and ``erased`` files and links past their time. ``not_whole`` files
    are those that were looked into and were altered or are gone; a rehearsal looks into none.
    """

    orphans: int
    orphan_bytes: int
    broken: int
    missing: int
    expired: int
    erased: int
    not_whole: int


def sweep_evidence(*, at: datetime, dry_run: bool = False) -> Sweep:
    """Remove what nobody needs and raise an alarm for what is missing; running twice is harmless.

    Safe beside writers: an object is an orphan only a whole day after it was written, and is looked up
    once more before it goes. Raises StorageUnavailableError; nothing is judged missing then.
    """
    storage = evidence_storage()
    if dry_run:
        terms = kept_days(settings.EVIDENCE_KEPT_DAYS)
        expired = Upload.objects.filter(expires_at__lte=at).count()
        files, links = evidence_past_its_term(terms, at=at), links_past_their_term(terms, at=at)
        erased, broken = files.count() + links.count(), 0
    else:
        expired, erased, broken = expire_uploads(at=at), erase_past_terms(at=at), storage.tidy()
    zone = timezone.get_default_timezone()
    before = timezone.localdate(at, timezone=zone) - ORPHAN_AFTER
    orphans = orphan_bytes = missing = 0
    differing = _disagreements(names_in_use(), storage.objects())
    while batch := list(islice(differing, BATCH)):
        old = [found for _name, found in batch if found and found.written_on < before]
        used = names_still_in_use([name for name, _found in batch])
        doomed = [found for found in old if found.name not in used]
        orphans += len(doomed)
        orphan_bytes += sum(found.size_bytes for found in doomed)
        if not dry_run:
            storage.delete([found.name for found in doomed])
        lost = [name for name, found in batch if found is None and name in used]
        gone = [name for name in lost if not storage.exists(name)]
        missing += len(gone)
        if not dry_run:
            check_anew(gone)
    not_whole = 0 if dry_run else check_stored_files(at=at).bad
    sweep = Sweep(orphans, orphan_bytes, broken, missing, expired, erased, not_whole)
    if not dry_run:
        _tell(sweep, at)
    return sweep


def watch_storage() -> None:
    """Raise an alarm when files cannot be kept. The log has it each time, the audit log once an hour."""
    state = storage_state()
    if state.code in {"full", "unavailable", "volume"}:
        raise_standing_alarm(EVIDENCE, state.code)
    elif state.code == "low":
        logger.warning("evidence.storage_low free_mb=%d", (state.free_bytes or 0) >> 20)


def _disagreements(
    rows: Iterable[str], objects: Iterable[StoredObject]
) -> Iterator[tuple[str, StoredObject | None]]:
    """Walk both in the order of names; yield objects without a row, and rows' names with None."""
    names = iter(rows)
    name = next(names, None)
    for found in objects:
        while name is not None and name < found.name:
            yield name, None
            name = next(names, None)
        if name == found.name:
            name = next(names, None)
        else:
            yield found.name, found
    while name is not None:
        yield name, None
        name = next(names, None)


def _tell(sweep: Sweep, at: datetime) -> None:
    counts = asdict(sweep)
    logger.info("evidence.sweep %s", " ".join(f"{name}={count}" for name, count in counts.items()))
    with suppress(RedisError, OSError):  # then the page says that nothing is known
        cache.set(LAST_SWEEP, {"at": at, "missing": sweep.missing}, REMEMBERED_SECONDS)
    if sweep.missing:
        raise_standing_alarm(EVIDENCE, "missing", count=sweep.missing)
