"""A session of the Vonage Python SDK 3.17, run by a test in a process of its own.

It takes host, key, secret and a number on the command line, and prints what came of each step as
a line of JSON.
"""

import json
import sys

import vonage


def attempt(call, *args, **kwargs):
    try:
        return call(*args, **kwargs)
    except Exception as error:  # noqa: BLE001  whatever it is, the test reads it
        return f"{type(error).__name__}: {error}"


def client_of(host, key, secret):
    client = vonage.Client(key=key, secret=secret)
    client.host(host)
    return client


def main(host, key, secret, msisdn):
    numbers = client_of(host, key, secret).numbers
    number = {"country": "GB", "msisdn": msisdn}
    steps = {
        "version": vonage.__version__,
        "search": attempt(
            numbers.get_available_numbers, "GB", pattern=msisdn, features="SMS,VOICE"
        ),
        "buy": attempt(numbers.buy_number, number),
        "buy again": attempt(numbers.buy_number, number),
        "update": attempt(
            numbers.update_number, number | {"app_id": "x", "moHttpUrl": "https://example.com/"}
        ),
        "list": attempt(numbers.get_account_numbers, size=5, has_application=True),
        "cancel": attempt(numbers.cancel_number, number),
        "list again": attempt(numbers.get_account_numbers),
        "stranger": attempt(client_of(host, key, "wrong").numbers.get_account_numbers),
    }
    print(json.dumps(steps))  # noqa: T201  how the test learns of it


if __name__ == "__main__":
    main(*sys.argv[1:])
