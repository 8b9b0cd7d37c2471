//! Many integrations in one run: several at once, and few of one account.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures_util::future::join_all;
use tokio::sync::Semaphore;

use crate::cli::cloud::{Asked, Progress, Unread, exit_of};
use crate::cli::{Exit, Stop, Terminal};
use crate::deploy::{Halt, Outcome, SetWork, Work};
use crate::model::{Integration, Side};
use crate::vocab::{AccountId, IntegrationName};

/// Integrations that a run works on at once.
const AT_ONCE: usize = 16;

/// What a run does to the integrations, which says how many of one account it takes at once.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Lane {
    /// It reads, or makes change sets. AWS throttles calls by account and Region.
    Look,
    /// It changes stacks. Lake Formation has one list of administrators in an account and Region, and whoever changes it
    /// writes all of it: two integrations at once could lose an entry (`PutDataLakeSettings`).
    Change,
}

impl Lane {
    const fn width(self) -> usize {
        match self {
            Self::Look => 4,
            Self::Change => 1,
        }
    }
}

/// Something of one integration.
pub(crate) trait About {
    fn integration(&self) -> &Integration;

    /// A third account, in which all calls are made.
    fn host(&self) -> Option<&AccountId> {
        None
    }
}

impl<T: About> About for &T {
    fn integration(&self) -> &Integration {
        (**self).integration()
    }

    fn host(&self) -> Option<&AccountId> {
        (**self).host()
    }
}

impl About for Asked {
    fn integration(&self) -> &Integration {
        &self.rendered.integration
    }
}

impl About for Arc<Work> {
    fn integration(&self) -> &Integration {
        &self.integration
    }
}

impl About for SetWork {
    fn integration(&self) -> &Integration {
        &self.integration
    }

    fn host(&self) -> Option<&AccountId> {
        self.integration.stack_sets.as_ref().map(|settings| settings.assumes().0)
    }
}

/// Changes every integration. `None` for one that was not begun: in an account of it an operation of one before may still go on.
async fn change_all<W: About, X>(
    works: impl IntoIterator<Item = W>,
    one: impl AsyncFn(W) -> Vec<(X, Result<Outcome, Halt>)>,
) -> Vec<Option<Vec<(X, Result<Outcome, Halt>)>>> {
    let closed = RefCell::new(BTreeSet::new());
    let change = async |work: W| {
        let accounts = accounts(&work);
        if !closed.borrow().is_disjoint(&accounts) {
            return None;
        }
        let results = one(work).await;
        if results.iter().any(|(_, result)| matches!(result, Err(Halt::Running | Halt::Aws(_)))) {
            closed.borrow_mut().extend(accounts);
        }
        Some(results)
    };
    side_by_side(Lane::Change, works, change).await
}

/// A command that changes what integrations have in AWS.
pub(crate) trait Command<W: About> {
    /// What it sees of one.
    type Seen;
    /// What a result is about.
    type Part;
    /// What becomes of what it has begun if a person interrupts it.
    const INTERRUPTED: &str;

    /// Looks at one, by reading alone.
    async fn look(&self, work: &W) -> Result<Self::Seen, Halt>;

    /// Says what would be done, and asks. How it ends for one that is left as it is.
    async fn agree(
        &self,
        work: &W,
        seen: Self::Seen,
        terminal: &mut Terminal,
        progress: &mut Progress,
    ) -> Result<Option<Exit>, Stop>;

    /// Does it.
    async fn change(&self, work: &W) -> Vec<(Self::Part, Result<Outcome, Halt>)>;

    /// Says what became of one.
    fn sum(&self, work: &W, results: &[(Self::Part, Result<Outcome, Halt>)], terminal: &mut Terminal);
}

/// Those of a run that can begin. What is in the way of the others is said; how the run ends for those.
pub(crate) fn begun<W>(
    opened: Vec<Result<W, Unread>>,
    terminal: &mut Terminal,
    progress: &Progress,
) -> Result<(Vec<W>, Exit), Stop> {
    let (mut works, mut refused) = (Vec::new(), Exit::Done);
    for work in opened {
        match work {
            Ok(work) => works.push(work),
            Err(unread) => refused = refused.or_worse(unread.leave_out(terminal, progress)?),
        }
    }
    Ok((works, refused))
}

