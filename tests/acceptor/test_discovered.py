"""Requests that leave it to the function to find the share."""
from doubles import (
    DATABASE, HOUR, LIMIT, OTHER, SHARE, STRANGER, TABLES, Case, glue, setUpModule, share_arn, shared, tearDownModule)

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

    def gives_up(self, *words):
        """Not at the first look: what is there may pass."""
        self.fails(*words, wanted={"ResourceShareArn": None})
        self.assertEqual(self.ram.accepted(), [])
        self.assertGreaterEqual(self.clock.slept, LIMIT - 120)

    def test_fails_on_two_that_fit_and_accepts_neither(self):
        self.ram.offer()
        self.ram.offer(OTHER)
        self.gives_up(SHARE, OTHER, "Several shares fit")

    def test_waits_until_the_old_share_is_gone(self):
        self.ram.shares[OTHER] = shared()
        self.ram.offer()
        self.clock.plans.append((30, lambda: self.ram.shares.pop(OTHER)))
        self.discovers()

    def test_accepts_the_new_share_when_the_old_one_shows_less_than_all(self):
        self.ram.shares[OTHER] = shared(TABLES[:1])
        self.clock.plans += [(10, self.ram.offer), (30, lambda: self.ram.shares.pop(OTHER))]
        self.discovers()

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

    def test_fails_on_a_dead_invitation(self):
        self.ram.offer(age=13 * HOUR)
        self.gives_up("over 12 hours", "Recreate the subscriber", SHARE)

    def test_waits_for_the_new_invitation_beside_a_dead_one(self):
        self.ram.offer(OTHER, age=13 * HOUR)
        self.clock.plans.append((30, self.ram.offer))
        self.discovers()
        self.assertEqual(self.ram.accepted(), [SHARE])

    def test_a_living_invitation_outweighs_a_dead_one(self):
        self.ram.offer(OTHER, age=13 * HOUR)
        self.ram.offer(share_arn(3), status="EXPIRED")
        self.ram.offer()
        self.discovers()

    def test_passes_over_an_invitation_that_cannot_be_looked_into(self):
        self.ram.refusals["ListPendingInvitationResources"] = [("ResourceShareInvitationExpiredException", 400)]
        self.ram.offer(OTHER, [])
        self.ram.offer()
        self.discovers()
        self.assertEqual(self.ram.accepted(), [SHARE])
