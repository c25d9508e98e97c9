"""What was done with evidence refuses UPDATE, DELETE and TRUNCATE like every other history."""

from importlib import import_module

from django.db import migrations

append_only = import_module("complaints.migrations.0002_append_only")

TABLES = (
    "complaints_evidenceevent",
    "complaints_derivative",
    "complaints_originalopening",
)


class Migration(migrations.Migration):
    dependencies = [("complaints", "0011_evidence")]

    operations = [
        migrations.RunSQL(
            append_only.FORWARD.format(table=table), append_only.BACKWARD.format(table=table)
        )
        for table in TABLES
    ]
