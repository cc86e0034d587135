//! The nouns of `doctor`: what a check is, what was seen, what was found. No I/O, no command line, no colour.

pub mod check;
pub mod condition;
pub mod effect;
pub mod finding;
pub mod fix;
pub mod later;
pub mod mask;
pub mod observation;
pub mod pattern;
pub mod placeholder;
pub mod platform;
pub mod report;
pub mod seen;
pub mod sshkey;
pub mod template;
pub mod version;
pub mod words;

pub use check::{Check, Level, Probe, Remedy, Tool};
pub use condition::Condition;
pub use finding::{Finding, Outcome};
pub use fix::{Fix, Owner, Step};
pub use later::Later;
pub use observation::{Broken, Evidence, Observation, Seen, Source};
pub use pattern::Pattern;
pub use platform::{Os, Platform};
pub use report::Report;
pub use version::{Requirement, Version};
