"""A release is bound to its request by what it is sealed with; the history says who let go."""

from django.db import migrations


class Migration(migrations.Migration):
    """Drop a column that nothing ever filled."""

    dependencies = [("complaints", "0008_message_is_urgent")]

    operations = [migrations.RemoveField(model_name="sharerelease", name="signature")]
