"""No two incidents share an id."""

from __future__ import annotations

import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("incidents", "0005_fill_incident_uid")]

    operations = [
        migrations.AlterField(
            model_name="incident",
            name="uid",
            field=models.UUIDField(default=uuid.uuid4, editable=False, unique=True),
        ),
    ]
