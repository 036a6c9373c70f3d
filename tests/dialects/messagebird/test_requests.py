import pytest

from numberline.core.errors import InvalidValue
from numberline.core.offers import Capability, NumberType
from numberline.dialects.messagebird import requests as asked
from numberline.dialects.wire import Parameters
from numberline.platform.catalogue import EVERY_OFFER, OfferFilter

GB = OfferFilter(countries=("GB",))


def query(text):
    parameters = Parameters()
    parameters.read_query(text)
    return parameters


def body(text):
    parameters = Parameters()
    parameters.read_body(text.encode())
    return parameters


SMS_VOICE = OfferFilter(countries=("GB",), any_direction=(Capability.SMS, Capability.VOICE))


@pytest.mark.parametrize(
    "text",
    [
        "features=sms&features=voice",
        "features=sms,voice",
        "features=SMS%2CVoice",
        "features[]=sms&features[]=voice",
        "features%5B0%5D=sms&features%5B1%5D=voice",
        "&&features=sms&&features=voice&&",
        "features=&features=sms,,voice",
    ],
)
def test_features_come_as_each_sdk_sends_them(text):
    assert asked.read_filter(query(text), "GB") == SMS_VOICE


@pytest.mark.parametrize(
    ("text", "types"),
    [
        ("type=mobile", (NumberType.MOBILE,)),
        ("type=LANDLINE", (NumberType.LOCAL, NumberType.NATIONAL)),
        ("type=toll_free", (NumberType.TOLL_FREE,)),
        ("type=premium_rate", (NumberType.PREMIUM_RATE,)),
        (
            "type=landline_or_mobile",
            (NumberType.LOCAL, NumberType.NATIONAL, NumberType.MOBILE),
        ),
        ("type=mobile&type=toll_free", (NumberType.MOBILE, NumberType.TOLL_FREE)),
        ("type=", ()),
    ],
)
def test_a_type_is_one_of_the_vendors_words(text, types):
    assert asked.read_filter(query(text), None).types == types


@pytest.mark.parametrize(
    ("text", "filter_"),
    [
        ("", GB),
        ("region=Utrecht&locality=De+Bilt", ("Utrecht", "De Bilt", False)),
        ("exclude_numbers_require_verification=true", ("", "", True)),
        ("exclude_numbers_require_verification=false&prices=false", ("", "", False)),
        ("unknown=1&x[y]=2&tags=a", GB),
    ],
)
def test_a_search_filters_by_what_it_names(text, filter_):
    if isinstance(filter_, tuple):
        region, locality, without = filter_
        filter_ = OfferFilter(
            countries=("GB",), region=region, locality=locality, without_documents=without
        )

    assert asked.read_filter(query(text), "GB") == filter_


def test_a_list_without_filters_looks_at_every_offer():
    assert asked.read_filter(query("limit=10&offset=0&status=active"), None) == EVERY_OFFER


@pytest.mark.parametrize(
    ("text", "glob"),
    [
        ("", None),
        ("search_pattern=end", None),
        ("number=319", "319*"),
        ("number=319&search_pattern=start", "319*"),
        ("number=319&search_pattern=anywhere", "*319*"),
        ("number=319&search_pattern=end", "*319"),
        ("number=319&searchPattern=END", "*319"),
        ("number=%2B319", "319*"),
        ("number=+319", "319*"),
        ("number=31*9", "31*9*"),
        ("searchPattern=319", "*319*"),
        ("search_pattern=%2B319", "*319*"),
    ],
)
def test_digits_stand_where_search_pattern_says(text, glob):
    pattern = asked.read_pattern(query(text))

    assert (pattern and pattern.text) == glob


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("number=31x", "number"),
        ("number=" + "3" * 33, "number"),
        ("number=3&search_pattern=middle", "search_pattern"),
        ("number=3&search_pattern=4", "search_pattern"),
        ("searchPattern=GOFISH", "search_pattern"),
        ("search_pattern=" + "3" * 33, "search_pattern"),
    ],
)
def test_a_bad_pattern_is_refused(text, field):
    with pytest.raises(InvalidValue) as refused:
        asked.read_pattern(query(text))

    assert refused.value.field == field


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("", (20, 0)),
        ("limit=&offset=", (20, 0)),
        ("limit=1&offset=7", (1, 7)),
        ("limit=1000&offset=1000000000", (1000, 1_000_000_000)),
    ],
)
def test_a_page_is_twenty_numbers_from_the_first_on(text, page):
    assert asked.read_page(query(text)) == page


@pytest.mark.parametrize(
    ("json", "number"),
    [
        ('{"number":31971234567}', 31971234567),
        ('{"number":"31971234567"}', 31971234567),
        ('{"number":"+31971234567"}', 31971234567),
    ],
)
def test_a_number_is_an_integer_or_a_text(json, number):
    assert asked.NUMBER.need(body(json)) == number


@pytest.mark.parametrize(
    ("json", "months"),
    [
        *((f'{{"billingIntervalMonths":{months}}}', months) for months in (1, 3, 6, 9, 12)),
        ('{"billingIntervalMonths":"3"}', 3),
        ('{"billingIntervalMonths":0}', 1),
        ('{"billingIntervalMonths":null}', None),
        ("{}", None),
    ],
)
def test_a_billing_interval_is_one_that_the_vendor_has(json, months):
    assert asked.BILLING_INTERVAL.read(body(json)) == months


@pytest.mark.parametrize("months", ["2", "13", "-1", "24", "1.0", "true", '"monthly"', "{}"])
def test_another_billing_interval_is_refused(months):
    with pytest.raises(InvalidValue, match="billingIntervalMonths"):
        asked.BILLING_INTERVAL.read(body(f'{{"billingIntervalMonths":{months}}}'))


@pytest.mark.parametrize(
    ("parameters", "tags"),
    [
        (body('{"tags":["a b","c"]}'), ("a b", "c")),
        (body('{"tags":["c","a","c"," c ",""]}'), ("c", "a")),
        (body('{"tags":[]}'), ()),
        (body('{"tags":"one"}'), ("one",)),
        (body('{"tags":[1,true]}'), ("1", "true")),
        (query("tags=a+b"), ("a b",)),
        (query("tags=a&tags=b"), ("a", "b")),
        (query("tags[0]=a&tags[1]=b"), ("a", "b")),
        (query("tags=a,b"), ("a,b",)),
    ],
)
def test_tags_are_texts_each_once(parameters, tags):
    assert asked.TAGS.named_in(parameters)
    assert asked.read_tags(parameters) == tags


@pytest.mark.parametrize(
    "json",
    ['{"tags":[{}]}', '{"tags":["\\u0000"]}', '{"tags":["%s"]}' % ("x" * 256), '{"tags":{}}'],
)
def test_a_tag_that_is_none_is_refused(json):
    with pytest.raises(InvalidValue, match="tags"):
        asked.read_tags(body(json))


def test_a_number_has_a_hundred_tags_at_most():
    hundred = "&".join(f"tags={n}" for n in range(100))

    assert len(asked.read_tags(query(hundred))) == 100
    with pytest.raises(InvalidValue, match="tags"):
        asked.read_tags(query(f"{hundred}&tags=x"))
