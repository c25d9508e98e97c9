"""The demo's custody and its reports with a sealed identity, in every state of both.

Keys are made and used by another process (``complaints.vaultctl.demo``), as everywhere: this one seals
to public keys and keeps what comes back.
"""

import datetime as dt
import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings

from bawaslu_cases.accounts.models import User
from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.keyring.models import KeyGroup
from bawaslu_cases.world import staff
from bawaslu_cases.world.demo_people import KEYHOLDERS
from complaints.models import Complaint, SealedIdentity, UnsealRequest, VerificationTurn
from complaints.receipts import ReceiptCode
from complaints.services import unsealing
from complaints.services.checklist import tick_requirement
from complaints.services.exchange import custodian_part, desk_part, signed_request
from complaints.services.intake import Facts, SealedName, handling_office, submit_complaint
from complaints.services.keys import import_file, listing
from complaints.services.plenary import unanimous
from complaints.services.receipts import prepare_receipt
from complaints.services.reports import (
    ask_repair,
    decide_on_report,
    lapse_repair,
    propose_report,
)
from complaints.services.summaries import digest_of, write_summary
from complaints.services.vault import sealing_keys
from complaints.services.verification_turns import deal_records
from complaints.services.viewings import note_all_viewings
from complaints.states import (
    ComplaintAction,
    Lane,
    RefusalGround,
    Requirement,
    TakeoverGround,
    requirements_of,
)
from complaints.vault.crypto.requests import FINDINGS
from complaints.vault.crypto.sealing import seal_with_card_key

Clock = Callable[[int], dt.datetime]
KEY_PASSPHRASE = "kunci demo, bukan rahasia"  # noqa: S105 -- printed on purpose, as the passwords are
CERTIFIED_FOR = dt.timedelta(days=175)
WHILE = dt.timedelta(minutes=9)
"""Between two people's steps of one day."""

IDENTITIES: tuple[Mapping[str, str], ...] = (
    {"name": "Anggit Contoh Pelapor", "address": "Jalan Contoh Kenanga 4, Magelang"},
    {"name": "Rinjani Contoh Pelapor", "address": "Perumahan Contoh Asri B-12, Semarang"},
    {"name": "Teguh Contoh Pelapor", "address": "Dusun Contoh Sumber, RT 3 RW 1"},
)


@dataclass(frozen=True)
class DemoReport:
    """One report: a name that never changes, its lane, since how many working days, how far it is led.

    ``path``: received, asked, released, attested, incomplete, awaiting, proposed, registered,
    refused, forwarded, takeover.
    """

    key: str
    lane: Lane
    began: int
    path: str


REPORTS = (
    DemoReport("sealed-received-0", Lane.SEALED, 0, "received"),
    DemoReport("sealed-received-1", Lane.SEALED, 1, "received"),
    DemoReport("sealed-asked-0", Lane.SEALED, 1, "asked"),
    DemoReport("sealed-released-0", Lane.SEALED, 1, "released"),
    DemoReport("sealed-attested-0", Lane.SEALED, 2, "attested"),
    DemoReport("sealed-awaiting-0", Lane.SEALED, 2, "awaiting"),
    DemoReport("sealed-proposed-0", Lane.SEALED, 2, "proposed"),
    DemoReport("sealed-registered-0", Lane.SEALED, 5, "registered"),
    DemoReport("sealed-refused-0", Lane.SEALED, 5, "refused"),
    DemoReport("open-received-0", Lane.OPEN, 1, "received"),
    DemoReport("open-attested-0", Lane.OPEN, 2, "attested"),
    DemoReport("sealed-forwarded-0", Lane.SEALED, 5, "forwarded"),
    DemoReport("open-takeover-0", Lane.OPEN, 3, "takeover"),
)

Row = tuple[DemoReport, Complaint, Clock]

PRINTED_CODES: Mapping[str, ReceiptCode] = {
    "sealed-attested-0": ReceiptCode(handle="10003", secret="20002000300006"),  # noqa: S106 -- printed
    "sealed-received-1": ReceiptCode(handle="10004", secret="20002000300007"),  # noqa: S106 -- printed
}
"""Reports whose receipts the demo prints: of one the identity was opened, of one the card is to be shown."""


class DemoVaultError(Exception):
    """The process with the demo's keys refused."""


