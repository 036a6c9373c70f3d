"""Secrets that sign webhooks, and word of what is in the outbox."""

import pytest

from factories import in_loop, open_account, open_platform
from numberline.core.errors import AccountNotFound
from numberline.platform.addresses import ForbiddenAddress
from numberline.platform.webhooks import WebhookSecrets
from numberline.workers.feed import FeedFollower
from receivers import signature

BODY = (
    b'{"eventId":"01hpa0mww4m79q8j2dwn3ggbgz","timestamp":"2024-02-10T17:22:09.412722588",'
    b'"projectId":"37b62a7b-0177-abcd-efgh-e10f848de123","resourceId":"+17818510001",'
    b'"resourceType":"ACTIVE_NUMBER","eventType":"DEPROVISIONING_FROM_VOICE_PLATFORM",'
    b'"status":"SUCCEEDED","failureCode":null}'
)


def test_a_signature_is_what_a_vendors_own_fixture_says():
    """Secret, body and signature as Sinch's Node SDK tests them."""
    assert signature(BODY, "callback-secret") == "dcf80daac2f232f4b23d5f719db3aa0fdca6af43"


@in_loop
async def test_an_account_that_chose_no_secret_has_one_of_its_own(database_url):
    async with open_platform(database_url) as platform:
        secrets = {await platform.webhook_secret(name) for name in ("ada", "bob", "\u00e9", "")}
        again = await platform.webhook_secret("ada")
    async with open_platform(database_url) as platform:
        assert await platform.webhook_secret("ada") == again

    assert len(secrets) == 4
    assert all(len(secret) == 32 for secret in secrets)


def test_a_default_secret_depends_on_the_installation():
    assert WebhookSecrets(b"a" * 32).default("ada") != WebhookSecrets(b"b" * 32).default("ada")


@in_loop
async def test_a_secret_that_is_set_is_used_from_then_on(database_url):
    async with open_platform(database_url) as platform:
        await open_account(platform)
        await platform.webhook_secret("ada")
        for secret in ("callback-secret", "strongPa$$PhraseWith36CharactersMax"):
            await platform.set_webhook_secret("ada", secret)

            assert await platform.webhook_secret("ada") == secret


@in_loop
async def test_a_secret_of_an_account_that_is_not_there_cannot_be_set(database_url):
    async with open_platform(database_url) as platform:
        with pytest.raises(AccountNotFound):
            await platform.set_webhook_secret("nobody", "secret")


@in_loop
async def test_a_secret_that_another_process_sets_is_learnt_from_the_feed(database_url):
    async with open_platform(database_url) as one, open_platform(database_url) as other:
        await open_account(one)
        follower = FeedFollower(other)
        before = await other.webhook_secret("ada")
        await one.set_webhook_secret("ada", "new")
        assert await other.webhook_secret("ada") == before

        await follower.look()

        assert await other.webhook_secret("ada") == "new"


@in_loop
async def test_a_secret_that_is_read_while_it_changes_is_not_remembered(database_url):
    async with open_platform(database_url) as platform:
        await open_account(platform)
        read_at_once = platform.read

        async def read_and_be_overtaken(query):
            found = await read_at_once(query)
            platform.read = read_at_once
            await platform.set_webhook_secret("ada", "new")
            return found

        platform.read = read_and_be_overtaken
        await platform.webhook_secret("ada")

        assert await platform.webhook_secret("ada") == "new"


@in_loop
async def test_whether_callbacks_may_lead_to_this_machine_is_a_setting(database_url):
    async with open_platform(database_url, webhooks_reach_loopback=True) as platform:
        await platform.check_callback_url("http://127.0.0.1:8080/")
        with pytest.raises(ForbiddenAddress):
            await platform.check_callback_url("http://10.0.0.1/")
    async with open_platform(database_url) as platform:
        with pytest.raises(ForbiddenAddress):
            await platform.check_callback_url("http://127.0.0.1:8080/")
