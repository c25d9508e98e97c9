# The key that signs a reporter's consent, and the consent to a hand-over.

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("complaints", "0006_receipt_mailbox_and_saved_draft")]

    operations = [
        migrations.AddField(
            model_name="receipt",
            name="consent_pk",
            field=models.BinaryField(default=b""),
            preserve_default=False,
        ),
        migrations.CreateModel(
            name="HandoverConsent",
            fields=[
                (
                    "complaint",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="handover_consent",
                        serialize=False,
                        to="complaints.complaint",
                    ),
                ),
                ("partner", models.SlugField(max_length=40)),
                ("document", models.BinaryField()),
                ("given_on", models.DateField()),
                ("parcel", models.BinaryField(null=True)),
            ],
        ),
    ]
