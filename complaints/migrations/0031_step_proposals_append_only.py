"""What became of a system's proposal refuses UPDATE, DELETE and TRUNCATE like every other history."""

from importlib import import_module

from django.db import migrations

append_only = import_module("complaints.migrations.0002_append_only")


class Migration(migrations.Migration):
    dependencies = [("complaints", "0030_step_proposals")]

    operations = [
        migrations.RunSQL(
            append_only.FORWARD.format(table="complaints_stepproposalevent"),
            append_only.BACKWARD.format(table="complaints_stepproposalevent"),
        )
    ]
