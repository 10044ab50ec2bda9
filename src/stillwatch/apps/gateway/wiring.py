"""From settings to a gate: which files hold the table, the rules, the counts, and what is remembered."""

import logging
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec
import platformdirs

from stillwatch.adapters.gateways.exchanges import Naming
from stillwatch.adapters.gateways.hits import HitFolder
from stillwatch.adapters.gateways.tap import Tap
from stillwatch.adapters.stores.keyfile import load_or_create
from stillwatch.adapters.stores.permit_counts import FILE, PermitCounts, usual_state
from stillwatch.adapters.stores.signatures import SignatureFile
from stillwatch.adapters.stores.table_keys import trusted_keys
from stillwatch.adapters.stores.tables import Tables
from stillwatch.apps.gateway.gate import Fail, LocalGate
from stillwatch.decide.inline import Inline, InlineRules
from stillwatch.errors import UsageError
from stillwatch.sketch.keying import SketchKey

_LOG = logging.getLogger("stillwatch.gateway")
#: What ``inline`` may be beside a file.
SHIPPED, OFF = "shipped", "off"
_SOON_S, _ALARM_S = 1.0, 60.0


class GateSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that a gate may be told. Paths are text, so that settings travel to workers and stand in others' configs.

    table        folder of the table; ``keys`` files with the public keys that may sign it (default: beside our own)
    fail         ``open``: what can't be decided goes on; ``closed``: it is answered with 503
    shadow       decide and count everything, carry out nothing
    inline       ``shipped``, ``off``, or a file of inline rules
    tap          folder for exchange records; empty: nothing is tapped
    state        folder for counts, memory of signatures and the book of hits
    sketch_key   the sensor's key, under which banned templates are written
    pages        where callers find this gateway's pages, as in https://gate.example.org; empty: relative
    """

    table: str
    keys: tuple[str, ...] = ()
    fail: Fail = "open"
    shadow: bool = False
    inline: str = SHIPPED
    tap: str = ""
    state: str = ""
    sketch_key: str = ""
    appeals: str = ""
    pages: str = ""
    account_header: str = Naming.account
    organization_header: str = Naming.organization
    look_every: float = 0.5
    remembered: int = 1_000_000

    def __post_init__(self) -> None:
        Naming(account=self.account_header, organization=self.organization_header)  # what is none is found out here

    @property
    def naming(self) -> Naming:
        return Naming(account=self.account_header, organization=self.organization_header)

    @property
    def folder(self) -> Path:
        """Where state is kept."""
        return Path(self.state) if self.state else usual_state()

    @property
    def hits(self) -> Path:
        """Where hits of inline rules are kept."""
        return self.folder / "hits"


@contextmanager
def opened(settings: GateSettings) -> Iterator[LocalGate]:
    """A gate, with its threads running. Raises what its parts raise: a gateway starts whole or not at all."""
    folder = settings.folder
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise UsageError(f"the folder {folder} can't be made: {(error.strerror or '').lower()} (--state)") from error
    key = SketchKey.from_bytes(load_or_create(sketch_key(settings))[0])
    with ExitStack() as stack:
        counter = stack.enter_context(PermitCounts(folder / FILE))
        tables = stack.enter_context(
            Tables(
                Path(settings.table),
                trusted_keys(map(Path, settings.keys)),
                counter=counter,
                every=settings.look_every,
                tell=_LOG.warning,
            )
        )
        tap = None
        if settings.tap:
            tap = Tap(Path(settings.tap))
            stack.callback(tap.close)
        inline = None
        if settings.inline != OFF:
            memory = SignatureFile(folder / "signatures.bin", key.check, settings.remembered)
            stack.callback(memory.close)
            inline = Inline(inline_rules(settings.inline), memory, key)
        gate = LocalGate(
            tables=tables,
            counter=counter,
            secret=key.table("inline-cases", 32).tobytes(),
            inline=inline,
            tap=tap,
            book=HitFolder(settings.hits),
            fail=settings.fail,
            shadow=settings.shadow,
        )
        stack.enter_context(_alarming(gate))
        yield gate


@contextmanager
def _alarming(gate: LocalGate) -> Iterator[None]:
    """Say what an operator must look at, soon and then every minute while it lasts, whichever adapter asks."""
    stop = threading.Event()

    def say() -> None:
        wait = _SOON_S
        while not stop.wait(wait):
            wait = _ALARM_S
            for alarm in gate.alarms():
                _LOG.error("alarm: %s", alarm)

    thread = threading.Thread(target=say, name="stillwatch-alarm", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def sketch_key(settings: GateSettings) -> Path:
    """The key file of the sensor."""
    return (
        Path(settings.sketch_key) if settings.sketch_key else platformdirs.user_config_path("stillwatch") / "sketch.key"
    )


def inline_rules(inline: str) -> InlineRules:
    """The rules that ``inline`` names. Raises ``UsageError``."""
    if inline == SHIPPED:
        return InlineRules.shipped()
    try:
        return InlineRules.from_toml(Path(inline).read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the inline rules {inline} can't be read: {error}") from error
