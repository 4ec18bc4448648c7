"""Who gets what: every address of the admin and the answer that each role must have.

A new view needs a line in ROWS: its name, and the status for each of ROLES in that order. `of`
names a row of `world`, whose key goes into the address; with `data` it is a POST.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from typing import Any, NamedTuple

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, get_resolver
from django.utils import timezone

from bulletin.models import Author, SiteSettings, Status
from incidents.models import Region, Service
from tests.factories import make_account, make_article, make_bulletin, make_editor, make_incident

pytestmark = pytest.mark.django_db
ROLES = ("anonymous", "staff", "writer", "editor", "superuser")
# anonymous staff writer editor superuser
STAFF = "302 200 200 200 200"
WRITERS = "302 403 200 200 200"
EDITORS = "302 403 403 200 200"
SUPERUSERS = "302 403 403 403 200"
NOBODY = "302 403 403 403 403"
# In JSON, for the scripts of a page.
WRITES = "403 403 200 200 200"
DECIDES = "403 403 403 200 200"
OBJECT = "<path:object_id>/"


class Row(NamedTuple):
    view: str
    answers: str
    of: str = ""
    data: dict[str, str] | None = None
    path: str = ""

    def __str__(self) -> str:
        words = ["GET" if self.data is None else "POST", self.view.removeprefix("admin:")]
        return " ".join([*words, self.of, (self.data or {}).get("action", ""), self.path]).strip()


def saved(answers: str) -> str:
    """Of a form that is saved and leads on, where it is allowed at all."""
    return answers.replace("200", "302")


def action(model: str, of: str, name: str, answers: str) -> Row:
    """Chosen in a list. Who has no such action gets the list again."""
    return Row(f"admin:{model}_changelist", answers, of, {"action": name, "post": "yes"})


def lists(model: str, *, seen: str, add: str) -> list[Row]:
    """The addresses of a ModelAdmin that are about no single row; `add` is an empty form's."""
    return [
        Row(f"admin:{model}_changelist", seen),
        Row(f"admin:{model}_add", add),
        Row(f"admin:{model}_add", add, data={}),
        Row(f"admin:{model}_deleted", "302 403 200 200 200"),
    ]


def pages(model: str, of: str, *, seen: str, change: str, delete: str) -> list[Row]:
    """The addresses of a ModelAdmin that are about one row; `change` is an empty form's."""
    return [
        Row(f"admin:{model}_change", seen, of),
        Row(f"admin:{model}_change", change, of, {}),
        Row(f"admin:{model}_history", seen, of),
        Row(f"admin:{model}_delete", delete, of),
        Row(f"admin:{model}_delete", saved(delete), of, {"post": "yes"}),
        Row(f"admin/{model.replace('_', '/')}/{OBJECT}", "302 302 302 302 302", of),
    ]


def previews(model: str, *, add: str, of: dict[str, str]) -> list[Row]:
    """POST only, refused in JSON; `of` are the answers for a form that says nothing new."""
    return [
        Row(f"admin:{model}_preview_add", "405 405 405 405 405"),
        Row(f"admin:{model}_preview_add", add, data={}),
        *[Row(f"admin:{model}_preview", answers, row, {}) for row, answers in of.items()],
    ]


def sheets(model: str, private: str, public: str) -> list[Row]:
    """What an editor alone sees and does; a sheet that names no versions changes nothing."""
    address = f"/admin/{model.replace('_', '/')}"
    return [
        action(model, private, "publish_rows", "302 403 200 302 302"),
        action(model, public, "unpublish_rows", "302 403 200 302 302"),
        Row(f"admin:{model}_publish", EDITORS, private, path=f"{address}/publish/?pk=<id>"),
        Row(f"admin:{model}_publish", EDITORS, private, {}, f"{address}/publish/?pk=<id>"),
        Row(f"admin:{model}_publish", "302 403 403 404 404"),
        Row(f"admin:{model}_unpublish", EDITORS, public, path=f"{address}/unpublish/?pk=<id>"),
        Row(f"admin:{model}_unpublish", EDITORS, public, {}, f"{address}/unpublish/?pk=<id>"),
        Row(f"admin:{model}_unpublish", "302 403 403 404 404"),
    ]


