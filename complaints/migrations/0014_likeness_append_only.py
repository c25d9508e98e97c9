"""What was decided about two records refuses UPDATE, DELETE and TRUNCATE like every other history."""

from importlib import import_module

from django.db import migrations

append_only = import_module("complaints.migrations.0002_append_only")


class Migration(migrations.Migration):
    dependencies = [("complaints", "0013_matching")]

    operations = [
        migrations.RunSQL(
            append_only.FORWARD.format(table="complaints_likenessevent"),
            append_only.BACKWARD.format(table="complaints_likenessevent"),
        )
    ]
