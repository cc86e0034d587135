//! `doctor` examines a developer machine. (Map of the house: to come.)
pub mod calendar;
pub mod catalog;
pub mod cli;
pub mod diagnose;
pub mod exam;
pub mod host;
pub mod model;
pub mod native;
pub mod render;
pub mod report;
pub mod why;