def row_deeds(view: str, deed: str) -> list[Row]:
    """Of the dashboard: a private incident is changed by writers, a public one by editors."""
    path = f"/admin/row/<id>/{deed}/"
    return [
        Row(f"admin:{view}", "302 405 405 405 405", "untold", path=path),
        Row(f"admin:{view}", "302 403 302 302 302", "untold", {}, path),
        Row(f"admin:{view}", "302 403 403 302 302", "told", {}, path),
    ]


def posts(model: str, prefix: str) -> list[Row]:
    """Drafts are writers'; what is scheduled or public is editors', and is taken back before it
    is deleted."""
    draft, scheduled, public = (f"{prefix} {state}" for state in ("draft", "scheduled", "public"))
    decided = {"seen": WRITERS, "change": EDITORS, "delete": NOBODY}
    days = {"days": "7"}
    return [
        *lists(model, seen=WRITERS, add=WRITERS),
        *pages(model, draft, seen=WRITERS, change=WRITERS, delete=EDITORS),
        *pages(model, scheduled, **decided),
        *pages(model, public, **decided),
        *previews(model, add=WRITES, of={draft: WRITES, scheduled: DECIDES, public: DECIDES}),
        *sheets(model, draft, public),
        action(model, draft, "delete_selected", "302 403 200 302 302"),
        # Back to the list, which says to unpublish it first.
        action(model, public, "delete_selected", "302 403 200 302 302"),
        Row(f"admin:{model}_review", WRITERS, draft),
        Row(f"admin:{model}_review", WRITERS, draft, days),
        Row(f"admin:{model}_review", EDITORS, scheduled),
        Row(f"admin:{model}_review", EDITORS, scheduled, days),
        Row(f"admin:{model}_review", saved(EDITORS), public),
        Row(f"admin:{model}_review", saved(EDITORS), public, days),
    ]


def words(model: str, of: str) -> list[Row]:
    """Public words, which a writer adds and an editor changes."""
    return [
        *lists(model, seen=WRITERS, add=WRITERS),
        *pages(model, of, seen=WRITERS, change=EDITORS, delete=EDITORS),
    ]


def accounts(model: str, of: str) -> list[Row]:
    mine = {"seen": SUPERUSERS, "change": SUPERUSERS, "delete": SUPERUSERS}
    every = [*lists(model, seen=SUPERUSERS, add=SUPERUSERS), *pages(model, of, **mine)]
    return [row for row in every if not row.view.endswith("_deleted")]


