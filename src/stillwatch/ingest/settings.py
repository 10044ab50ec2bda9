"""What an operator may choose about reading logs: sections of the TOML file that ``--config`` names.

A choice is a list of dotted paths (LiteLLM, Bedrock) or of attribute names (OpenTelemetry); the first that holds text
wins.
"""

import tomllib

import msgspec

from stillwatch.errors import UsageError


class OtelSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[otel]``: which attributes of the span, then of its resource, say who asked."""

    account: tuple[str, ...] = ("user.id", "enduser.id", "user.account_id", "gen_ai.user.id")
    organization: tuple[str, ...] = ("organization.id", "tenant.id", "enduser.organization")
    credential: tuple[str, ...] = ("api_key.id", "credential.id")


class LiteLLMSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[litellm]``: which fields of a StandardLoggingPayload say who asked."""

    account: tuple[str, ...] = (
        "metadata.user_api_key_user_id",
        "metadata.user_api_key_team_id",
        "metadata.user_api_key_hash",
    )
    organization: tuple[str, ...] = ("metadata.user_api_key_org_id", "metadata.user_api_key_team_id")
    credential: tuple[str, ...] = ("metadata.user_api_key_hash",)


class BedrockSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[bedrock]``: which fields of a ModelInvocationLog say who asked."""

    account: tuple[str, ...] = ("identity.arn",)
    organization: tuple[str, ...] = ("accountId",)
    credential: tuple[str, ...] = ()


class IngestSettings(msgspec.Struct, frozen=True):
    """Everything that ``read`` may be told. The defaults need no file."""

    otel: OtelSettings = OtelSettings()
    litellm: LiteLLMSettings = LiteLLMSettings()
    bedrock: BedrockSettings = BedrockSettings()


def read_settings(text: str) -> IngestSettings:
    """Read the sections of ``ingest`` from TOML ``text``; sections of other rooms are left alone.

    Raises ``UsageError`` with the place and the reason.
    """
    try:
        return msgspec.convert(tomllib.loads(text), IngestSettings)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"the settings are not TOML: {error}") from error
    except msgspec.ValidationError as error:
        raise UsageError(f"the settings can't be used: {error}") from error
