"""Indexes from which a page of the API, and an office's running deadlines, can be told without their records.

Those of the two offices' foreign keys go: the new ones begin with the office too, as does
``complaint_office_status``, so an insert writes as many as before.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

LANES = ["open", "finding"]


def _office() -> "models.ForeignKey[object, object]":
    return models.ForeignKey(
        db_index=False,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to="registry.office",
    )


def _only_one(subject: str) -> models.UniqueConstraint:
    return models.UniqueConstraint(
        condition=models.Q(("status", "open")),
        fields=(subject, "kind"),
        include=("due_at", "id"),
        name=f"one_open_deadline_per_{subject}_and_kind",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("complaints", "0037_office_queue_covers"),
        ("registry", "0007_rules_by_two"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                fields=["office", "id"], include=("excluded_offices",), name="case_office_told"
            ),
        ),
        migrations.AddIndex(
            model_name="complaint",
            index=models.Index(
                condition=models.Q(("lane__in", LANES)),
                fields=["office", "id"],
                include=("excluded_offices", "due_at"),
                name="complaint_office_told",
            ),
        ),
        migrations.AlterField(model_name="case", name="office", field=_office()),
        migrations.AlterField(model_name="complaint", name="office", field=_office()),
        migrations.RemoveConstraint(
            model_name="deadline", name="one_open_deadline_per_complaint_and_kind"
        ),
        migrations.RemoveConstraint(
            model_name="deadline", name="one_open_deadline_per_case_and_kind"
        ),
        migrations.AddConstraint(model_name="deadline", constraint=_only_one("complaint")),
        migrations.AddConstraint(model_name="deadline", constraint=_only_one("case")),
    ]