AUTOCOMPLETE = "/admin/autocomplete/?app_label=incidents&model_name=incident&field_name="
ROWS = [
    Row("admin:index", STAFF),
    Row("admin:help", STAFF),
    Row("admin:login", "200 302 302 302 302"),
    Row("admin:login", "200 200 200 200 200", data={}),
    Row("admin:logout", "302 405 405 405 405"),
    Row("admin:logout", STAFF, data={}),
    Row("admin:password_change", STAFF),
    Row("admin:password_change", STAFF, data={}),
    Row("admin:password_change_done", STAFF),
    Row("admin:jsi18n", STAFF),
    Row("admin:autocomplete", NOBODY),
    Row("admin:autocomplete", WRITERS, path=f"{AUTOCOMPLETE}regions"),
    Row("admin:autocomplete", WRITERS, path=f"{AUTOCOMPLETE}related"),
    Row("admin:app_list", "302 404 200 200 200", path="/admin/bulletin/"),
    Row("admin:app_list", "302 404 200 200 200", path="/admin/incidents/"),
    Row("admin:app_list", "302 404 404 404 200", path="/admin/auth/"),
    Row("admin/(?P<url>.*)$", "302 404 404 404 404", path="/admin/nowhere/"),
    Row("admin/(?P<url>.*)$", "302 404 404 404 404", path="/admin/r/1/1/"),
    Row("markdownx_upload", "405 405 405 405 405"),
    Row("markdownx_upload", "403 403 400 400 400", data={}),
    Row("markdownx_markdownify", "405 405 405 405 405"),
    Row("markdownx_markdownify", "403 403 200 200 200", data={"content": "*a*"}),
    Row("autosave:save", "405 405 405 405 405"),
    Row("autosave:save", "403 403 200 200 200", data={"_key": "0" * 32, "_model": "import"}),
    *[Row(f"autosave:{name}", "405 405 405 405 405") for name in ("closed", "discard", "pending")],
    *[Row(f"autosave:{name}", "403 403 200 200 200", data={}) for name in ("closed", "discard")],
    Row("autosave:pending", "403 403 200 200 200", data={"_model": "import"}),
    Row("admin:log_line", saved(WRITERS)),
    Row("admin:read_log_line", WRITERS),
    Row("admin:log_line", saved(WRITERS), data={"line": "502s in GRU"}),
    *row_deeds("set_field", "set"),
    *row_deeds("end_incident", "end"),
    *row_deeds("undo_end", "undo"),
    Row("admin:draft_week", saved(WRITERS)),
    Row("admin:draft_week", saved(WRITERS), data={}),
    *posts("bulletin_bulletin", "bulletin"),
    Row("admin:bulletin_bulletin_import", WRITERS),
    Row("admin:bulletin_bulletin_import", WRITERS, data={}),
    *posts("bulletin_article", "article"),
    *lists("incidents_incident", seen=WRITERS, add=WRITERS),
    *pages("incidents_incident", "untold", seen=WRITERS, change=WRITERS, delete=EDITORS),
    *pages("incidents_incident", "to be told", seen=WRITERS, change=EDITORS, delete=NOBODY),
    *pages("incidents_incident", "told", seen=WRITERS, change=EDITORS, delete=NOBODY),
    *previews("incidents_incident", add=WRITES, of={"untold": WRITES, "told": DECIDES}),
    *sheets("incidents_incident", "untold", "told"),
    action("incidents_incident", "untold", "delete_selected", "302 403 200 302 302"),
    action("incidents_incident", "told", "delete_selected", "302 403 200 302 302"),
    *words("incidents_region", "region"),
    *words("incidents_service", "service"),
    *words("bulletin_author", "author"),
    *lists("bulletin_sitesettings", seen=saved(WRITERS), add=NOBODY),
    *pages("bulletin_sitesettings", "notice", seen=WRITERS, change=saved(EDITORS), delete=NOBODY),
    *previews("bulletin_sitesettings", add="403 403 403 403 403", of={"notice": DECIDES}),
    *accounts("auth_user", "user"),
    Row("admin:auth_user_password_change", SUPERUSERS, "user"),
    Row("admin:auth_user_password_change", SUPERUSERS, "user", {}),
    *accounts("auth_group", "group"),
]


@cache
def routes() -> dict[str, str]:
    """The route of every address under admin/, by name, or by itself where it has none."""

    def walk(patterns: list[Any], route: str, spaces: str) -> Iterator[tuple[str, str]]:
        for one in patterns:
            whole = route + str(one.pattern)
            if isinstance(one, URLPattern):
                yield (f"{spaces}{one.name}" if one.name else whole), whole
            else:
                space = f"{one.namespace}:" if one.namespace else ""
                yield from walk(one.url_patterns, whole, spaces + space)

    every = [*walk(get_resolver().url_patterns, "", "")]
    ours = [(name, route) for name, route in every if route.startswith("admin/")]
    assert len(dict(ours)) == len(ours), "two addresses of one name"
    return dict(ours)


def posts_of(make: Any, **different: Any) -> Iterator[tuple[str, Any]]:
    tomorrow = timezone.now() + timedelta(days=1)
    hours = {"draft": None, "scheduled": tomorrow, "public": timezone.now()}
    for number, (state, hour) in enumerate(hours.items()):
        status = Status.PUBLISHED if hour else Status.DRAFT
        own = {name: values[number] for name, values in different.items()}
        yield state, make(status=status, publish_at=hour, **own)


@pytest.fixture(scope="module")
def world(stage: None) -> dict[str, Any]:
    """A row in each state that makes a difference."""
    tomorrow = timezone.now() + timedelta(days=1)
    days = [date(2024, 5, day) for day in (4, 11, 18)]
    week = {"date": days, "period_first": days, "period_last": days}
    rows = {f"bulletin {state}": row for state, row in posts_of(make_bulletin, **week)}
    slugs = {"slug": ["a", "b", "c"]}
    rows |= {f"article {state}": row for state, row in posts_of(make_article, **slugs)}
    return rows | {
        "untold": make_incident(publish_at=None),
        "to be told": make_incident(publish_at=tomorrow),
        "told": make_incident(),
        "region": Region.objects.create(code="XYZ", place="Nowhere"),
        "service": Service.objects.create(name="Mail"),
        "author": Author.objects.create(name="Ana"),
        "notice": SiteSettings.objects.create(about="What this is."),
        "user": User.objects.create_user("somebody"),
        "group": Group.objects.create(name="Readers"),
    }