/// Looks at every integration, says what would be done, and does it where that is agreed. `refused` is how it ends for those
/// that are not among them.
pub(crate) async fn run_all<W: About, C: Command<W>>(
    command: &C,
    works: &[W],
    refused: Exit,
    terminal: &mut Terminal,
    progress: &mut Progress,
) -> Result<Exit, Stop> {
    let look = side_by_side(Lane::Look, works, async |work| command.look(work).await);
    let Some(seen) = progress.watch(terminal, look).await? else { return Ok(Exit::Interrupted) };
    let (mut agreed, mut worst) = (Vec::new(), refused);
    for (work, seen) in works.iter().zip(seen) {
        let left = match seen {
            Ok(seen) => command.agree(work, seen, terminal, progress).await?,
            Err(halt) => {
                let unread = Unread::Halted(work.integration().name.to_string(), halt);
                Some(unread.leave_out(terminal, progress)?)
            }
        };
        match left {
            None => agreed.push(work),
            Some(Exit::Interrupted) => {
                terminal.fail("interrupted: nothing was written", None);
                return Ok(Exit::Interrupted);
            }
            Some(exit) => worst = worst.or_worse(exit),
        }
    }
    let change = change_all(agreed.iter().copied(), async |work| command.change(work).await);
    let Some(done) = progress.watch(terminal, change).await? else {
        terminal.fail("interrupted", Some(C::INTERRUPTED));
        return Ok(Exit::Interrupted);
    };
    for (work, results) in agreed.into_iter().zip(done) {
        worst = worst.or_worse(match results {
            Some(results) => {
                command.sum(work, &results, terminal);
                exit_of(results.iter().filter_map(|(_, result)| result.as_ref().err()))
            }
            None => {
                let name = work.integration().name.as_str();
                let reason = "not begun: an operation may still go on in one of its accounts";
                progress.left_out(terminal, name, None, "skipped", reason)?;
                terminal.fail(&format!("{name}: {reason}"), Some("run the command again"));
                Exit::Running
            }
        });
    }
    Ok(worst)
}

/// Asks a person whether to go on with what was shown. How it ends if the answer is no.
pub(crate) async fn left_by_person(
    name: &IntegrationName,
    question: &str,
    terminal: &mut Terminal,
    progress: &Progress,
) -> Option<Exit> {
    match progress.agrees(terminal, &format!("{name}: {question}")).await {
        Some(true) => None,
        Some(false) => {
            let help = "look at what would be done above, then run again with --yes";
            terminal.fail(&format!("{name}: nothing was written: nobody said yes"), Some(help));
            Some(Exit::Stopped)
        }
        None => Some(Exit::Interrupted),
    }
}

fn accounts(work: &impl About) -> BTreeSet<AccountId> {
    [Side::Lake, Side::Detective].map(|side| work.integration().account(side).clone()).into()
}

