//! Time: how fast lakelink asks, and how long it waits.

use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// How often something is asked about before the pauses grow; and how long they get, in pauses.
const QUICK: u32 = 5;
const LONGEST: u32 = 5;

/// The clock of a run on one integration. It begins with the first wait: neither while a person thinks, nor while others have
/// their turn.
#[derive(Debug)]
pub(crate) struct Clock {
    /// Between two questions about something that goes on.
    poll: Duration,
    patience: Duration,
    /// None for a patience beyond all clocks.
    deadline: OnceLock<Option<Instant>>,
}

impl Clock {
    /// A clock that asks every `poll`, and gives up waiting after `patience`.
    pub(crate) const fn new(poll: Duration, patience: Duration) -> Self {
        Self { poll, patience, deadline: OnceLock::new() }
    }

    /// Whether the time for waiting is over. What goes on in AWS goes on.
    pub(crate) fn is_over(&self) -> bool {
        let deadline = self.deadline.get_or_init(|| Instant::now().checked_add(self.patience));
        deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }

    /// Waits before the next question; longer after many of them, so that long operations are not asked about too often.
    pub(crate) async fn pause(&self, asked: u32) {
        tokio::time::sleep(self.poll * (1 + asked / QUICK).min(LONGEST)).await;
    }

    /// Seconds since 1970.
    pub(crate) fn now() -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        since.ok().and_then(|since| i64::try_from(since.as_secs()).ok()).unwrap_or_default()
    }
}
