"""The register of reported people, and links between cases."""


import django.db.models.deletion
import django.db.models.functions.comparison
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('complaints', '0024_desk_order'),
        ('registry', '0003_officer_side'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ReportedPerson',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('name', models.CharField(max_length=200)),
                ('name_key', models.CharField(max_length=240)),
                ('nip', models.CharField(blank=True, max_length=18)),
                ('position', models.CharField(blank=True, max_length=120)),
                ('since', models.DateField()),
                ('agency', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.agency')),
            ],
        ),
        migrations.CreateModel(
            name='PersonRefusal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('official', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='refused_persons', to='complaints.official')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='complaints.reportedperson')),
            ],
        ),
        migrations.AddField(
            model_name='official',
            name='person',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='officials', to='complaints.reportedperson'),
        ),
        migrations.CreateModel(
            name='CaseLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('related', 'Berkaitan'), ('split_from', 'Dipisah dari'), ('joined', 'Ditangani bersama')], max_length=10)),
                ('made_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='links_out', to='complaints.case')),
                ('ended_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('other', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='links_in', to='complaints.case')),
            ],
            options={
                'ordering': ['pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('case', models.F('other')), _negated=True), name='case_link_joins_two'), models.CheckConstraint(condition=models.Q(('kind__in', ['related', 'split_from', 'joined'])), name='case_link_kind_known'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('ended_by__isnull', True)), models.Q(('ended_at__isnull', False), ('ended_by__isnull', False)), _connector='OR'), name='case_link_ended_by_somebody'), models.UniqueConstraint(django.db.models.functions.comparison.Least('case', 'other'), django.db.models.functions.comparison.Greatest('case', 'other'), condition=models.Q(('ended_at__isnull', True)), name='one_open_link_of_two_cases')],
            },
        ),
        migrations.AddIndex(
            model_name='reportedperson',
            index=models.Index(condition=models.Q(('nip', ''), _negated=True), fields=['nip'], name='person_nip'),
        ),
        migrations.AddIndex(
            model_name='reportedperson',
            index=models.Index(condition=models.Q(('name_key', ''), _negated=True), fields=['name_key'], name='person_name_key'),
        ),
        migrations.AddConstraint(
            model_name='personrefusal',
            constraint=models.UniqueConstraint(fields=('official', 'person'), name='person_refused_once_for_an_official'),
        ),
    ]