/// Does something for every integration; what came of each, in the order in which they were given. None is left out because
/// another one failed.
pub(crate) async fn side_by_side<W: About, T>(
    lane: Lane,
    works: impl IntoIterator<Item = W>,
    one: impl AsyncFn(W) -> T,
) -> Vec<T> {
    let works = works.into_iter().map(|work| (accounts(&work), work)).collect::<Vec<(BTreeSet<_>, W)>>();
    let lanes = works.iter().flat_map(|(accounts, _)| accounts.clone());
    let lanes = lanes.map(|account| (account, Semaphore::new(lane.width())));
    let lanes = lanes.collect::<BTreeMap<AccountId, Semaphore>>();
    // Where stack sets live one is changed beside another: AWS puts their operations in line.
    let hosts = works.iter().filter_map(|(_, work)| work.host().cloned());
    let hosts = hosts.map(|account| (account, Semaphore::new(Lane::Look.width())));
    let hosts = hosts.collect::<BTreeMap<AccountId, Semaphore>>();
    let all = Semaphore::new(AT_ONCE);
    let runs = works.into_iter().map(async |(accounts, work)| {
        // Always in the same order, so that no two wait for each other. Nobody closes a semaphore.
        let mut permits = Vec::new();
        for account in &accounts {
            permits.push(lanes[account].acquire().await);
        }
        if let Some(host) = work.host() {
            permits.push(hosts[host].acquire().await);
        }
        permits.push(all.acquire().await);
        one(work).await
    });
    join_all(runs).await
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};

    use super::{About, change_all};
    use crate::deploy::{Halt, Outcome};
    use crate::model::{Integration, resolve};
    use crate::spec::Spec;
    use crate::vocab::{AccountId, Word as _};

    struct Of(Integration);

    impl About for Of {
        fn integration(&self) -> &Integration {
            &self.0
        }
    }

    /// With a Detective account of its own, or with the lake account of others, too.
    fn of(name: &str, lake: &str, detective: &str) -> Of {
        let text = format!(
            "name: {name}\nregions: [us-east-1]\nlake: {{account: \"{lake}\", subscriber: {{external_id: 7f3c9a51-acme-detective}}}}\n\
             detective: {{account: \"{detective}\", principals: [arn:aws:iam::{detective}:role/A]}}\n"
        );
        let spec = Spec::read(serde_yaml::from_str(&text).unwrap()).unwrap();
        Of(resolve(&spec, "a.yaml").0.unwrap())
    }

    #[test]
    fn an_account_in_which_something_goes_on_is_left_alone() {
        let works = [
            of("a", "111122223333", "444455556666"),
            of("b", "111122223333", "555566667777"),
            of("c", "999988887777", "888877776666"),
        ];
        let change = async |work: &Of| {
            vec![((), if work.0.name.as_str() == "a" { Err(Halt::Running) } else { Ok(Outcome::Changed) })]
        };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let done = runtime.block_on(change_all(&works, change));
        assert_eq!(done.iter().map(Option::is_some).collect::<Vec<_>>(), [true, false, true]);
    }

    /// What begins while another one is at work, and what waits for its end.
    #[test]
    fn accounts_of_their_own_go_side_by_side_and_shared_ones_one_by_one() {
        let works = [
            of("a", "111122223333", "444455556666"),
            of("b", "999988887777", "444455556666"),
            of("c", "222233334444", "888877776666"),
        ];
        let log = RefCell::new(Vec::new());
        let change = async |work: &Of| {
            log.borrow_mut().push(format!("{} begins", work.0.name));
            tokio::task::yield_now().await;
            log.borrow_mut().push(format!("{} ends", work.0.name));
            vec![((), Ok(Outcome::Changed))]
        };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(change_all(&works, change));
        let at = |what: &str| log.borrow().iter().position(|one| one == what).unwrap();
        assert!(at("c begins") < at("a ends"), "{log:?}");
        assert!(at("a ends") < at("b begins"), "{log:?}");
    }

    /// Six integrations with accounts of their own, whose stack sets live in one.
    #[test]
    fn of_one_host_four_go_side_by_side() {
        struct Hosted(Of, AccountId);
        impl About for Hosted {
            fn integration(&self) -> &Integration {
                self.0.integration()
            }
            fn host(&self) -> Option<&AccountId> {
                Some(&self.1)
            }
        }
        let host = AccountId::read("777788889999").unwrap();
        let works = (1..=6)
            .map(|n| Hosted(of("a", &format!("11112222333{n}"), &format!("44445555666{n}")), host.clone()));
        let (now, most) = (Cell::new(0), Cell::new(0));
        let change = async |_: Hosted| {
            now.set(now.get() + 1);
            most.set(most.get().max(now.get()));
            tokio::task::yield_now().await;
            now.set(now.get() - 1);
            vec![((), Ok(Outcome::Changed))]
        };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let done = runtime.block_on(change_all(works, change));
        assert_eq!((done.len(), most.get()), (6, 4));
    }
}
