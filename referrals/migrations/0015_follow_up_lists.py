"""The table of follow-ups by deadline, and what ended last: both read and sorted every row there is."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("referrals", "0014_triggers_as_owner")]

    operations = [
        migrations.AddIndex(
            model_name="followup",
            index=models.Index(fields=["due_at", "id"], name="follow_up_by_deadline"),
        ),
        migrations.AddIndex(
            model_name="followup",
            index=models.Index(
                condition=models.Q(("status__in", ["dropped", "verified"])),
                fields=["-status_at", "-id"],
                name="follow_up_ended",
            ),
        ),
    ]
