//! The resource share, on its way from one account to the other.

use crate::aws::{Clock, Invitation, InvitationState, Shares};
use crate::deploy::{Halt, Target, Work};
use crate::model::{Share, Side, Stack};
use crate::stacks::SHARE_OUTPUT;
use crate::vocab::{Acceptance, Region};

/// How long an invitation to a share of Security Lake can be accepted, in seconds. After that it still shows as pending,
/// and accepting it gives no access (Security Lake user guide, "Query access", and RAM user guide, "Accept and reject").
const INVITATION_LIFE: i64 = 12 * 60 * 60;

/// How often a share is looked at, after it was accepted or where nobody was invited, before it counts as empty.
const LOOKS: u32 = 60;

/// What can be done about the invitations to a share.
#[derive(Debug)]
pub(crate) enum Acceptable<'a> {
    /// There is none, or not yet; or it is accepted.
    Nothing,
    /// This one can be accepted.
    This(&'a Invitation),
    /// None can be any more; what became of them.
    Dead(&'static str),
}

/// Looks through the invitations to a share for one that can be accepted; `now` is in seconds since 1970.
pub(crate) fn acceptable<'a>(invitations: &'a [Invitation], owner: &str, now: i64) -> Acceptable<'a> {
    let mut state = Acceptable::Nothing;
    for one in invitations.iter().filter(|one| one.sender == owner) {
        let is_old = one.sent.is_some_and(|sent| now - sent > INVITATION_LIFE);
        match one.state {
            InvitationState::Accepted => return Acceptable::Nothing,
            InvitationState::Pending if !is_old => return Acceptable::This(one),
            InvitationState::Pending => state = Acceptable::Dead("PENDING for more than 12 hours"),
            ended => state = Acceptable::Dead(ended.word()),
        }
    }
    state
}

impl Work {
    /// The ARN of the share of a lake Region, if it can be known now.
    ///
    /// # Errors
    /// [`Halt::Stopped`] if a pinned ARN is not the one that there is.
    pub(crate) async fn share(&self, region: Region) -> Result<Option<String>, Halt> {
        let made = self.made_share(region).await?;
        let Share::Pinned(shares) = &self.integration.handoff.share else { return Ok(made) };
        let pinned = shares.get(&region).map(ToString::to_string);
        match (&pinned, &made) {
            (Some(pinned), Some(made)) if pinned != made => Err(Halt::Stopped(format!(
                "`handoff.shares` says `{pinned}` for {region}, and the lake stack made `{made}`: write that into the spec \
                 (`lakelink handoff --write` makes the base file) and run again"
            ))),
            _ => Ok(pinned),
        }
    }

    /// The ARN that the lake stack of a Region gives, if there is one and this run may ask.
    pub(crate) async fn made_share(&self, region: Region) -> Result<Option<String>, Halt> {
        let target = Target { stack: Stack::Lake, region };
        if self.cloud.get(Side::Lake).is_none() || !self.integration.has(Stack::Lake) {
            return Ok(None);
        }
        let found = self.stacks(target)?.find(&self.name(target)).await?;
        Ok(found.and_then(|found| found.outputs.get(SHARE_OUTPUT).cloned()))
    }

    /// Accepts a share and waits until the Detective account sees the database and every table.
    pub(crate) async fn accept(&self, region: Region, share: &str) -> Result<(), Halt> {
        let integration = &self.integration;
        let target = Target { stack: Stack::Detective, region };
        let owner = integration.lake.account.as_str();
        let partition = integration.regions.partition();
        if !share.starts_with(&format!("arn:{partition}:ram:{region}:{owner}:resource-share/")) {
            return Err(Halt::Stopped(format!(
                "`{share}` is no resource share of account {owner} in {region}: nothing was accepted"
            )));
        }
        let shares = self.access(Side::Detective)?.shares(region);
        let (mut accepted, mut looks) = (false, 0);
        loop {
            let missing = self.missing(&shares, region, share).await?;
            if missing.is_empty() {
                self.tell("share", target, if accepted { "accepted" } else { "visible" }, share);
                return Ok(());
            }
            if integration.handoff.acceptance == Acceptance::Cli && !accepted {
                let invitations = shares.invitations(share).await?;
                match acceptable(&invitations, owner, Clock::now()) {
                    Acceptable::Nothing => {}
                    Acceptable::This(invitation) => {
                        self.tell("share", target, "accepting", &invitation.arn);
                        shares.accept(&invitation.arn).await?;
                        accepted = true;
                    }
                    Acceptable::Dead(why) => return Err(Halt::Stopped(self.cure(region, share, why))),
                }
            }
            looks += 1;
            if looks > LOOKS {
                return Err(Halt::Failed(format!(
                    "account {} does not see {} of share `{share}`: {}",
                    integration.detective.account,
                    missing.join(", "),
                    if accepted || integration.handoff.acceptance != Acceptance::Cli {
                        format!(
                            "run again in some minutes; if it stays so, the invitation was dead: {}",
                            self.renewed(region)
                        )
                    } else {
                        "there is no invitation either; if both accounts are of one organization that shares by AWS RAM, write \
                         `handoff.acceptance: organization` into the spec"
                            .to_owned()
                    }
                )));
            }
            self.pause(looks).await?;
        }
    }

