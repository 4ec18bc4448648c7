"""Each incident that is there gets an id."""

from __future__ import annotations

import uuid

from django.db import migrations


def give_ids(apps, schema_editor):
    incidents = apps.get_model("incidents", "Incident").objects.using(schema_editor.connection.alias)
    for pk in list(incidents.values_list("pk", flat=True)):
        incidents.filter(pk=pk).update(uid=uuid.uuid4())


class Migration(migrations.Migration):
    dependencies = [("incidents", "0004_incident_uid")]

    operations = [migrations.RunPython(give_ids, migrations.RunPython.noop)]
