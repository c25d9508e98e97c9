# The mailbox key of a receipt, and drafts that reporters put aside.

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("complaints", "0005_vault_append_only")]

    operations = [
        migrations.AddField(
            model_name="receipt",
            name="mailbox_pk",
            field=models.BinaryField(default=b""),
            preserve_default=False,
        ),
        migrations.CreateModel(
            name="SavedDraft",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("handle", models.CharField(max_length=5)),
                ("salt", models.BinaryField()),
                ("verifier", models.BinaryField()),
                ("sealed", models.BinaryField()),
                ("expires_on", models.DateField(db_index=True)),
            ],
            options={
                "indexes": [models.Index(fields=["handle"], name="saved_draft_handle")],
            },
        ),
    ]
