"""Statements that no tie keeps a person from a case; they refuse UPDATE, DELETE and TRUNCATE."""

from importlib import import_module

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

append_only = import_module("complaints.migrations.0002_append_only")


class Migration(migrations.Migration):
    dependencies = [
        ("complaints", "0033_record_change_triggers"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CaseStatement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="statements",
                        to="complaints.case",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("user", "case"), name="case_stated_on_once")
                ],
            },
        ),
        migrations.RunSQL(
            append_only.FORWARD.format(table="complaints_casestatement"),
            append_only.BACKWARD.format(table="complaints_casestatement"),
        ),
    ]
