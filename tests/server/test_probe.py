"""The opt-in call to a moHttpUrl, on a live server: it must not reach into the operator's house."""

import pytest
import sqlalchemy as sa

from live import client_of, fullwidth, serving
from numberline.storage import tables
from numberline.storage.engines import open_database
from server.listeners import listener


@pytest.fixture(scope="module")
def probing():
    with serving("--demo", "--vonage-probe-webhook", "--vonage-update", "merge") as served:
        yield served


@pytest.fixture
def listening():
    """The port of a listener on loopback that answers everyone with 200, and its callers."""
    with listener() as found:
        yield found


@pytest.fixture
def number(probing):
    named = {"country": "GB", "msisdn": "447700900001"}
    with client_of(probing) as http:
        http.post("/number/buy", data=named)
        yield lambda **settings: http.post("/number/update", data=named | settings)
        http.post("/number/cancel", data=named)


@pytest.mark.parametrize(
    "url",
    [
        *("http://127.0.0.1:{}/", "http://localhost:{}/", "http://[::1]:{}/", "http://127.1:{}/"),
        *("http://2130706433:{}/", "http://0x7f.1:{}/", "http://[::ffff:127.0.0.1]:{}/"),
        *("http://0.0.0.0:{}/", "http://a@127.0.0.1:{}/", "http://10.0.0.1:{}/"),
        *("http://169.254.169.254/latest/meta-data/?{}", "http://192.168.0.1:{}/"),
        *("http://[::1:{}", "http://127.0.0.1:{}99999/", "https://127.0.0.1:{}/"),
        f"http://{fullwidth('127')}.0.0.1:{{}}/",
        "http://127。0。0。1:{}/",
        "http://é@127.0.0.1:{}/",
    ],
    ids=ascii,
)
def test_a_webhook_that_leads_inward_is_refused_without_a_call(probing, listening, number, url):
    port, callers = listening
    answer = number(moHttpUrl=url.format(port), moSmppSysType="x")
    with client_of(probing) as http:
        (listed,) = http.get("/account/numbers").json()["numbers"]

    assert answer.status_code == 400
    assert "moHttpUrl" in answer.json()["error-code-label"]
    assert callers == []
    assert "moSmppSysType" not in listed


def test_an_update_without_a_webhook_needs_no_call(number):
    assert number(app_id="x").status_code == 200
    assert number(moHttpUrl="").status_code == 200


def test_nothing_is_called_before_the_number_is_known_to_be_the_callers(probing, listening):
    port, callers = listening
    with client_of(probing) as http:
        form = {"country": "GB", "msisdn": "447700900002", "moHttpUrl": f"http://127.0.0.1:{port}/"}

        assert http.post("/number/update", data=form).status_code == 420
    assert callers == []


def test_a_webhook_that_stands_is_not_called_for_another_setting(probing, listening, number):
    """It was taken when it answered; that it is down today is no fault of this update."""
    port, callers = listening
    store_webhook(probing.database, f"http://127.0.0.1:{port}/")
    answer = number(app_id="x")

    assert (answer.status_code, callers) == (200, [])


def store_webhook(url, webhook):
    database = open_database(url)
    statement = sa.update(tables.number).values(configuration={"sms_webhook_url": webhook})
    with database.writing() as connection:
        connection.execute(statement)
    database.close()
