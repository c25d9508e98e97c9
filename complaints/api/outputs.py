"""What an office's system gets for what it sent on. Every field is named, nothing comes by default."""

from rest_framework import serializers

from complaints.states import ProposalStatus

STALE = "stale"


class RelayedOut(serializers.Serializer[dict[str, object]]):
    """What was taken in. Of a tip or sealed report the office learns no id and can read nothing later."""

    lane = serializers.CharField()
    id = serializers.UUIDField(
        allow_null=True, help_text="Null where the office may not read the record."
    )
    reference = serializers.CharField(allow_null=True, help_text="Null where `id` is.")
    received_on = serializers.DateField()
    due_on = serializers.DateField(
        allow_null=True, help_text="Until when the record is looked at first."
    )
    receipt = serializers.CharField(
        help_text="Twenty digits to hand to the reporter, who alone follows the report with them. "
        "Do not keep them: the same key gives them again for 14 days."
    )
    upload_token = serializers.CharField(
        allow_null=True,
        help_text="Lets the reporter's files come for 24 hours (`POST /uploads`); null without "
        "`has_files`.",
    )


class FindingOut(serializers.Serializer[dict[str, object]]):
    """A finding as it was recorded; GET /complaints/{id} has the whole and its ETag."""

    id = serializers.UUIDField()
    reference = serializers.CharField()
    lane = serializers.CharField()
    status = serializers.CharField()
    received_on = serializers.DateField()
    due_on = serializers.DateField(allow_null=True, help_text="By when it must be registered.")


class BatchProblemOut(serializers.Serializer[dict[str, object]]):
    """Why one item was not taken in; as the problem that POST /complaints would answer with."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField()
    errors = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField()), required=False
    )


class BatchResultOut(serializers.Serializer[dict[str, object]]):
    """What became of one item."""

    key = serializers.CharField()
    status = serializers.IntegerField(help_text="As POST /complaints would have answered.")
    replayed = serializers.BooleanField(help_text="It was taken in before, under this key.")
    id = serializers.UUIDField(allow_null=True)
    reference = serializers.CharField(allow_null=True)
    complaint = RelayedOut(allow_null=True)
    problem = BatchProblemOut(allow_null=True)


class BatchOut(serializers.Serializer[dict[str, object]]):
    """One result for each item, in their order."""

    items = BatchResultOut(many=True)
    server_time = serializers.DateTimeField()


class VaultKeysOut(serializers.Serializer[dict[str, object]]):
    """Certified public keys (docs/vault-format.md, 2). A client checks them against its pinned root."""

    group_a = serializers.DictField(help_text="The desk's group-epoch.")
    group_b = serializers.DictField(help_text="The custodians' group-epoch.")
    recovery = serializers.DictField(help_text="The recovery key.")
    signers = serializers.ListField(
        child=serializers.DictField(), help_text="Officers' certificates that signed the epochs."
    )
    revocations = serializers.DictField(help_text="The revocation list.")


class UploadOut(serializers.Serializer[dict[str, object]]):
    """One file on its way."""

    id = serializers.UUIDField()
    length = serializers.IntegerField(help_text="Bytes announced.")
    received = serializers.IntegerField(help_text="Bytes that are here.")
    is_whole = serializers.BooleanField()
    token = serializers.CharField(
        required=False,
        help_text="`Upload-Token` of every further request about this file; told once, with 201.",
    )


class ProposalOut(serializers.Serializer[dict[str, object]]):
    """A step that the client's system suggested, and what an officer made of it."""

    id = serializers.UUIDField()
    complaint = serializers.UUIDField()
    action = serializers.CharField()
    reason = serializers.CharField()
    requirements = serializers.DictField(child=serializers.BooleanField())
    status = serializers.ChoiceField(
        choices=[*ProposalStatus.values, STALE],
        help_text="stale: the record moved before anybody looked; suggest anew.",
    )
    made_at = serializers.DateTimeField()
    settled_at = serializers.DateTimeField(allow_null=True)
    answer = serializers.CharField(help_text="Why it was dismissed; empty otherwise.")
