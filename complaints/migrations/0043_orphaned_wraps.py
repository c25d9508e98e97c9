"""Wraps that belong to no identity, as a sweep saw them, and how many rounds it made."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("complaints", "0042_unassigned_told")]

    operations = [
        migrations.CreateModel(
            name="OrphanedWraps",
            fields=[
                ("report", models.UUIDField(primary_key=True, serialize=False)),
                ("put_id", models.UUIDField()),
                ("named_on", models.DateField()),
                ("running", models.JSONField()),
            ],
        ),
        migrations.CreateModel(
            name="WrapsSweep",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(
                        default=1, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.PositiveBigIntegerField()),
            ],
        ),
    ]
