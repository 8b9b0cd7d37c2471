"""Requests that name the share."""
import os
from unittest import mock

import boto3

from doubles import (DATABASE, HOUR, LAKE, LIMIT, OTHER, REGION, SHARE, STRANGER, TABLES, Case, glue, setUpModule, share_arn,
                     shared, tearDownModule)

__all__ = ["setUpModule", "tearDownModule"]


class Given(Case):
    """Create and update with ResourceShareArn."""

    def test_accepts_the_invitation_and_answers(self):
        self.ram.offer()
        answer = self.succeeds()
        self.assertEqual(answer["Data"], {"ResourceShareArn": SHARE})
        self.assertEqual(self.ram.accepted(), [SHARE])
        self.assertEqual(self.server.puts[0][1], "")  # the signed URL takes no content type

    def test_reads_every_page_of_the_invitations(self):
        for number in range(10, 14):
            self.ram.offer(share_arn(number), status="REJECTED")
        self.ram.offer()
        self.succeeds()
        self.assertEqual(self.ram.accepted(), [SHARE])

    def test_reads_every_page_of_the_resources(self):
        self.ram.shares[SHARE] = [glue(f"table/{DATABASE}/more_{n}") for n in range(3)] + shared()
        self.succeeds()
        self.assertEqual(self.clock.slept, 0)

    def test_accepts_no_other_share_of_the_lake_account(self):
        self.ram.offer(OTHER)
        self.ram.offer()
        self.succeeds()
        self.assertEqual(self.ram.accepted(), [SHARE])

    def test_accepts_nothing_that_the_lake_account_did_not_send(self):
        self.ram.offer(sender=STRANGER)
        self.fails("Not visible in time")
        self.assertEqual(self.ram.accepted(), [])

    def test_refuses_a_share_of_another_account_region_or_service(self):
        for arn in [share_arn(owner=STRANGER), share_arn(region="eu-west-1"), share_arn(partition="aws-cn"),
                    SHARE.replace(":ram:", ":glue:"), "x"]:
            with self.subTest(arn):
                self.setUp()
                self.ram.offer(arn, sender=arn.split(":")[4] if ":" in arn else LAKE)
                self.fails("ResourceShareArn must begin with", SHARE[:-36], wanted={"ResourceShareArn": arn})
                self.assertEqual(self.ram.calls, [])

    def test_an_accepted_share_is_not_accepted_again(self):
        self.ram.offer(status="ACCEPTED")
        self.succeeds()
        self.assertEqual(self.ram.called("AcceptResourceShareInvitation"), [])

    def test_somebody_else_accepting_first_is_no_error(self):
        self.ram.offer()
        accept = self.ram.AcceptResourceShareInvitation

        def too_late(body):
            accept(body)
            return accept(body)
        self.ram.AcceptResourceShareInvitation = too_late
        self.succeeds()

    def test_needs_no_invitation_inside_an_organization(self):
        self.ram.shares[SHARE] = shared()
        self.succeeds()
        self.assertEqual(self.clock.slept, 0)

    def test_what_is_visible_outweighs_a_dead_invitation(self):
        self.ram.offer(status="REJECTED")
        self.ram.ListResources = lambda body: self.ram.page("resources", self.ram.rows(SHARE), body)
        self.succeeds()

    def test_an_invitation_of_more_than_12_hours_fails_at_once(self):
        self.ram.offer(age=12 * HOUR + 1)
        self.fails("over 12 hours", "Recreate the subscriber", LAKE, SHARE)
        self.assertEqual((self.clock.slept, self.ram.called("AcceptResourceShareInvitation")), (0, []))

    def test_an_invitation_of_almost_12_hours_is_accepted(self):
        self.ram.offer(age=12 * HOUR - 60)
        self.succeeds()

    def test_an_expired_or_rejected_invitation_fails_at_once(self):
        for status in ("EXPIRED", "REJECTED"):
            with self.subTest(status):
                self.setUp()
                self.ram.offer(status=status)
                self.fails(status, "Recreate the subscriber", LAKE, SHARE)
                self.assertEqual(self.clock.slept, 0)

    def test_a_new_invitation_outweighs_old_ones_to_the_same_share(self):
        self.ram.offer(status="REJECTED")
        self.ram.offer(age=20 * HOUR)
        self.ram.offer(age=HOUR)
        self.succeeds()
        self.assertEqual([i["status"] for i in self.ram.invitations], ["REJECTED", "PENDING", "ACCEPTED"])

    def test_waits_until_the_share_is_visible(self):
        self.ram.offer()
        self.ram.delay = 4
        self.succeeds()
        self.assertEqual(self.clock.slept, 25)  # one look for the invitation, four in vain

    def test_waits_for_a_share_that_was_accepted_long_ago(self):
        self.ram.offer(status="ACCEPTED", age=900 * HOUR)
        self.ram.delay = 2
        self.succeeds()
        self.assertEqual(self.clock.slept, 10)

    def test_waits_until_every_table_is_visible(self):
        self.ram.shares[SHARE] = shared(TABLES[:1])
        self.clock.plans.append((60, lambda: self.ram.shares.update({SHARE: shared()})))
        self.succeeds("Update", PhysicalResourceId=SHARE)
        self.assertEqual(self.clock.slept, 60)

    def test_waits_until_the_database_is_visible(self):
        self.ram.shares[SHARE] = shared()[1:]
        self.clock.plans.append((60, lambda: self.ram.shares.update({SHARE: shared()})))
        self.succeeds()
        self.assertEqual(self.clock.slept, 60)

    def test_waits_for_an_invitation_that_comes_late(self):
        self.clock.plans.append((30, self.ram.offer))
        self.succeeds()
        self.assertEqual(self.ram.accepted(), [SHARE])

    def test_names_what_is_missing_when_the_time_is_up(self):
        for price in (0, 0.1, 0.2, 0.3, 0.4):  # seconds that a call takes: the end of the time falls anywhere
            with self.subTest(price):
                self.setUp()
                self.clock.price = price
                self.ram.shares[SHARE] = shared(TABLES[:1])
                answer = self.fails(TABLES[1], LAKE, "Check the subscriber")
                self.assertNotIn(TABLES[0], answer["Reason"])
                self.assertNotIn(DATABASE, answer["Reason"])
                self.assertGreater(self.clock.slept, LIMIT / 3)

    def test_a_wildcard_stands_for_every_table(self):
        self.ram.shares[SHARE] = shared(["*"])
        self.succeeds()

    def test_a_wildcard_of_another_database_does_not(self):
        self.ram.shares[SHARE] = shared([]) + [glue("table/another/*")]
        self.fails(*TABLES)

    def test_tables_of_another_account_or_share_do_not_count(self):
        self.ram.shares[SHARE] = shared([]) + shared(owner=STRANGER)[1:]
        self.ram.shares[OTHER] = shared()[1:]
        self.ram.ListResources = lambda body: self.ram.page(
            "resources", self.ram.rows(SHARE) + self.ram.rows(OTHER), body)  # even if the filter does nothing
        self.fails(*TABLES)

    def test_works_in_govcloud(self):
        where = {"region": "us-gov-west-1", "partition": "aws-us-gov"}
        arn = share_arn(**where)
        self.ram.offer(arn, shared(**where))
        with mock.patch.dict(os.environ, {"AWS_DEFAULT_REGION": "us-gov-west-1", "AWS_REGION": "us-gov-west-1"}), \
                mock.patch.object(boto3, "DEFAULT_SESSION", None):
            self.succeeds(share=arn, wanted={"ResourceShareArn": arn})
