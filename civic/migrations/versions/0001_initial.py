"""initial.

Revision: 0001
After: nothing
"""

import sqlalchemy as sa
from alembic import op

from civic.kernel.migrate import refuse_downgrade

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "log",
        sa.Column("no", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("log_id", sa.Text(), nullable=False),
        sa.Column("chapter_id", sa.Text(), nullable=True),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("replica", sa.Integer(), server_default="0", nullable=False),
        sa.Column("visibility", sa.Text(), server_default="chapter", nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.Integer(), nullable=False),
        sa.Column("frontier", sa.LargeBinary(), nullable=False),
        sa.Column("handed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("turned", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("signed_size", sa.BigInteger(), nullable=False),
        sa.Column("signed_frontier", sa.LargeBinary(), nullable=False),
        sa.Column("signed_note", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("signed_size <= size", name=op.f("log_signed_ck")),
        sa.PrimaryKeyConstraint("no", name=op.f("log_pk")),
        sa.UniqueConstraint("chapter_id", name=op.f("log_chapter_id_uq")),
        sa.UniqueConstraint("log_id", name=op.f("log_log_id_uq")),
        schema="record",
        comment="The head of each log: the one lock under which a record grows.",
    )
    op.create_table(
        "checkpoint",
        sa.Column("log", sa.Integer(), nullable=False),
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.Integer(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["log"], ["record.log.no"], name=op.f("checkpoint_log_fk")),
        sa.PrimaryKeyConstraint("log", "size", name=op.f("checkpoint_pk")),
        schema="record",
        comment="Every checkpoint ever signed, with the time of its last entry.",
    )
    op.create_index(
        op.f("checkpoint_log_at_size_ix"),
        "checkpoint",
        ["log", "at", "size"],
        unique=False,
        schema="record",
    )
    op.create_table(
        "content",
        sa.Column("log", sa.Integer(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("bytes", sa.LargeBinary(), nullable=True),
        sa.Column("erased_by", sa.BigInteger(), nullable=True),
        sa.Column("hidden", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "(bytes IS NULL) = (erased_by IS NOT NULL)", name=op.f("content_erased_ck")
        ),
        sa.CheckConstraint("hidden IS NULL OR erased_by < 0", name=op.f("content_hidden_ck")),
        sa.ForeignKeyConstraint(["log"], ["record.log.no"], name=op.f("content_log_fk")),
        sa.PrimaryKeyConstraint("log", "hash", name=op.f("content_pk")),
        schema="record",
        comment=(
            "Words and evidence; erased words keep their hash and the entry that says so, of hidden "
            "ones `erased_by` is -1 less the entry."
        ),
    )
    op.create_table(
        "entry",
        sa.Column("log", sa.Integer(), nullable=False),
        sa.Column("index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("part", sa.SmallInteger(), nullable=False),
        sa.Column("bytes", sa.LargeBinary(), nullable=False),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["log"], ["record.log.no"], name=op.f("entry_log_fk")),
        sa.PrimaryKeyConstraint("log", "index", name=op.f("entry_pk")),
        sa.UniqueConstraint("log", "key", "part", name=op.f("entry_log_key_part_uq")),
        schema="record",
    )
    op.create_table(
        "subtree",
        sa.Column("log", sa.Integer(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["log"], ["record.log.no"], name=op.f("subtree_log_fk")),
        sa.PrimaryKeyConstraint("log", "level", "index", name=op.f("subtree_pk")),
        schema="record",
        comment="Hashes of full tiles: level L, index N is the root of tile (L-1, N).",
    )
    op.create_table(
        "account",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("user_handle", sa.LargeBinary(), nullable=False),
        sa.Column("name_hash", sa.LargeBinary(), nullable=False),
        sa.Column("added_month", sa.Text(), nullable=False),
        sa.Column("vault", sa.LargeBinary(), nullable=False),
        sa.Column("vault_version", sa.BigInteger(), nullable=False),
        sa.Column("sealed_reader", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("account_pk")),
        sa.UniqueConstraint("name_hash", name=op.f("account_name_hash_uq")),
        sa.UniqueConstraint("user_handle", name=op.f("account_user_handle_uq")),
        schema="private",
    )
    op.create_table(
        "attempt",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("subject", sa.LargeBinary(), nullable=False),
        sa.Column("window_number", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "subject", name=op.f("attempt_pk")),
        schema="private",
    )
    op.create_table(
        "box",
        sa.Column("log", sa.Integer(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("row", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=True),
        sa.Column("public_key", sa.LargeBinary(), nullable=True),
        sa.Column("signature", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["log"], ["record.log.no"], name=op.f("box_log_fk")),
        sa.PrimaryKeyConstraint("log", "subject", "row", name=op.f("box_pk")),
        schema="private",
        comment="Reactions and votes that wait to be recorded together; no time, order or account.",
    )
    op.create_table(
        "departure",
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("departure_pk")),
        schema="private",
        comment="Members who leave and what is still to be done for them, sealed under the node key; no account, no time.",
    )
    op.create_table(
        "heartbeat",
        sa.Column("one", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("minute", sa.Integer(), nullable=False),
        sa.CheckConstraint("one = 1", name=op.f("heartbeat_one_ck")),
        sa.PrimaryKeyConstraint("one", name=op.f("heartbeat_pk")),
        schema="private",
        comment="The last minute in which a node on this database was up.",
    )
    op.create_table(
        "attestation",
        sa.Column("log", sa.Integer(), nullable=False),
        sa.Column("place", sa.LargeBinary(), nullable=False),
        sa.Column("subject", sa.LargeBinary(), nullable=False),
        sa.Column("by_tag", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["log"], ["record.log.no"], name=op.f("attestation_log_fk")),
        sa.PrimaryKeyConstraint("log", "place", name=op.f("attestation_pk")),
        schema="private",
        comment="Vouches, verifications and opinions that wait for others before the record has any.",
    )
    op.create_index(
        op.f("attestation_log_by_tag_ix"),
        "attestation",
        ["log", "by_tag"],
        unique=False,
        schema="private",
    )
    op.create_index(
        op.f("attestation_log_subject_ix"),
        "attestation",
        ["log", "subject"],
        unique=False,
        schema="private",
    )
    op.create_table(
        "attested",
        sa.Column("log", sa.Integer(), nullable=False),
        sa.Column("by_tag", sa.LargeBinary(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["log"], ["record.log.no"], name=op.f("attested_log_fk")),
        sa.PrimaryKeyConstraint("log", "by_tag", "day", name=op.f("attested_pk")),
        schema="private",
        comment="How often somebody vouched, verified or challenged by the end of which day.",
    )
    op.create_table(
        "backing",
        sa.Column("log", sa.Integer(), nullable=False),
        sa.Column("of", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["log"], ["record.log.no"], name=op.f("backing_log_fk")),
        sa.PrimaryKeyConstraint("log", "of", name=op.f("backing_pk")),
        schema="private",
        comment="Who stands behind a level or a dispute, sealed under the node key while it lasts.",
    )
    op.create_table(
        "verify_case",
        sa.Column("log", sa.Integer(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("member_tag", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["log"], ["record.log.no"], name=op.f("verify_case_log_fk")),
        sa.PrimaryKeyConstraint("log", "hash", name=op.f("verify_case_pk")),
        sa.UniqueConstraint("log", "member_tag", name=op.f("verify_case_log_member_tag_uq")),
        schema="private",
        comment="Requests to be verified that wait for two verifiers, sealed under the node key.",
    )
    op.create_table(
        "vouch_code",
        sa.Column("log", sa.Integer(), nullable=False),
        sa.Column("tag", sa.LargeBinary(), nullable=False),
        sa.Column("member_tag", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("until", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["log"], ["record.log.no"], name=op.f("vouch_code_log_fk")),
        sa.PrimaryKeyConstraint("log", "tag", name=op.f("vouch_code_pk")),
        sa.UniqueConstraint("log", "member_tag", name=op.f("vouch_code_log_member_tag_uq")),
        schema="private",
        comment="Codes shown by who wants to be vouched for; gone after a quarter of an hour.",
    )
    op.create_table(
        "invitation",
        sa.Column("log", sa.Integer(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("inviter_tag", sa.LargeBinary(), nullable=False),
        sa.Column("until", sa.Integer(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["log"], ["record.log.no"], name=op.f("invitation_log_fk")),
        sa.PrimaryKeyConstraint("log", "hash", name=op.f("invitation_pk")),
        schema="private",
        comment="Invitations by the hash of their secret; who invited is sealed under the node key.",
    )
    op.create_index(
        op.f("invitation_log_inviter_tag_ix"),
        "invitation",
        ["log", "inviter_tag"],
        unique=False,
        schema="private",
    )
    op.create_table(
        "paper",
        sa.Column("log", sa.Integer(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["log"], ["record.log.no"], name=op.f("paper_log_fk")),
        sa.PrimaryKeyConstraint("log", "hash", name=op.f("paper_pk")),
        schema="private",
        comment="Other restricted papers (invitations), sealed under the node key.",
    )
    op.create_table(
        "report",
        sa.Column("log", sa.Integer(), nullable=False),
        sa.Column("tag", sa.LargeBinary(), nullable=False),
        sa.Column("by_day", sa.LargeBinary(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["log"], ["record.log.no"], name=op.f("report_log_fk")),
        sa.PrimaryKeyConstraint("log", "tag", name=op.f("report_pk")),
        schema="private",
        comment="Words that members reported to those in office, in their own words; not by whom.",
    )
    op.create_index(
        op.f("report_log_by_day_ix"),
        "report",
        ["log", "by_day"],
        unique=False,
        schema="private",
    )
    op.create_index(
        op.f("report_log_subject_ix"),
        "report",
        ["log", "subject"],
        unique=False,
        schema="private",
    )
    op.create_table(
        "capability",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("log", sa.Integer(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("last_used", sa.Date(), nullable=True),
        sa.Column("revoked", sa.Boolean(), server_default="false", nullable=False),
        sa.ForeignKeyConstraint(["log"], ["record.log.no"], name=op.f("capability_log_fk")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("capability_pk")),
        schema="private",
        comment="Tokens with which auditors and peers read a record that is not for the world.",
    )
    op.create_index(
        op.f("capability_log_until_ix"),
        "capability",
        ["log", "until"],
        unique=False,
        schema="private",
    )
    op.create_table(
        "feed_address",
        sa.Column("address_hash", sa.LargeBinary(), nullable=False),
        sa.Column("log", sa.Integer(), nullable=False),
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["log"], ["record.log.no"], name=op.f("feed_address_log_fk")),
        sa.PrimaryKeyConstraint("address_hash", name=op.f("feed_address_pk")),
        schema="private",
        comment="Secret addresses of feeds. `mark` finds those of one account in one chapter, under its data key; `sealed` is the member, opened by the address itself.",
    )
    op.create_index(
        op.f("feed_address_mark_ix"),
        "feed_address",
        ["mark"],
        unique=False,
        schema="private",
    )
    op.create_table(
        "mail_subscription",
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("confirmed", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("wanted", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("asked", sa.Date(), nullable=False),
        sa.Column("dealt", sa.Date(), nullable=True),
        sa.Column("failures", sa.SmallInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("mark", name=op.f("mail_subscription_pk")),
        sa.UniqueConstraint("secret_hash", name=op.f("mail_subscription_secret_hash_uq")),
        schema="private",
        comment="Who wants the digest by mail, tied to no account and no member. `mark` is a keyed hash of the address; address, chapters, language and zone are sealed under a node key.",
    )
    op.create_table(
        "webhook",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("log", sa.Integer(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("every", sa.Boolean(), nullable=False),
        sa.Column("next", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("due", sa.Integer(), server_default="0", nullable=False),
        sa.Column("ended", sa.Text(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["log"], ["record.log.no"], name=op.f("webhook_log_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("webhook_pk")),
        schema="private",
        comment="Addresses to which a chapter's entries are told. `next` is the first index that was not delivered, `failures` how often that failed in a row, `due` the minute of the next try; `ended` says why it is tried no more. The key of the signatures is derived, not kept.",
    )
    op.create_index(
        op.f("webhook_log_ix"),
        "webhook",
        ["log"],
        unique=False,
        schema="private",
    )
    op.create_table(
        "alarm",
        sa.Column("log", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["log"], ["record.log.no"], name=op.f("alarm_log_fk")),
        sa.PrimaryKeyConstraint("log", name=op.f("alarm_pk")),
        schema="private",
        comment="Members whom few paths of vouches reach; one list a chapter, replaced once a day.",
    )
    op.create_table(
        "operator_session",
        sa.Column("id_hash", sa.LargeBinary(), nullable=False),
        sa.Column("link", sa.Boolean(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id_hash", name=op.f("operator_session_pk")),
        schema="private",
        comment="Links and sessions of the operator's page; they belong to no account.",
    )
    op.create_table(
        "job_failure",
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("job", "day", name=op.f("job_failure_pk")),
        schema="private",
        comment="Jobs that failed, by day; the name of the last error and nothing of its text.",
    )
    op.create_table(
        "key_mark",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("key_mark_pk")),
        schema="private",
        comment="By what each machine of the node knows that its key files are the node's.",
    )
    op.create_table(
        "log_key",
        sa.Column("log", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["log"], ["record.log.no"], name=op.f("log_key_log_fk")),
        sa.PrimaryKeyConstraint("log", name=op.f("log_key_pk")),
        schema="private",
        comment="Signing keys of logs, sealed under the node's key, which lies outside the database: so that each machine of the node can sign.",
    )
    op.create_table(
        "published",
        sa.Column("log", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("shown", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("visibility", sa.Text(), nullable=False),
        sa.Column("texts", sa.ARRAY(sa.LargeBinary()), nullable=False),
        sa.Column("model", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["log"], ["record.log.no"], name=op.f("published_log_fk")),
        sa.PrimaryKeyConstraint("log", "name", "shown", name=op.f("published_pk")),
        schema="private",
        comment="What a page shows to people outside the chapter from the minute `shown` on: JSON without words, and the hashes of the words that belong to it. `visibility` says for whom the chapter's record was when it was stored.",
    )
    op.create_table(
        "snapshot",
        sa.Column("log", sa.Integer(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("rules", sa.Integer(), nullable=False),
        sa.Column("code", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["log"], ["record.log.no"], name=op.f("snapshot_log_fk")),
        sa.PrimaryKeyConstraint("log", name=op.f("snapshot_pk")),
        schema="private",
        comment="State of the rules at a size, to load a chapter fast; ignored by audits.",
    )
    op.create_table(
        "tie",
        sa.Column("log", sa.Integer(), nullable=False),
        sa.Column("id_tag", sa.LargeBinary(), nullable=False),
        sa.Column("member_tag", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("matter", sa.Text(), nullable=False),
        sa.Column("of", sa.Text(), nullable=False),
        sa.Column("recorded", sa.Integer(), server_default="0", nullable=False),
        sa.Column("unwanted", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["log"], ["record.log.no"], name=op.f("tie_log_fk")),
        sa.PrimaryKeyConstraint("log", "id_tag", name=op.f("tie_pk")),
        sa.UniqueConstraint("log", "member_tag", name=op.f("tie_log_member_tag_uq")),
        schema="private",
        comment="Papers that tie a voice or row id to a member, sealed under the node key, which lies outside the database. Tags are keyed hashes: they find a tie, they tell nothing.",
    )
    op.create_index(
        "tie_unwanted_ix",
        "tie",
        ["log", "matter"],
        unique=False,
        schema="private",
        postgresql_where=sa.text("unwanted = 1"),
    )
    op.create_index(
        "tie_waiting_ix",
        "tie",
        ["log", "of"],
        unique=False,
        schema="private",
        postgresql_where=sa.text("recorded = 0"),
    )
    op.create_table(
        "intent",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["private.account.id"],
            name=op.f("intent_account_id_fk"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("account_id", "key", name=op.f("intent_pk")),
        schema="private",
    )
    op.create_table(
        "lane",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("free_from", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("lane_pk")),
        schema="private",
    )
    op.create_table(
        "passkey",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("by_secret", sa.Boolean(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_name", sa.LargeBinary(), nullable=True),
        sa.Column("added_month", sa.Text(), nullable=False),
        sa.Column("last_used", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["private.account.id"],
            name=op.f("passkey_account_id_fk"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("passkey_pk")),
        sa.UniqueConstraint("credential_id", name=op.f("passkey_credential_id_uq")),
        schema="private",
    )
    op.create_index(
        op.f("passkey_account_id_ix"), "passkey", ["account_id"], unique=False, schema="private"
    )
    op.create_table(
        "passphrase",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("memory_kib", sa.Integer(), nullable=False),
        sa.Column("passes", sa.Integer(), nullable=False),
        sa.Column("lanes", sa.Integer(), nullable=False),
        sa.Column("verifier", sa.LargeBinary(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_name", sa.LargeBinary(), nullable=True),
        sa.Column("added_month", sa.Text(), nullable=False),
        sa.Column("last_used", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["private.account.id"],
            name=op.f("passphrase_account_id_fk"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("passphrase_pk")),
        schema="private",
    )
    op.create_table(
        "session",
        sa.Column("id_hash", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("created", sa.Date(), nullable=False),
        sa.Column("last_used", sa.Date(), nullable=False),
        sa.Column("sealed_name", sa.LargeBinary(), nullable=True),
        sa.Column("opened_by", sa.LargeBinary(), nullable=False),
        sa.Column("proved_by", sa.LargeBinary(), nullable=False),
        sa.Column("step_up", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["private.account.id"],
            name=op.f("session_account_id_fk"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id_hash", name=op.f("session_pk")),
        schema="private",
    )
    op.create_index(
        op.f("session_account_id_ix"), "session", ["account_id"], unique=False, schema="private"
    )
    op.create_table(
        "notice",
        sa.Column("session", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session"],
            ["private.session.id_hash"],
            name=op.f("notice_session_fk"),
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("session", "kind", name=op.f("notice_pk")),
        schema="private",
    )
    op.create_table(
        "spent",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("spent_pk")),
        schema="private",
    )
    op.create_table(
        "sign_in_link",
        sa.Column("id_hash", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["private.account.id"],
            name=op.f("sign_in_link_account_id_fk"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id_hash", name=op.f("sign_in_link_pk")),
        schema="private",
    )
    op.create_index(
        op.f("sign_in_link_account_id_ix"),
        "sign_in_link",
        ["account_id"],
        unique=False,
        schema="private",
    )
    op.create_table(
        "key_request",
        sa.Column("log", sa.Integer(), nullable=False),
        sa.Column("tag", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["log"], ["record.log.no"], name=op.f("key_request_log_fk")),
        sa.PrimaryKeyConstraint("log", "tag", name=op.f("key_request_pk")),
        schema="private",
        comment="Members who lost their key and wait for two verifiers, sealed under the node key.",
    )
    op.create_table(
        "known_browser",
        sa.Column("id_hash", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["private.account.id"],
            name=op.f("known_browser_account_id_fk"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id_hash", name=op.f("known_browser_pk")),
        schema="private",
    )
    op.create_index(
        op.f("known_browser_account_id_ix"),
        "known_browser",
        ["account_id"],
        unique=False,
        schema="private",
    )
    op.create_table(
        "key_box",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["private.account.id"],
            name=op.f("key_box_account_id_fk"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("account_id", "method", name=op.f("key_box_pk")),
        schema="private",
    )
    op.create_table(
        "totp",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("sealed_secret", sa.LargeBinary(), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["private.account.id"],
            name=op.f("totp_account_id_fk"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("totp_pk")),
        schema="private",
    )
    op.create_table(
        "guarded",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("shares", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["private.account.id"],
            name=op.f("guarded_account_id_fk"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("guarded_pk")),
        schema="private",
    )
    op.create_table(
        "guardian_invitation",
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("mailbox", sa.LargeBinary(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("guardian_invitation_pk")),
        schema="private",
    )
    op.create_index(
        op.f("guardian_invitation_mailbox_ix"),
        "guardian_invitation",
        ["mailbox"],
        unique=False,
        schema="private",
    )
    op.create_table(
        "later_notice",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["private.account.id"],
            name=op.f("later_notice_account_id_fk"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("account_id", "kind", name=op.f("later_notice_pk")),
        schema="private",
    )
    op.create_table(
        "recovery_code",
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["private.account.id"],
            name=op.f("recovery_code_account_id_fk"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("recovery_code_pk")),
        schema="private",
    )
    op.create_index(
        op.f("recovery_code_account_id_ix"),
        "recovery_code",
        ["account_id"],
        unique=False,
        schema="private",
    )
    op.create_table(
        "recovery_request",
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("own_hash", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=True),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("first", sa.LargeBinary(), nullable=True),
        sa.Column("second", sa.LargeBinary(), nullable=True),
        sa.Column("ready", sa.BigInteger(), nullable=True),
        sa.Column("until", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["private.account.id"],
            name=op.f("recovery_request_account_id_fk"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("recovery_request_pk")),
        sa.UniqueConstraint("own_hash", name=op.f("recovery_request_own_hash_uq")),
        schema="private",
    )
    op.create_index(
        op.f("recovery_request_account_id_ix"),
        "recovery_request",
        ["account_id"],
        unique=False,
        schema="private",
    )
    op.create_table(
        "access_token",
        sa.Column("id_hash", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("made_by", sa.LargeBinary(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("sealed_name", sa.LargeBinary(), nullable=True),
        sa.Column("added_month", sa.Text(), nullable=False),
        sa.Column("last_used", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["private.account.id"],
            name=op.f("access_token_account_id_fk"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id_hash", name=op.f("access_token_pk")),
        schema="private",
    )
    op.create_index(
        op.f("access_token_account_id_ix"),
        "access_token",
        ["account_id"],
        unique=False,
        schema="private",
    )
    op.create_table(
        "export_request",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("ready_day", sa.Date(), nullable=False),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["private.account.id"],
            name=op.f("export_request_account_id_fk"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("export_request_pk")),
        schema="private",
    )
    op.create_table(
        "draft",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["private.account.id"],
            name=op.f("draft_account_id_fk"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("account_id", "key", name=op.f("draft_pk")),
        schema="private",
    )


downgrade = refuse_downgrade
