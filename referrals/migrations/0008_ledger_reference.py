"""A rung's letter carries a reference; its number is the secretariat's."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("referrals", "0007_packet")]

    operations = [
        migrations.RenameField("escalationletter", "number", "reference"),
        migrations.AlterField(
            "escalationletter", "reference", models.CharField(max_length=20, unique=True)
        ),
    ]
