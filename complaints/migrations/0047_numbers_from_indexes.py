"""Numbers of the country are read from their indexes alone, and a record is written to fewer of them.

What says who sees a record goes into the indexes that the country's numbers run along. A change of a record
writes all of its indexes: the one for ``LIKE`` on references is read by nobody, place and election share one,
and what nobody has in hand needs no entry under whoever has it. Built beside the work on the tables, each
under a name of its own before the old one goes.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from bawaslu_cases.shared.concurrent_indexes import (
    BuildIndex,
    DropIndex,
    DropKeyIndex,
    DropPatternIndex,
)

OPEN = ["awaiting", "proposed", "received", "recorded", "takeover", "tracing"]
OPEN_CASES = ["assessed", "decided", "referred", "registered"]


def _key(to: str, *, null: bool) -> "models.ForeignKey[object, object]":
    return models.ForeignKey(
        db_index=False,
        null=null,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to=to,
    )


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("complaints", "0046_visits"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        BuildIndex(
            model_name="complaint",
            index=models.Index(
                condition=models.Q(status__in=OPEN),
                fields=["due_at", "id"],
                include=("excluded_offices", "assignee", "snoozed_until"),
                name="complaint_queue_told",
            ),
        ),
        DropIndex(model_name="complaint", name="complaint_queue"),
        BuildIndex(
            model_name="complaint",
            index=models.Index(
                condition=models.Q(status__in=OPEN),
                fields=["status", "due_at", "id"],
                include=("excluded_offices", "snoozed_until"),
                name="complaint_status_told",
            ),
        ),
        DropIndex(model_name="complaint", name="complaint_status_queue"),
        BuildIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(status__in=OPEN_CASES),
                fields=["due_at", "id"],
                include=("excluded_offices",),
                name="case_queue_told",
            ),
        ),
        DropIndex(model_name="case", name="case_queue"),
        BuildIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(status__in=OPEN_CASES),
                fields=["status", "due_at", "id"],
                include=("excluded_offices",),
                name="case_status_told",
            ),
        ),
        DropIndex(model_name="case", name="case_status_queue"),
        BuildIndex(
            model_name="complaint",
            index=models.Index(fields=["region", "contest"], name="complaint_place"),
        ),
        DropKeyIndex("complaint", "region", _key("registry.region", null=False)),
        DropKeyIndex("complaint", "contest", _key("registry.contest", null=True)),
        BuildIndex(
            model_name="complaint",
            index=models.Index(
                condition=models.Q(assignee__isnull=False),
                fields=["assignee"],
                name="complaint_had",
            ),
        ),
        DropKeyIndex("complaint", "assignee", _key(settings.AUTH_USER_MODEL, null=True)),
        DropPatternIndex("complaint", "reference"),
    ]
