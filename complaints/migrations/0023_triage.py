"""Viewings of evidence, notes, wordings of an office, and the proposer's second thought."""

from importlib import import_module

import django.contrib.postgres.fields
import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


append_only = import_module("complaints.migrations.0002_append_only")


class Migration(migrations.Migration):

    dependencies = [
        ('complaints', '0022_copy_orders'),
        ('registry', '0003_officer_side'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='EvidenceViewing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='InternalNote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('text', models.TextField()),
                ('at', models.DateTimeField()),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='LetterTemplate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(max_length=40)),
                ('title', models.CharField(max_length=80)),
                ('body', models.TextField()),
                ('step', models.CharField(choices=[('message', 'Pesan biasa'), ('ask_repair', 'Minta dilengkapi')], max_length=12)),
                ('requirements', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('reporter', 'Nama dan alamat pelapor'), ('reported_party', 'Terlapor jelas'), ('in_time', 'Dalam tujuh hari sejak diketahui'), ('time_place', 'Waktu dan tempat kejadian'), ('description', 'Uraian kejadian'), ('evidence', 'Bukti atau petunjuk')], max_length=20), blank=True, default=list, size=None)),
                ('assigns_sender', models.BooleanField(default=False)),
                ('valid_from', models.DateField()),
                ('valid_until', models.DateField(null=True)),
            ],
            options={
                'ordering': ['title', 'pk'],
            },
        ),
        migrations.RemoveConstraint(
            model_name='complaintevent',
            name='complaint_event_action_known',
        ),
        migrations.AddConstraint(
            model_name='complaintevent',
            constraint=models.CheckConstraint(condition=models.Q(('action__in', ['create', 'propose_tracing', 'propose_archive', 'return_proposal', 'approve_tracing', 'decline', 'confirm', 'end_tracing', 'register', 'cancel', 'ask_repair', 'repair', 'repair_lapsed', 'propose_register', 'propose_refusal', 'approve_register', 'refuse', 'keep_as_tip', 'raise', 'withdraw', 'note_withdrawal', 'propose_forward', 'approve_forward', 'propose_delegation', 'approve_delegation', 'propose_takeover', 'ask_takeover', 'accept_takeover', 'decline_takeover', 'take_over', 'undo_proposal'])), name='complaint_event_action_known'),
        ),
        migrations.AddField(
            model_name='evidenceviewing',
            name='evidence',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='viewings', to='complaints.evidence'),
        ),
        migrations.AddField(
            model_name='evidenceviewing',
            name='link',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='viewings', to='complaints.evidencelink'),
        ),
        migrations.AddField(
            model_name='evidenceviewing',
            name='office',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.office'),
        ),
        migrations.AddField(
            model_name='evidenceviewing',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='internalnote',
            name='author',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='internalnote',
            name='case',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='notes', to='complaints.case'),
        ),
        migrations.AddField(
            model_name='internalnote',
            name='complaint',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='notes', to='complaints.complaint'),
        ),
        migrations.AddField(
            model_name='lettertemplate',
            name='made_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='lettertemplate',
            name='office',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='letter_templates', to='registry.office'),
        ),
        migrations.AddConstraint(
            model_name='evidenceviewing',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('evidence__isnull', True), ('link__isnull', False)), models.Q(('evidence__isnull', False), ('link__isnull', True)), _connector='OR'), name='viewing_is_of_one_thing'),
        ),
        migrations.AddConstraint(
            model_name='evidenceviewing',
            constraint=models.UniqueConstraint(condition=models.Q(('evidence__isnull', False)), fields=('evidence', 'user', 'office'), name='evidence_viewed_once'),
        ),
        migrations.AddConstraint(
            model_name='evidenceviewing',
            constraint=models.UniqueConstraint(condition=models.Q(('link__isnull', False)), fields=('link', 'user', 'office'), name='link_viewed_once'),
        ),
        migrations.AddConstraint(
            model_name='internalnote',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('case__isnull', False), ('complaint__isnull', True)), models.Q(('case__isnull', True), ('complaint__isnull', False)), _connector='OR'), name='internal_note_has_one_subject'),
        ),
        migrations.AddConstraint(
            model_name='lettertemplate',
            constraint=models.CheckConstraint(condition=models.Q(('step__in', ['message', 'ask_repair'])), name='letter_template_step_known'),
        ),
        migrations.AddConstraint(
            model_name='lettertemplate',
            constraint=models.CheckConstraint(condition=models.Q(('valid_until__isnull', True), ('valid_until__gte', models.F('valid_from')), _connector='OR'), name='letter_template_ends_after_it_begins'),
        ),
        migrations.AddConstraint(
            model_name='lettertemplate',
            constraint=models.UniqueConstraint(condition=models.Q(('valid_until__isnull', True)), fields=('office', 'code'), name='one_letter_template_in_force'),
        ),
        migrations.RunSQL(
            append_only.FORWARD.format(table="complaints_internalnote"),
            append_only.BACKWARD.format(table="complaints_internalnote"),
        ),
    ]
