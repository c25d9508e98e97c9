"""Which wraps these are, and how many rounds the sweep of orphaned ones made."""

import uuid

from django.db import migrations, models

HALTED = [("", "No"), ("behind", "Behind"), ("many", "Many"), ("by_hand", "By Hand")]


class Migration(migrations.Migration):
    dependencies = [("keyring", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="WrapsRound",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(
                        default=1, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.PositiveBigIntegerField()),
                ("halted", models.CharField(blank=True, choices=HALTED, max_length=7)),
            ],
        ),
        # All rows that are there get the same one: what is put in their place later has another. A constant,
        # because PostgreSQL then writes no row; and a default that stays, because the web of the release
        # before knows nothing of the column and goes on putting wraps.
        migrations.AddField(
            model_name="reportwraps",
            name="put_id",
            field=models.UUIDField(default=uuid.uuid4, db_default=uuid.UUID(int=0)),
        ),
    ]
