"""The ledger of opened identities refuses UPDATE, DELETE and TRUNCATE like every other history."""

from importlib import import_module

from django.db import migrations

append_only = import_module("complaints.migrations.0002_append_only")

TABLES = ("complaints_unsealevent", "complaints_attestation")


class Migration(migrations.Migration):
    dependencies = [("complaints", "0004_vault_and_lanes")]

    operations = [
        migrations.RunSQL(
            append_only.FORWARD.format(table=table), append_only.BACKWARD.format(table=table)
        )
        for table in TABLES
    ]
