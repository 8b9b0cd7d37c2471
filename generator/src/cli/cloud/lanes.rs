//! Many integrations in one run: several at once, and few of one account.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures_util::future::join_all;
use tokio::sync::Semaphore;

use crate::cli::cloud::Asked;
use crate::deploy::{SetWork, Work};
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

/// Does something for every integration; what came of each, in the order in which they were given. None waits for one
/// that has nothing to do with its accounts, and none is left out because another one failed.
pub(crate) async fn side_by_side<W: About, T>(
    lane: Lane,
    works: impl IntoIterator<Item = W>,
    one: impl AsyncFn(W) -> T,
) -> Vec<T> {
    let accounts =
        |work: &W| [Side::Lake, Side::Detective].map(|side| work.integration().account(side).clone()).into();
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
