"""Which verifier of a desk has which record in hand."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("complaints", "0048_vacuum_often"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="VerificationTurn",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("group", models.CharField(max_length=40)),
                ("since", models.DateField()),
                ("logged_on", models.DateField(null=True)),
                (
                    "complaint",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="verification_turns",
                        to="complaints.complaint",
                    ),
                ),
                (
                    "verifier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("logged_on__isnull", True)),
                        fields=["since"],
                        name="turn_not_logged",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("complaint", "group"), name="one_verifier_at_a_desk"
                    )
                ],
            },
        ),
    ]
