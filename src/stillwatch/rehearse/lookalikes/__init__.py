"""The innocent who look like a campaign (DOMAIN section 4). One function a kind; each makes one group of accounts."""

from collections.abc import Callable

import numpy as np

from stillwatch.rehearse.actors import Actor
from stillwatch.rehearse.lookalikes import (
    adopters,
    changes,
    crowds,
    fashions,
    machines,
    organisations,
    projects,
    returning,
    strangers,
)
from stillwatch.rehearse.world import World

Kind = Callable[[World, np.random.Generator, str], list[Actor]]

#: Kinds by the name scenarios use.
KINDS: dict[str, Kind] = {
    "classroom": strangers.classroom,
    "evaluation-harness": strangers.evaluation_harness,
    "framework": strangers.framework,
    "fleet": organisations.fleet,
    "agency": organisations.agency,
    "reseller": organisations.reseller,
    "corporate-gateway": machines.corporate_gateway,
    "prompt-optimiser": machines.prompt_optimiser,
    "batch-jobs": machines.batch_jobs,
    "test-data": machines.test_data,
    "ci": machines.ci,
    "nightly": machines.nightly,
    "drift-monitor": machines.drift_monitor,
    "launch-day": crowds.launch_day,
    "viral": crowds.viral,
    "hobbyists": crowds.hobbyists,
    "permitted-distiller": crowds.permitted_distiller,
    "key-migration": changes.key_migration,
    "small-team": changes.small_team,
    "moved": changes.moved,
    "rotating-keys": changes.rotating_keys,
    "catalogue": projects.catalogue,
    "red-team": projects.red_team,
    "reopened": returning.reopened,
    "release-adopters": adopters.release_adopters,
    "viral-template": fashions.viral_template,
    "new-tool": adopters.new_tool,
}
