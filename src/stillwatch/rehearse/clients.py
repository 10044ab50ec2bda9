"""Which program speaks: user agents, header orders and TLS prints, drawn alike for everybody.

The shares are guesses at a provider's mix (a few official libraries make up most traffic); what matters is that a
campaign and a stranger draw from the same table, so that a client never gives a class away. The TLS prints have the
shape of JA4 (FoxIO, "JA4+ network fingerprinting"), no more.
"""

import msgspec
import numpy as np

_SDK_PYTHON = (
    "host accept-encoding connection authorization accept content-type user-agent x-stainless-lang "
    "x-stainless-package-version x-stainless-os x-stainless-arch x-stainless-runtime x-stainless-runtime-version "
    "x-stainless-retry-count content-length"
)
_SDK_NODE = (
    "host connection accept content-type user-agent x-stainless-retry-count x-stainless-lang "
    "x-stainless-package-version x-stainless-os x-stainless-arch x-stainless-runtime authorization accept-language "
    "sec-fetch-mode accept-encoding content-length"
)
_ANTHROPIC = _SDK_PYTHON.replace("authorization", "x-api-key anthropic-version")
_RAW = "host user-agent accept accept-encoding connection content-type authorization content-length"
_BARE = "host user-agent accept content-type authorization content-length"
_BROWSER = (
    "host connection content-length sec-ch-ua content-type sec-ch-ua-mobile user-agent sec-ch-ua-platform accept "
    "origin sec-fetch-site sec-fetch-mode sec-fetch-dest referer accept-encoding accept-language cookie"
)


class Family(msgspec.Struct, frozen=True):
    """Clients of one make: share of traffic, user agent with a place for the version, versions from common to rare."""

    share: float
    agent: str
    versions: tuple[str, ...]
    headers: str
    tls: tuple[str, ...]
    dialects: tuple[str, ...]


_CHAT = ("openai-chat", "openai-completions", "openai-responses")
_ANY = (*_CHAT, "anthropic-messages")

FAMILIES: tuple[Family, ...] = (
    Family(.26, "OpenAI/Python {}", ("3.54.0", "3.51.0", "3.3.0", "2.54.0", "2.30.0", "1.109.1", "1.99.9", "1.78.1"),
           _SDK_PYTHON, ("t13d1812h1_85036bcba153_375ca2c5e164", "t13d1713h1_5b57614c22b0_748f4c70de1c"), _CHAT),
    Family(.18, "AsyncOpenAI/Python {}", ("3.54.0", "3.3.0", "2.54.0", "3.40.1", "1.109.1", "1.82.0"),
           _SDK_PYTHON, ("t13d1812h1_85036bcba153_375ca2c5e164", "t13d1713h1_5b57614c22b0_748f4c70de1c"), _CHAT),
    Family(.15, "OpenAI/JS {}", ("6.9.0", "6.1.0", "5.23.2", "5.12.0", "4.104.0"),
           _SDK_NODE, ("t13d521100_b262b3658495_8e6e362c5eac", "t13d521200_b262b3658495_ac8e0d4f9b2e"), _CHAT),
    Family(.10, "Anthropic/Python {}", ("2.12.0", "2.3.1", "1.8.0", "0.75.0", "0.68.0"),
           _ANTHROPIC, ("t13d1812h1_85036bcba153_375ca2c5e164",), ("anthropic-messages",)),
    Family(.05, "Anthropic/JS {}", ("1.4.0", "0.71.0", "0.65.0"),
           _SDK_NODE, ("t13d521100_b262b3658495_8e6e362c5eac",), ("anthropic-messages",)),
    Family(.05, "OpenAI/v1 PythonBindings/{}", ("0.27.10", "0.28.1", "0.27.8"),
           _RAW, ("t13d4907h1_0d8feac7bc37_7395dae3b2f3",), ("openai-chat", "openai-completions")),
    Family(.06, "python-requests/{}", ("2.32.5", "2.31.0", "2.28.2"), _RAW,
           ("t13d4907h1_0d8feac7bc37_7395dae3b2f3", "t13d1813h1_e8a523a41297_ef7df7f74e48"), _ANY),
    Family(.04, "Python/3.{} aiohttp/3.13.2", ("12", "11", "13", "10"), _BARE,
           ("t13d1714h1_5b57614c22b0_eeeea6562960",), _ANY),
    Family(.03, "axios/{}", ("1.13.2", "1.7.9", "0.27.2"), _RAW, ("t13d521100_b262b3658495_8e6e362c5eac",), _ANY),
    Family(.03, "Go-http-client/{}", ("2.0", "1.1"), _BARE, ("t13d1312h2_f57a46bbacb6_ab7e3b40a677",), _ANY),
    Family(.02, "okhttp/{}", ("4.12.0", "5.3.0"), _RAW, ("t13d1613h2_46e7e9700bed_45f260be83e2",), _ANY),
    Family(.03, "node", ("",), _RAW, ("t13d521100_b262b3658495_8e6e362c5eac",), _ANY),
)  # fmt: skip

BROWSERS: tuple[Family, ...] = (
    Family(.6, "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 "
           "Safari/537.36", ("143", "142", "141", "138"), _BROWSER, ("t13d1516h2_8daaf6152771_d8a2da3f94cd",), _ANY),
    Family(.25, "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
           "Version/{} Safari/605.1.15", ("26.1", "26.0", "18.6"), _BROWSER,
           ("t13d2014h2_a09f3c656075_e42f34c56612",), _ANY),
    Family(.15, "Mozilla/5.0 (X11; Linux x86_64; rv:{0}.0) Gecko/20100101 Firefox/{0}.0", ("145", "144", "140"),
           _BROWSER, ("t13d1717h2_5b57614c22b0_3cbfd9057e0d",), _ANY),
)  # fmt: skip


class Client(msgspec.Struct, frozen=True):
    """What a provider sees of the calling program. ``None``: the log does not have it."""

    agent: str | None
    headers: tuple[str, ...] | None
    tls: str | None


STRIPPED = Client(None, None, None)


def client(rng: np.random.Generator, dialect: str, *, browser: bool = False) -> Client:
    """A client that speaks ``dialect``, by popularity; recent versions are commoner. One in six lacks some field."""
    families = BROWSERS if browser else tuple(f for f in FAMILIES if dialect in f.dialects)
    shares = np.array([family.share for family in families])
    family = families[int(rng.choice(len(families), p=shares / shares.sum()))]
    version = family.versions[min(int(rng.geometric(0.45)) - 1, len(family.versions) - 1)]
    headers: tuple[str, ...] | None = tuple(family.headers.split())
    if rng.random() < 0.12:  # a proxy in between adds its own names
        headers = (*tuple(family.headers.split()), "x-forwarded-for", "via")
    tls: str | None = family.tls[int(rng.integers(len(family.tls)))]
    if rng.random() < 0.16:
        tls, headers = (None, headers) if rng.random() < 0.6 else (None, None)
    return Client(family.agent.format(version), headers, tls)
