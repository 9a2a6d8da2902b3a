"""The table of Django's database cache, which counts attempts over all processes. Unlogged: losing it loses nothing."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0002_accounts_and_consent'),
    ]

    operations = [
        migrations.RunSQL(
            """
            CREATE UNLOGGED TABLE people_rate_limit (
                cache_key varchar(255) PRIMARY KEY,
                value text NOT NULL,
                expires timestamptz NOT NULL
            );
            CREATE INDEX people_rate_limit_expires ON people_rate_limit (expires);
            """,
            "DROP TABLE people_rate_limit",
        ),
    ]
