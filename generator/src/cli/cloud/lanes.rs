//! Many integrations in one run: several at once, and few of one account.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures_util::future::join_all;
use tokio::sync::Semaphore;

use crate::cli::cloud::Asked;
use crate::cli::{Exit, Terminal};
use crate::deploy::{Halt, Outcome, SetWork, Work};
use crate::model::{Integration, Side};
use crate::vocab::AccountId;

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
}

impl<T: About> About for &T {
    fn integration(&self) -> &Integration {
        (**self).integration()
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
}

/// Changes every integration. `None` for one that was not begun: in an account of it an operation of one before may still go on.
pub(crate) async fn change_all<W: About, X>(
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

/// Says that an integration was not begun; how the run ends for it.
pub(crate) fn not_begun(integration: &Integration, terminal: &mut Terminal) -> Exit {
    let message =
        format!("{}: not begun: an operation may still go on in one of its accounts", integration.name);
    terminal.fail(&message, Some("run the command again"));
    Exit::Running
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
    let all = Semaphore::new(AT_ONCE);
    let runs = works.into_iter().map(async |(accounts, work)| {
        // Always in the same order, so that no two wait for each other. Nobody closes a semaphore.
        let mut permits = Vec::new();
        for account in &accounts {
            permits.push(lanes[account].acquire().await);
        }
        permits.push(all.acquire().await);
        one(work).await
    });
    join_all(runs).await
}
