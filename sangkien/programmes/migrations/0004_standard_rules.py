from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from sangkien.programmes.eligibility.standard import INSTALLER, STANDARD_RULES


def install(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Give every programme that there is the standard rules, in force since its start."""
    programmes = list(apps.get_model("programmes", "Programme").objects.all())
    if not programmes:
        return
    rule = apps.get_model("programmes", "EligibilityRule")
    known = {f.name for f in rule._meta.fields}
    installer, _created = apps.get_model("people", "Person").objects.get_or_create(
        username=f"system:{INSTALLER}", defaults={"full_name": INSTALLER, "is_system": True, "password": "!"}
    )
    rule.objects.bulk_create(
        rule(
            programme=programme,
            version=1,
            effective_at=programme.starts_at,
            recorded_at=programme.starts_at,
            recorded_by=installer,
            **{name: value for name, value in text.values().items() if name in known},
        )
        for programme in programmes
        for text in STANDARD_RULES
    )


class Migration(migrations.Migration):
    dependencies = [
        ("programmes", "0003_eligibility_rules"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
