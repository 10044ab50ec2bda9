"""A forum and a trustee in one process: the real protocol without its privacy. For rehearsals, benches and tests only.

Whoever holds both halves of a key can search every low-entropy identifier; this room holds both.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Literal

from stillwatch.match.epochs import Epoch, PublicKeys
from stillwatch.match.holder import Holder
from stillwatch.match.identifiers import VERSION, list_version
from stillwatch.match.keys import HolderKey
from stillwatch.match.pool import Pool
from stillwatch.match.session import Item, Outgoing, Session, begin, run
from stillwatch.match.wire import Ask, Check, Evaluate, Receipt, Upload, commitment, encode, request


class BothHoldersInOneProcess:
    """Keys for one epoch, two holders, one pool, no budgets. ``chance(n)`` gives n fresh random bytes."""

    def __init__(self, epoch: str, kinds: Sequence[str], *, opens: datetime, closes: datetime,
                 chance: Callable[[int], bytes], threshold: int = 2, forum: str = "forum",
                 keep_transcript: bool = True) -> None:  # fmt: skip
        self._chance = chance
        self._pool = Pool()
        self._leaves = 0
        self._keep = keep_transcript
        #: Who sent what and got which reply, in order: all that ever crossed a link.
        self.transcript: list[tuple[str, Outgoing, bytes]] = []
        keys = {side: [HolderKey.generated(epoch, kind, chance(32)) for kind in kinds] for side in ("forum", "trustee")}
        publics = {
            kind: PublicKeys(one.public.hex(), two.public.hex())
            for kind, one, two in zip(kinds, keys["forum"], keys["trustee"], strict=True)
        }
        self.epoch = Epoch(forum=forum, id=epoch, opens=opens, closes=closes, threshold=threshold,
                           agreement="sha256:" + "0" * 64, keys=publics, spelling=VERSION,
                           suffixes=list_version())  # fmt: skip
        consents = {epoch: self.epoch.digest()}
        self.holders = {side: Holder(own, consents) for side, own in keys.items()}

    def match(self, member: str, kind: str, items: Sequence[Item], now: datetime) -> Session:
        """A whole session of one member: everything uploaded, and asked once."""
        session = begin(id=self._chance(16), secret=self._chance(32), pseudonym=self._chance(32), member_name=member,
                        epoch=self.epoch, kind=kind, items=items, now=now)  # fmt: skip
        return run(session, lambda out: self.send(member, out))

    def send(self, member: str, out: Outgoing) -> bytes:
        """The reply to one message of a member."""
        reply = self._reply(member, out.party, out.body)
        if self._keep:
            self.transcript.append((member, out, reply))
        return reply

    def _reply(self, member: str, party: Literal["forum", "trustee"], body: bytes) -> bytes:
        match request(body):
            case Evaluate() | Check() as asked:
                self._leaves += 1
                receipt = Receipt(party, self._leaves, commitment(asked))
                return encode(self.holders[party].answer(asked, receipt, self._chance(32)))
            case Upload() as upload:
                return encode(self._pool.store(member, upload))
            case Ask() as asked:
                return encode(self._pool.answer(member, asked, self.epoch))
