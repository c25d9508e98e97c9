"""The demo's client of the API: one program of the provincial office, with every right."""

import datetime as dt

from django.db import transaction

from bawaslu_cases.accounts.api_selectors import digest_of
from bawaslu_cases.accounts.models import ApiClient, ApiCredential, User
from bawaslu_cases.accounts.scopes import Scope
from bawaslu_cases.accounts.services import approve_staff_change
from bawaslu_cases.accounts.services.api_clients import register_client
from bawaslu_cases.registry.models import Office
from bawaslu_cases.world.demo_people import PEOPLE, PROVINCE

API_CLIENT: tuple[str, str, str] = (
    "Klien API, Bawaslu Jawa Tengah",
    "demo-jateng",
    "bcs_demo-saja-bukan-rahasia",
)
"""(what it is, client id, secret), printed on purpose, for the demo alone; its use: /pengembang/."""


@transaction.atomic
def add_demo_client(at: dt.datetime) -> None:
    """Register the client, approve its rights and set its id and secret; nothing where it stands."""
    _label, client_id, secret = API_CLIENT
    if ApiClient.objects.filter(client_id=client_id).exists():
        return
    emails = {person.mailbox: person.email for person in PEOPLE}
    first, second = (User.objects.get(email=emails[mailbox]) for mailbox in ("admin", "admin2"))
    client, change = register_client(
        name="Sistem contoh Bawaslu Jawa Tengah",
        office=Office.objects.get(path=PROVINCE),
        purpose="Mencoba API",
        contact=first.name,
        scopes=Scope.values,
        administrator=first,
        at=at,
    )
    approve_staff_change(change=change, approver=second, at=at)
    ApiClient.objects.filter(pk=client.pk).update(client_id=client_id)
    ApiCredential.objects.create(
        client=client,
        kind=ApiCredential.Kind.SECRET,
        digest=digest_of(secret),
        made_at=at,
        made_by=first,
    )
