"""Wraps that somebody puts who does not know ``put_id``, the web of the release before, get one of their own."""

import uuid

from django.contrib.postgres.functions import RandomUUID
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("keyring", "0002_orphaned_wraps")]

    operations = [
        migrations.AlterField(
            model_name="reportwraps",
            name="put_id",
            field=models.UUIDField(default=uuid.uuid4, db_default=RandomUUID()),
        ),
    ]