    /// What the Detective account does not see of a share: the database, or tables.
    async fn missing(&self, shares: &Shares, region: Region, share: &str) -> Result<Vec<String>, Halt> {
        let shown = shares.shown(share).await?;
        let lake = &self.integration.lake;
        let database = self.integration.database(region);
        let has_all = shown.iter().any(|arn| arn.ends_with(&format!(":table/{database}/*")));
        let mut missing = Vec::new();
        if !shown.iter().any(|arn| arn.ends_with(&format!(":database/{database}"))) {
            missing.push(format!("database `{database}`"));
        }
        for source in &lake.sources {
            let table = source.table(lake.source_version, region);
            if !has_all && !shown.iter().any(|arn| arn.ends_with(&format!(":table/{database}/{table}"))) {
                missing.push(format!("table `{table}`"));
            }
        }
        Ok(missing)
    }

    fn cure(&self, region: Region, share: &str, why: &str) -> String {
        let cure = self.renewed(region);
        format!("the invitation to `{share}` is {why}, and accepting it would give no access\n{cure}")
    }

    /// What a person does for a new share.
    fn renewed(&self, region: Region) -> String {
        if !self.integration.has(Stack::Lake) {
            return "have the subscriber made again, and its new share pinned in `handoff.shares`".to_owned();
        }
        let collection = if self.integration.has(Stack::LakeCollection) {
            "; the collection stack goes, too, its log sources stay on, and the deploy takes them over"
        } else {
            ""
        };
        format!(
            "a new subscriber makes a new share: `lakelink destroy SPEC --only lake --region {region}` and deploy again, within \
             12 hours{collection}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::{Acceptable, acceptable};
    use crate::aws::{Invitation, InvitationState};

    fn invitation(arn: &str, sender: &str, state: InvitationState, sent: i64) -> Invitation {
        Invitation { arn: arn.to_owned(), sender: sender.to_owned(), state, sent: Some(sent) }
    }

    #[test]
    fn only_a_living_invitation_of_the_owner_is_accepted() {
        use InvitationState::{Accepted, Expired, Pending, Rejected};
        let hour = 3600;
        let now = 100 * hour;
        let pick = |all: &[Invitation]| match acceptable(all, "lake", now) {
            Acceptable::Nothing => "nothing".to_owned(),
            Acceptable::This(one) => one.arn.clone(),
            Acceptable::Dead(why) => why.to_owned(),
        };
        let living = invitation("living", "lake", Pending, now - 11 * hour);
        let old = invitation("old", "lake", Pending, now - 13 * hour);
        let rejected = invitation("rejected", "lake", Rejected, now - hour);
        assert_eq!(pick(&[]), "nothing");
        assert_eq!(pick(&[invitation("foreign", "other", Pending, now)]), "nothing");
        assert_eq!(pick(&[rejected.clone(), old.clone(), living.clone()]), "living");
        assert_eq!(pick(&[old.clone(), invitation("a", "lake", Accepted, now)]), "nothing");
        assert_eq!(pick(&[old]), "PENDING for more than 12 hours");
        assert_eq!(pick(&[rejected]), "REJECTED");
        assert_eq!(pick(&[invitation("a", "lake", Expired, now - 20 * hour)]), "EXPIRED");
    }
}
