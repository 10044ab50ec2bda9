"""How well one raw field alone tells a campaign's accounts from ordinary ones.

An account becomes a bag of tokens of one field (its values, their gaps, shapes and sizes). A naive Bayes classifier
with Laplace smoothing, in NumPy, learns on four fifths of the accounts and scores the rest. Under no leak the area
under the curve is 0.5; the test's band leaves room for chance.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

Record = dict[str, Any]
Field = Callable[[Record], Iterable[object]]

FOLDS = 5
MOST = 12  # exchanges of one account that are looked at, so that volume (a scenario's choice) is not what is learnt


def size(value: float | None) -> object:
    """A size in steps of about a fifth."""
    return None if value is None else int(np.log1p(max(0.0, value)) * 4)


def shape(text: object) -> str:
    """The format of a name: digits, letters and signs."""
    return re.sub(r"[0-9]", "0", re.sub(r"[A-Z]", "A", re.sub(r"[a-z]", "a", str(text))))


def _request(record: Record, name: str) -> object:
    value = record["request"].get(name, "absent")
    return value if isinstance(value, (int, float, str, bool)) else type(value).__name__


def _usage(record: Record, name: str) -> object:
    return size(record.get("response", {}).get("usage", {}).get(name))


#: Fields that must give nothing away.
FIELDS: Mapping[str, Field] = {
    "id: shape": lambda r: [shape(r["id"])[:3], len(r["id"])],
    "id: first digit": lambda r: [str(r["id"])[2]],
    "id: last digit": lambda r: [str(r["id"])[-1]],
    "account: shape": lambda r: [len(r["account"])],
    "account: first digit": lambda r: [r["account"][5]],
    "account: last digit": lambda r: [r["account"][-1]],
    "record: key order": lambda r: [tuple(r)],
    "record: missing fields": lambda r: (
        [name for name in ("organization", "credential", "surface", "client") if name not in r] or ["none"]
    ),
    "request: key order": lambda r: [
        [name for name in r["request"] if name in ("model", "messages", "input", "prompt")]
    ],
    "request: parameter names": lambda r: [
        tuple(sorted(set(r["request"]) - {"tools", "system", "instructions", "logprobs", "top_logprobs"}))
    ],
    "organization: missing": lambda r: ["organization" in r],
    "credential: shape": lambda r: [shape(r.get("credential"))[:4]],
    "credential: how many": lambda r: [r.get("credential", "")[-2:]],
    "surface": lambda r: [r.get("surface")],
    "endpoint": lambda r: [r.get("endpoint")],
    "status": lambda r: [r["status"]],
    "status: missing answer": lambda r: ["response" in r],
    "client: address family": lambda r: [":" in r["client"]["ip"] if r.get("client", {}).get("ip") else None],
    "client: address block": lambda r: [str(r.get("client", {}).get("ip")).split(".")[0]],
    "client: network number": lambda r: [r.get("client", {}).get("asn")],
    "client: user agent": lambda r: [r.get("client", {}).get("user_agent")],
    "client: tls": lambda r: [r.get("client", {}).get("tls")],
    "client: headers": lambda r: [tuple(r.get("client", {}).get("headers") or ())],
    "client: missing fields": lambda r: [tuple(sorted(r.get("client", {})))],
    "model": lambda r: [r["request"].get("model")],
    "answer: model": lambda r: [r.get("response", {}).get("model")],
    "temperature": lambda r: [_request(r, "temperature")],
    "top_p": lambda r: [_request(r, "top_p")],
    "max_tokens": lambda r: [_request(r, "max_tokens"), _request(r, "max_output_tokens")],
    "stream": lambda r: [_request(r, "stream")],
    "n": lambda r: [_request(r, "n")],
    "seed": lambda r: ["seed" in r["request"]],
    "duration_ms": lambda r: [size(r.get("duration_ms"))],
    "completion_tokens": lambda r: [_usage(r, "completion_tokens")],
    "reasoning_tokens": lambda r: [_usage(r, "reasoning_tokens")],
    "answer: key order": lambda r: [tuple(r.get("response", ()))],
    "finish_reason": lambda r: [r.get("response", {}).get("finish_reason")],
    "answer: length of the extract": lambda r: [len(r.get("response", {}).get("text", "")) // 20],
    "occurred_at: hour": lambda r: [r["occurred_at"][11:13]],
    "occurred_at: minute": lambda r: [r["occurred_at"][14:16]],
    "occurred_at: millisecond": lambda r: [r["occurred_at"][20:21], len(r["occurred_at"])],
    "occurred_at: second": lambda r: [r["occurred_at"][17:18]],
}

#: Fields of the accounts file that must give nothing away.
KNOWN: Mapping[str, Field] = {
    "listed": lambda row: [bool(row)],
    "missing fields": lambda row: [tuple(sorted(row))],
    "plan": lambda row: [row.get("plan")],
    "programme": lambda row: [row.get("programme")],
    "payment: missing": lambda row: ["payment" in row],
    "email_domain": lambda row: [row.get("email_domain") if str(row.get("email_domain"))[:1] > "f" else "own"],
    "signup_ip": lambda row: [str(row.get("signup_ip")).split(".")[0]],
    "declared_use": lambda row: [row.get("declared_use")],
    "verified": lambda row: [row.get("verified")],
    "created_at: month": lambda row: [str(row.get("created_at"))[:7]],
    "created_at: hour": lambda row: [str(row.get("created_at"))[11:13]],
}


def bags(records: Iterable[Record], fields: Mapping[str, Field]) -> dict[str, dict[str, list[str]]]:
    """Field -> account -> tokens, over at most ``MOST`` exchanges of an account spread over its time."""
    by_account: dict[str, list[Record]] = {}
    for record in records:
        by_account.setdefault(record["account"], []).append(record)
    found: dict[str, dict[str, list[str]]] = {name: {} for name in fields}
    for account, mine in by_account.items():
        taken = mine[:: max(1, len(mine) // MOST)][:MOST]
        for name, field in fields.items():
            found[name][account] = [repr(token) for record in taken for token in field(record)]
    return found


def area(of_field: Mapping[str, Sequence[str]], guilty: Mapping[str, bool], seed: int) -> float:
    """Area under the ROC curve of naive Bayes over accounts held out in turn."""
    accounts = sorted(of_field)
    fold = np.random.default_rng(seed).permutation(len(accounts)) % FOLDS
    scores = np.zeros(len(accounts))
    labels = np.array([guilty[account] for account in accounts])
    vocabulary = {token: place for place, token in enumerate(sorted({t for bag in of_field.values() for t in bag}))}
    counts = np.zeros((len(accounts), len(vocabulary)), dtype=np.float32)
    for row, account in enumerate(accounts):
        for token in of_field[account]:
            counts[row, vocabulary[token]] += 1
    counts /= np.maximum(1, counts.sum(axis=1, keepdims=True))  # shares: how much an account asks is the scenario's
    for held in range(FOLDS):
        learn = fold != held
        mass = [counts[learn & (labels == side)].sum(axis=0) + 0.5 for side in (False, True)]
        weight = np.log(mass[1] / mass[1].sum()) - np.log(mass[0] / mass[0].sum())
        scores[fold == held] = counts[fold == held] @ weight
    return _area(scores, labels)


def _area(scores: np.ndarray, labels: np.ndarray) -> float:
    order = np.argsort(scores, kind="stable")
    _, start, times = np.unique(scores[order], return_index=True, return_counts=True)
    ranks = np.empty(len(scores))
    ranks[order] = np.repeat(start + (times + 1) / 2, times)
    ones = int(labels.sum())
    return float((ranks[labels].sum() - ones * (ones + 1) / 2) / (ones * (len(labels) - ones)))
