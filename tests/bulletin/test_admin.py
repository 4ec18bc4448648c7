from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bulletin.models import Article, Bulletin, Status, site_settings
from incidents.models import Addendum, Incident
from tests.factories import PUBLISHED, make_article, make_bulletin, make_editor, make_incident

pytestmark = pytest.mark.django_db
ADD = "/admin/incidents/incident/add/"


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(make_editor())
    return client


def incident_form(**overrides: Any) -> dict[str, Any]:
    form = {
        "title": "Packet loss",
        "zone": "America/New_York",
        "started_at_0": "2024-07-02",
        "started_at_1": "15:00",
        "length": "",
        "ended_at_0": "",
        "ended_at_1": "",
        "precision": "unknown",
        "impact": "",
        "scope": "",
        "kind": "incident",
        "body": "Text.",
        "postmortem_url": "",
        "status_url": "",
        "status_posted_at_0": "",
        "status_posted_at_1": "",
        "addenda-TOTAL_FORMS": "0",
        "addenda-INITIAL_FORMS": "0",
    }
    return form | overrides


def bulletin_form(**overrides: Any) -> dict[str, Any]:
    form = {
        "date": "2024-07-06",
        "period_first": "",
        "period_last": "",
        "title": "",
        "intro": "",
        "essay_heading": "This week",
        "essay": "Text.",
    }
    return form | overrides


def errors(response: Any) -> dict[str, list[str]]:
    assert response.status_code == 200
    return dict(response.context["adminform"].form.errors)


def change(incident: Incident) -> str:
    return reverse("admin:incidents_incident_change", args=[incident.pk])


@pytest.mark.parametrize(
    ("length", "minutes", "precision"),
    [
        ("40m", 40, "exact"),
        ("2h", 120, "exact"),
        ("1d 4h", 1680, "exact"),
        ("90 min", 90, "exact"),
        ("about 2 hours", 120, "about"),
    ],
)
def test_a_length_is_typed_as_people_write_it(
    staff: Client, length: str, minutes: int, precision: str
) -> None:
    assert staff.post(ADD, incident_form(length=length)).status_code == 302
    incident = Incident.objects.get()
    assert incident.local_start.isoformat() == "2024-07-02T15:00:00-04:00"
    assert incident.length is not None
    assert incident.length.total_seconds() == minutes * 60
    assert incident.precision == precision


def test_an_end_fills_the_length(staff: Client) -> None:
    staff.post(ADD, incident_form(ended_at_0="2024-07-02", ended_at_1="16:30"))
    incident = Incident.objects.get()
    assert incident.length_text == "1h 30m"
    assert 'value="1h 30m"' in staff.get(change(incident)).content.decode()


def test_a_time_is_read_and_shown_on_the_clock_of_its_zone(staff: Client) -> None:
    staff.post(ADD, incident_form(zone="Asia/Tokyo", length="5m"))
    incident = Incident.objects.get()
    assert incident.started_at == datetime(2024, 7, 2, 6, tzinfo=UTC)
    page = staff.get(change(incident)).content.decode()
    assert 'value="15:00:00"' in page
    staff.post(
        change(incident),
        incident_form(
            zone="Asia/Tokyo",
            length="5m",
            ended_at_0="2024-07-02",
            ended_at_1="15:05",
            precision="exact",
        ),
    )
    incident.refresh_from_db()
    assert incident.started_at == datetime(2024, 7, 2, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "field", "message"),
    [
        ({"length": "soonish"}, "length", "no length"),
        ({"ended_at_0": "2024-07-02", "ended_at_1": "14:00"}, "ended_at", "before the start"),
        ({"zone": "Mars/Olympus"}, "zone", "no time zone"),
        ({"zone": ""}, "zone", "required"),
        (
            {"started_at_0": "9999-12-31", "started_at_1": "23:59"},
            "started_at",
            "Enter a valid year",
        ),
        ({"started_at_0": "2999-12-31", "started_at_1": "23:59"}, "started_at", "less than"),
        ({"started_at_0": "0001-01-01", "started_at_1": "00:00"}, "started_at", "greater than"),
        ({"started_at_0": "2024-02-30"}, "started_at", "valid date"),
        ({"started_at_1": "25:00"}, "started_at", "valid time"),
        ({"ended_at_0": "9999-12-31", "ended_at_1": "23:59"}, "ended_at", "Enter a valid year"),
        ({"zone": "localtime"}, "zone", "no time zone"),
        ({"precision": "maybe"}, "precision", "valid choice"),
        ({"precision": "exact"}, "length", "Enter a length"),
        ({"length": "2h", "ended_at_0": "2024-07-02", "ended_at_1": "16:00"}, "length", "disagree"),
        ({"body": "x" * 200_001}, "body", "200,000"),
        ({"title": ""}, "title", "required"),
        ({"length": "9" * 50}, "length", ""),
        ({"length": "364 days", "started_at_0": "2199-12-29"}, "ended_at", ""),
    ],
)
def test_bad_input_gets_a_message_at_its_field_and_keeps_what_was_typed(
    staff: Client, typed: dict[str, str], field: str, message: str
) -> None:
    response = staff.post(ADD, incident_form(**typed))
    found = errors(response)
    assert field in found
    assert message in " ".join(found[field])
    page = response.content.decode()
    for value in typed.values():
        assert value[:1000] in page
    assert not Incident.objects.exists()


