"""Alarms where nobody is left who may open an identity, or let it go."""

from django.db import migrations, models

KINDS = [
    ("accused_staff", "Terlapor pegawai Bawaslu"),
    ("nobody_left", "Tidak ada lagi petugas yang boleh menangani"),
    ("no_verifier", "Tidak ada lagi verifikator yang boleh membuka identitas"),
    ("no_custodian", "Tidak ada lagi kustodian yang boleh melepas identitas"),
]


class Migration(migrations.Migration):
    dependencies = [("complaints", "0040_case_office_key")]

    operations = [
        migrations.AlterField(
            model_name="routingalarm",
            name="kind",
            field=models.CharField(choices=KINDS, max_length=14),
        ),
        migrations.RemoveConstraint(model_name="routingalarm", name="routing_alarm_kind_known"),
        migrations.AddConstraint(
            model_name="routingalarm",
            constraint=models.CheckConstraint(
                condition=models.Q(kind__in=[kind for kind, _words in KINDS]),
                name="routing_alarm_kind_known",
            ),
        ),
    ]
