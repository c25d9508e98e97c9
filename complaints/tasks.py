"""Celery doors of this app: ids in, one service call. Safe to run twice."""

from celery import shared_task
from django.utils import timezone


@shared_task
def reckon_deadlines_task() -> None:
    """Bring open deadlines up to the latest calendar; nothing to do when they know it."""
    from complaints.services.deadlines import reckon_open_deadlines  # noqa: PLC0415 -- task leaf

    reckon_open_deadlines(at=timezone.now())


@shared_task
def expire_sessions_task() -> None:
    """Delete reporters' drafts and opened mailboxes that are past their time."""
    from complaints.services.reporter_session import expire_sessions  # noqa: PLC0415 -- task leaf

    expire_sessions(at=timezone.now())


@shared_task
def purge_saved_drafts_task() -> None:
    """Delete drafts that were put aside and not taken up in time."""
    from complaints.services.saved_drafts import purge_saved_drafts  # noqa: PLC0415 -- task leaf

    purge_saved_drafts(at=timezone.now())


@shared_task
def purge_visit_codes_task() -> None:
    """Delete codes for showing a card that are over."""
    from complaints.services.visits import purge_visit_codes  # noqa: PLC0415 -- task leaf

    purge_visit_codes(at=timezone.now())


@shared_task
def lapse_repairs_task() -> None:
    """End the wait for reporters whose time to complete their report is over."""
    from complaints.services.reports import lapse_repairs  # noqa: PLC0415 -- task leaf

    lapse_repairs(at=timezone.now())


@shared_task
def route_waiting_task() -> None:
    """Give what nobody has in hand to somebody, by the table of the chairs."""
    from complaints.services.routing import route_waiting  # noqa: PLC0415 -- task leaf

    route_waiting(at=timezone.now())


@shared_task
def deal_records_task() -> None:
    """Give what nobody has at a verification desk to the next of its verifiers."""
    from complaints.services.verification_turns import deal_records  # noqa: PLC0415 -- task leaf

    deal_records(at=timezone.now())


@shared_task
def remind_task() -> None:
    """Remind whoever has a deadline, at eight in the morning of their zone, once a day."""
    from complaints.services.reminders import remind  # noqa: PLC0415 -- task leaf

    remind(at=timezone.now())


@shared_task
def lapse_windows_task() -> None:
    """End the days in which a correction might have been asked for."""
    from complaints.services.deadlines import lapse_windows  # noqa: PLC0415 -- task leaf

    lapse_windows(at=timezone.now())


@shared_task
def move_parked_wraps_task() -> None:
    """Bring wraps that the keyring could not take to where they belong."""
    from complaints.services.vault import move_parked_wraps  # noqa: PLC0415 -- task leaf

    move_parked_wraps()


@shared_task
def sweep_wraps_task() -> None:
    """Name wraps that belong to no identity, and remove what was named long ago."""
    from complaints.services.wraps_sweep import sweep_wraps  # noqa: PLC0415 -- task leaf

    sweep_wraps(at=timezone.now())


@shared_task
def expire_requests_task() -> None:
    """End requests to open an identity that are past their time."""
    from complaints.services.unsealing import expire_requests  # noqa: PLC0415 -- task leaf

    expire_requests(at=timezone.now())


@shared_task
def promise_daily_count_task() -> None:
    """Promise that yesterday's reports are counted for the audit log."""
    from complaints.services.daily_counts import promise_daily_count  # noqa: PLC0415 -- task leaf

    promise_daily_count(at=timezone.now())


@shared_task
def expire_uploads_task() -> None:
    """Delete files that never became whole, or whose report was never sent."""
    from complaints.services.uploads import expire_uploads  # noqa: PLC0415 -- task leaf

    expire_uploads(at=timezone.now())


@shared_task
def expire_copy_orders_task() -> None:
    """Delete what was drawn for officers and not fetched in time."""
    from complaints.services.copy_orders import expire_copy_orders  # noqa: PLC0415 -- task leaf

    expire_copy_orders(at=timezone.now())


@shared_task
def expire_imports_task() -> None:
    """Delete files of old registers that nobody finished importing."""
    from complaints.services.legacy_imports import expire_imports  # noqa: PLC0415 -- task leaf

    expire_imports(at=timezone.now())


@shared_task
def log_manifests_task() -> None:
    """Enter manifests, alarms and turns of days that are over in the audit log."""
    from complaints.services.evidence import log_manifests  # noqa: PLC0415 -- task leaf
    from complaints.services.evidence_alarms import log_alarms  # noqa: PLC0415 -- task leaf
    from complaints.services.verification_turns import log_turns  # noqa: PLC0415 -- task leaf

    log_manifests(at=timezone.now())
    log_alarms(at=timezone.now())
    log_turns(at=timezone.now())


@shared_task
def seal_waiting_keys_task() -> None:
    """Seal to their desk the keys of files that came while it had none."""
    from complaints.services.file_keys import seal_waiting_keys  # noqa: PLC0415 -- task leaf

    seal_waiting_keys(at=timezone.now())


@shared_task
def sweep_evidence_task() -> None:
    """Remove objects that nobody needs and tell of those that are missing."""
    from complaints.services.evidence_sweep import sweep_evidence  # noqa: PLC0415 -- task leaf

    sweep_evidence(at=timezone.now())


@shared_task
def watch_storage_task() -> None:
    """Raise an alarm when files cannot be kept."""
    from complaints.services.evidence_sweep import watch_storage  # noqa: PLC0415 -- task leaf

    watch_storage()


@shared_task
def watch_cleaner_task() -> None:
    """Tell whether copies can be made and files scanned; runs in the evidence worker."""
    from complaints.services.cleaner_watch import watch_cleaner  # noqa: PLC0415 -- task leaf

    watch_cleaner(at=timezone.now())


@shared_task
def watch_keyring_task() -> None:
    """Raise an alarm when the keyring does not answer."""
    from complaints.services.keyring_watch import watch_keyring  # noqa: PLC0415 -- task leaf

    watch_keyring()


@shared_task
def watch_signer_task() -> None:
    """Raise an alarm when the audit log is not signed."""
    from complaints.services.signer_watch import watch_signer  # noqa: PLC0415 -- task leaf

    watch_signer(at=timezone.now())


@shared_task
def watch_desks_task() -> None:
    """Tell who is above a desk in which nobody is left who may open an identity."""
    from complaints.services.desk_watch import watch_desks  # noqa: PLC0415 -- task leaf

    watch_desks(at=timezone.now())


@shared_task
def prune_changes_task() -> None:
    """Throw away what nobody reads of the change feed any more."""
    from complaints.services.change_feed import prune_changes  # noqa: PLC0415 -- task leaf

    prune_changes(today=timezone.localdate())
