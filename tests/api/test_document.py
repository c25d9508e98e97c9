"""P06: the API as its document says, by Schemathesis: every operation, odd and honest requests alike.

Whatever is sent, no answer is a failure of ours, and each has a status, a content type, headers and a body
that the document names. Half of the requests meet records that exist. ``SCHEMATHESIS_EXAMPLES`` (requests an
operation and kind of client; 6) makes it as long as one likes.
"""

import os
import warnings
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, seed, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from bawaslu_cases.accounts.scopes import Scope
from bawaslu_cases.wsgi import application
from complaints.models import Case, Complaint
from referrals.models import Referral
from tests.factories import office
from tests.referrals import stages
from tests.support.api_clients import api_client
from tests.support.openapi_contract import PRESENT

# One process: the records are made once.
pytestmark = [pytest.mark.long, pytest.mark.django_db, pytest.mark.xdist_group("document")]

EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "6"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
KINDS = {"everything": tuple(Scope), "one right": (Scope.REGISTRY_READ,), "nobody": None}

schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")
schema = schemathesis.openapi.from_path(PRESENT)
schema.app = application


@pytest.fixture(autouse=True)
def _connections_stay() -> Iterator[None]:
    """Let a request leave the test's transaction open, as Django's own client of tests does."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture(params=KINDS)
def headers(request: pytest.FixtureRequest) -> dict[str, str]:
    """Return what a client of each kind sends with every request."""
    scopes = KINDS[request.param]
    plain = {"Host": "localhost", "Accept-Encoding": "identity"}
    if scopes is None:
        return plain
    return plain | {"Authorization": f"Bearer {api_client(office('33.08'), scopes).token}"}


@pytest.fixture(scope="module")
def known(world_of_module: None) -> dict[str, str]:
    """Return ids that an address may name, of records in the client's sight."""
    referral = stages.delivered()
    return {
        "complaints": str(Complaint.objects.order_by("-pk")[0].public_id),
        "cases": str(Case.objects.order_by("-pk")[0].public_id),
        "referrals": str(Referral.objects.get(pk=referral.pk).public_id),
    }


@seed(6)
@settings(
    max_examples=EXAMPLES,
    deadline=timedelta(seconds=60),
    phases=[Phase.generate],
    database=None,
    suppress_health_check=list(HealthCheck),
)
@schema.parametrize()
def test_p06_every_answer_is_one_that_the_document_names(case: Any, headers: Any, known: Any):
    place = case.operation.path.removeprefix("/api/v1/").partition("/")[0]
    if "public_id" in case.path_parameters and place in known and len(str(case.query)) % 2 == 0:
        case.path_parameters["public_id"] = known[place]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the tool's own, about what it draws
        case.call_and_validate(headers=headers, checks=CHECKS)
