"""Bird's words for types and features, and back."""

import msgspec
import pytest

from factories import GB, make_offer
from numberline.core.offers import Capability, NumberType
from numberline.dialects.bird.messages import (
    ASKED_FEATURES,
    TYPE_WORDS,
    TYPES,
    Wording,
    feature_words,
    offer_words,
)


class Shop:
    """A platform that has one offer."""

    def __init__(self, **terms):
        self._offer = make_offer(**terms)

    def offer(self, offer_id):
        assert offer_id == self._offer.offer_id
        return self._offer


@pytest.mark.parametrize("type_", NumberType)
def test_every_type_has_a_word_that_leads_back_to_it(type_):
    assert TYPES[TYPE_WORDS[type_]] is type_


@pytest.mark.parametrize(
    ("type_", "word"), [(NumberType.TOLL_FREE, "toll-free"), (NumberType.LOCAL, "local")]
)
def test_a_type_is_spelt_as_bird_spells_it(type_, word):
    assert offer_words(make_offer(type=type_)).type == word


@pytest.mark.parametrize("capability", list(Capability))
def test_every_capability_is_shown_in_its_direction_and_asked_for_by_its_word(capability):
    feature, direction = capability.name.lower().split("_")
    words = msgspec.to_builtins(offer_words(make_offer(capabilities=capability)).capabilities)
    shown = {
        f"{name}-{each}"
        for name, directions in words.items()
        for each, works in directions.items()
        if works
    }

    assert shown == {f"{feature}-{direction}"}
    assert ASKED_FEATURES[f"{feature}-{direction}"] is capability
    assert ASKED_FEATURES[feature] & capability
    assert feature_words(capability) == (feature,)


@pytest.mark.parametrize("number", [GB, 10**6, 999_999_999_999_999])
def test_an_available_number_is_the_template_filled_in(number):
    (raw,) = Wording(Shop(region="100%", locality="%d%s")).available([(number, 1)])
    item = msgspec.json.decode(raw)

    assert item["numberString"] == f"+{number}"
    assert item["id"].replace("-", "").endswith(f"{number:015d}")


def test_money_is_in_millionths():
    (raw,) = Wording(Shop(monthly_price_micros=3_500_000, currency="USD")).available([(GB, 1)])

    assert msgspec.json.decode(raw)["monthlyPrice"] == {
        "currencyCode": "USD",
        "amount": 3_500_000,
        "exponent": -6,
    }