@pytest.mark.parametrize("typed", [{"started_at_0": ""}, {"zone": "Mars"}, {"zone": ""}])
def test_a_page_opens_again_where_the_start_is_taken_out(
    staff: Client, typed: dict[str, str]
) -> None:
    incident = make_incident(publish_at=None)
    response = staff.post(change(incident), incident_form(body="Half a day.", **typed))
    assert errors(response)
    assert "Half a day." in response.content.decode()


def test_a_page_opens_again_where_the_period_is_taken_out(staff: Client) -> None:
    bulletin = make_bulletin()
    url = reverse("admin:bulletin_bulletin_change", args=[bulletin.pk])
    response = staff.post(url, bulletin_form(date="", essay="Half a day."))
    assert "date" in errors(response)
    assert "Half a day." in response.content.decode()


@pytest.mark.parametrize(
    ("day", "time", "length", "minutes"),
    [
        ("2024-03-10", "01:30", "2h", 120),
        ("2024-11-03", "00:30", "2h", 120),
        ("2024-03-09", "20:00", "1d", 1440),
        ("2024-03-10", "02:30", "2h", 120),
        ("2024-11-03", "01:30", "2h", 120),
    ],
)
def test_a_length_is_true_over_a_clock_change(
    staff: Client, day: str, time: str, length: str, minutes: int
) -> None:
    typed = incident_form(started_at_0=day, started_at_1=time, length=length)
    assert staff.post(ADD, typed).status_code == 302
    incident = Incident.objects.get()
    assert incident.length is not None
    assert incident.length.total_seconds() == minutes * 60


def test_an_hour_that_occurs_twice_stays_the_one_it_is(staff: Client) -> None:
    second = datetime(2024, 11, 3, 6, 30, tzinfo=UTC)
    incident = make_incident(publish_at=None, started_at=second, minutes=None)
    typed = incident_form(started_at_0="2024-11-03", started_at_1="01:30:00", body="Mended.")
    assert staff.post(change(incident), typed).status_code == 302
    incident.refresh_from_db()
    assert (incident.started_at, incident.body) == (second, "Mended.")


def test_a_corrected_start_keeps_the_length(staff: Client) -> None:
    incident = make_incident(publish_at=None, minutes=60)
    staff.post(
        change(incident),
        incident_form(
            started_at_1="15:30",
            length="1h",
            ended_at_0="2024-07-02",
            ended_at_1="16:00",
            precision="exact",
        ),
    )
    incident.refresh_from_db()
    assert incident.length_text == "1h"


def test_an_incident_that_is_over_gets_its_length(staff: Client) -> None:
    incident = make_incident(publish_at=None, minutes=None, precision="ongoing")
    staff.post(change(incident), incident_form(precision="ongoing", length="3h"))
    incident.refresh_from_db()
    assert (incident.precision, incident.length_text) == ("exact", "3h")


