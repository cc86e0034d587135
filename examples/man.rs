//! Writes the manual pages of `doctor` and of each of its commands into a folder, made from the command line's own
//! definitions: `cargo run --example man -- DIR`. A program of its own, so that nobody downloads what makes them.

use std::{env, fs, io, path::PathBuf};

fn main() -> io::Result<()> {
    let folder = env::args_os().nth(1).map(PathBuf::from).ok_or(io::ErrorKind::InvalidInput)?;
    fs::create_dir_all(&folder)?;
    clap_mangen::generate_to(doctor::cli::command(), folder)
}
