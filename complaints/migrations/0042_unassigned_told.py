"""The number of what nobody has in hand is read from its index alone.

Built beside the work on the table, under a name of its own, before the old one goes: forwards and backwards
the queue always has one of the two.
"""

from django.db import migrations, models

from bawaslu_cases.shared.concurrent_indexes import BuildIndex, DropIndex

OPEN = ["awaiting", "proposed", "received", "recorded", "takeover", "tracing"]


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("complaints", "0041_alarms_of_desks")]

    operations = [
        BuildIndex(
            model_name="complaint",
            index=models.Index(
                condition=models.Q(assignee__isnull=True, status__in=OPEN),
                fields=["office", "due_at", "id"],
                include=("excluded_offices", "snoozed_until"),
                name="complaint_unassigned_told",
            ),
        ),
        DropIndex(model_name="complaint", name="complaint_unassigned"),
    ]
