"""Requests that leave it to the function to find the share."""
from doubles import DATABASE, HOUR, OTHER, SHARE, STRANGER, Case, glue, setUpModule, share_arn, shared, tearDownModule

__all__ = ["setUpModule", "tearDownModule"]


class Discovered(Case):
    """Create and update without ResourceShareArn."""

    def discovers(self, share=SHARE, **more):
        answer = self.succeeds(share=share, wanted={"ResourceShareArn": None}, **more)
        self.assertEqual(answer["Data"], {"ResourceShareArn": share})

    def test_accepts_the_pending_share_that_offers_the_database(self):
        self.ram.offer(OTHER, shared(database=DATABASE + "_copy"))
        self.ram.offer(share_arn(3), [glue("table/another/x")])
        self.ram.offer()
        self.discovers()
        self.assertEqual(self.ram.accepted(), [SHARE])

    def test_finds_the_share_that_is_visible_already(self):
        self.ram.shares[OTHER] = shared(database=DATABASE + "_copy")
        self.ram.offer(status="ACCEPTED")
        self.discovers()
        self.assertEqual(self.ram.called("ListPendingInvitationResources"), [])

    def test_waits_for_its_tables(self):
        self.ram.offer()
        self.ram.delay = 3
        self.discovers()
        self.assertEqual(self.clock.slept, 20)

    def test_waits_for_an_invitation_that_comes_late(self):
        self.clock.plans.append((30, self.ram.offer))
        self.discovers()

    def test_fails_on_two_that_fit_and_accepts_neither(self):
        self.ram.offer()
        self.ram.offer(OTHER)
        self.fails(SHARE, OTHER, "Several shares fit", wanted={"ResourceShareArn": None})
        self.assertEqual((self.ram.accepted(), self.clock.slept), ([], 0))

    def test_fails_on_one_visible_and_one_pending(self):
        self.ram.shares[OTHER] = shared()
        self.ram.offer()
        self.fails(SHARE, OTHER, wanted={"ResourceShareArn": ""})
        self.assertEqual(self.ram.accepted(), [])

    def test_takes_no_share_of_a_stranger(self):
        strange = share_arn(1, STRANGER)
        self.ram.offer(strange, shared(), sender=STRANGER)
        self.ram.offer(share_arn(2), shared(), sender=STRANGER)
        self.ram.shares[share_arn(3, STRANGER)] = shared()
        self.fails("Not visible in time", DATABASE, wanted={"ResourceShareArn": None})
        self.assertEqual(self.ram.accepted(), [])
        self.assertEqual(self.ram.called("ListPendingInvitationResources"), [])

    def test_a_dead_invitation_fails_at_once(self):
        self.ram.offer(age=13 * HOUR)
        self.fails("over 12 hours", "Recreate the subscriber", SHARE, wanted={"ResourceShareArn": None})
        self.assertEqual(self.clock.slept, 0)

    def test_a_living_invitation_outweighs_a_dead_one(self):
        self.ram.offer(OTHER, age=13 * HOUR)
        self.ram.offer(share_arn(3), status="EXPIRED")
        self.ram.offer()
        self.discovers()

    def test_passes_over_an_invitation_that_cannot_be_looked_into(self):
        self.ram.refusals["ListPendingInvitationResources"] = [("ResourceShareInvitationExpiredException", 400)]
        self.ram.offer(OTHER)
        self.ram.offer()
        self.discovers()
        self.assertEqual(self.ram.accepted(), [SHARE])
