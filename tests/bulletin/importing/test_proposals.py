from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bulletin.importing.proposals import (
    propose_impact,
    propose_kind,
    propose_length,
)
from bulletin.importing.written_times import ResolvedTimes

ZONE = ZoneInfo("America/New_York")
START = datetime(2024, 7, 2, 14, tzinfo=ZONE)


def propose(body: str) -> ResolvedTimes:
    return propose_length(body, ResolvedTimes(START, None, ZONE, "unknown"))


@pytest.mark.parametrize(
    ("body", "minutes", "precision"),
    [
        ("It was resolved by new routes, roughly 2 hours later.", 120, "about"),
        ("Our provider fixed it within 10 minutes.", 10, "about"),
        ("Connectivity broke for several minutes; then it held.", 5, "about"),
        ("The API was down for a couple of hours.", 120, "about"),
        ("DNS was degraded for a few minutes.", 3, "about"),
        ("The outage lasted 45 minutes.", 45, "exact"),
        ("Lasting nearly 3 hours, it was the longest.", 180, "about"),
        ("Writes were unavailable for half an hour.", 30, "exact"),
        ("Total downtime: 90 min.", 90, "exact"),
        ("Duration: 1h30.", 90, "exact"),
        ("A 45-minute outage of the registry.", 45, "exact"),
        ("About 20 minutes of elevated errors followed.", 20, "about"),
        ("After 40 minutes, service was restored.", 40, "exact"),
        ("It was back up in under 10 minutes.", 10, "about"),
        ("For 25 minutes new machines could not start.", 25, "exact"),
        ("The upstream took three hours to fix it.", 180, "exact"),
        ("We rolled back 8 minutes later and errors stopped.", 8, "exact"),
        ("Requests failed from 14:00 to 15:30.", 90, "exact"),
        ("Requests failed until 16:20.", 140, "exact"),
        ("Requests failed until about 1:00.", 660, "about"),
        ("All volumes were back online by 19:05 UTC.", 65, "exact"),
        ("Mitigated at 16:20 EDT.", 140, "exact"),
        ("Restored by 16:20 after a reload.", 140, "exact"),
        ("A rack died. RESOLVED AT ~16:20", 140, "about"),
        ("Restored at 4:20 PM EDT.", 140, "exact"),
        ("Service was back after around two hours.", 120, "about"),
        ("The disruption was only 12 minutes.", 12, "exact"),
        ("Requests failed from 2pm until about 4pm.", 120, "about"),
    ],
)
def test_a_length_is_proposed(body: str, minutes: float, precision: str) -> None:
    proposal = propose(body)
    assert (proposal.precision, proposal.warnings) == (precision, [])
    assert proposal.end == START + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    "body",
    [
        "It had been over a year since the last one.",
        "We planned the next 12 weeks.",
        "A job that runs every 5 minutes failed.",
        "Objects older than 2 hours were lost.",
        "It began 5 minutes ago, or later.",
        "Ten minutes later a second host failed.",
        "We were paged within 2 minutes.",
        "The alert fired 10 minutes after the deploy.",
        "A timeout of 30 seconds made requests fail.",
        "Requests with a 30 second timeout failed.",
        "Deploys usually take 5 minutes.",
        "Each reboot took 5 minutes.",
        "We went back to sleep after 20 minutes.",
        "Rebooting took 5 minutes per host.",
        "We monitored it for 30 minutes and closed it.",
        "It took us 40 minutes to find the cause.",
        "The certificate expired after 90 days.",
        "Logs are kept for 30 days, and some were lost.",
        "The host had been up for 400 days.",
        "Latency of 10 seconds was seen.",
        "The run has lasted `45 minutes` in tests.",
    ],
)
def test_another_duration_is_no_length(body: str) -> None:
    assert propose(body).end is None
    assert propose(body).precision == "unknown"


@pytest.mark.parametrize(
    ("body", "minutes"),
    [
        ("Mitigated within 10 minutes; full clean-up took 3 hours.", 10),
        ("Traffic was mitigated within 10 minutes, and all was resolved 2 hours later.", 10),
        ("Requests failed for 40 minutes; we fixed the root cause 3 hours later.", 40),
        ("Customers saw errors for 20 minutes. Replacing the disk took 4 hours.", 20),
        ("Partially recovered within 10 minutes; full recovery came after 2 hours.", 120),
    ],
)
def test_of_two_lengths_it_is_the_one_customers_felt(body: str, minutes: float) -> None:
    proposal = propose(body)
    assert proposal.end == START + timedelta(minutes=minutes)
    assert "was taken as the length, not" in proposal.warnings[0]


def test_an_incident_may_be_ongoing() -> None:
    assert propose("The incident is still ongoing.").precision == "ongoing"
    assert propose("The investigation is ongoing.").precision == "unknown"


@pytest.mark.parametrize(
    ("body", "impact"),
    [
        ("In other words, this incident had no customer impact.", 0),
        ("Not a real incident, no customer impact, but here it is.", 0),
        ("No customers were affected.", 0),
        ("This did not affect customers.", 0),
        ("No user-visible impact.", 0),
        ("This incident had marginal customer impact.", 1),
        ("Customer impact was major.", 3),
        ("Impact: partial.", 2),
        ("We expected no customer impact.", None),
        ("There was initially no customer impact.", None),
        ("There was no customer impact until noon.", None),
        ("There was no customer impact beyond slow deploys.", None),
        ("No customer impact in GRU. Major customer impact in SYD.", None),
        ("Everything was slow.", None),
    ],
)
def test_an_impact_is_proposed_where_the_text_says_it(body: str, impact: int | None) -> None:
    assert propose_impact(body) == impact


@pytest.mark.parametrize(
    ("title", "body", "kind"),
    [
        ("Disk", "It broke during planned maintenance.", "incident"),
        ("Disk", "This was a false alarm.", "false_alarm"),
        ("Disk", "This was not a false alarm.", "incident"),
        ("Maintenance: Core Switch", "", "maintenance"),
        ("Scheduled Reboots", "", "maintenance"),
        ("Core Switch", "It was planned maintenance.", "maintenance"),
    ],
)
def test_a_kind_is_proposed_where_the_text_says_it(title: str, body: str, kind: str) -> None:
    assert propose_kind(title, body) == kind
