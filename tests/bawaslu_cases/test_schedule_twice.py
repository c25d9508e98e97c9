"""F19: beat runs twice. Every periodic job, taken by two workers at once and then once more, has one effect.

Each job of the schedule has a line here, with work that it finds; a job without one fails. Compared is every
row of every table of the three databases but the reference data, which no job writes.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest
import time_machine
from django.core.cache import cache
from django.db import connections, transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from bawaslu_cases.accounts.models import DormancyNotice, WebhookSubscription
from bawaslu_cases.accounts.models.webhook import WebhookTarget
from bawaslu_cases.audit.services import record
from bawaslu_cases.registry.models import CalendarVersion, RecipientBody
from bawaslu_cases.schedule import BEAT_SCHEDULE, PeriodicJob
from bawaslu_cases.shared.models import OutboxMessage
from bawaslu_cases.shared.outbox.services import publish
from bawaslu_cases.shared.snapshots import horizon
from complaints.errors import KeysMissingError
from complaints.models import Complaint, Deadline, Evidence, EvidenceAlarm, LegacyImport, Upload
from complaints.services import evidence as evidence_service
from complaints.services.copy_orders import order_marked_copy
from complaints.services.lanes import raise_lane
from complaints.services.reporter_session import start_session
from complaints.services.reports import ask_repair
from complaints.services.saved_drafts import save_draft
from complaints.services.visits import draw_visit_code
from complaints.services.wraps_sweep import sweep_wraps
from complaints.states import Lane, Requirement
from referrals.models import Ladder, Referral, ReferralDeadline
from referrals.services.case_exports import order_export
from tests.bawaslu_cases.audit.conftest import SEED
from tests.complaints.services.test_reports import down, name_for
from tests.complaints.services.test_unsealing import asked_for, let_go
from tests.factories import AT, decided_case, finding, in_hand, office, person, report, tip
from tests.referrals import stages
from tests.referrals.api.test_webhooks import all_is_over
from tests.referrals.escalation_world import late, noon
from tests.support.api_clients import api_client
from tests.support.at_once import at_once
from tests.support.evidence import cleaned_evidence, evidence_of, photo

pytestmark = pytest.mark.django_db(transaction=True)

Request = pytest.FixtureRequest
DAY = timedelta(days=1)
NOT_COMPARED = ("registry_", "django_", "auth_")


class Work(NamedTuple):
    """What a job finds, and what it does however often it runs.

    ``given`` makes it and returns the moment of the runs. ``does`` are the tables that change, with the rows
    they gain or lose; 0 where rows are written over. ``moves`` are tables whose rows every run writes over.
    """

    given: Callable[[Request], datetime]
    does: dict[str, int]
    moves: frozenset[str] = frozenset()


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    cache.clear()


def promised(_request: Request) -> datetime:
    with transaction.atomic():
        publish(topic="complaints.daily_count", subject_id="2024-10-06")
    OutboxMessage.objects.update(next_attempt_at=AT, held_until=None)
    return timezone.now()


def entered(request: Request) -> datetime:
    settings = request.getfixturevalue("settings")
    settings.AUDIT_CHECKPOINT_DIR = request.getfixturevalue("tmp_path") / "checkpoints"
    settings.AUDIT_SIGNING_KEY = SEED
    record(actor="system:test", action="test.entry", subject="test:1")
    return timezone.now()


def _of_another_calendar(clocks: type[Deadline] | type[ReferralDeadline]) -> None:
    """Let clocks end where an earlier calendar had them end."""
    newest = CalendarVersion.objects.latest("number")
    for clock in clocks.objects.all():
        clock.calendar_version = newest.number - 1
        clock.due_on += 30 * DAY
        clock.due_at += 30 * DAY
        clock.save()


def clocks_of_records(_request: Request) -> datetime:
    finding()
    _of_another_calendar(Deadline)
    return AT


def clocks_of_referrals(_request: Request) -> datetime:
    stages.recommended()
    _of_another_calendar(ReferralDeadline)
    return AT


def ladder(_request: Request) -> datetime:
    follow_up, _last_day = late()
    next_on = Ladder.objects.get(follow_up=follow_up).next_on
    assert next_on is not None
    return noon(next_on)


def nobodys_tip(_request: Request) -> datetime:
    person("sari")
    tip()
    return AT + DAY


def nobodys_report(request: Request) -> datetime:
    request.getfixturevalue("vault_keys")
    person("vera"), person("vito")
    report(AT)
    return AT + DAY


def tip_of_yesterday(_request: Request) -> datetime:
    tip()
    return AT + DAY


def left_session(_request: Request) -> datetime:
    start_session(held={"draft": {}}, at=AT)
    return AT + 30 * DAY


def left_draft(_request: Request) -> datetime:
    draft = {"at": "story", "typed": {"story": {"story": ["KENARI"]}}}
    save_draft(token=start_session(held={"draft": draft}, at=AT), at=AT)
    return AT + 30 * DAY


def left_code(request: Request) -> datetime:
    request.getfixturevalue("vault_keys")
    draw_visit_code(complaint=report(AT), mailbox_key=bytes(32), at=AT)
    return AT + 30 * DAY


def left_upload(_request: Request) -> datetime:
    Upload.objects.create(length=10, expires_at=AT)
    return AT + DAY


def left_copy(request: Request) -> datetime:
    request.getfixturevalue("vault_keys")
    copy = cleaned_evidence(tip(), photo(), at=AT).derivatives.get()
    order_marked_copy(copy=copy, words="Tanda", officer=person("sari"), at=AT)
    return AT + DAY


def left_export(_request: Request) -> datetime:
    order_export(case=decided_case(), purpose="Sidang", officer=person("sari"), at=AT)
    return AT + DAY


def left_import(_request: Request) -> datetime:
    sari = person("sari")
    LegacyImport.objects.create(
        office=office("33"),
        officer=sari,
        stage=LegacyImport.Stage.CHECKED,
        uploaded_at=AT,
        expires_at=AT,
    )
    return AT + DAY


def file_of_yesterday(request: Request) -> datetime:
    request.getfixturevalue("vault_keys")
    evidence_of(tip(), photo(), at=AT)
    return AT + DAY


def file_with_an_alarm(request: Request) -> datetime:
    at = file_of_yesterday(request)
    EvidenceAlarm.objects.create(
        evidence=Evidence.objects.get(), why="damaged", part="original", raised_on=AT.date()
    )
    in_hand(Evidence.objects.get().complaint)
    return at


def file_without_a_desks_key(request: Request) -> datetime:
    def missing(**_words: object) -> None:
        raise KeysMissingError("tidak ada")

    request.getfixturevalue("vault_keys")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(evidence_service, "sealing_keys", missing)
        evidence_of(tip(), photo(), at=AT)
    return AT


def unanswered_repair(request: Request) -> datetime:
    request.getfixturevalue("vault_keys")
    ask_repair(
        complaint=report(), requirements=[Requirement.EVIDENCE], officer=person("sari"), at=AT
    )
    return AT + 10 * DAY


def review_that_ends(_request: Request) -> datetime:
    person("sari")
    tip()
    return datetime(2024, 10, 9, 1, 0, tzinfo=UTC)  # 08.00 WIB of its last day


def lies_with_a_body_that_ended(_request: Request) -> datetime:
    stages.proposed()
    Referral.objects.update(recipient=RecipientBody.objects.get(code="KASN"))
    return AT


def window_that_ended(_request: Request) -> datetime:
    finding()
    Deadline.objects.update(kind="correction_request")
    return AT + 60 * DAY


def parked_wraps(request: Request) -> datetime:
    request.getfixturevalue("vault_keys")
    row = tip()
    name = name_for(row, Lane.SEALED)
    with connections["keyring"].execute_wrapper(down):
        raise_lane(complaint=row, lane=Lane.SEALED, name=name, at=AT)
    return AT


def orphaned_wraps(request: Request) -> datetime:
    """A name whose step failed after its wraps were put, named a week ago."""
    request.getfixturevalue("vault_keys")
    row = tip()
    name = name_for(row, Lane.SEALED)
    with suppress(StepFailedError), transaction.atomic():
        raise_lane(complaint=row, lane=Lane.SEALED, name=name, at=AT)
        raise StepFailedError
    sweep_wraps(at=AT)
    return AT + 7 * DAY


class StepFailedError(Exception):
    """What a step ends with that wraps were put for."""


def changed_often(_request: Request) -> datetime:
    row = finding()
    for word in ("satu", "dua"):
        Complaint.objects.filter(pk=row.pk).update(title=word)
    all_is_over()
    return timezone.now() + 3 * DAY


def released_share(request: Request) -> datetime:
    keys = request.getfixturevalue("vault_keys")
    _asked, row = asked_for(keys, report())
    let_go(keys, row)
    assert row.expires_at is not None
    return row.expires_at


def file_on_the_disk(request: Request) -> datetime:
    file_of_yesterday(request)
    return timezone.now() + 3 * DAY


def full_day(request: Request) -> datetime:
    request.getfixturevalue("settings").UPLOADS_DAILY_BYTES = 0
    return timezone.now()


def desk_without_anybody(request: Request) -> datetime:
    request.getfixturevalue("vault_keys")
    report()
    return AT


def nothing(_request: Request) -> datetime:
    return AT


def unused_accounts(_request: Request) -> datetime:
    """One is to be told, the other was told a week ago."""
    sari, dewi = person("sari"), person("dewi")
    night = datetime(2025, 3, 3, 19, 30, tzinfo=UTC)
    for user, days in ((sari, 84), (dewi, 100)):
        user.last_login = night - days * DAY
        user.date_joined = night - 400 * DAY
        user.save()
    DormancyNotice.objects.create(user=dewi, seen_at=night - 100 * DAY, made_at=night - 8 * DAY)
    return night


def ended_token(_request: Request) -> datetime:
    api_client(office("33"))
    return timezone.now() + DAY


def change_to_be_told(_request: Request) -> datetime:
    client = api_client(office("33")).client
    row = WebhookSubscription(
        client=client,
        host="contoh.test",
        events=["complaint.changed"],
        made_at=timezone.now(),
        began=horizon(),
    )
    row.close(WebhookTarget(url="https://contoh.test/kait", secret="rahasia-contoh"))
    row.save()
    finding()
    all_is_over()
    return timezone.now()


def month_that_is_told(_request: Request) -> datetime:
    tip()
    return datetime(2024, 11, 15, 3, tzinfo=UTC)


WORK: dict[str, Work] = {
    "sweep-outbox": Work(promised, {"shared_outboxmessage": 0}),
    # It signs into a file that is named by the log's size.
    "sign-audit-checkpoint": Work(entered, {}),
    "reckon-deadlines": Work(
        clocks_of_records, {"complaints_deadline": 0, "complaints_recordchange": 1}
    ),
    "reckon-referral-deadlines": Work(clocks_of_referrals, {"referrals_referraldeadline": 0}),
    "escalate": Work(
        ladder, {"referrals_escalationstep": 1, "referrals_ladder": 0, "shared_outboxmessage": 1}
    ),
    "route-waiting": Work(nobodys_tip, {"complaints_complaint": 0, "complaints_workevent": 1}),
    "deal-to-verifiers": Work(nobodys_report, {"complaints_verificationturn": 1}),
    "count-reports-of-yesterday": Work(tip_of_yesterday, {"shared_outboxmessage": 1}),
    "expire-reporter-sessions": Work(left_session, {"complaints_reportersession": -1}),
    "purge-saved-drafts": Work(left_draft, {"complaints_saveddraft": -1}),
    "purge-visit-codes": Work(left_code, {"complaints_visitcode": -1}),
    "expire-uploads": Work(left_upload, {"complaints_upload": -1}),
    "expire-copy-orders": Work(left_copy, {"complaints_copyorder": -1}),
    "expire-exports": Work(left_export, {"referrals_caseexport": -1}),
    "expire-imports": Work(left_import, {"complaints_legacyimport": 0}),
    "log-manifests": Work(
        file_with_an_alarm,
        {
            "audit_event": 3,
            "complaints_evidence": 0,
            "complaints_evidencealarm": 0,
            "complaints_verificationturn": 0,
        },
    ),
    "seal-waiting-keys": Work(
        file_without_a_desks_key, {"audit_event": 1, "complaints_evidence": 0}
    ),
    "lapse-repairs": Work(
        unanswered_repair,
        {
            "complaints_complaint": 0,
            "complaints_complaintevent": 1,
            "complaints_deadline": 1,
            "complaints_repairrequest": 0,
        },
    ),
    "remind": Work(review_that_ends, {"complaints_reminder": 1, "shared_outboxmessage": 1}),
    "reroute-ended-bodies": Work(
        lies_with_a_body_that_ended,
        {
            "complaints_recordchange": 1,
            "referrals_referral": 0,
            "referrals_referralevent": 1,
            "referrals_referralitem": 1,
            "referrals_referralversion": 1,
        },
    ),
    "lapse-windows": Work(
        window_that_ended, {"complaints_deadline": 0, "complaints_recordchange": 1}
    ),
    "move-parked-wraps": Work(
        parked_wraps, {"complaints_parkedwraps": -1, "keyring_reportwraps": 1}
    ),
    "sweep-wraps": Work(
        orphaned_wraps,
        {
            "audit_event": 1,
            "complaints_orphanedwraps": -1,
            "complaints_wrapssweep": 0,
            "keyring_reportwraps": -1,
            "keyring_wrapsround": 0,
        },
        # The number of the round.
        moves=frozenset({"complaints_wrapssweep", "keyring_wrapsround"}),
    ),
    "prune-changes": Work(
        changed_often, {"complaints_changefeed": 1, "complaints_recordchange": -2}
    ),
    "expire-unseal-requests": Work(
        released_share,
        {"complaints_sharerelease": -1, "complaints_unsealevent": 1, "complaints_unsealrequest": 0},
    ),
    "sweep-evidence": Work(file_on_the_disk, {"complaints_evidence": 0}),
    "watch-storage": Work(full_day, {"audit_event": 1}),
    # It leaves word in the cache for a quarter of an hour.
    "watch-cleaner": Work(nothing, {}),
    # A keyring that answers needs nothing; tests/complaints/services/test_parts_that_stop.py takes it away.
    "watch-keyring": Work(nothing, {}),
    # Without the key of the tests above nothing is signed, which is told.
    "watch-signer": Work(nothing, {"audit_event": 1}),
    "watch-desks": Work(desk_without_anybody, {"complaints_routingalarm": 2}),
    "suspend-dormant": Work(
        unused_accounts,
        {
            "accounts_dormancynotice": 1,
            "accounts_user": 0,
            "audit_event": 1,
            "shared_outboxmessage": 1,
        },
    ),
    "sweep-api": Work(ended_token, {"accounts_apitoken": -1}),
    "collect-webhooks": Work(
        change_to_be_told,
        {
            "accounts_webhookmessage": 1,
            "accounts_webhooksubscription": 0,
            "complaints_changefeed": 1,
            "shared_outboxmessage": 1,
        },
        # How far the feed was read: it ends where the last transaction of anybody ended.
        moves=frozenset({"accounts_webhooksubscription"}),
    ),
    "refresh-figures": Work(month_that_is_told, {"referrals_publishedtable": 1}),
}


def state() -> dict[str, tuple[int, str]]:
    """Return how many rows each table has, and one digest of all that they hold."""
    found: dict[str, tuple[int, str]] = {}
    for connection in connections.all():
        with connection.cursor() as cursor:
            tables = [
                name
                for name in connection.introspection.table_names(cursor)
                if not name.startswith(NOT_COMPARED)
            ]
            cursor.execute(
                " UNION ALL ".join(
                    f"SELECT '{name}', count(*), md5(string_agg(t::text, '' ORDER BY t::text))"
                    f' FROM "{name}" t'
                    for name in tables
                )
            )
            found |= {name: (rows, digest) for name, rows, digest in cursor.fetchall()}
    return found


def changes(
    before: dict[str, tuple[int, str]], after: dict[str, tuple[int, str]]
) -> dict[str, int]:
    """Return the tables that differ, with the rows they gained or lost."""
    return {name: after[name][0] - held[0] for name, held in before.items() if after[name] != held}


def test_f19_every_job_of_the_schedule_has_its_line() -> None:
    assert WORK.keys() == {job.name for job in BEAT_SCHEDULE}


@pytest.mark.long
@pytest.mark.parametrize("job", BEAT_SCHEDULE, ids=lambda job: job.name)
def test_f19_a_job_that_two_workers_run_at_once_and_again_has_one_effect(
    job: PeriodicJob, request: Request
) -> None:
    work, run = WORK[job.name], import_string(job.task)
    at = work.given(request)

    with time_machine.travel(at, tick=False):
        before = state()
        at_once([run, run])
        once = state()
        run()

        assert changes(before, once) == work.does
        again = changes(once, state())
        assert again == {name: 0 for name in again if name in work.moves}
