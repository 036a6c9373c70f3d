"""Values that hardly any field of any door takes, percent-encoded, by what is wrong with them."""

from urllib.parse import quote

from live import arabic, fullwidth

# What no field takes: percent-encoded bytes.
UNREADABLE = {
    "NUL": "a%00b",
    "NUL alone": "%00",
    "escape": "%1B%5B31m",
    "line break": "4%0D%0AX-Injected:%201",
    "tab": "%09x",
    "delete": "%7F",
    "half of a UTF-8 character": "%C3",
    "no UTF-8": "%FF%FE",
    "overlong UTF-8": "%C0%AF",
    "a lone surrogate": "%ED%A0%80",
    "a non-character": "%EF%BF%BF",
    "too long": "4" * 3_000,
}

# What none takes but a field for free text.
NONSENSE = {
    "emoji": quote("📞"),
    "full-width digits": quote(fullwidth("447700900000")),
    "Arabic digits": quote(arabic("447700900000")),
    "superscript": quote("²"),
    "a negative": "-1",
    "a float": "1.5",
    "an exponent": "1e2",
    "a hexadecimal": "0x10",
    "a huge integer": "9" * 1_000,
    "infinity": "Infinity",
    "not a number": "NaN",
    "a JSON object": quote('{"a":1}'),
    "a JSON array": quote("[1,2]"),
    "SQL": quote("1' or '1'='1"),
    "a path": quote("../../etc/passwd"),
    "a template": quote("{{7*7}}%s%d{0}"),
    "markup": quote("<script>"),
    "a long word": "x" * 2_000,
}
