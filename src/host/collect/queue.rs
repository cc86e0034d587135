//! What is still to be done, shared by all workers: blocks that a stream was cut into, long files that several read
//! at once, and files that nobody has opened yet.

use std::{
    collections::VecDeque,
    fs::File,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use super::{Found, Origin};

/// A long file of lines; whoever has time takes its next part.
#[derive(Debug)]
pub(super) struct Long {
    pub(super) origin: Origin,
    pub(super) file: File,
    pub(super) len: u64,
    next: AtomicU64,
}

/// Bytes of a long file that are taken at a time: so many that few lines are cut, so few that all workers end together.
const PART: u64 = 2 << 20;

impl Long {
    pub(super) fn new(origin: Origin, file: File, len: u64) -> Self {
        Self { origin, file, len, next: AtomicU64::new(0) }
    }

    /// The next part: from and to.
    pub(super) fn part(&self) -> Option<(u64, u64)> {
        let from = self.next.fetch_add(PART, Ordering::Relaxed);
        (from < self.len).then(|| (from, (from + PART).min(self.len)))
    }

    fn is_done(&self) -> bool {
        self.next.load(Ordering::Relaxed) >= self.len
    }
}

/// A part of a stream.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) origin: Origin,
    pub(super) at: u64,
    pub(super) lines: bool,
    pub(super) text: Vec<u8>,
}

/// One thing to do.
pub(super) enum Job<'a> {
    /// Take parts of a long file until it is done.
    Long(Arc<Long>),
    /// Give a block out.
    Block(Block),
    /// Open what was found; its place and itself.
    Open(usize, &'a Found),
}

#[derive(Debug, Default)]
struct State {
    opened: usize,
    /// Files and streams that may still make blocks or long files.
    busy: usize,
    long: Vec<Arc<Long>>,
    blocks: VecDeque<Block>,
    spare: Vec<Vec<u8>>,
}

/// What is still to be done.
#[derive(Debug)]
pub(super) struct Queue {
    found: Vec<Found>,
    workers: usize,
    state: Mutex<State>,
    more: Condvar,
}

impl Queue {
    pub(super) fn new(found: Vec<Found>, workers: usize) -> Self {
        Self { found, workers, state: Mutex::default(), more: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next thing to do; waits while another worker may still find some. Nothing once all is done.
    pub(super) fn next(&self) -> Option<Job<'_>> {
        let mut state = self.lock();
        loop {
            if let Some(block) = state.blocks.pop_front() {
                return Some(Job::Block(block));
            }
            state.long.retain(|long| !long.is_done());
            if let Some(long) = state.long.first() {
                return Some(Job::Long(Arc::clone(long)));
            }
            if let Some(found) = self.found.get(state.opened) {
                state.opened += 1;
                state.busy += 1;
                return Some(Job::Open(state.opened - 1, found));
            }
            if state.busy == 0 {
                return None;
            }
            state = self.more.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// What was opened is read.
    pub(super) fn done(&self) {
        self.lock().busy -= 1;
        self.more.notify_all();
    }

    /// Lets the others help with a long file.
    pub(super) fn share(&self, long: &Arc<Long>) {
        self.lock().long.push(Arc::clone(long));
        self.more.notify_all();
    }

    /// Hands a block to another worker; gives it back where enough of them wait already.
    pub(super) fn hand(&self, block: Block) -> Result<(), Block> {
        let mut state = self.lock();
        if state.blocks.len() + 1 >= self.workers {
            return Err(block);
        }
        state.blocks.push_back(block);
        drop(state);
        self.more.notify_one();
        Ok(())
    }

    /// An empty buffer.
    pub(super) fn buffer(&self) -> Vec<u8> {
        self.lock().spare.pop().unwrap_or_default()
    }

    /// Takes a buffer back.
    pub(super) fn recycle(&self, mut buffer: Vec<u8>) {
        buffer.clear();
        let mut state = self.lock();
        if state.spare.len() < self.workers {
            state.spare.push(buffer);
        }
    }
}
