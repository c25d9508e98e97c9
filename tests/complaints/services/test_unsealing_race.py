"""Two hands at once on one released share: one gets it, and the log says so once (check V06)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connections

from bawaslu_cases.audit.models import AuditEvent
from bawaslu_cases.shared.errors import ConflictError
from complaints.models import ShareRelease, UnsealEvent, UnsealRequest
from complaints.services import unsealing
from complaints.states import DenialReason, UnsealStatus
from tests.complaints.services.test_unsealing import asked_for, let_go
from tests.factories import AT, person, report

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 4


def at_once(step):
    """Run ``step(row)`` in threads that start together, each with a row and a connection of its own."""
    start = Barrier(AT_ONCE)

    def run(_number):
        try:
            row = UnsealRequest.objects.select_related(
                "complaint__office", "verifier__office", "custodian"
            ).get()
            start.wait(timeout=120)
            step(row)
        except ConflictError:
            return "late"
        else:
            return "done"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(AT_ONCE) as threads:
        return sorted(threads.map(run, range(AT_ONCE)))


def test_v06_share_is_served_to_one_of_four_at_once(vault_keys):
    complaint = report()
    _asked, row = asked_for(vault_keys, complaint)
    let_go(vault_keys, row)
    verifier = person("vera")
    later = AT + timedelta(hours=1)

    outcomes = at_once(
        lambda each: unsealing.fetch_release(request=each, verifier=verifier, at=later)
    )

    assert outcomes == ["done", "late", "late", "late"]
    assert UnsealEvent.objects.filter(action="open").count() == 1
    assert not ShareRelease.objects.exists()
    told = AuditEvent.objects.filter(
        action="vault.open", subject=f"complaint:{complaint.public_id.hex}"
    )
    assert told.count() == 1


def test_request_is_decided_once(vault_keys):
    """Check F14."""
    complaint = report()
    asked_for(vault_keys, complaint)
    custodian = person("kurnia")

    outcomes = at_once(
        lambda each: unsealing.deny(
            request=each, custodian=custodian, reason=DenialReason.UNCLEAR, at=AT
        )
    )

    assert outcomes == ["done", "late", "late", "late"]
    assert UnsealRequest.objects.get().status == UnsealStatus.DENIED
    assert UnsealEvent.objects.filter(action="deny").count() == 1
