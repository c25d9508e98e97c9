# Which messages of a reporter must not wait.

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("complaints", "0007_handover_consent")]

    operations = [
        migrations.AddField(
            model_name="message",
            name="is_urgent",
            field=models.BooleanField(default=False),
        ),
    ]
