"""The number of what nobody has in hand is read from its index alone."""

from django.db import migrations, models

OPEN = ["awaiting", "proposed", "received", "recorded", "takeover", "tracing"]


class Migration(migrations.Migration):
    dependencies = [("complaints", "0041_alarms_of_desks")]

    operations = [
        migrations.RemoveIndex(model_name="complaint", name="complaint_unassigned"),
        migrations.AddIndex(
            model_name="complaint",
            index=models.Index(
                condition=models.Q(assignee__isnull=True, status__in=OPEN),
                fields=["office", "due_at", "id"],
                include=("excluded_offices", "snoozed_until"),
                name="complaint_unassigned",
            ),
        ),
    ]
