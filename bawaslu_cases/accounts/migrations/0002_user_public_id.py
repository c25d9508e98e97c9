"""Gives every account an id that keys and the audit log may name."""

import uuid

from django.db import migrations, models


def give_ids(apps, schema_editor):
    User = apps.get_model("accounts", "User")
    for pk in User.objects.values_list("pk", flat=True):
        User.objects.filter(pk=pk).update(public_id=uuid.uuid4())


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.AddField(
            "user", "public_id", models.UUIDField(default=uuid.uuid4, editable=False, null=True)
        ),
        migrations.RunPython(give_ids, migrations.RunPython.noop),
        migrations.AlterField(
            "user", "public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)
        ),
        migrations.AlterField(
            "rolegrant",
            "role",
            models.CharField(
                choices=[
                    ("intake_officer", "Petugas penerima"),
                    ("case_officer", "Petugas penanganan"),
                    ("plenary_member", "Anggota pleno"),
                    ("chair", "Ketua"),
                    ("reviewer", "Penelaah lembaga penerima"),
                    ("ppk_staff", "Staf PPK instansi"),
                    ("verifier", "Verifikator identitas"),
                    ("custodian", "Kustodian kunci"),
                    ("auditor", "Auditor"),
                    ("administrator", "Administrator"),
                ],
                max_length=20,
            ),
        ),
    ]
