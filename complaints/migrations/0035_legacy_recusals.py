"""Who is kept away from an old case that came in with an import."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """One table."""

    dependencies = [
        ("complaints", "0034_case_statements"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="LegacyRecusal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("relative", "Hubungan keluarga"),
                            ("former_unit", "Pernah bekerja di unit terlapor"),
                            ("home_agency", "Instansi asal sama dengan terlapor"),
                            ("accused", "Menjadi terlapor"),
                            ("declared", "Menyatakan benturan kepentingan"),
                        ],
                        max_length=12,
                    ),
                ),
                ("since", models.DateTimeField()),
                (
                    "legacy_case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="recusals",
                        to="complaints.legacycase",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("legacy_case", "user"), name="recused_once_from_legacy_case"
                    )
                ],
            },
        ),
    ]
