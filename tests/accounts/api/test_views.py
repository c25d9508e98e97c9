"""What every view for API clients does, shown by one that only tests have."""

import pytest
from django.test import override_settings
from django.urls import path
from rest_framework.response import Response

from bawaslu_cases.accounts.api.idempotency import idempotent
from bawaslu_cases.accounts.api.views import ClientView
from bawaslu_cases.accounts.models import ApiCall
from bawaslu_cases.accounts.scopes import Scope
from tests.factories import office
from tests.support.api_clients import api_client, token_of


class ProbeView(ClientView):
    scopes = {"GET": Scope.CASES_READ, "POST": Scope.COMPLAINTS_WRITE}
    made: list[object] = []

    def get(self, request):
        return Response({"office": request.auth.client.region_code})

    @idempotent
    def post(self, request):
        self.made.append(request.data)
        return Response({"number": len(self.made)}, status=201)


app_name = "api_probe"
urlpatterns = [path("api/v1/probe", ProbeView.as_view(), name="probe")]

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.urls(__name__)]


def test_a_token_with_the_scope_reads(django_assert_num_queries):
    peer = api_client(office("33.08"))

    with django_assert_num_queries(2):
        response = peer.get("/probe")

    assert (response.status_code, response.json()) == (200, {"office": "33.08"})
    call = ApiCall.objects.get()
    assert (call.client, call.method, call.route, call.status) == (
        peer.client, "GET", "probe", 200,
    )  # fmt: skip


def test_same_key_same_answer():
    peer = api_client(office("33.08"))

    first = peer.post("/probe", {"a": 1}, key="k1")
    again = peer.post("/probe", {"a": 1}, key="k1")
    other = peer.post("/probe", {"a": 2}, key="k1")

    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 422)
    assert first.content == again.content
    assert again["Idempotency-Replayed"] == "true"
    assert other.json()["code"] == "idempotency_key_reused"
