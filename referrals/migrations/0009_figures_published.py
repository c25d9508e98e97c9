"""Public figures as tables that are published once; the live counts of before told too much."""

from django.db import migrations, models

FORWARD = """
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""
BACKWARD = """
DROP TRIGGER {table}_append_only ON {table};
DROP TRIGGER {table}_no_truncate ON {table};
"""
TABLE = "referrals_publishedtable"


class Migration(migrations.Migration):
    dependencies = [("referrals", "0008_engine_system_version")]

    operations = [
        migrations.CreateModel(
            name="PublishedTable",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=40)),
                ("first_month", models.DateField()),
                ("last_month", models.DateField()),
                ("total", models.PositiveIntegerField(null=True)),
                ("cells", models.JSONField()),
                ("published_on", models.DateField()),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("name", "last_month"), name="table_published_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(first_month__lte=models.F("last_month")),
                        name="published_months_in_order",
                    ),
                ],
            },
        ),
        migrations.DeleteModel(name="PublicFigure"),
        migrations.RunSQL(FORWARD.format(table=TABLE), BACKWARD.format(table=TABLE)),
    ]
