"""The supervision reports that findings rest on."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("complaints", "0052_wording_approval")]

    operations = [
        migrations.CreateModel(
            name="SupervisionReport",
            fields=[
                (
                    "complaint",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="supervision",
                        serialize=False,
                        to="complaints.complaint",
                    ),
                ),
                ("report_on", models.DateField()),
                ("report_number", models.CharField(blank=True, max_length=60)),
                ("assignment_number", models.CharField(blank=True, max_length=60)),
            ],
        ),
    ]
