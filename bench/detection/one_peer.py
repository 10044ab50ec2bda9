"""One peer in a process of its own, so that its CPU seconds and memory are its own.

``python -m bench.detection.one_peer fit NAME HISTORY FITTED`` and ``... score NAME EVENTS OUTCOME FITTED [UNTIL]``.
"""

import pickle
import sys
from pathlib import Path

import msgspec

from bench.detection.events import load
from bench.detection.peers import BY_NAME
from bench.detection.suspicions import Outcome


def main(arguments: list[str]) -> None:
    """Fit a peer on ordinary events, or score a file of events. ``FITTED`` is a pickle of this same command."""
    what, name, events, out, *rest = arguments
    peer = BY_NAME[name]
    if what == "fit":
        Path(out).write_bytes(pickle.dumps(peer.fit(load(Path(events)))))
        return
    fitted = pickle.loads(Path(rest[0]).read_bytes())
    until = float(rest[1]) if len(rest) > 1 else None
    variants = peer.score(load(Path(events), until), fitted)
    Path(out).write_bytes(msgspec.json.encode(Outcome(variants)))


if __name__ == "__main__":
    main(sys.argv[1:])
