//! The built program, run as a learner runs it: whole screens against recordings of machines, and what must hold where
//! the machine around it is odd. `UPDATE=1 cargo test --test cli` accepts changed screens.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

mod doctor;
mod formats;
mod profiles;
mod robust;
mod screens;
mod terminal;
mod why;
