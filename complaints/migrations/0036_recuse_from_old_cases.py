"""Ties that were declared before now hide the old cases that are here already."""

from typing import Any

from django.conf import settings
from django.db import migrations
from django.db.models import Q
from django.utils import timezone

from complaints.rules.conflicts import name_digest

REASONS = {"relative": "relative", "former_unit": "former_unit", "other": "declared"}


def recuse(apps: Any, schema_editor: Any) -> None:  # noqa: ARG001 -- Django's signature
    """Write who is kept away today: kin by name, former units and agencies on loan by agency."""
    legacy_cases = apps.get_model("complaints", "LegacyCase").objects
    recusals = apps.get_model("complaints", "LegacyRecusal")
    now = timezone.now()
    today = timezone.localdate()
    in_force = (
        apps.get_model("complaints", "ConflictDeclaration")
        .objects.filter(Q(until=None) | Q(until__gte=today), since__lte=today)
        .values_list("user", "kind", "agency", "name_digest")
    )
    on_loan = (
        apps.get_model("accounts", "User")
        .objects.exclude(home_agency=None)
        .values_list("pk", "home_agency")
    )
    ties = [*in_force, *((user, "home_agency", agency, "") for user, agency in on_loan)]
    if not ties:
        return
    rows = legacy_cases.filter(finding=None).order_by("pk")
    for pk, name, agency in rows.values_list("pk", "name", "agency").iterator(chunk_size=1000):
        digest = name_digest(name)
        kept = {
            user: REASONS.get(kind, kind)
            for user, kind, of_agency, of_name in ties
            if _concerns(of_name, of_agency, digest, agency)
        }
        recusals.objects.bulk_create(
            recusals(user_id=user, legacy_case_id=pk, reason=reason, since=now)
            for user, reason in kept.items()
        )


def _concerns(of_name: str, of_agency: int | None, digest: str, agency: int | None) -> bool:
    if not of_name:
        return of_agency == agency
    return of_name == digest and (None in (of_agency, agency) or of_agency == agency)


class Migration(migrations.Migration):
    """Data alone."""

    dependencies = [
        ("complaints", "0035_legacy_recusals"),
        ("accounts", "0009_webhooks"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [migrations.RunPython(recuse, migrations.RunPython.noop)]