def keys_at_hand() -> bool:
    """Say whether this demo has a folder of invented keys and a root to pin."""
    return bool(settings.VAULT_DEMO_FOLDER and settings.VAULT_ROOT_PUBLIC_KEY)


def hold_ceremony(*, on: dt.date) -> bool:
    """Make and import the demo's custody; False when it stands already."""
    if KeyGroup.objects.exists():
        return False
    people = User.objects.in_bulk([row.email for row in KEYHOLDERS], field_name="email")
    made = _client(
        "ceremony",
        officers=[
            {
                "officer": people[row.email].public_id.hex,
                "unit": row.key_unit,
                "group": row.key_group,
            }
            for row in KEYHOLDERS
        ],
        today=on.isoformat(),
        until=(on + CERTIFIED_FOR).isoformat(),
    )
    at = dt.datetime.combine(on, dt.time(12), tzinfo=dt.UTC)
    import_file(made["listing"], at=at)
    for bundle in made["bundles"]:
        import_file(bundle, at=at)
    return True


def take_in(report: DemoReport, *, facts: Facts, at: dt.datetime, number: int) -> Complaint:
    """Seal an invented identity, as the form does, and take the report in."""
    public_id = uuid4()
    office = handling_office(region=facts.region, lane=report.lane)
    keys = sealing_keys(office=office, on=at.date())
    blob, card_key = seal_with_card_key(
        IDENTITIES[number % len(IDENTITIES)],
        report=public_id.hex,
        lane=report.lane.value,
        group_a=keys.group_a,
        group_b=keys.group_b,
        recovery=keys.recovery,
    )
    code = PRINTED_CODES.get(report.key)
    return submit_complaint(
        facts=facts,
        lane=report.lane,
        at=at,
        public_id=public_id,
        name=SealedName(blob, SealedIdentity.Mode.SERVER, card_key),
        prepared=prepare_receipt(code=code) if code else None,
    ).complaint


def lead_on(reports: Sequence[Row]) -> None:
    """Lead reports where they stand: three runs of the keyholders' process, whatever their number."""
    deal_records(at=max(clock(1) for _report, _complaint, clock in reports))
    asked = [row for row in reports if row[0].path != "received"]
    requests = _ask(asked)
    released = [row for row in asked if row[0].path != "asked"]
    _release(released, requests)
    opened = [row for row in released if row[0].path != "released"]
    _attest(opened, requests)
    for report, complaint, clock in opened:
        complaint.refresh_from_db()
        _decide(report, complaint, clock)


def _verifier(complaint: Complaint) -> User:
    turn = VerificationTurn.objects.select_related("verifier__office").get(
        complaint=complaint, group=complaint.identity.group_a
    )
    return turn.verifier


def _custodian() -> User:
    email = next(row.email for row in KEYHOLDERS if row.role == Role.CUSTODIAN)
    return User.objects.select_related("office").get(email=email)


def _ask(rows: Sequence[Row]) -> dict[UUID, UnsealRequest]:
    """Let the verifiers ask; return the request of each report."""
    asking = [(complaint, _verifier(complaint), clock(1)) for _report, complaint, clock in rows]
    signed = _client(
        "ask",
        jobs=[
            {
                "who": verifier.public_id.hex,
                "at": _instant(at),
                "report": complaint.public_id.hex,
                "purpose": "formal_requirements",
                "reason": "Memeriksa nama, alamat, dan KTP (contoh).",
            }
            for complaint, verifier, at in asking
        ],
    )
    return {
        complaint.public_id: unsealing.create_request(
            complaint=complaint, verifier=verifier, own=own, at=at
        )
        for (complaint, verifier, at), own in zip(asking, signed, strict=True)
    }


def _release(rows: Sequence[Row], requests: Mapping[UUID, UnsealRequest]) -> None:
    custodian = _custodian()
    letting = [
        (complaint, requests[complaint.public_id], clock(1) + WHILE)
        for _report, complaint, clock in rows
    ]
    released = _client(
        "release",
        jobs=[
            {
                "who": custodian.public_id.hex,
                "at": _instant(at),
                "part": custodian_part(complaint),
                "request": signed_request(request).to_json(),
            }
            for complaint, request, at in letting
        ],
        listing=listing(),
    )
    for (_complaint, request, at), share in zip(letting, released, strict=True):
        unsealing.release_share(request=request, custodian=custodian, released=share, at=at)


