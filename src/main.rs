//! The program: everything is in [`doctor::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    doctor::cli::main()
}
