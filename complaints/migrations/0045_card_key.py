"""What an identity card is sealed to, beside the identity."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("complaints", "0044_alarms_of_whole_desks")]

    operations = [
        migrations.AddField(
            model_name="sealedidentity",
            name="card_key",
            field=models.BinaryField(null=True),
        ),
    ]
