"""WHY DO WE THINK SO? One file a line of evidence; the catalogue is this list and nothing else.

Each line has a page of the same name in ``docs/evidence/`` and a test: what it sees, whom it may wrong, how it is
evaded.
"""

from stillwatch.detect.evidence.crowd import CROWD
from stillwatch.detect.evidence.dealt_payload import DEALT_PAYLOAD
from stillwatch.detect.evidence.diverse_tasks import DIVERSE_TASKS
from stillwatch.detect.evidence.elicitation import ELICITATION
from stillwatch.detect.evidence.established_accounts import ESTABLISHED_ACCOUNTS
from stillwatch.detect.evidence.even_volumes import EVEN_VOLUMES
from stillwatch.detect.evidence.human_rhythm import HUMAN_RHYTHM
from stillwatch.detect.evidence.line import EvidenceLine
from stillwatch.detect.evidence.narrow_capability import NARROW_CAPABILITY
from stillwatch.detect.evidence.new_tool import NEW_TOOL
from stillwatch.detect.evidence.one_organisation import ONE_ORGANISATION
from stillwatch.detect.evidence.passing_use import PASSING_USE
from stillwatch.detect.evidence.payload_partition import PAYLOAD_PARTITION
from stillwatch.detect.evidence.peer_indicator import PEER_INDICATOR
from stillwatch.detect.evidence.peer_sightings import PEER_SIGHTINGS
from stillwatch.detect.evidence.population_surge import POPULATION_SURGE
from stillwatch.detect.evidence.release_pivot import RELEASE_PIVOT
from stillwatch.detect.evidence.replayed_signature import REPLAYED_SIGNATURE
from stillwatch.detect.evidence.round_the_clock import ROUND_THE_CLOCK
from stillwatch.detect.evidence.shared_infrastructure import (
    PAYS_APART,
    SHARED_CLIENT,
    SHARED_CREDENTIAL,
    SHARED_NETWORK,
    SHARED_PAYMENT,
    SHARED_SIGNUP,
)
from stillwatch.detect.evidence.shared_rare_fingerprint import SHARED_RARE_FINGERPRINT
from stillwatch.detect.evidence.signup_burst import SIGNUP_BURST
from stillwatch.detect.evidence.single_turn import SINGLE_TURN
from stillwatch.detect.evidence.synchronous_onset import SYNCHRONOUS_ONSET
from stillwatch.detect.evidence.teaching_programme import TEACHING_PROGRAMME
from stillwatch.detect.evidence.template_continuity import TEMPLATE_CONTINUITY
from stillwatch.detect.evidence.two_mode import TWO_MODE

CATALOGUE: tuple[EvidenceLine, ...] = (
    SHARED_RARE_FINGERPRINT,
    SINGLE_TURN,
    TWO_MODE,
    PAYLOAD_PARTITION,
    DEALT_PAYLOAD,
    SYNCHRONOUS_ONSET,
    EVEN_VOLUMES,
    ROUND_THE_CLOCK,
    RELEASE_PIVOT,
    ELICITATION,
    CROWD,
    POPULATION_SURGE,
    NARROW_CAPABILITY,
    SHARED_PAYMENT,
    SHARED_SIGNUP,
    SHARED_CREDENTIAL,
    SHARED_NETWORK,
    SHARED_CLIENT,
    PAYS_APART,
    SIGNUP_BURST,
    ESTABLISHED_ACCOUNTS,
    TEMPLATE_CONTINUITY,
    REPLAYED_SIGNATURE,
    PEER_SIGHTINGS,
    PEER_INDICATOR,
    ONE_ORGANISATION,
    PASSING_USE,
    TEACHING_PROGRAMME,
    NEW_TOOL,
    DIVERSE_TASKS,
    HUMAN_RHYTHM,
)
