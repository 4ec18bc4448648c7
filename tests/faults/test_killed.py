"""kill -9 while editors save: what was acknowledged is there, and whole."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests import servers
from tests.faults.people import Answer, Editor
from tests.faults.site import PASSWORD, Site, running

SAVES = int(os.environ.get("SAVES", "500"))
EDITORS = 6
# Seconds from a kill to the first page. Two are promised; a machine that is at other things, too,
# gets more for the start of the whole server.
BACK = 2.0
LATE = 8.0
INCIDENT = "/admin/incidents/incident/add/"


class Admin:
    """Editors at work, each on a week of their own, until SAVES saves were acknowledged."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.kept: dict[str, list[str]] = defaultdict(list, {"": []})
        self.answers: Counter[str] = Counter()
        self.bad: list[str] = []
        self.lock = threading.Lock()
        names = [f"editor{number}" for number in range(EDITORS)]
        site.make_editors(*names)
        site.shell("from incidents.models import Region; Region.objects.get_or_create(code='zz9')")
        self.region = site.shell(
            "from incidents.models import Region; print(Region.objects.get(code='zz9').pk)"
        )
        self.threads = [
            threading.Thread(target=self.work, args=[number, name])
            for number, name in enumerate(names)
        ]

    @property
    def saves(self) -> int:
        return sum(map(len, self.kept.values()))

    def work(self, number: int, name: str) -> None:
        editor = Editor(self.site.server.port)
        assert editor.sign_in(name, PASSWORD).status == 302
        first = date(2021, 1, 3) + timedelta(weeks=number)
        span = {"period_first": f"{first}", "period_last": f"{first + timedelta(days=6)}"}
        dated = {"date": f"{first + timedelta(days=6)}"}
        assert editor.save("/admin/bulletin/bulletin/add/", **dated, **span).status == 302
        page = self.site.shell(
            "from bulletin.models import Bulletin\n"
            f"print(Bulletin.objects.get(date='{dated['date']}').pk)"
        )
        turn = 0
        while self.saves < SAVES:
            token = f"t-{number}-{turn}"
            if turn % 3 == 0:
                self.try_to(lambda t=token: self.incident(editor, first, t), "", token)
            else:
                status = "published" if turn % 3 == 1 else "draft"
                path = f"/admin/bulletin/bulletin/{page}/change/"
                self.try_to(
                    lambda t=token, s=status, p=path: editor.save(p, essay=t, status=s), page, token
                )
            turn += 1

    def incident(self, editor: Editor, day: date, token: str) -> Answer:
        return editor.save(
            INCIDENT,
            title=token,
            body=token,
            started_at_0=f"{day}",
            started_at_1="15:00",
            length="5m",
            impact="2",
            regions=self.region,
        )

    def try_to(self, save: Callable[[], Answer], page: str, token: str) -> None:
        try:
            answer = save()
        except AssertionError as error:  # the page with the form was an error already
            self.bad.append(str(error))
            return
        except OSError as error:
            self.answers[type(error).__name__] += 1
            time.sleep(0.05)
            return
        with self.lock:
            self.answers[str(answer.status)] += 1
            if answer.status == 302:
                self.kept[page].append(token)
            else:
                self.bad.append(f"{token}: {answer.status} {answer.text[:3000]}")

    def wait_for(self, saves: int) -> None:
        servers.wait_until(
            lambda: self.saves >= saves or not any(one.is_alive() for one in self.threads),
            f"{saves} saves",
            patience=300,
        )

    def faults(self) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "tests.faults.whole"],
            input=json.dumps(self.kept),
            cwd=servers.ROOT,
            env=self.site.env,
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout.strip()


def kill_workers(site: Site, number: int) -> float:
    for pid in site.server.workers()[:number]:
        os.kill(pid, signal.SIGKILL)
    return site.back()


def kill_server(site: Site) -> float:
    """And start it again at once, as systemd would."""
    begun = time.monotonic()
    site.server.stop(servers.KILL)
    site.server.start()
    site.back()
    return time.monotonic() - begun


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_what_was_acknowledged_outlives_kill_9(
    engine: str, tmp_path: Path, said: list[str], request: pytest.FixtureRequest
) -> None:
    variables = {}
    if engine == "postgresql":
        variables["DATABASE_URL"] = request.getfixturevalue("postgresql").url()
    with running(tmp_path, demo=False, **variables) as site:
        staff = Admin(site)
        begun = time.monotonic()
        for thread in staff.threads:
            thread.start()
        back = []
        for percent, kill in (
            (10, lambda: kill_workers(site, 1)),
            (30, lambda: kill_workers(site, 2)),
            (50, lambda: kill_server(site)),
            (70, lambda: kill_workers(site, 2)),
            (84, lambda: kill_server(site)),
        ):
            staff.wait_for(SAVES * percent // 100)
            back.append(kill())
        for thread in staff.threads:
            thread.join()
        took = time.monotonic() - begun
        faults = staff.faults()
    said.append(
        f"killed, {engine}: {staff.saves} saves acknowledged in {took:.0f} s by {EDITORS} editors, "
        f"{dict(staff.answers)}; back after "
        + ", ".join(f"{one:.2f}" for one in back)
        + f" s (workers 1, 2, server, workers 2, server); faults: {faults or 'none'}"
    )
    assert staff.bad == []
    assert faults == ""
    assert staff.saves >= SAVES
    assert max(back) < LATE
    assert min(back[0], back[1], back[3]) < BACK