def _attest(rows: Sequence[Row], requests: Mapping[UUID, UnsealRequest]) -> None:
    jobs, opened = [], []
    for report, complaint, clock in rows:
        request, verifier = requests[complaint.public_id], _verifier(complaint)
        at = clock(1) + 2 * WHILE
        unsealing.fetch_release(request=request, verifier=verifier, at=at)
        is_named = report.path not in {"awaiting", "refused"}
        jobs.append(
            {
                "who": verifier.public_id.hex,
                "at": _instant(at),
                "part": desk_part(complaint),
                "request": signed_request(request).to_json(),
                "result": dict.fromkeys(sorted(FINDINGS), True) | {"address_present": is_named},
            }
        )
        opened.append((complaint, request, verifier, at))
    for (complaint, request, verifier, at), said in zip(
        opened, _client("attest", jobs=jobs), strict=True
    ):
        unsealing.attest(request=request, verifier=verifier, statement=said, at=at)
        write_summary(
            complaint=complaint,
            verifier=verifier,
            text="Pelapor menyaksikan sendiri perbuatan itu di tempat umum. (Contoh)",
            at=at,
            seen=digest_of(complaint.summary),
        )


OUTCOMES: Mapping[str, tuple[ComplaintAction, ComplaintAction, str]] = {
    "registered": (ComplaintAction.PROPOSE_REGISTER, ComplaintAction.APPROVE_REGISTER, ""),
    "refused": (
        ComplaintAction.PROPOSE_REFUSAL,
        ComplaintAction.REFUSE,
        "Alamat pelapor tidak dilengkapi.",
    ),
    "forwarded": (ComplaintAction.PROPOSE_FORWARD, ComplaintAction.APPROVE_FORWARD, ""),
    "takeover": (
        ComplaintAction.PROPOSE_TAKEOVER,
        ComplaintAction.ASK_TAKEOVER,
        "Peristiwa terjadi di dua kabupaten.",
    ),
}
"""What an officer proposes and the plenary decides on the way to each end, and the officer's reason."""


def _decide(report: DemoReport, complaint: Complaint, clock: Clock) -> None:
    office, at = complaint.office, clock(1) + 3 * WHILE
    officer = staff.office_staff(office, Role.INTAKE_OFFICER)
    if report.path in {"awaiting", "refused"}:
        ask_repair(complaint=complaint, requirements=[Requirement.REPORTER], officer=officer, at=at)
    if report.path == "refused":
        at = clock(4)
        lapse_repair(complaint=complaint, at=at)
    if report.path not in {"proposed", *OUTCOMES}:
        return
    note_all_viewings(complaint=complaint, viewer=officer, at=at)
    for requirement in requirements_of(complaint.lane):
        if requirement is not Requirement.REPORTER:
            tick_requirement(
                complaint=complaint, requirement=requirement, is_met=True, officer=officer, at=at
            )
    proposal, outcome, reason = OUTCOMES.get(report.path, OUTCOMES["registered"])
    refused = report.path == "refused"
    propose_report(
        complaint=complaint,
        action=proposal,
        officer=officer,
        at=at,
        reason=reason,
        ground={
            "refused": RefusalGround.INCOMPLETE.value,
            "takeover": TakeoverGround.CROSSES_REGIONS.value,
        }.get(report.path, ""),
    )
    if report.path == "proposed":
        return
    decided = clock(4) + WHILE if refused else clock(2)
    decide_on_report(
        complaint=complaint,
        action=outcome,
        member=staff.office_staff(office, Role.PLENARY_MEMBER),
        at=decided,
        minutes_number=f"{complaint.pk}/BA/CONTOH",
        decided_on=decided.date(),
        votes=unanimous(staff.plenary_of(office)),
        reason="Syarat formal tidak terpenuhi." if refused else "",
        ground=RefusalGround.INCOMPLETE if refused else "",
    )


def _instant(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _client(job: str, **details: Any) -> Any:
    """Let the process that has the keys do one job. Raises DemoVaultError."""
    folder = Path(settings.VAULT_DEMO_FOLDER)
    done = subprocess.run(  # noqa: S603 -- our own module, fixed arguments
        [sys.executable, "-m", "complaints.vaultctl.demo", str(folder)],
        input=json.dumps({"do": job, **details}),
        capture_output=True,
        text=True,
        check=False,
        cwd=settings.BASE_DIR,
    )
    if done.returncode:
        raise DemoVaultError(f"{job}: {done.stderr[-400:]}")
    return json.loads(done.stdout)
