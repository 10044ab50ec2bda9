"""What the shell learns of an error."""

from stillwatch.apps.cli.main import exit_code
from stillwatch.errors import StillwatchError, UsageError
from stillwatch.match.faults import MatchError, ProofError


def test_an_error_without_a_code_of_its_own_has_that_of_its_kind():
    assert exit_code(UsageError("a path is wrong")) == 2
    assert exit_code(ProofError("forum", "gave a proof that does not hold")) == 7


def test_an_error_of_no_kind_that_the_shell_knows_is_a_fault_of_ours():
    assert exit_code(StillwatchError("?")) == 1
    assert exit_code(MatchError("nobody caught it")) == 1