def test_turning_the_precision_to_unknown_takes_the_end_back(staff: Client) -> None:
    incident = make_incident(publish_at=None, minutes=60)
    typed = incident_form(length="1h", ended_at_0="2024-07-02", ended_at_1="16:00")
    staff.post(change(incident), typed | {"precision": "unknown"})
    incident.refresh_from_db()
    assert (incident.precision, incident.ended_at) == ("unknown", None)


def test_a_tick_confirms_the_suggestions_for_an_incident(staff: Client) -> None:
    incident = make_incident(publish_at=None, proposed=["impact"], minutes=None)
    assert "impact" in staff.get(change(incident)).content.decode()
    staff.post(change(incident), incident_form(impact="2", confirmed="on"))
    incident.refresh_from_db()
    assert incident.proposed == []


def test_an_abbreviation_stands_for_its_zone(staff: Client) -> None:
    staff.post(ADD, incident_form(zone="EDT"))
    assert Incident.objects.get().zone == "America/New_York"


def test_what_was_told_can_not_be_deleted(staff: Client) -> None:
    told, private = make_incident(), make_incident(publish_at=None)
    for incident, status in ((told, 403), (private, 302)):
        url = reverse("admin:incidents_incident_delete", args=[incident.pk])
        assert staff.post(url, {"post": "yes"}).status_code == status
    assert list(Incident.objects.all()) == [told]


def test_only_a_published_incident_is_linked_to_its_page(staff: Client) -> None:
    for incident, linked in ((make_incident(), True), (make_incident(publish_at=None), False)):
        page = staff.get(change(incident)).content.decode()
        assert (f'href="{incident.get_absolute_url()}" class="viewsitelink"' in page) is linked


@pytest.mark.parametrize(
    "typed", [{"started_at_0": "2024-02-30"}, {"zone": "Mars/Olympus"}, {"ended_at_1": "25:00"}]
)
def test_a_time_that_can_not_be_read_gets_a_message_on_a_saved_incident_too(
    staff: Client, typed: dict[str, str]
) -> None:
    incident = make_incident()
    response = staff.post(change(incident), incident_form(**typed))
    assert errors(response)


def test_a_date_that_can_not_be_read_gets_a_message_on_a_saved_bulletin_too(staff: Client) -> None:
    url = reverse("admin:bulletin_bulletin_change", args=[make_bulletin().pk])
    assert "date" in errors(staff.post(url, bulletin_form(date="2024-02-30")))


def test_an_incident_of_a_scheduled_week_is_told_with_it_and_let_go_when_it_leaves(
    staff: Client,
) -> None:
    hour = timezone.now() + timedelta(days=3)
    make_bulletin(publish_at=hour)
    staff.post(ADD, incident_form())
    incident = Incident.objects.get()
    assert incident.publish_at == hour
    staff.post(change(incident), incident_form(started_at_0="2024-05-02"))
    incident.refresh_from_db()
    assert incident.publish_at is None


def test_an_incident_added_to_a_published_week_says_that_it_is_private(staff: Client) -> None:
    make_bulletin()
    page = staff.post(ADD, incident_form(), follow=True).content.decode()
    assert "stays private until you publish it" in page
    assert Incident.objects.get().publish_at is None


def test_an_addendum_is_offered_once_the_incident_is_told(staff: Client) -> None:
    told, private = make_incident(), make_incident(publish_at=None)
    assert "addenda-__prefix__-body" in staff.get(change(told)).content.decode()
    assert "addenda-__prefix__-body" not in staff.get(change(private)).content.decode()
    form = {"addenda-TOTAL_FORMS": "1", "addenda-0-body": "Two switches."}
    form |= {"impact": "2", "length": "30m", "ended_at_0": "2024-07-02", "ended_at_1": "15:30"}
    staff.post(change(told), incident_form(**form | {"precision": "exact"}))
    assert Addendum.objects.get().incident == told


