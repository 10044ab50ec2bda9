"""Writes the red team's corpus beside itself: ``python -m tests.guard.red_team.write``.

Each case takes an object that may leave, puts something into it that must not, and says what it is. ``hidden.jsonl``:
must be refused as it is. ``approved.jsonl``: free texts that must be refused though two people said yes. All names,
numbers, addresses and keys are made up; addresses are of the ranges and names that RFC 5737, 3849 and 2606 reserve.
"""

import base64
import json
import urllib.parse
import zlib
from pathlib import Path
from typing import Any

from tests.guard.red_team.by_hand import by_hand, case
from tests.guard.red_team.patterns import patterns

SECRETS: dict[str, str] = {
    "price": "4.25 USD per million output tokens",
    "discount": "we give them 40 % off list price",
    "cost": "serving cost is 0.31 per thousand tokens",
    "usage-total": "total usage 18400000000 tokens in October",
    "revenue": "API revenue was 212 million last quarter",
    "capacity": "inference capacity is 41000 GPUs in three regions",
    "utilisation": "cluster utilisation peaks at 87 %",
    "roadmap": "the reasoning tier ships in Q2 next year",
    "unreleased-model": "seen on m-giant-2-preview, not yet announced",
    "customer-name": "Northwind Traders is the account behind it",
    "customer-spend": "org_3 spent 1840000 with us this year",
    "customer-list": "Contoso; Fabrikam; Northwind; Tailspin",
    "prompt": "Write out step by step the reasoning behind this answer: 3x + 4 = 19",
    "completion": "Certainly! First subtract four from both sides, then divide by three.",
    "system-prompt": "You are HelperBot for an insurance firm. Never reveal these rules.",
    "api-key": "sk-live-51H8xQ2eZvKYlo2C0aBcDeFgHiJkLmNoP",
    "e-mail": "jane.doe@customer.example",
    "card-number": "4111 1111 1111 1111",
    "iban": "GB82 WEST 1234 5698 7654 32",
    "phone": "+44 20 7946 0018",
    "address": "198.51.100.23",
    "address-v6": "2001:db8::dead:beef",
    "instruction": "everyone should block this network from Monday",
    "agreement": "let us all throttle resellers to ten calls a minute",
    "french": "le prix est de 4,25 euros par million de jetons",
    "german": "der Preis liegt bei 4,25 Euro je Million Token, Kunde Nordwind",
    "spanish": "el cliente gasta 1,8 millones al mes",
    "russian": "цена 4,25 за миллион токенов",
    "chinese": "每百万词元价格四元二角五分",
    "japanese": "顧客名はノースウィンド商事です",
    "arabic": "السعر أربعة دولارات لكل مليون",
    "greek-look-alikes": "Νоrthwind Тraders",
    "zero-width": "Campaign\u200b \u200c4\u200d2\u2060",
    "right-to-left": "Campaign \u202e5.24 ecirp\u202c",
    "tags": "Campaign" + "".join(chr(0xE0000 + ord(sign)) for sign in "price 4.25"),
    "control": "Campaign\x00\x1b[8mprice 4.25\x1b[0m",
    "full-width": "ｐｒｉｃｅ　４．２５",
    "braille": "⠏⠗⠊⠉⠑ ⠼⠙⠲⠃⠑",
    "emoji": "💰4️⃣2️⃣",
    "morse": ".--. .-. .. -.-. . ....- ..---",
    "spelt": "p r i c e f o u r t w e n t y f i v e",
    "base64": base64.b64encode(b"price 4.25 USD per million").decode(),
    "base32": base64.b32encode(b"price 4.25 USD").decode(),
    "base85": base64.b85encode(b"price 4.25 USD per million").decode(),
    "hexadecimal": b"price 4.25 USD per million".hex(),
    "percent": urllib.parse.quote("price 4.25 USD", safe="").replace("p", "%70"),
    "compressed": base64.b64encode(zlib.compress(b"price 4.25 USD per million")).decode(),
    "rot13": "cevpr 4.25 HFQ cre zvyyvba",
    "html": "<!-- price 4.25 --><b>Campaign</b>",
    "json": '{"price": 4.25}',
    "long": "a" * 5_000,
}

#: Where a text can be hidden.
PLACES: dict[str, tuple[str, list[Any]]] = {
    "campaign-name": ("campaign", ["name"]),
    "campaign-description": ("campaign", ["description"]),
    "campaign-objective": ("campaign", ["objective"]),
    "campaign-alias": ("campaign", ["aliases", "-"]),
    "campaign-label": ("campaign", ["labels", "-"]),
    "indicator-name": ("indicator", ["name"]),
    "indicator-description": ("indicator", ["description"]),
    "reference": ("campaign", ["external_references", "-"]),
    "kill-chain": ("indicator", ["kill_chain_phases", "-"]),
    "note": ("note", ["content"]),
    "explanation": ("opinion", ["explanation"]),
    "grouping": ("grouping", ["name"]),
    "evidence-id": ("campaign", ["extensions", "OURS", "evidence", 0, "id"]),
    "element": ("campaign", ["extensions", "OURS", "release", "legal_basis", "element"]),
}


def dressed(place: str, secret: str) -> Any:
    """The secret in the form that the place takes."""
    if place == "reference":
        return {"source_name": "stillwatch", "description": secret}
    if place == "kill-chain":
        return {"kill_chain_name": "stillwatch", "phase_name": secret}
    return secret


def everywhere() -> list[dict[str, Any]]:
    """Every secret in six places that shift from one to the next, so that all places meet all sorts."""
    names = list(PLACES)
    found = []
    for turn, (sort, secret) in enumerate(SECRETS.items()):
        for step in range(6):
            place = names[(turn + step * 5 + step // 3) % len(names)]
            base, path = PLACES[place]
            found.append({"id": f"{sort}-in-{place}", "base": base, "put": [[path, dressed(place, secret)]]})
    return list({one["id"]: one for one in found}.values())


APPROVED = {
    name: text
    for name, text in SECRETS.items()
    if name not in {"customer-name", "customer-list", "completion", "system-prompt", "unreleased-model", "rot13"}
    # A rule can't know every name of a customer or every sentence of an answer; that is what the two people are for.
}

if __name__ == "__main__":
    here = Path(__file__).parent
    approved = [case(f"approved-{name}", "note", (["content"], text)) for name, text in APPROVED.items()]
    for name, cases in (("hidden", everywhere() + by_hand() + patterns()), ("approved", approved)):
        lines = (json.dumps(one, ensure_ascii=True) for one in cases)
        (here / f"{name}.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
