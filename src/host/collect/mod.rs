//! Many inputs, read as they were handed in: files, folders, patterns, standard input, `.gz`, `.zip`, UTF-16. Gives out
//! pieces of text that end where a document may end, to several workers at a time, and says of everything else why
//! it was not read. Memory is bounded by the number of workers, not by what is read: pieces are at most [`WHOLE`] bytes.
//!
//! Nothing that an input says of itself is trusted: no path of an archive is opened, its sizes are limits and no
//! promises, devices and pipes inside folders are not read.

mod long;
mod open;
mod queue;
mod stream;
mod walk;
mod zip;

use std::{path::PathBuf, sync::Arc, thread};

pub use walk::{Found, find};

/// The most bytes that are held of one input at a time. No report is as long; longer inputs are cut where a line ends.
pub const WHOLE: usize = 8 << 20;

/// The most that may come out of archives, as multiples of what goes in, plus [`WHOLE`] × 8 for small ones. Text of
/// this kind shrinks to a tenth, many alike reports to a hundredth; a bomb to a thousandth and less.
const GROWTH: u64 = 250;

/// One text of an input, which ends where documents may end.
#[derive(Debug, Clone, Copy)]
pub struct Piece<'a> {
    /// Where it comes from.
    pub origin: &'a Origin,
    /// Bytes of the same origin before it.
    pub at: u64,
    /// Whether each line is a document of its own.
    pub lines: bool,
    /// The text; mostly UTF-8.
    pub text: &'a [u8],
}

/// An input's name and its place among all inputs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// How it is named to people; of what is inside an archive the archive's name and the name inside.
    pub name: Arc<str>,
    /// Its place in the order of inputs, and inside its archive.
    pub order: (u32, u32),
}

/// Whoever takes what was read; one for each worker.
pub trait Take: Send {
    /// Takes a piece.
    fn piece(&mut self, piece: Piece<'_>);
    /// Hears that something was not read, and why: a phrase without a full stop.
    fn refused(&mut self, origin: &Origin, reason: String);
}

/// What the command line names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// Standard input.
    Stdin,
    /// A file, a folder, or a pattern with `*`, `?` or `**`.
    Path(PathBuf),
}

/// Reads everything that was found with as many workers as `takers`, and gives these back.
pub fn read<T: Take>(found: Vec<Found>, takers: Vec<T>) -> Vec<T> {
    let queue = queue::Queue::new(found, takers.len());
    thread::scope(|scope| {
        let running: Vec<_> = takers
            .into_iter()
            .map(|taker| {
                let queue = &queue;
                scope.spawn(move || open::Worker::new(queue, taker).run())
            })
            .collect();
        // A worker that panics is a defect; the others' work is given back and the panic goes on.
        running
            .into_iter()
            .map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    })
}

/// How many workers this machine feeds.
pub fn workers() -> usize {
    thread::available_parallelism().map_or(1, std::num::NonZero::get).min(64)
}
