//! What there is of a stack set, by reading alone, and what a run would do about it.

use crate::aws::{FoundSet, Instance, SetContent};
use crate::deploy::change::GUARDED;
use crate::deploy::changes::{Difference, Fate, Filled};
use crate::deploy::diff::{is_same, layout};
use crate::deploy::sets::SetWork;
use crate::deploy::{Halt, Outcome};
use crate::model::rollout::{Permissions, StackSet};
use crate::template::LAYOUT;
use crate::vocab::Region;

/// A stack set as it is.
#[derive(Clone, Debug)]
pub(crate) struct SetSurvey {
    /// What it must be.
    pub(crate) set: StackSet,
    /// What is there.
    pub(crate) found: Option<FoundSet>,
    /// Its instances.
    pub(crate) instances: Vec<Instance>,
    /// What of the set itself differs from the spec.
    pub(crate) differences: Vec<&'static str>,
    /// Why a person must look first.
    pub(crate) stop: Option<String>,
}

impl SetSurvey {
    /// The instance in a Region of the spec.
    pub(crate) fn instance(&self, region: Region) -> Option<&Instance> {
        self.instances.iter().find(|one| is_at(&self.set, region, one))
    }

    /// Regions that have no instance, or one that is not what the set says.
    pub(crate) fn lacking(&self) -> Vec<Region> {
        let is_current = |region: Region| self.instance(region).is_some_and(|one| one.status == "CURRENT");
        self.set.regions.iter().copied().filter(|region| !is_current(*region)).collect()
    }

    /// Instances in accounts and Regions that the spec does not have.
    pub(crate) fn foreign(&self) -> Vec<&Instance> {
        let is_ours = |one: &Instance| self.set.regions.iter().any(|region| is_at(&self.set, *region, one));
        self.instances.iter().filter(|one| !is_ours(one)).collect()
    }

    /// Whether it is there and not from a template of lakelink.
    pub(crate) fn is_somebody_elses(&self) -> bool {
        self.found.as_ref().is_some_and(|found| layout(&found.content.body).is_none())
    }

    /// Whether there is nothing to do.
    pub(crate) fn is_in_step(&self) -> bool {
        self.found.is_some()
            && self.differences.is_empty()
            && self.lacking().is_empty()
            && self.stop.is_none()
    }
}

fn is_at(set: &StackSet, region: Region, instance: &Instance) -> bool {
    instance.account == set.account.as_str() && instance.region == region.as_str()
}

impl SetWork {
    /// What there is of every set.
    pub(crate) async fn survey(&self) -> Result<Vec<SetSurvey>, Halt> {
        let mut surveys = Vec::new();
        for set in &self.sets {
            surveys.push(self.look(set).await?);
        }
        Ok(surveys)
    }

    /// Has StackSets look in every stack for what was changed by hand.
    pub(crate) async fn look_for_drift(&self) -> Result<(), Halt> {
        for set in &self.sets {
            let mut asked = 0;
            while self.stack_sets.find(&set.name).await?.is_some()
                && !self.stack_sets.instances(&set.name).await?.is_empty()
            {
                self.waited(set).await?;
                let operation = self.operation_id(set, "drift", "").await?;
                self.stack_sets.detect_drift(&set.name, &operation).await?;
                // Somebody else's may have been faster.
                if self.done(set, &operation).await? == Outcome::Changed {
                    break;
                }
                self.pause(asked).await?;
                asked += 1;
            }
        }
        Ok(())
    }

    /// What there is of a set.
    pub(super) async fn look(&self, set: &StackSet) -> Result<SetSurvey, Halt> {
        let (mut instances, mut differences, mut stop) = (Vec::new(), Vec::new(), None);
        let found = self.stack_sets.find(&set.name).await?;
        if let Some(found) = &found {
            instances = self.stack_sets.instances(&set.name).await?;
            let wanted = self.content(set).await?;
            differences = differing(&found.content, &wanted);
            stop = self
                .refusal(set, &found.content, &wanted, &instances)
                .or_else(|| self.guarded(set, &found.content, &wanted));
        }
        Ok(SetSurvey { set: set.clone(), found, instances, differences, stop })
    }

