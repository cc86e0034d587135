//! Many reports seen as one: however they are handed in, whatever stands in them, in every view.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

mod class;
mod compared;
mod counted;
mod fuzzed;
mod handed_in;
mod harmless;
mod program;
