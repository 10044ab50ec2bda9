"""Who asked, from where, with what: identifiers become keyed 64-bit numbers, and a dictionary keeps their names.

The dictionary holds the provider's own identifiers, which it has anyway; nothing in it comes from a prompt,
and no credential stands in it, since a log may name keys by themselves.
"""

import ipaddress
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.sketch.keying import SketchKey
from stillwatch.vocabulary.sketches import DICTIONARY

#: Columns whose names the dictionary keeps, for reports.
NAMED = ("account", "organization", "surface", "model", "network", "client")


def identities(batch: pa.RecordBatch, key: SketchKey) -> tuple[dict[str, pa.Array], pa.Table]:
    """Sealed identifier columns of ``SKETCHES``, and the ``DICTIONARY`` rows of this batch, each name once."""
    texts = {
        "exchange": batch["id"],
        "account": batch["account"],
        "organization": batch["organization"],
        "credential": batch["credential"],
        "surface": batch["surface"],
        "model": batch["model"],
        "address": batch["ip"],
        "network": networks(batch["ip"]),
        "client": clients(batch),
        "user_field": batch["user_field"],
        "parameters": parameters(batch),
    }
    sealed = {name: key.identifiers(texts[name], name) for name in texts}
    return sealed, pa.concat_tables([_dictionary(name, texts[name], sealed[name]) for name in NAMED])


def networks(addresses: pa.Array) -> pa.Array:
    """The IPv4 /24 or IPv6 /64 of each address, as text; null where there is none or it can't be read."""
    encoded = pc.dictionary_encode(addresses)
    names = pa.array([_network(address) for address in encoded.dictionary.to_pylist()], pa.string())
    return names.take(encoded.indices)


@lru_cache(maxsize=65_536)  # an address comes back in block after block
def _network(address: str) -> str | None:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return None
    if parsed.version == 4:
        return f"{str(parsed).rpartition('.')[0]}.0/24"
    return str(ipaddress.ip_network((parsed, 64), strict=False))


def clients(batch: pa.RecordBatch) -> pa.Array:
    """The shape of the client: its agent, TLS print and header order; null where the log says nothing of it."""
    parts = [batch["user_agent"], batch["tls"], batch["header_names"]]
    known = pc.or_(pc.or_(pc.is_valid(parts[0]), pc.is_valid(parts[1])), pc.is_valid(parts[2]))
    joined = pc.binary_join_element_wise(*(pc.fill_null(part, "-") for part in parts), " ")
    return pc.if_else(known, joined, pa.scalar(None, pa.string()))


def parameters(batch: pa.RecordBatch) -> pa.Array:
    """Names and values of the sampling parameters, as text: a pipeline's defaults are a weak print of it."""
    names = (
        "parameter_names", "temperature", "top_p", "max_tokens", "choices", "top_logprobs", "response_format",
        "reasoning_effort",
    )  # fmt: skip
    parts = [pc.fill_null(pc.cast(batch[name], pa.string()), "-") for name in names]
    return pc.binary_join_element_wise(*parts, " ")


def _dictionary(kind: str, texts: pa.Array, sealed: pa.Array) -> pa.Table:
    names, keys = pc.drop_null(texts), pc.drop_null(sealed)
    first = np.unique(pc.dictionary_encode(names).indices.to_numpy(), return_index=True)[1]
    return pa.table(
        [pa.array([kind] * len(first), pa.string()), keys.take(first), names.take(first)], schema=DICTIONARY
    )