@pytest.mark.parametrize(
    ("typed", "field", "message"),
    [
        ({"date": "2024-07-06"}, "date", "already exists"),
        ({"date": "9999-12-31"}, "date", "less than"),
        ({"date": "0001-01-01"}, "date", "greater than"),
        ({"date": "2024-02-30"}, "date", "valid date"),
        ({"period_first": "2024-07-07"}, "period_last", "both days"),
        (
            {"period_first": "2024-07-13", "period_last": "2024-07-07"},
            "__all__",
            "before it begins",
        ),
        ({"period_first": "2020-01-01", "period_last": "2024-07-07"}, "period_last", "at most"),
        ({"period_first": "9999-12-30", "period_last": "9999-12-31"}, "period_first", "less than"),
        ({"essay": "x" * 200_001}, "essay", "200,000"),
    ],
)
def test_a_bulletin_that_can_not_be_gets_a_message_at_its_field(
    staff: Client, typed: dict[str, str], field: str, message: str
) -> None:
    make_bulletin()
    response = staff.post(
        "/admin/bulletin/bulletin/add/", bulletin_form(**{"date": "2024-07-13"} | typed)
    )
    found = errors(response)
    assert message in " ".join(found[field])
    assert Bulletin.objects.count() == 1


def test_two_editors_in_one_second_get_a_message_and_not_an_error(
    staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_bulletin()
    days = {"period_first": date(2024, 7, 7), "period_last": date(2024, 7, 13)}
    scheduled = make_bulletin(
        date=date(2024, 7, 13), publish_at=timezone.now() + timedelta(days=1), **days
    )
    overlap, calls = Bulletin.find_overlap, []

    def late(bulletin: Bulletin) -> Bulletin | None:
        """The form's own check comes before the other editor's save, all later ones after it."""
        calls.append(bulletin)
        return None if len(calls) == 1 else overlap(bulletin)

    monkeypatch.setattr(Bulletin, "find_overlap", late)
    typed = {"date": "2024-07-13", "period_first": "2024-07-06", "period_last": "2024-07-13"}
    url = reverse("admin:bulletin_bulletin_change", args=[scheduled.pk])
    response = staff.post(url, bulletin_form(**typed, essay="Half a day of typing."))
    assert "period_first" in errors(response)
    assert "Half a day of typing." in response.content.decode()
    scheduled.refresh_from_db()
    assert scheduled.period_first == date(2024, 7, 7)


def test_drafts_of_articles_stand_before_what_is_published(staff: Client) -> None:
    draft = make_article(title="Not yet", slug="not-yet", status=Status.DRAFT, publish_at=None)
    published = make_article()
    assert list(staff.get("/admin/bulletin/article/").context["cl"].queryset) == [draft, published]


def test_days_that_no_bulletin_covers_are_shown(staff: Client) -> None:
    make_bulletin()
    page = staff.get(reverse("admin:bulletin_bulletin_changelist")).content.decode()
    assert "No bulletin covers: July 7, 2024–" in page


def test_an_article_can_have_its_incident_made(staff: Client) -> None:
    form = {
        "title": "The switch",
        "body": "Text.",
        "incident_started_at_0": "2024-07-02",
        "incident_started_at_1": "15:00",
        "slug": "",
    }
    staff.post("/admin/bulletin/article/add/", form)
    article = Article.objects.get()
    assert article.slug == "the-switch"
    (incident,) = article.incidents.all()
    assert incident.local_start.isoformat() == "2024-07-02T15:00:00-04:00"
    page = staff.post(
        "/admin/bulletin/article/add/",
        form | {"title": "Another", "incident_started_at_0": "", "incident_started_at_1": ""},
        follow=True,
    )
    assert "It has no incident yet" in page.content.decode()


def test_the_start_of_an_articles_incident_has_limits(staff: Client) -> None:
    form = {"title": "T", "body": ""}
    form |= {"incident_started_at_0": "9999-12-31", "incident_started_at_1": "23:59"}
    response = staff.post("/admin/bulletin/article/add/", form)
    assert "incident_started_at" in errors(response)
    assert not Article.objects.exists()


def test_the_list_of_the_notice_is_its_page(staff: Client) -> None:
    response = staff.get("/admin/bulletin/sitesettings/", follow=True)
    assert response.redirect_chain[0][0] == "/admin/bulletin/sitesettings/1/change/"
    staff.post("/admin/bulletin/sitesettings/1/change/", {"about": "Hello *there*."})
    assert site_settings().about_html == "<p>Hello <em>there</em>.</p>\n"


def test_every_admin_page_opens(staff: Client) -> None:
    incident, bulletin, article = make_incident(), make_bulletin(), make_article()
    for row in (incident, bulletin, article, incident.regions.model.objects.first()):
        meta = row._meta
        for name, args in (("changelist", []), ("add", []), ("change", [row.pk])):
            url = reverse(f"admin:{meta.app_label}_{meta.model_name}_{name}", args=args)
            assert staff.get(url).status_code == 200, url
    assert staff.get("/admin/").status_code == 200
    for query in (
        "?published=no",
        "?published=yes",
        "?suggestions=open",
        "?q=packet",
        "?started_at__year=2024",
    ):
        url = reverse("admin:incidents_incident_changelist") + query
        assert staff.get(url).status_code == 200, url


@pytest.mark.parametrize(
    "path",
    [
        "/admin/bulletin/bulletin/?date__year=9999&date__month=12",
        "/admin/incidents/incident/?started_at__year=9999",
        "/admin/incidents/incident/add/?regions=zz",
    ],
)
def test_odd_values_in_an_address_are_no_error_of_ours(staff: Client, path: str) -> None:
    assert staff.get(path).status_code in (302, 400)


@pytest.mark.parametrize(
    "typed", [{"regions": "abc"}, {"services": "9" * 30}, {"related": "9" * 23}]
)
def test_odd_keys_in_a_hand_made_form_are_no_error_of_ours(
    staff: Client, typed: dict[str, str]
) -> None:
    assert staff.post(ADD, incident_form(**typed)).status_code in (200, 400)
    assert not Incident.objects.exists()


def test_a_value_error_of_ours_is_no_bad_request(
    staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: Incident, **kwargs: Any) -> None:
        raise ValueError("ours")

    monkeypatch.setattr(Incident, "save", fail)
    with pytest.raises(ValueError, match="ours"):
        staff.post(ADD, incident_form())


# The import page ----------------------------------------------------------------------

TEXT = """\
August 5: Slow disks in GRU (14:00 UTC): Reads took seconds. It lasted 40 minutes.
August 7: A test page that paged (Internal) (9:30EST): Nobody saw it.
This Week In Infra Engineering
We replaced the disks.
"""
IMPORT = "/admin/bulletin/bulletin/import/"


def test_what_was_read_is_shown_beside_the_text_and_nothing_is_saved_yet(staff: Client) -> None:
    response = staff.post(IMPORT, {"date": "2024-08-10", "text": TEXT})
    page = response.content.decode()
    reading = page[page.index("What was read") :]
    assert "Slow disks in GRU" in reading
    assert "August 5, 2024, 10:00 EDT" in reading
    assert "<mark>40m</mark>" in reading
    assert "We replaced the disks." in reading
    assert not Incident.objects.exists()


def test_the_text_is_saved_as_a_draft_with_its_suggestions_open(staff: Client) -> None:
    response = staff.post(IMPORT, {"date": "2024-08-10", "text": TEXT, "save": "1"})
    bulletin = Bulletin.objects.get()
    assert response["Location"] == reverse("admin:bulletin_bulletin_change", args=[bulletin.pk])
    assert (bulletin.status, Incident.objects.count()) == (Status.DRAFT, 2)
    disks = Incident.objects.in_time_order()[0]
    assert (disks.length_text, "precision" in disks.proposed) == ("40m", True)
    assert [region.code for region in disks.regions.all()] == ["GRU"]
    assert "We replaced the disks." in bulletin.essay


def test_a_file_is_read_into_the_field_from_which_it_is_saved(staff: Client) -> None:
    file = SimpleUploadedFile("week.txt", TEXT.encode())
    page = staff.post(IMPORT, {"date": "2024-08-10", "text": "", "file": file})
    assert page.context["form"]["text"].value() == TEXT
    assert not Incident.objects.exists()


def test_a_text_that_can_not_be_read_stays_in_its_field(staff: Client) -> None:
    text = "February 30: Gone (10:00): Never."
    for button in ({}, {"save": "1"}):
        page = staff.post(IMPORT, {"date": "2024-03-02", "text": text} | button).content.decode()
        assert "line 1" in page
        assert "February 30: Gone" in page
    assert not Bulletin.objects.exists()


def test_a_text_with_a_nul_is_refused_with_a_message(staff: Client) -> None:
    page = staff.post(IMPORT, {"date": "2024-03-02", "text": "A\0B"}).content.decode()
    assert "Null characters are not allowed" in page


@pytest.mark.parametrize("button", [{}, {"save": "1"}], ids=["read", "save"])
def test_a_date_that_is_taken_is_said_at_once_with_a_link(
    staff: Client, button: dict[str, str]
) -> None:
    taken = make_bulletin(date=date(2024, 8, 10), publish_at=PUBLISHED)
    response = staff.post(IMPORT, {"date": "2024-08-10", "text": TEXT} | button)
    (error,) = response.context["form"].errors["date"]
    assert f"/admin/bulletin/bulletin/{taken.pk}/change/" in error
    assert "choose another date" in error
    assert "Slow disks in GRU" in response.content.decode()
    assert not Incident.objects.exists()


def test_a_corrected_text_replaces_its_own_untouched_draft(staff: Client) -> None:
    staff.post(IMPORT, {"date": "2024-08-10", "text": TEXT, "save": "1"})
    corrected = TEXT.replace("14:00", "15:00").replace("A test page", "A page")
    staff.post(IMPORT, {"date": "2024-08-10", "text": corrected, "save": "1"})
    assert Bulletin.objects.count() == 1
    disks, page = Incident.objects.in_time_order()
    assert (disks.local_start.hour, page.title) == (15, "A page that paged")


@pytest.mark.parametrize(
    "touch",
    [
        lambda staff: Incident.objects.filter(scope="").update(impact=3),
        lambda staff: Bulletin.objects.update(essay="Mine."),
        lambda staff: Incident.objects.filter(scope="").delete(),
        lambda staff: Bulletin.objects.update(status="published", publish_at=PUBLISHED),
    ],
    ids=["an incident", "the essay", "a deleted incident", "published"],
)
def test_a_draft_that_somebody_touched_is_not_replaced(staff: Client, touch: Any) -> None:
    staff.post(IMPORT, {"date": "2024-08-10", "text": TEXT, "save": "1"})
    touch(staff)
    before = list(Incident.objects.values()), list(Bulletin.objects.values())
    response = staff.post(IMPORT, {"date": "2024-08-10", "text": f"{TEXT}More.", "save": "1"})
    assert "date" in response.context["form"].errors
    assert (list(Incident.objects.values()), list(Bulletin.objects.values())) == before


def test_what_precedes_the_incidents_is_in_the_introduction(staff: Client) -> None:
    text = f"Larger boxes are longer.\n\nThe network team was on call.\n\n{TEXT}"
    staff.post(IMPORT, {"date": "2024-08-10", "text": text, "save": "1"})
    intro = Bulletin.objects.get().intro
    assert intro == "Larger boxes are longer.\n\nThe network team was on call."


def test_importing_needs_the_right_to_add_both(client: Client) -> None:
    clerk = User.objects.create_user("clerk", password="x", is_staff=True)
    clerk.user_permissions.add(Permission.objects.get(codename="add_bulletin"))
    client.force_login(clerk)
    assert client.get(IMPORT).status_code == 403
    assert Client().get(IMPORT).status_code == 302


# Signing in ---------------------------------------------------------------------------


def test_a_plain_http_client_signs_in_with_its_token() -> None:
    make_editor()
    client = Client(enforce_csrf_checks=True)
    form = client.get("/admin/login/")
    token = form.cookies["csrf"].value
    typed = {"username": "editor", "password": "a long enough password"}
    assert client.post("/admin/login/", typed).status_code == 403
    signed = client.post("/admin/login/", typed | {"csrfmiddlewaretoken": token, "next": "/admin/"})
    assert signed.status_code == 302
    assert client.get("/admin/").status_code == 200
