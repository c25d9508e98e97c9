"""Where the change feed of the API is read from, and ids of deadlines that may leave (ADR 0042)."""

import uuid

import django.contrib.postgres.fields
from django.contrib.postgres.functions import RandomUUID
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("complaints", "0031_step_proposals_append_only")]

    operations = [
        migrations.AddField(
            model_name="deadline",
            name="public_id",
            field=models.UUIDField(db_default=RandomUUID(), editable=False, unique=True),
        ),
        migrations.CreateModel(
            name="ChangeFeed",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(
                        default=1, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("epoch", models.UUIDField(default=uuid.uuid4)),
                ("floor", models.BigIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="one_change_feed")
                ],
            },
        ),
        migrations.CreateModel(
            name="RecordChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("tx", models.BigIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("complaint", "Complaint"),
                            ("case", "Case"),
                            ("deadline", "Deadline"),
                            ("referral", "Referral"),
                            ("follow_up", "Follow Up"),
                        ],
                        max_length=10,
                    ),
                ),
                ("record_id", models.BigIntegerField()),
                ("public_id", models.UUIDField()),
                ("office_id", models.BigIntegerField()),
                (
                    "excluded",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                ("complaint_id", models.BigIntegerField(null=True)),
                ("case_id", models.BigIntegerField(null=True)),
                ("person_id", models.BigIntegerField(default=0)),
                ("on_day", models.DateField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["tx", "id"], name="record_change_order"),
                    models.Index(fields=["on_day"], name="record_change_day"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("record_id", "kind", "tx", "office_id", "person_id"),
                        name="record_change_once_a_transaction",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ["complaint", "case", "deadline", "referral", "follow_up"])
                        ),
                        name="record_change_kind_known",
                    ),
                ],
            },
        ),
    ]
