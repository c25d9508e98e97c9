"""What ``audit_verify`` finds wrong with openings: forged rows, missing documents."""

import json
from datetime import timedelta

import pytest

from bawaslu_cases.audit.chain import Entry
from bawaslu_cases.audit.models import AuditEvent
from bawaslu_cases.audit.rules import fresh_rules
from complaints.services.audit_rules import OpeningRule
from tests.complaints.services.test_unsealing import opened
from tests.factories import AT, report

ASKED = ("vera", "vault.request", {"request": "1", "unit": "kantor-00-33"})
RELEASED = ("kurnia", "vault.release", {"request": "1", "unit": "inspektorat"})
OPENED = ("vera", "vault.open", {"request": "1"})


def found(*rows, purpose="formal_requirements"):
    rule = OpeningRule()
    for seq, (actor, action, detail) in enumerate(rows, start=1):
        rule.see(
            Entry(
                seq=seq,
                at=AT + timedelta(minutes=seq),
                actor=actor,
                action=action,
                subject="complaint:7",
                purpose=purpose,
                detail=json.dumps(detail),
                prev=b"",
                hash=b"",
            )
        )
    return [(finding.code, finding.seq) for finding in rule.findings()]


def test_t15_honest_opening_is_not_flagged():
    assert found(ASKED, RELEASED, OPENED) == []


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([OPENED], "unseal_without_release"),
        ([ASKED, OPENED], "unseal_without_release"),
        ([RELEASED, OPENED], "unseal_without_release"),
        ([ASKED, RELEASED, ("vera", "vault.open", {"request": "2"})], "unseal_without_release"),
        ([ASKED, OPENED, RELEASED], "unseal_without_release"),
        ([ASKED, ("vera", *RELEASED[1:]), OPENED], "unseal_by_one"),
        ([ASKED, RELEASED, ("vito", *OPENED[1:])], "unseal_by_one"),
        (
            [ASKED, (*RELEASED[:2], {"request": "1", "unit": "kantor-00-33"}), OPENED],
            "unseal_within_unit",
        ),
        ([(*ASKED[:2], {"request": "1"}), RELEASED, OPENED], "unseal_within_unit"),
    ],
)
def test_t15_forged_opening_is_flagged(rows, code):
    assert [name for name, _seq in found(*rows)] == [code]


def test_t16_court_order_without_its_document_is_flagged():
    assert found(ASKED, purpose="court_order") == [("unseal_without_basis", 1)]
    cited = (*ASKED[:2], {**ASKED[2], "basis": "0" * 64})
    assert found(cited, RELEASED, OPENED, purpose="court_order") == []


@pytest.mark.django_db
def test_t15_what_the_services_write_passes(vault_keys):
    """The rule is registered, and real entries satisfy it."""
    complaint = report()
    opened(vault_keys, complaint)
    rule = next(rule for rule in fresh_rules() if isinstance(rule, OpeningRule))
    names = ("seq", "at", "actor", "action", "subject", "purpose", "detail", "prev", "hash")
    rows = AuditEvent.objects.filter(subject=f"complaint:{complaint.public_id.hex}")
    for row in rows.order_by("seq"):
        rule.see(Entry(*(getattr(row, name) for name in names)))
    assert rows.count() == 3
    assert rule.findings() == []
