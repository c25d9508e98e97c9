"""The serials of revocation lists that this server has seen; only added to."""

from importlib import import_module

from django.db import migrations, models

append_only = import_module("complaints.migrations.0002_append_only")

TABLE = "complaints_seenrevocations"


class Migration(migrations.Migration):
    """Remember serials outside the keyring."""

    dependencies = [("complaints", "0015_link_captures")]

    operations = [
        migrations.CreateModel(
            name="SeenRevocations",
            fields=[
                ("serial", models.PositiveIntegerField(primary_key=True, serialize=False)),
                ("seen_on", models.DateField()),
            ],
        ),
        migrations.RunSQL(
            append_only.FORWARD.format(table=TABLE), append_only.BACKWARD.format(table=TABLE)
        ),
    ]
