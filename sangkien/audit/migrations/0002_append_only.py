from django.db import migrations

from sangkien.core.append_only import protect, unprotect


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial"), ("core", "0002_moments_and_append_only")]

    operations = [migrations.RunSQL(protect("audit_entry"), unprotect("audit_entry"))]
