"""Codes for showing an identity card at any office, and where the sealed cards lie."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("complaints", "0045_card_key")]

    operations = [
        migrations.CreateModel(
            name="VisitCode",
            fields=[
                (
                    "complaint",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="visit_code",
                        serialize=False,
                        to="complaints.complaint",
                    ),
                ),
                ("serial", models.PositiveIntegerField()),
                ("digest", models.BinaryField(unique=True)),
                ("expires_on", models.DateField()),
            ],
        ),
        migrations.CreateModel(
            name="IdentityCard",
            fields=[
                (
                    "complaint",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="identity_card",
                        serialize=False,
                        to="complaints.complaint",
                    ),
                ),
                ("object_name", models.CharField(max_length=80)),
                ("sealed_bytes", models.BigIntegerField()),
                ("received_on", models.DateField()),
            ],
        ),
    ]
