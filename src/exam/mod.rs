//! Running a selection of checks against a host: which ones, in which order, with which deadlines.

mod mishap;
pub mod plan;
pub mod probe;
pub mod run;
pub mod wait;

pub use plan::{Plan, Selection};
pub use run::{Event, examine};
pub use wait::wait;
