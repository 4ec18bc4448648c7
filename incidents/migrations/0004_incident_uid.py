"""A permanent id for feeds and calendars, in three steps so that each row gets its own."""

from __future__ import annotations

import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("incidents", "0003_desk")]

    operations = [
        migrations.AddField(
            model_name="incident",
            name="uid",
            field=models.UUIDField(default=uuid.uuid4, editable=False, null=True),
        ),
    ]
