"""Alarms about files, and what the sweep knows of each stored object."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("complaints", "0017_evidence_actions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField("evidence", "sealed_sha256", models.BinaryField(null=True)),
        migrations.AddField("evidence", "checked_on", models.DateField(null=True)),
        migrations.AddField("derivativefile", "checked_on", models.DateField(null=True)),
        migrations.CreateModel(
            name="EvidenceAlarm",
            fields=[
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("why", models.CharField(choices=[("virus", "Terdeteksi berbahaya, ditahan"), ("damaged", "Tidak utuh: isinya berubah"), ("missing", "Hilang dari penyimpanan")], max_length=8)),
                ("part", models.CharField(choices=[("original", "berkas asli"), ("copy", "salinan")], max_length=8)),
                ("raised_on", models.DateField()),
                ("logged_on", models.DateField(null=True)),
                ("seen_on", models.DateField(null=True)),
                ("ended_on", models.DateField(null=True)),
                ("evidence", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="alarms", to="complaints.evidence")),
                ("seen_by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["evidence"],
                        name="evidence_alarm_open",
                        condition=models.Q(seen_on__isnull=True, ended_on__isnull=True),
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=["evidence", "why", "part"],
                        condition=models.Q(ended_on__isnull=True),
                        name="evidence_alarm_once",
                    ),
                    models.CheckConstraint(
                        name="evidence_alarm_why_known",
                        condition=models.Q(why__in=["virus", "damaged", "missing"])
                        & models.Q(part__in=["original", "copy"]),
                    ),
                    models.CheckConstraint(
                        name="evidence_alarm_seen_by_somebody",
                        condition=models.Q(seen_by__isnull=True, seen_on__isnull=True)
                        | models.Q(seen_by__isnull=False, seen_on__isnull=False),
                    ),
                ],
            },
        ),
    ]
