"""When something of each queue was finished last."""

import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("shared", "0001_outbox_and_numbers")]

    operations = [
        migrations.CreateModel(
            name="Pulse",
            fields=[
                (
                    "queue",
                    models.CharField(max_length=40, primary_key=True, serialize=False),
                ),
                (
                    "at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now()
                    ),
                ),
            ],
            options={"verbose_name": "denyut"},
        ),
    ]
