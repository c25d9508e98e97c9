"""Imports, data subjects' requests and case files in every state, for tests that look at their pages."""

from datetime import datetime

from django.db import transaction

from bawaslu_cases.shared.models import OutboxMessage
from complaints.models import Case, LegacyImport
from complaints.services import legacy_imports
from referrals.models import CaseExport, SubjectRequest
from referrals.selectors.subject_data import candidates
from referrals.services import subject_requests
from referrals.services.case_exports import build_export, order_export
from referrals.states import IdentityProof, SubjectCapacity, SubjectGround, SubjectKind
from tests.factories import person
from tests.support.sheets import BAD, GOOD, rows, workbook


def carry_on_imports(at: datetime) -> int:
    """Do what the outbox promises of imports, as a worker would; return the number of messages."""
    done = 0
    while True:
        topic = legacy_imports.TOPIC
        waiting = OutboxMessage.objects.filter(topic=topic, status="PENDING").order_by("pk").first()
        if waiting is None:
            return done
        with transaction.atomic():
            legacy_imports.carry_on(subject_id=waiting.subject_id, at=at)
            waiting.delete()
        done += 1


def uploaded(content: bytes, at: datetime, *, who: str = "sari") -> LegacyImport:
    """Return an import whose file was read."""
    found = legacy_imports.open_import(content=content, officer=person(who), at=at)
    carry_on_imports(at)
    found.refresh_from_db()
    return found


def checked_import(content: bytes, at: datetime) -> LegacyImport:
    """Return an import whose rows were looked at, by the columns that were guessed."""
    found = uploaded(content, at)
    legacy_imports.choose_columns(
        legacy_import=found, columns=found.columns, officer=person("sari"), seen=0
    )
    carry_on_imports(at)
    found.refresh_from_db()
    return found


def imported(content: bytes, at: datetime) -> LegacyImport:
    """Return an import that is over."""
    found = checked_import(content, at)
    legacy_imports.start_import(legacy_import=found, officer=person("sari"), seen=found.turn)
    carry_on_imports(at)
    found.refresh_from_db()
    return found


def imports_of_every_stage(at: datetime) -> list[LegacyImport]:
    """Return one that is over, undone, unreadable, thrown away, asked, checked, and one being read."""
    sari = person("sari")
    over = imported(workbook([GOOD, BAD, *rows(3)]), at)
    undone = imported(workbook([(*GOOD[:3], "Contoh Dihapus", *GOOD[4:])]), at)
    legacy_imports.undo_import(legacy_import=undone, officer=sari, at=at)
    broken = uploaded(b"%PDF-1.7", at)
    dropped = uploaded(workbook([GOOD]), at)
    legacy_imports.drop_import(legacy_import=dropped, officer=sari)
    asked = uploaded(workbook([GOOD, BAD]), at)
    ready = checked_import(workbook([GOOD, BAD, *rows(6)]), at)
    reading = legacy_imports.open_import(content=workbook([GOOD]), officer=sari, at=at)
    return [over, undone, broken, dropped, asked, ready, reading]


def requests_of_every_state(at: datetime) -> list[SubjectRequest]:
    """Return requests about the official of a decided case: new, proven, laid down, answered, refused."""
    sari, joko = person("sari"), person("joko")

    def new(kind: SubjectKind = SubjectKind.ACCESS) -> SubjectRequest:
        return subject_requests.receive_request(
            kind=kind,
            capacity=SubjectCapacity.OFFICIAL,
            name="Contoh Wiratama",
            nip="197001012000011904",
            asked="Mohon salinan data saya.",
            officer=sari,
            at=at,
        )

    def proven() -> SubjectRequest:
        found = new()
        subject_requests.identify(request=found, proof=IdentityProof.KTP, officer=sari, at=at)
        return found

    def laid_down() -> SubjectRequest:
        found = proven()
        officials = [each.official for each in candidates(found, viewer=sari)]
        subject_requests.propose_answer(request=found, officials=officials, officer=sari, at=at)
        return found

    def settled(found: SubjectRequest) -> SubjectRequest:
        seen = subject_requests.seen_digest(found)
        subject_requests.approve(request=found, officer=joko, at=at, seen=seen)
        with transaction.atomic():  # as the outbox does
            subject_requests.write_answer(subject_id=found.public_id.hex)
        return found

    refused = new()
    subject_requests.propose_refusal(
        request=refused,
        ground=SubjectGround.OTHERS,
        reason="Mengungkap data orang lain.",
        officer=sari,
        at=at,
    )
    return [
        new(SubjectKind.CORRECTION),
        proven(),
        laid_down(),
        settled(laid_down()),
        settled(refused),
    ]


def exports_of_every_stage(case: Case, at: datetime) -> list[CaseExport]:
    """Return a case file that waits, one that failed and one that is ready."""
    sari = person("sari")
    made = [order_export(case=case, purpose="Supervisi", officer=sari, at=at)]
    with transaction.atomic():  # as the outbox does
        build_export(subject_id=made[0].pk.hex, at=at)
    made.append(order_export(case=case, purpose="Supervisi", officer=sari, at=at))
    CaseExport.objects.filter(pk=made[1].pk).update(stage="failed", failure="copies")
    made.append(order_export(case=case, purpose="Supervisi", officer=sari, at=at))
    return made
