"""A second person for an office's wordings; what stands, and what the web before writes, counts as approved."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("complaints", "0051_wording_decided_by")]

    operations = [
        migrations.AddField(
            model_name="lettertemplate",
            name="approval",
            field=models.CharField(
                choices=[
                    ("before", "Berlaku sebelum orang kedua diminta"),
                    ("waiting", "Menunggu rekan"),
                    ("approved", "Disetujui"),
                    ("refused", "Tidak disetujui"),
                ],
                db_default="before",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="lettertemplate", name="decided_on", field=models.DateField(null=True)
        ),
        migrations.AddField(
            model_name="lettertemplate",
            name="refusal",
            field=models.CharField(blank=True, db_default="", max_length=300),
        ),
        migrations.AddConstraint(
            model_name="lettertemplate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("approval__in", ["before", "waiting"]),
                        ("decided_by__isnull", True),
                        ("decided_on__isnull", True),
                    ),
                    models.Q(
                        models.Q(("decided_by", models.F("made_by")), _negated=True),
                        ("approval__in", ["approved", "refused"]),
                        ("decided_by__isnull", False),
                        ("decided_on__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="letter_template_approved_by_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="lettertemplate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        models.Q(("refusal", ""), _negated=True),
                        models.Q(("valid_until", None), _negated=True),
                        ("approval", "refused"),
                    ),
                    models.Q(
                        models.Q(("approval", "refused"), _negated=True),
                        ("refusal", ""),
                    ),
                    _connector="OR",
                ),
                name="letter_template_refused_with_words",
            ),
        ),
    ]
