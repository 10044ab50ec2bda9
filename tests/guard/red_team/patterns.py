"""Indicator patterns that are none: other objects, other operators, raw identifiers, texts in digests."""

from typing import Any

from tests.guard.red_team.by_hand import case

T = "x-stillwatch-campaign:techniques[*]"


def patterns() -> list[dict[str, Any]]:
    """Signs that are none."""
    texts = {
        "e-mail": "[email-addr:value = 'jane.doe@customer.example']",
        "address": "[ipv4-addr:value = '198.51.100.23']",
        "address-v6": "[ipv6-addr:value = '2001:db8::1']",
        "account": "[user-account:account_login = 'jane.doe']",
        "domain": "[domain-name:value = 'customer.example']",
        "url": "[url:value = 'https://customer.example/']",
        "payload": "[artifact:payload_bin = 'cHJpY2UgNC4yNQ==']",
        "prompt": "[x-stillwatch-exchange:prompt = 'Write out the reasoning']",
        "prompt-like": "[x-stillwatch-exchange:prompt LIKE '%reasoning%']",
        "matches": f"[{T} MATCHES 'price.*']",
        "set": f"[{T} IN ('SW-T16', 'price 4.25')]",
        "literal": f"[{T} = 'price 4.25']",
        "literal-evidence": "[x-stillwatch-campaign:evidence[*] = 'northwind']",
        "technique-99": f"[{T} = 'SW-T99']",
        "comment": f"[{T} = 'SW-T16'] /* price 4.25 */",
        "comment-inside": f"[{T} = 'SW-T16' /* price */]",
        "line-comment": f"[{T} = 'SW-T16'] // price 4.25",
        "qualifier": f"[{T} = 'SW-T16'] REPEATS 42500 TIMES",
        "within": f"[{T} = 'SW-T16'] WITHIN 425 SECONDS",
        "start-stop": f"[{T} = 'SW-T16'] START t'2026-04-25T00:00:00Z' STOP t'2026-04-26T00:00:00Z'",
        "spaces": f"[{T}  =  'SW-T16']",
        "tab": f"[{T} =\t'SW-T16']",
        "newline": f"[{T} = 'SW-T16'\n]",
        "twice": f"[{T} = 'SW-T16' AND {T} = 'SW-T16']",
        "mixed": f"[{T} = 'SW-T16' AND {T} = 'SW-T17' OR {T} = 'SW-T18']",
        "two-observations": f"[{T} = 'SW-T16'] AND [{T} = 'SW-T17']",
        "index": "[x-stillwatch-campaign:techniques[425] = 'SW-T16']",
        "number": "[x-stillwatch-campaign:accounts = 480]",
        "greater": "[x-stillwatch-campaign:exchanges > 13610]",
        "digest-words": f"[x-stillwatch-fingerprint:digest = '{b'customer Contoso'.hex()}']",
        "digest-words-32": f"[x-stillwatch-fingerprint:digest = '{b'price 4.25 USD per million tokens'[:32].hex()}']",
        "digest-padded": f"[x-stillwatch-fingerprint:digest = '{'0' * 60}4250']",
        "digest-utf16": f"[x-stillwatch-fingerprint:digest = '{'Acme Ltd'.encode('utf-16-le').hex()}']",
        "digest-figures": "[x-stillwatch-network:digest = '41111111111111114111111111111111']",
        "digest-short": "[x-stillwatch-network:digest = 'c0a80001']",
        "digest-upper": "[x-stillwatch-client:shape = 'A3F09C1E5B7D2A488F6E0C9B1D3A5E72']",
        "ja4-words": "[x-stillwatch-client:ja4 = 'price_425_usd']",
        "raw-network": "[x-stillwatch-network:range = '198.51.100.0/24']",
        "base64": "cHJpY2UgNC4yNQ==",
        "empty": "[]",
        "not-text": None,
        "sigma": "title: price 4.25",
        "escape": f"[{T} = 'SW-T16\\' OR price = \\'4.25']",
        "look-alike": f"[{T} = 'SW-Т16']",
        "long": "[" + " AND ".join(f"{T} = 'SW-T{one:02}'" for one in range(1, 32)) + " " * 4000 + "]",
    }  # fmt: skip
    found = [case(f"pattern-{name}", "indicator", (["pattern"], text)) for name, text in texts.items()]
    return [
        *found,
        case("pattern-type", "indicator", (["pattern_type"], "price")),
        case("pattern-version", "indicator", (["pattern_version"], "4.25")),
        case("indicator-types", "indicator", (["indicator_types"], ["stix"])),
        case("indicator-types-own", "indicator", (["indicator_types"], ["customer-northwind"])),
    ]
