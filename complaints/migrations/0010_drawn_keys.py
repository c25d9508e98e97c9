"""Keys that tell the day and no order within it (ADR 0021). Rows already there keep theirs."""

from django.db import migrations, models

from bawaslu_cases.shared.drawn_keys import draw_key_today


class Migration(migrations.Migration):
    """Take the counters from the tables of reporters."""

    dependencies = [("complaints", "0009_release_has_no_signature")]

    operations = [
        migrations.AlterField(
            model_name=name,
            name="id",
            field=models.BigIntegerField(
                primary_key=True, default=draw_key_today, editable=False, serialize=False
            ),
        )
        for name in ("complaint", "complaintmilestone", "message")
    ]
