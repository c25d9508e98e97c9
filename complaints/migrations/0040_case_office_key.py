"""The index of an office's cases becomes a unique one, so that a referral's key can point at it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("complaints", "0039_triggers_as_owner")]

    operations = [
        migrations.RemoveIndex(model_name="case", name="case_office_told"),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.UniqueConstraint(
                fields=("office", "id"), include=("excluded_offices",), name="case_office_told"
            ),
        ),
    ]
