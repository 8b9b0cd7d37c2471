//! Work on many things at once: a fleet has thousands of specs, each of which is rendered and written by itself, and a
//! single one has many files.

use std::panic::resume_unwind;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, Builder};

/// Processors that no thread of [`in_parallel`] has: all but the one of the main thread. However calls are nested, it has no
/// more threads than there are processors. One that waits for another keeps its processor.
static FREE: LazyLock<AtomicUsize> =
    LazyLock::new(|| AtomicUsize::new(thread::available_parallelism().map_or(0, |all| all.get() - 1)));

/// A processor for one thread, until that ends.
struct Processor;

impl Processor {
    fn take() -> Option<Self> {
        let less = |free: usize| free.checked_sub(1);
        FREE.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).ok().map(|_| Self)
    }
}

impl Drop for Processor {
    fn drop(&mut self) {
        FREE.fetch_add(1, Ordering::Relaxed);
    }
}

/// Does `work` while `ahead` is done on another thread. Where none can be started `ahead` is not done: it must be something that
/// is done when it is needed, too.
pub(crate) fn beside<R>(ahead: impl FnOnce() + Send, work: impl FnOnce() -> R) -> R {
    thread::scope(|scope| {
        let _ = Builder::new().spawn_scoped(scope, ahead);
        // Asked now, while the other thread works: the answer takes as long as to read a spec.
        LazyLock::force(&FREE);
        work()
    })
}

/// Does both at once and gives what comes out: `one` on another thread, or afterwards where none can be started. That thread is
/// none of those that [`FREE`] counts: it is for what mostly waits, for the disk or for another program.
pub(crate) fn both<A: Send, B>(one: impl Fn() -> A + Sync, other: impl FnOnce() -> B) -> (A, B) {
    thread::scope(|scope| {
        let started = Builder::new().spawn_scoped(scope, &one);
        let other = other();
        let one = match started {
            Ok(thread) => thread.join().unwrap_or_else(|panic| resume_unwind(panic)),
            Err(_) => one(),
        };
        (one, other)
    })
}

/// Does `work` on every item, on as many threads as there are free processors, and gives the results in the order of the
/// items. This thread is one of them: for one item no other is started, and where none can be, it does all.
pub(crate) fn in_parallel<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let turn = || {
        let n = next.fetch_add(1, Ordering::Relaxed);
        items.get(n).map(|item| (n, work(item)))
    };
    let mut done = thread::scope(|scope| {
        let (mut done, mut others) = (Vec::new(), Vec::new());
        loop {
            // Before each turn: a processor may have become free.
            while next.load(Ordering::Relaxed) + 1 < items.len()
                && let Some(processor) = Processor::take()
            {
                let turns = || {
                    let _processor = processor;
                    std::iter::from_fn(turn).collect::<Vec<_>>()
                };
                match Builder::new().spawn_scoped(scope, turns) {
                    Ok(other) => others.push(other),
                    Err(_) => break,
                }
            }
            match turn() {
                Some(result) => done.push(result),
                None => break,
            }
        }
        for other in others {
            done.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        done
    });
    done.sort_unstable_by_key(|(n, _)| *n);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread::available_parallelism;

    use super::{beside, both, in_parallel};

    #[test]
    fn results_come_in_the_order_of_the_items() {
        let items = (0..1000).collect::<Vec<u32>>();
        assert_eq!(in_parallel(&items, |n| n * 2), items.iter().map(|n| n * 2).collect::<Vec<_>>());
        assert_eq!(in_parallel(&items[..1], |n| n + 1), [1]);
        assert!(in_parallel(&items[..0], |n| n + 1).is_empty());
    }

    #[test]
    fn what_is_done_ahead_is_done_when_the_work_is() {
        let ahead = AtomicUsize::new(0);
        assert_eq!(beside(|| ahead.store(7, Ordering::SeqCst), || "done"), "done");
        assert_eq!(ahead.into_inner(), 7);
    }

    #[test]
    fn of_both_comes_what_each_gives() {
        assert_eq!(both(|| "one", || 2), ("one", 2));
    }

    #[test]
    fn however_nested_there_are_no_more_threads_than_processors() {
        let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let count = |n: &u32| {
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            // Long enough for one thread too many to be seen.
            let sum = (0..20_000).fold(*n, |sum, n| std::hint::black_box(sum.wrapping_mul(31) ^ n));
            now.fetch_sub(1, Ordering::SeqCst);
            sum
        };
        let items = (0..100).collect::<Vec<u32>>();
        in_parallel(&items, |_| in_parallel(&items, count).len());
        assert!(most.into_inner() <= available_parallelism().map_or(1, usize::from));
    }
}
