"""One pair of members with OpenMined PSI, in the peer's own environment: prints CPU seconds and bytes as JSON.

    python openmined.py ITEMS PAIRS

Each party reuses what it can: the client's request and the server's set-up are made once, and counted apart from what
every pair costs again. False positives of the server's Golomb-coded set: one in 10**9 queries, as its README has it.
"""

import json
import sys
from itertools import pairwise
from time import process_time

import private_set_intersection.python as psi


def pair(each: int, shared: int) -> dict[str, float]:
    """Costs of one pair whose lists share so many items."""
    ours = [f"pool-{number}@operator.example" for number in range(each)]
    theirs = [f"pool-{number}@operator.example" for number in range(each - shared, 2 * each - shared)]
    marks = [process_time()]
    client, server = psi.client.CreateWithNewKey(True), psi.server.CreateWithNewKey(True)
    request = client.CreateRequest(ours).SerializeToString()
    marks.append(process_time())
    setup = server.CreateSetupMessage(1e-9, each, theirs).SerializeToString()
    marks.append(process_time())
    response = server.ProcessRequest(psi.Request.FromString(request)).SerializeToString()
    marks.append(process_time())
    found = client.GetIntersection(psi.ServerSetup.FromString(setup), psi.Response.FromString(response))
    marks.append(process_time())
    assert len(found) == shared, (len(found), shared)
    steps = [later - earlier for earlier, later in pairwise(marks)]
    return {
        "once": steps[0] + steps[1], "each": steps[2] + steps[3],
        "bytes_each": len(request) + len(setup) + len(response),
    }  # fmt: skip


if __name__ == "__main__":
    items, pairs = (int(word) for word in sys.argv[1:3])
    print(json.dumps([pair(items, items // 20) for _ in range(pairs)]))
