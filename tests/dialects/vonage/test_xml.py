"""The same answers in XML, for clients that ask for it."""

from xml.etree import ElementTree as ET

import pytest

from live import exchange, request_bytes

WANTS_XML = "Accept: application/xml"


@pytest.fixture
def xml(demo, caller):
    """Sends a request of the caller that asks for XML; returns status and root."""
    basic = f"Authorization: {caller.http.auth._auth_header}"

    def send(target, body="", *lines, method=None):
        method = method or ("POST" if body else "GET")
        request = request_bytes(
            target, WANTS_XML, *(lines or (basic,)), method=method, body=body.encode()
        )
        answer = exchange(demo, request)
        assert answer.headers["content-type"].partition(";")[0] == "text/xml"
        assert answer.body.startswith(b'<?xml version="1.0" encoding="UTF-8"')
        return answer.status, ET.fromstring(answer.body)

    return send


def members(element):
    return {child.tag: child.text for child in element}


def test_a_search_in_xml(xml):
    status, root = xml("/number/search?country=US&features=SMS,MMS&size=2")
    numbers = root.findall("numbers")

    assert (status, root.tag, len(numbers)) == (200, "inbound-numbers", 2)
    assert int(root.findtext("count")) > 2
    assert members(numbers[0]).keys() == {
        *("country", "msisdn", "cost", "initial-price", "type", "features")
    }
    assert [word.text for word in numbers[0].iterfind("features/feature")] == [
        "VOICE",
        "SMS",
        "MMS",
    ]


def test_limitations_in_xml_are_attributes(xml):
    _, root = xml("/number/search?country=ES&type=mobile-lvn")
    (limitation,) = root.iterfind("numbers/limitations/limitation")

    assert limitation.attrib == {"feature": "SMS", "type": "INBOUND", "reach": "INTERNATIONAL"}


@pytest.mark.parametrize("target", ["/account/numbers", "/number/search?country=US&pattern=44"])
def test_an_empty_page_in_xml(xml, target):
    status, root = xml(target)

    assert (status, root.tag, len(root)) == (200, "inbound-numbers", 0)


def test_buy_list_update_and_cancel_in_xml(xml, msisdn):
    number = f"country=GB&msisdn={msisdn}"
    settings = (
        "&app_id=%3Ca%3E%26%22&moHttpUrl=https://example.com/sms?a=b%26c=d"
        "&messagesCallbackType=app&messagesCallbackValue=x"
        "&voiceStatusCallback=https://example.com/status&moSmppSysType=inbound"
    )
    done = [xml("/number/buy", number), xml("/number/update", number + settings)]
    status, root = xml("/account/numbers")
    done.append(xml("/number/cancel", number))
    (listed,) = root.findall("numbers")

    for answer in done:
        assert (answer[0], answer[1].tag) == (200, "response")
        assert members(answer[1]) == {"error-code": "200", "error-code-label": "success"}
    assert (status, root.tag, root.findtext("count")) == (200, "inbound-numbers", "1")
    assert members(listed) == {
        "country": "GB",
        "msisdn": msisdn,
        "type": "mobile-lvn",
        "features": None,
        "mo-http-url": "https://example.com/sms?a=b&c=d",
        "mo-smpp-sys-type": "inbound",
        "voice-callback-type": "app",
        "voice-callback-value": '<a>&"',
        "voice-status-callback": "https://example.com/status",
        "messages-callback-type": "app",
        "messages-callback-value": "x",
        "app-id": '<a>&"',
    }


@pytest.mark.parametrize("action", ["buy", "cancel", "update"])
def test_a_refused_action_in_xml(xml, action):
    status, root = xml(f"/number/{action}", "country=GB&msisdn=447700999999")

    assert (status, root.tag) == (420, "response")
    assert root.findtext("error-code") == "420"
    assert root.findtext("error-code-label") == "method failed"


@pytest.mark.parametrize(
    ("target", "body", "root_tag"),
    [
        ("/account/numbers", "", "inbound-numbers"),
        ("/number/search?country=GB", "", "inbound-numbers"),
        ("/number/buy", "country=GB&msisdn=447700900000", "response"),
        ("/number/cancel", "country=GB&msisdn=447700900000", "response"),
        ("/number/update", "country=GB&msisdn=447700900000", "response"),
    ],
)
def test_bad_credentials_in_xml(xml, target, body, root_tag):
    status, root = xml(target, body, "Authorization: Basic eDp5")

    assert (status, root.tag) == (401, root_tag)
    assert members(root) == {"error-code": "401", "error-code-label": "authentication failed"}


@pytest.mark.parametrize(
    ("target", "body", "field"),
    [
        ("/account/numbers?size=0", "", "size"),
        ("/number/search", "", "country"),
        ("/number/search?country=GB&pattern=%3C%26%3E", "", "pattern"),
        ("/number/buy", "country=GB", "msisdn"),
        ("/number/update", "country=GB&msisdn=447700900000&voiceCallbackType=tel", "voiceCallback"),
        ("/number/buy", '{"country": {}}', "country"),
    ],
)
def test_a_bad_parameter_in_xml(xml, target, body, field):
    status, root = xml(target, body)

    assert (status, root.findtext("error-code")) == (400, "400")
    assert field in root.findtext("error-code-label")
    (parameter,) = root.iterfind("invalid-parameters/parameter")
    assert parameter.get("name").startswith(field)


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [("GET", "/number/nowhere", 404), ("PUT", "/number/buy", 405), ("POST", "/number/search", 405)],
)
def test_what_no_operation_answers_is_refused_in_xml_too(xml, method, target, status):
    answered, root = xml(target, method=method)

    assert (answered, root.tag, root.findtext("error-code")) == (status, "response", str(status))


@pytest.mark.parametrize(
    "name", ["\\u0000", "\\u0001", "\\u001b", "\\uffff", "\\n", "<&>", "n" * 500]
)
def test_no_name_that_a_client_makes_up_breaks_the_xml(xml, name):
    status, _ = xml("/number/buy", f'{{"{name}": {{}}}}')

    assert status == 400


@pytest.mark.parametrize("character", ["%EF%BF%BE", "%EF%BF%BF", "%C2%85", "%E2%80%A8", "%C2%9F"])
def test_no_text_that_was_stored_breaks_the_xml(xml, msisdn, character):
    number = f"country=GB&msisdn={msisdn}"
    xml("/number/buy", number)
    xml("/number/update", f"{number}&app_id=a{character}b&moSmppSysType={character}")
    status, root = xml("/account/numbers")

    assert (status, root.findtext("numbers/msisdn")) == (200, msisdn)
