"""The errors are one tree, and the docstring draws it."""

import pytest

from numberline.core import errors
from numberline.core.errors import InsufficientCredit, InvalidValue, NumberlineError


def drawn_tree():
    """Each error's parent, as the docstring of the module draws them."""
    parents = {}
    above = {}
    for line in errors.__doc__.splitlines():
        depth = (len(line) - len(line.lstrip())) // 4
        if not depth:
            continue
        for name in line.strip().split(", "):
            parents[name] = above.get(depth - 1)
            above[depth] = name
    return parents


def public_errors():
    return [
        found
        for name, found in vars(errors).items()
        if isinstance(found, type) and issubclass(found, NumberlineError) and name[0] != "_"
    ]


def public_parent(error):
    """The nearest class above an error that is not an implementation detail."""
    above = [c.__name__ for c in error.__mro__[1:] if c in public_errors()]
    return above[0] if above else None


def every_error(base=NumberlineError):
    """Every error of the package that is loaded, wherever it is declared."""
    for error in base.__subclasses__():
        if error.__module__.startswith("numberline."):
            yield error
        yield from every_error(error)


def test_the_docstring_draws_the_tree_that_there_is():
    assert {e.__name__: public_parent(e) for e in public_errors()} == drawn_tree()


@pytest.mark.parametrize("error", public_errors())
def test_every_error_has_a_code_of_its_own(error):
    named_alike = [e.__name__ for e in every_error() if vars(e).get("code") == error.code]

    assert named_alike == ([error.__name__] if error is not NumberlineError else [])


@pytest.mark.parametrize("error", public_errors())
def test_every_error_says_what_it_means(error):
    assert error.__doc__.strip().endswith(".")


def test_a_refusal_about_a_number_names_it():
    refusal = errors.NumberNotOwned(447_700_900_123)

    assert (refusal.number, str(refusal)) == (
        447_700_900_123,
        "number 447700900123 is not rented by this account",
    )


def test_a_lack_of_credit_is_told_without_naming_the_account():
    refusal = InsufficientCredit("ada", 1_500_000, "EUR")

    assert (refusal.account_id, str(refusal)) == ("ada", "credit does not cover 1.50 EUR")


def test_an_invalid_value_says_which_and_why():
    assert str(InvalidValue("until", "must lie in the future")) == "until: must lie in the future"