@pytest.fixture(scope="module")
def sessions(stage: None) -> dict[str, SimpleCookie]:
    accounts = {
        "staff": make_account("staff"),
        "writer": make_account("writer", "Writers"),
        "editor": make_account("editor", "Editors"),
        "superuser": make_editor("superuser"),
    }
    clients = {role: Client() for role in ROLES}
    for role, account in accounts.items():
        clients[role].force_login(account)
    return {role: client.cookies for role, client in clients.items()}


@pytest.fixture
def clients(sessions: dict[str, SimpleCookie]) -> dict[str, Client]:
    clients = {role: Client() for role in ROLES}
    for role, cookies in sessions.items():
        clients[role].cookies.update(cookies)
    return clients


def ask(client: Client, row: Row, world: dict[str, Any]) -> Any:
    key = str(world[row.of].pk) if row.of else ""
    path = row.path or f"/{routes()[row.view]}"
    path = path.replace("<path:object_id>", key).replace("<id>", key)
    if row.data is None:
        return client.get(path)
    chosen = {"_selected_action": key} if "action" in row.data else {}
    return client.post(path, row.data | chosen)


def test_every_address_of_the_admin_is_in_the_table_and_every_line_has_its_address() -> None:
    assert {row.view for row in ROWS} == set(routes())


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_each_role_gets_the_answer_of_the_table(
    row: Row, world: dict[str, Any], clients: dict[str, Client]
) -> None:
    got = []
    for client in clients.values():
        with transaction.atomic():
            got.append(str(ask(client, row, world).status_code))
            transaction.set_rollback(True)
    assert " ".join(got) == row.answers


class Inline(HTMLParser):
    """Collects what a content security policy without 'unsafe-inline' refuses."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        code = tag == "script" and "src" not in given and given.get("type") != "application/json"
        if code or tag == "style" or "style" in given:
            self.found.append(f"{tag} {given}")
        handlers = [name for name in given if name.startswith("on")]
        targets = [given.get(name) or "" for name in ("href", "src", "action", "formaction")]
        if handlers or any(one.strip().lower().startswith("javascript:") for one in targets):
            self.found.append(f"{tag} {given}")


@pytest.mark.parametrize(
    "markup",
    [
        "<script>go()</script>",
        '<script type="module">go()</script>',
        "<style>p {}</style>",
        '<p style="color: red">',
        '<button onclick="go()">',
        '<a href=" JavaScript:go()">',
    ],
)
def test_what_is_inline_is_found(markup: str) -> None:
    inline = Inline()
    inline.feed(markup)
    assert inline.found


def test_no_page_of_the_admin_holds_an_inline_script_or_style(
    world: dict[str, Any], clients: dict[str, Client]
) -> None:
    for row in ROWS:
        if row.answers.endswith("200"):
            inline = Inline()
            with transaction.atomic():
                inline.feed(ask(clients["superuser"], row, world).content.decode())
                transaction.set_rollback(True)
            assert not inline.found, row


@pytest.mark.parametrize(
    ("permissions", "answer"),
    [
        (["change_incident", "view_region"], {"id": "", "disabled": True}),
        (["change_incident", "view_region", "add_region"], {"id": "+", "add": "code=XQX"}),
    ],
)
def test_a_field_offers_to_add_what_it_does_not_find_to_who_may(
    client: Client, permissions: list[str], answer: dict[str, Any]
) -> None:
    user = make_account("ana")
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client.force_login(user)
    (offer,) = client.get(f"{AUTOCOMPLETE}regions&term=XQX").json()["results"]
    assert offer | answer == offer
    Region.objects.create(code="XQX", place="Nowhere")
    (found,) = client.get(f"{AUTOCOMPLETE}regions&term=XQX").json()["results"]
    assert found["text"] == "XQX (Nowhere)"
