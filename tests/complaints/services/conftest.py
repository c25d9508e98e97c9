"""What tests of services share."""

import os
from collections.abc import Callable

import pytest

from complaints.models import Complaint, Receipt
from complaints.vault.crypto.consent import consent_public_key
from complaints.vault.crypto.hpke import public_key_of


@pytest.fixture
def mailbox(db: None) -> Callable[[Complaint], bytes]:
    """Return a function that gives a record a mailbox key the test knows, as its receipt would."""

    def give(complaint: Complaint) -> bytes:
        private = os.urandom(32)
        Receipt.objects.filter(complaint=complaint).update(
            mailbox_pk=public_key_of(private),
            consent_pk=consent_public_key(private, report=complaint.public_id.hex),
        )
        return private

    return give
