import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from importlib import import_module

APPEND_ONLY = import_module("referrals.migrations.0002_append_only")
TABLES = ("referrals_packet", "referrals_packetapproval")


class Migration(migrations.Migration):
    dependencies = [
        ("complaints", "0029_conflicts"),
        ("referrals", "0006_ledger_ladder"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Packet",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveSmallIntegerField()),
                ("record", models.BinaryField()),
                ("manifest", models.TextField()),
                ("sha256", models.CharField(max_length=64)),
                ("signature", models.BinaryField()),
                ("signed_by", models.CharField(max_length=64)),
                ("made_at", models.DateTimeField()),
                ("referral", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="packets", to="referrals.referral")),
            ],
            options={"ordering": ["-version"]},
        ),
        migrations.CreateModel(
            name="PacketApproval",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveSmallIntegerField()),
                ("draft_sha256", models.CharField(max_length=64)),
                ("acknowledged", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), default=list, size=None)),
                ("at", models.DateTimeField()),
                ("approver", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("referral", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="approvals", to="referrals.referral")),
            ],
            options={"ordering": ["pk"]},
        ),
        migrations.CreateModel(
            name="ReferralAttachment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("is_checked", models.BooleanField(default=False)),
                ("added_at", models.DateTimeField()),
                ("added_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("copy", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="complaints.derivative")),
                ("referral", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="attachments", to="referrals.referral")),
            ],
            options={"ordering": ["pk"]},
        ),
        migrations.AddConstraint(model_name="packet", constraint=models.UniqueConstraint(fields=("referral", "version"), name="one_packet_per_version")),
        migrations.AddConstraint(model_name="referralattachment", constraint=models.UniqueConstraint(fields=("referral", "copy"), name="copy_attached_once")),
        *(
            migrations.RunSQL(
                APPEND_ONLY.FORWARD.format(table=table), APPEND_ONLY.BACKWARD.format(table=table)
            )
            for table in TABLES
        ),
    ]
