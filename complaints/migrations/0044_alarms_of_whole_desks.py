"""One alarm of a whole desk in which nobody is left, and when it was over."""

from django.db import migrations, models

OF_DESKS = ["no_verifier", "no_custodian"]
ONE_SUBJECT = models.Q(case__isnull=False, complaint__isnull=True) | models.Q(
    case__isnull=True, complaint__isnull=False
)


class Migration(migrations.Migration):
    dependencies = [("complaints", "0043_orphaned_wraps")]

    operations = [
        migrations.AddField(
            model_name="routingalarm",
            name="ended_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.RemoveConstraint(
            model_name="routingalarm", name="routing_alarm_has_one_subject"
        ),
        migrations.AddConstraint(
            model_name="routingalarm",
            constraint=models.CheckConstraint(
                condition=ONE_SUBJECT
                | models.Q(
                    complaint__isnull=True, case__isnull=True, kind__in=OF_DESKS
                ),
                name="routing_alarm_has_one_subject",
            ),
        ),
        migrations.AddConstraint(
            model_name="routingalarm",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    complaint__isnull=True, case__isnull=True, ended_at__isnull=True
                ),
                fields=("kind", "office"),
                name="one_open_alarm_of_a_desk",
            ),
        ),
        migrations.AddConstraint(
            model_name="routingalarm",
            constraint=models.UniqueConstraint(
                condition=models.Q(kind__in=OF_DESKS, ended_at__isnull=True),
                fields=("kind", "complaint"),
                name="one_open_alarm_of_an_identity",
            ),
        ),
    ]
