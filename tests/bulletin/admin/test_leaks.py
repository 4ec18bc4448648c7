from __future__ import annotations

import pytest

from bulletin import leaks
from tests.cost import no_quadratic_work

# Put together here, so that no scanner takes this file for a leak.
JWT = ".".join(["eyJhbGciOiJIUzI1NiJ9", "eyJzdWIiOiIxMjM0NTY3ODkwIn0", "dozjgNryP4J3jVmNHl0w"])


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("-----BEGIN " + "PRIVATE KEY-----\nMIIE", "private key"),
        ("-----BEGIN OPENSSH " + "PRIVATE KEY-----", "private key"),
        ("-----BEGIN PGP " + "PRIVATE KEY BLOCK-----", "private key"),
        ("AKIA" + "IOSFODNN7EXAMPLE", "AWS key"),
        ("ghp_" + "a1B2" * 9, "GitHub token"),
        ("github_pat_" + "a1B2" * 12, "GitHub token"),
        ("`glpat-" + "x1Y2z3W4" * 3 + "`", "GitLab token"),
        ("xoxb-" + "123456789012-abcdefGHIJ", "Slack token"),
        ("sk_live_" + "4eC39HqLyjWDarjtT1zd", "Stripe key"),
        ("AIza" + "SyA1234567890abcdefghijklmnopqrstuv", "Google key"),
        (f"Bearer {JWT}", "JWT"),
        ("postgres://app:" + "hunter2@db.example.org/log", "password in an address"),
        ("password=" + "Tr0ub4dor&3x", "password"),
        ("DB_PASSWORD: '" + "k9Qz7Lm2Xw'", "password"),
        ("API_KEY=" + "7f3a9c2e1b4d8f60", "password"),
        ("token: Bearer " + "q8Rz71LmX9wPd2", "password"),
    ],
)
def test_what_looks_like_a_secret_is_found_where_it_stands(text: str, kind: str) -> None:
    (leak,) = leaks.find(f"We typed\n{text}\ninto a ticket.")
    assert leak.kind == kind
    assert leak.start >= len("We typed\n")


def test_only_the_first_four_letters_are_shown() -> None:
    (leak,) = leaks.find("secret=" + "Zq81mXw72LpTr")
    assert leak.shown == "Zq81"


@pytest.mark.parametrize(
    "text",
    [
        "We rotated every password and token: none had leaked.",
        "password: correct, said the log; secret: none.",
        "The commit 3f786850e387550fdb836ed7e6dc881de23001b broke it.",
        "token=worker-17.iad.internal.example.org",
        "git@example.org:team/repository.git and https://example.org:8443/a@b",
        "Set `API_KEY=$API_KEY` or password=${PASSWORD1} or token: <your-token-1>.",
        "password=xxxxxxxx1, password=changeme1, secret=********1",
        "https://user:${PASS}@example.org/",
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "The token: expired at 12:00 on 2024-07-02.",
        "see the secret: https://example.org/a1b2c3d4e5",
        "AKIA is how AWS keys begin; ghp_ is GitHub's.",
        "-----BEGIN CERTIFICATE-----",
        "tokens: 12345678",
    ],
)
def test_prose_hashes_hosts_and_placeholders_are_no_secrets(text: str) -> None:
    assert leaks.find(text) == []


@pytest.mark.parametrize(
    "text",
    [
        *["password" * 25_000, "eyJ" * 66_000, "s://a:" * 33_000, "-----BEGIN A" * 16_000],
        *["token: bearer " * 14_000, "xoxb-" * 40_000, "a" * 200_000, "secret=a1" * 22_000],
    ],
    ids=lambda text: text[:12],
)
def test_hostile_text_takes_no_longer_than_its_length(text: str) -> None:
    with no_quadratic_work():
        leaks.find(text)
