"""Each page by the Nu HTML checker and by axe, and in windows of two widths and two schemes."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Page, sync_playwright

from tests.chromium import CHROMIUM, FLAGS
from tests.site.conftest import fail_for
from tests.site.crawl import NOWHERE, Crawl

VNU = Path(__file__).parent / "node_modules/vnu-jar/build/dist/vnu.jar"
AXE = {
    "resultTypes": ["violations"],
    # Off unless asked for, and what WCAG 2.2 and Lighthouse ask of links on a phone.
    "rules": {"target-size": {"enabled": True}},
}
# What a colour scheme changes is contrast alone.
CONTRAST = AXE | {"rules": {}, "runOnly": ["color-contrast"]}
SIGHTS = [
    ("light", 1280, AXE),
    ("dark", 1280, CONTRAST),
    ("dark", 320, CONTRAST),
    ("light", 320, AXE),
]


def test_every_page_is_valid(crawl: Crawl, pages: dict[str, bytes], tmp_path: Path) -> None:
    names = {}
    for number, (address, body) in enumerate(pages.items()):
        file = tmp_path / f"{number}.html"
        file.write_bytes(body)
        names[file.as_uri().replace("///", "/")] = crawl.path(address)
    command = ["java", "-jar", VNU, "--stdout", "--format", "json", "--exit-zero-always"]
    said = subprocess.run([*command, *tmp_path.iterdir()], capture_output=True, text=True)
    fail_for(
        f"/{names[one['url']]}, line {one['lastLine']}: {one['message']}"
        f"\n    {one.get('extract', '').strip()}"
        for one in json.loads(said.stdout)["messages"]
        if one["type"] != "info" or one.get("subType") == "warning"
    )


def test_no_page_has_a_fault_in_either_scheme_and_on_a_phone(
    crawl: Crawl, pages: dict[str, bytes]
) -> None:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        faults = []
        for address in pages:
            page = chromium.new_page(reduced_motion="reduce")
            errors = listen(page)
            page.goto(address)
            faults += [f"/{crawl.path(address)}{fault}" for fault in seen(page)]
            faults += [f"/{crawl.path(address)}: {one}" for one in errors if not expected(one)]
            page.close()
        chromium.close()
    fail_for(faults)


def listen(page: Page) -> list[str]:
    """What goes wrong in its console from now on."""
    errors: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error":
            errors.append(f"console: {message.text} ({message.location['url']})")

    page.on("console", hear)
    page.on("pageerror", lambda error: errors.append(f"script: {error}"))
    return errors


def expected(error: str) -> bool:
    """The page that is not there is itself a 404."""
    return "404" in error and error.endswith(f"/{NOWHERE})")


def seen(page: Page) -> Iterator[str]:
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
    for scheme, width, options in SIGHTS:
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate("document.getAnimations().forEach((one) => one.finish())")
        sight = f", {scheme}, {width} px"
        for one in Axe().run(page, options=options).response["violations"]:
            yield from (f"{sight}: {fault(one, node)}" for node in one["nodes"])
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            yield f"{sight}: it scrolls sideways, being {wide} px wide"


def fault(one: dict[str, Any], node: dict[str, Any]) -> str:
    checks = [check["message"] for check in node["any"] + node["all"] + node["none"]]
    return f"{one['id']} ({one['impact']}): {node['html'][:160]}\n    {'; '.join(checks)}"
