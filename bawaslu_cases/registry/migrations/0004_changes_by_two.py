"""Changes of the registry that two persons make; their history cannot be changed."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

# The function refuse_change() is made by complaints 0002 too; whichever comes first makes it.
FORWARD = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER registry_registrychangeevent_append_only
  BEFORE UPDATE OR DELETE ON registry_registrychangeevent
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER registry_registrychangeevent_no_truncate
  BEFORE TRUNCATE ON registry_registrychangeevent
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""
BACKWARD = """
DROP TRIGGER registry_registrychangeevent_append_only ON registry_registrychangeevent;
DROP TRIGGER registry_registrychangeevent_no_truncate ON registry_registrychangeevent;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('registry', '0003_officer_side'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='RegistryChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('table', models.CharField(choices=[('holiday_added', 'Hari libur: tambah'), ('holiday_removed', 'Hari libur: hapus'), ('time_limit', 'Batas waktu'), ('recipient_body', 'Lembaga penerima')], max_length=16)),
                ('row', models.BigIntegerField(null=True)),
                ('fields', models.JSONField()),
                ('reason', models.CharField(max_length=250)),
                ('source', models.CharField(max_length=200)),
                ('status', models.CharField(choices=[('proposed', 'Menunggu orang kedua'), ('approved', 'Disetujui dan berlaku'), ('rejected', 'Ditolak'), ('withdrawn', 'Ditarik pengusul')], default='proposed', max_length=10)),
                ('status_at', models.DateTimeField()),
                ('applied_at', models.DateTimeField(null=True)),
            ],
            options={
                'verbose_name': 'perubahan data acuan',
                'verbose_name_plural': 'perubahan data acuan',
                'ordering': ['-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('table__in', ['holiday_added', 'holiday_removed', 'time_limit', 'recipient_body'])), name='registry_change_table_known'), models.CheckConstraint(condition=models.Q(('status__in', ['proposed', 'approved', 'rejected', 'withdrawn'])), name='registry_change_status_known'), models.CheckConstraint(condition=models.Q(models.Q(('reason', ''), _negated=True), models.Q(('source', ''), _negated=True)), name='registry_change_has_reason_and_source'), models.CheckConstraint(condition=models.Q(models.Q(('applied_at__isnull', False), ('status', 'approved')), models.Q(models.Q(('status', 'approved'), _negated=True), ('applied_at__isnull', True)), _connector='OR'), name='registry_change_applied_when_approved'), models.UniqueConstraint(condition=models.Q(('row__isnull', False), ('status', 'proposed')), fields=('table', 'row'), name='registry_change_one_open_per_row')],
            },
        ),
        migrations.CreateModel(
            name='RegistryChangeEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('action', models.CharField(max_length=40)),
                ('source', models.CharField(blank=True, max_length=40)),
                ('target', models.CharField(max_length=40)),
                ('actor_kind', models.CharField(choices=[('staff', 'Petugas'), ('system', 'Sistem'), ('reporter', 'Pelapor')], max_length=10)),
                ('reason', models.TextField(blank=True)),
                ('at', models.DateTimeField()),
                ('actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('change', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='events', to='registry.registrychange')),
            ],
            options={
                'ordering': ['pk'],
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(('action__in', ['create', 'approve', 'reject', 'withdraw'])), name='registry_change_event_action_known')],
            },
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
