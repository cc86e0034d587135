//! Whose program starts next, where there are more of them than processors.
//!
//! Twenty programs at once on two processors all become slow together, and the one that takes longest, an interpreter
//! mostly, ends long after the others with one processor idle. So no more start than the machine can work on, and of
//! those that wait the one that may take longest goes first. Nobody waits long: programs that hang, or wait for
//! something themselves, keep their turns and do no work.

use std::{
    cmp::Reverse,
    collections::BTreeSet,
    sync::{Condvar, Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

/// How long a program waits for its turn at most.
const PATIENCE: Duration = Duration::from_millis(150);

/// The machine's processors, as turns to work on them.
#[derive(Debug)]
pub struct Turns {
    at_once: usize,
    patience: Duration,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    busy: usize,
    /// Who waits: the longest first, then whoever came first.
    waiting: BTreeSet<(Reverse<Duration>, u64)>,
    next: u64,
}

/// A turn; it ends when this is dropped.
#[derive(Debug)]
pub struct Turn<'a>(&'a Turns);

impl Turns {
    /// As many at once as the machine has processors, and one for which the disk is waited for.
    pub fn new() -> Self {
        Self::of(thread::available_parallelism().map_or(1, usize::from) + 1, PATIENCE)
    }

    fn of(at_once: usize, patience: Duration) -> Self {
        Self { at_once, patience, state: Mutex::default(), changed: Condvar::new() }
    }

    /// Waits for a turn to run a program that may take this long, until `deadline` at the latest.
    pub fn take(&self, longest: Duration, deadline: Instant) -> Turn<'_> {
        let enough = deadline.min(Instant::now() + self.patience);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let me = (Reverse(longest), state.next);
        state.next += 1;
        state.waiting.insert(me);
        loop {
            let left = enough.saturating_duration_since(Instant::now());
            let is_free = state.busy < self.at_once && state.waiting.first() == Some(&me);
            if is_free || left.is_zero() {
                state.waiting.remove(&me);
                state.busy += 1;
                // The next may have a turn as well.
                self.changed.notify_all();
                return Turn(self);
            }
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner).busy -= 1;
        self.0.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::Mutex,
        thread,
        time::{Duration, Instant},
    };

    use super::Turns;

    const NEVER: Duration = Duration::from_secs(3600);

    fn waiting(turns: &Turns) -> usize {
        turns.state.lock().unwrap().waiting.len()
    }

    #[test]
    fn whoever_may_take_longest_goes_first_and_then_whoever_came_first() {
        let turns = Turns::of(1, NEVER);
        let order = Mutex::new(Vec::new());
        thread::scope(|scope| {
            let first = turns.take(NEVER, Instant::now() + NEVER);
            for (place, seconds) in [5, 5, 20, 8].into_iter().enumerate() {
                let (turns, order) = (&turns, &order);
                scope.spawn(move || {
                    let _turn = turns.take(Duration::from_secs(seconds), Instant::now() + NEVER);
                    order.lock().unwrap().push((seconds, place));
                });
                while waiting(turns) <= place {
                    thread::yield_now();
                }
            }
            assert_eq!(*order.lock().unwrap(), []);
            drop(first);
        });
        assert_eq!(*order.lock().unwrap(), [(20, 2), (8, 3), (5, 0), (5, 1)]);
    }

    #[test]
    fn as_many_as_there_are_turns_go_at_once() {
        let turns = Turns::of(3, NEVER);
        let mut held: Vec<_> = (0..3).map(|_| turns.take(NEVER, Instant::now() + NEVER)).collect();
        thread::scope(|scope| {
            let fourth = scope.spawn(|| drop(turns.take(NEVER, Instant::now() + NEVER)));
            while waiting(&turns) == 0 {
                assert!(!fourth.is_finished(), "four went at once");
                thread::yield_now();
            }
            held.pop();
        });
    }

    #[test]
    fn a_program_that_hangs_keeps_nobody_waiting() {
        let turns = Turns::of(1, Duration::from_millis(20));
        let _hangs = turns.take(NEVER, Instant::now() + NEVER);
        let _next = turns.take(NEVER, Instant::now() + NEVER);
    }

    #[test]
    fn nobody_waits_past_the_deadline() {
        let turns = Turns::of(1, NEVER);
        let _busy = turns.take(NEVER, Instant::now() + NEVER);
        let _late = turns.take(NEVER, Instant::now());
    }
}
