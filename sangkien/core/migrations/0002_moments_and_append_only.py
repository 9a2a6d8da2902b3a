from django.db import migrations

from sangkien.core.append_only import FUNCTION_SQL
from sangkien.core.moments import EVENT_MOMENT_SQL


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]

    operations = [
        migrations.RunSQL(EVENT_MOMENT_SQL, "DROP FUNCTION event_moment()"),
        migrations.RunSQL(FUNCTION_SQL, "DROP FUNCTION refuse_change()"),
    ]
