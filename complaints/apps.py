"""Registration of the complaints app."""

from django.apps import AppConfig

from complaints.rules.row_sight import ROW_SIGHT


class ComplaintsConfig(AppConfig):
    """Intake, triage, cases."""

    name = "complaints"
    row_sight = ROW_SIGHT
    """Table → who sees which rows; ``grant_roles`` lays it down."""

    def ready(self) -> None:
        """Tell the audit log what it must hold of openings, and the outbox who counts a day."""
        from bawaslu_cases.audit import rules  # noqa: PLC0415 -- models are loaded by now
        from bawaslu_cases.shared.outbox import topics  # noqa: PLC0415 -- the same
        from complaints.services.audit_rules import OpeningRule  # noqa: PLC0415 -- the same

        rules.register("openings", OpeningRule)
        # Two days of tries, an hour apart in the end: a log that is down delays the count, no more.
        topics.register("complaints.daily_count", _count_day, max_attempts=48)
        topics.register(
            "complaints.clean_evidence", _clean_evidence, max_attempts=5, queue="evidence"
        )
        # Somebody waits for it: what did not come in three tries is asked for again.
        topics.register("complaints.draw_copy", _draw_copy, max_attempts=3, queue="copies")
        # A morning notice that comes the next day helps nobody.
        topics.register("complaints.remind", _send_reminder, max_attempts=8, queue="notify")
        topics.register("complaints.capture_minutes", _write_minutes, queue="referral")
        topics.register("complaints.render_document", _write_document, queue="referral")
        topics.register("complaints.legacy_import", _carry_on_import)
        # Two days of tries: a name that was to go must go, however long the keyring is down.
        topics.register("complaints.erase_wraps", _erase_wraps, max_attempts=48)


# The services are loaded at the first message: a web process that counts nothing starts without them.
def _count_day(*, subject_id: str, destination: str) -> None:  # noqa: ARG001 -- the outbox's call
    from complaints.services.daily_counts import record_daily_count  # noqa: PLC0415 -- start-up time

    record_daily_count(subject_id=subject_id)


def _clean_evidence(*, subject_id: str, destination: str) -> None:  # noqa: ARG001 -- the outbox's call
    from complaints.services.cleaning import clean_evidence  # noqa: PLC0415 -- start-up time

    clean_evidence(subject_id=subject_id)


def _draw_copy(*, subject_id: str, destination: str) -> None:  # noqa: ARG001 -- the outbox's call
    from complaints.services.evidence_copies import draw_copy  # noqa: PLC0415 -- start-up time

    draw_copy(subject_id=subject_id)


def _send_reminder(*, subject_id: str, destination: str) -> None:  # noqa: ARG001 -- the outbox's call
    from complaints.services.reminders import send_reminder  # noqa: PLC0415 -- start-up time

    send_reminder(subject_id=subject_id)


def _write_minutes(*, subject_id: str, destination: str) -> None:  # noqa: ARG001 -- the outbox's call
    from complaints.services.captures import write_minutes  # noqa: PLC0415 -- start-up time

    write_minutes(subject_id=subject_id)


def _write_document(*, subject_id: str, destination: str) -> None:  # noqa: ARG001 -- the outbox's call
    from complaints.services.documents import write_document  # noqa: PLC0415 -- start-up time

    write_document(subject_id=subject_id)


def _carry_on_import(*, subject_id: str, destination: str) -> None:  # noqa: ARG001 -- the outbox's call
    from complaints.services.legacy_imports import carry_on  # noqa: PLC0415 -- start-up time

    carry_on(subject_id=subject_id)


def _erase_wraps(*, subject_id: str, destination: str) -> None:
    from complaints.services.vault import erase_wraps  # noqa: PLC0415 -- start-up time

    erase_wraps(subject_id=subject_id, destination=destination)
