"""The two roles of the admin, as groups."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

WRITERS = [
    "view_article", "view_author", "view_bulletin", "view_sitesettings",
    "view_addendum", "view_incident", "view_region", "view_service",
    "add_article", "add_author", "add_bulletin",
    "add_incident", "add_region", "add_service",
    "change_article", "change_bulletin", "change_incident",
]
EDITORS = [
    *WRITERS,
    "publish_article", "publish_bulletin", "publish_incident",
    "add_addendum", "change_addendum", "change_sitesettings",
    "change_author", "change_region", "change_service",
    "delete_author", "delete_region", "delete_service",
    "delete_article", "delete_bulletin", "delete_incident",
]


def make_roles(apps, schema_editor):
    """A group that is there already retains its members and permissions, and gains the role's."""
    alias = schema_editor.connection.alias
    for label in ("incidents", "bulletin"):
        # Permissions are made after all migrations, which is too late for the groups.
        app = apps.get_app_config(label)
        app.models_module = True
        create_permissions(app, verbosity=0, using=alias, apps=apps)
        app.models_module = None
    permissions = apps.get_model("auth", "Permission").objects.using(alias)
    groups = apps.get_model("auth", "Group").objects.using(alias)
    for name, codenames in (("Writers", WRITERS), ("Editors", EDITORS)):
        group, _made = groups.get_or_create(name=name)
        ours = permissions.filter(content_type__app_label__in=["incidents", "bulletin"])
        group.permissions.add(*ours.filter(codename__in=codenames))


class Migration(migrations.Migration):

    dependencies = [
        ("bulletin", "0001_initial"),
        ("incidents", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    # Back again leaves the groups: people are in them.
    operations = [migrations.RunPython(make_roles, migrations.RunPython.noop)]