    /// What the update of a set would do to what people and data depend on, if nobody has allowed it: there are no change sets of
    /// stack sets, so it is seen by the templates.
    fn guarded(&self, set: &StackSet, found: &SetContent, wanted: &SetContent) -> Option<String> {
        let region = set.regions.first()?.as_str();
        let [before, after] = [found, wanted].map(|content| Filled {
            body: &content.body,
            parameters: &content.parameters,
            region,
        });
        let difference = Difference::between(set.stack, before, after);
        let guarded = difference.resources.iter().filter(|(_, turn)| GUARDED.contains(&turn.kind.as_str()));
        let stops = guarded.filter_map(|(id, turn)| {
            let at = format!("{}/{id}", set.stack.stem());
            let (what, flag, allowed) = match turn.fate {
                Fate::Replaced | Fate::Refused => ("made anew", "--allow-replace", &self.options.replace),
                Fate::Removed => ("removed", "--allow-remove", &self.options.remove),
                Fate::Made | Fate::Changed | Fate::Left => return None,
            };
            let kind = &turn.kind;
            (!allowed.contains(&at))
                .then(|| format!("`{at}` ({kind}) would be {what} in every Region; {flag} {at} allows it"))
        });
        let stops = stops.collect::<Vec<_>>().join("\n");
        (!stops.is_empty()).then_some(stops)
    }

    /// Why a set must not be changed.
    fn refusal(
        &self,
        set: &StackSet,
        found: &SetContent,
        wanted: &SetContent,
        instances: &[Instance],
    ) -> Option<String> {
        let name = &set.name;
        match layout(&found.body) {
            None => {
                return Some(format!(
                    "the stack set `{name}` is there and was not made from a template of lakelink; delete it or choose another `name` in the spec"
                ));
            }
            Some(layout) if layout != u64::from(LAYOUT) => {
                return Some(format!(
                    "the stack set `{name}` has layout {layout} and this lakelink makes {LAYOUT}: use the lakelink that made it, or read the changelog"
                ));
            }
            Some(_) => {}
        }
        if !found.permissions.is_of_kind(&wanted.permissions) && !instances.is_empty() {
            return Some(format!(
                "the stack set `{name}` has the other permission model, which cannot change while it has instances: remove it first, by \
                 `lakelink rollout --remove` with the spec as it was"
            ));
        }
        if let Some(broken) = instances.iter().find(|one| one.status == "INOPERABLE") {
            return Some(format!(
                "the instance of `{name}` in {} in {} is INOPERABLE: {}\nmend that and run `lakelink rollout --remove`, or take the instance out of the \
                 set and delete its stack by hand:\n{}",
                broken.account,
                broken.region,
                broken.reason.as_deref().unwrap_or("its removal failed"),
                delete_command(set, &broken.region, true),
            ));
        }
        // An update reaches every instance, and a template knows the Regions of its spec only.
        let is_left = |one: &&Instance| {
            one.account == set.account.as_str() && !set.regions.iter().any(|region| is_at(set, *region, one))
        };
        // One that an operation works on may be on its way out; it is waited for.
        let is_still = |one: &&Instance| !["PENDING", "RUNNING"].contains(&one.detail.as_str());
        let left = instances
            .iter()
            .filter(is_left)
            .find(is_still)
            .filter(|_| !differing(found, wanted).is_empty())?;
        Some(format!(
            "the spec has no {region} any more, and `{name}` has an instance there: remove it first:\n{}",
            delete_command(set, &left.region, false),
            region = left.region,
        ))
    }
}

/// The command of AWS's own tool that takes one instance out of a set.
fn delete_command(set: &StackSet, region: &str, retains: bool) -> String {
    let account = &set.account;
    let place = match &set.permissions {
        Permissions::SelfManaged { .. } => format!("--accounts {account}"),
        Permissions::ServiceManaged { call_as: whom, unit, .. } => format!(
            "--call-as {} --deployment-targets OrganizationalUnitIds={unit},Accounts={account},AccountFilterType=INTERSECTION",
            whom.api_name()
        ),
    };
    let retains = if retains { "--retain-stacks" } else { "--no-retain-stacks" };
    format!(
        "aws cloudformation delete-stack-instances --stack-set-name {} {retains} --regions {region} {place}",
        set.name
    )
}

/// What of a set differs, in words.
fn differing(found: &SetContent, wanted: &SetContent) -> Vec<&'static str> {
    let sorted = |content: &SetContent| {
        let mut words = content.capabilities.clone();
        words.sort();
        words
    };
    let parts = [
        ("template", is_same(&found.body, &wanted.body)),
        ("parameters", found.parameters == wanted.parameters),
        ("tags", found.tags == wanted.tags),
        ("capabilities", sorted(found) == sorted(wanted)),
        ("permissions", found.permissions == wanted.permissions),
        // StackSets does not tell the template of a role that it made, but the description does.
        ("execution role", wanted.role_template.is_none() || found.description == wanted.description),
        ("managed execution", found.queues == wanted.queues),
    ];
    parts.into_iter().filter(|(_, is_same)| !is_same).map(|(part, _)| part).collect()
}
