//! `doctor` examines a developer machine and says what is ready, what is not, why, and what to paste.
//!
//! # The map of the house
//!
//! A **check** states a healthy condition and names one **probe**. A probe run against a **host** yields an
//! **observation**: raw facts, never an opinion. A pure function makes it a **finding**: the first diagnosis that holds is
//! the finding; if none holds, `expect` decides between pass and `otherwise`. Findings make one **report**, and every view
//! is made from that report and from nothing else. A host is the real machine or a **recording** of one, so every
//! diagnosis can be replayed, tested and judged again later.
//!
//! So all knowledge is in `checks/*.toml`, all danger in [`host`], all judgement in [`mod@diagnose`] and all words around
//! it in [`render`].
//!
//! | room | what it is for | imports of ours |
//! |---|---|---|
//! | [`embedded`] | what the build packed into the program | – |
//! | [`model`] | the nouns; no input, no output, no clock | `embedded` |
//! | [`calendar`] | until when a version gets updates, judged by a given day | `model` |
//! | [`diagnose`](mod@diagnose) | from a check and what was seen to a finding; pure | `model`, `calendar` |
//! | [`catalog`] | TOML text to checks, or an error with its place | `embedded`, `model`, `calendar`, `diagnose`, names of `native` |
//! | [`why`] | from a pasted text to the diagnosis it is known by; pure | `embedded`, `model`, `catalog`, `diagnose` |
//! | [`cohort`] | from many reports to one view of everybody; pure | `model`, `calendar`, `catalog`, `diagnose` |
//! | [`remedy`] | from findings to a plan: what to do, in which order, by whom; pure | `model`, `catalog` |
//! | [`host`] | the only door to the machine: the real one, a recording, whoever writes one down | `model`, `calendar` |
//! | [`native`] | probes that data cannot express; they observe and never speak | `model`, `calendar`, the trait [`host::Host`] |
//! | [`exam`] | which checks, in which order, with which deadlines | `model`, `host`, `native`, `diagnose`, `calendar`, `catalog` |
//! | [`profile`] | what "ready" means: selection, versions, levels, waivers; pure | `model`, `calendar`, `catalog`, `diagnose`, `exam` |
//! | [`project`] | what a repository's own files ask for; pure | `model`, `catalog` |
//! | [`report`] | findings put together and masked | `embedded`, `model`, `host`, `calendar` |
//! | [`render`] | findings to words, one consumer per file; writes to a `dyn Write` only | `model`, `exam`, `calendar`, `diagnose`, `catalog`, `why`, `remedy`, `cohort` |
//! | [`cli`] | what can be asked for, one file per subcommand, exit codes | all of the above |
//!
//! `tests/layering.rs` holds the same table and enforces it, with the crates that each room owns; `tests/laws.rs` holds
//! what every check obeys; `tests/cases/` holds what was seen on some machine and what must be found.
//!
//! # The way of a run
//!
//! [`cli`] reads the command line and asks [`catalog`] for the checks; [`exam::Plan`] selects them, [`exam::examine`] puts
//! each probe to a [`host::Host`] in a thread of its own, at most until the deadline, and has [`diagnose`](mod@diagnose) judge what was
//! seen; [`report`] puts the findings together; [`render`] writes them; the verdict is the exit code.
//!
//! # A new tool
//!
//! One file `checks/x.toml` and its cases `tests/cases/x.toml`: no Rust and no list. `checks/README.md` explains the format.
#![warn(clippy::disallowed_methods)]

pub mod calendar;
pub mod catalog;
pub mod cli;
pub mod cohort;
pub mod diagnose;
pub mod embedded;
pub mod exam;
pub mod host;
pub mod model;
pub mod native;
pub mod profile;
pub mod project;
pub mod remedy;
pub mod render;
pub mod report;
pub mod why;
