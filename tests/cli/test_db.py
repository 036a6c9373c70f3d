"""``numberline db``, and what every command says of a database that it cannot use."""

import pytest

from live import free_port, numberline
from numberline.storage.migrate import HEAD


def test_a_database_is_brought_to_the_newest_schema_and_stays_there(tmp_path):
    url = f"sqlite:///{tmp_path}/new.db"
    for _ in range(2):
        ran = numberline("db", "upgrade", "--database", url)

        assert (ran.code, ran.err) == (0, "")
        assert HEAD in ran.out
    assert numberline("account", "list", "--database", url).code == 0


def test_the_database_may_come_from_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("NUMBERLINE_DATABASE", f"sqlite:///{tmp_path}/new.db")

    assert numberline("db", "upgrade").code == 0
    assert (tmp_path / "new.db").exists()


COMMANDS = {
    "db upgrade": ("db", "upgrade"),
    "account list": ("account", "list"),
    "credential list": ("credential", "list"),
    "webhook list": ("webhook", "list"),
    "worker": ("worker",),
    "serve": ("serve", "--port", str(free_port())),
    "demo": ("serve", "--demo", "--port", str(free_port())),
}
"""Each way in which commands open a database."""


@pytest.fixture
def bad_urls(tmp_path):
    """URLs of databases that cannot be used; {password} may not be shown."""
    junk = tmp_path / "junk.db"
    junk.write_bytes(b"this is not a database, but long enough to look like a file of one" * 100)
    return {
        "no URL": "numberline.db",
        "empty": "sqlite://",
        "in memory": "sqlite:///:memory:",
        "no such folder": f"sqlite:///{tmp_path}/nowhere/numberline.db",
        "a folder": f"sqlite:///{tmp_path}",
        "another file": f"sqlite:///{junk}",
        "another kind": "mysql://root:{password}@127.0.0.1/numberline",
        "an unknown kind": "nosuch://root:{password}@127.0.0.1/numberline",
        "nobody listens": "postgresql://root:{password}@127.0.0.1:1/numberline",
        "a bad port": "postgresql://root:{password}@127.0.0.1:port/numberline",
        "a bad option": "postgresql://root:{password}@127.0.0.1:1/numberline?nonsense=1",
    }


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_a_database_that_cannot_be_used_is_one_line_without_its_password(command, bad_urls):
    password = "open-sesame"
    found = {}
    for title, url in bad_urls.items():
        try:
            ran = numberline(*command, "--database", url.replace("{password}", password))
        except Exception as error:  # noqa: BLE001  every database that crashes a command is named
            found[title] = f"raised {type(error).__name__}"
            continue
        if ran.code != 1:
            found[title] = f"exit code {ran.code}"
        elif ran.err.count("\n") != 1 or not ran.err.startswith("numberline: "):
            found[title] = f"says {ran.err!r}"
        elif password in ran.err:
            found[title] = "shows the password"

    assert found == {}
