//! A command that the person asked for, run as they would, with its output shown while it is also kept.
#![expect(clippy::disallowed_methods, reason = "the person asked for this command; it is no probe")]

use std::{
    io::{self, Read, Write},
    process::{Command, Stdio},
    sync::{Arc, Mutex, PoisonError},
    thread,
};

/// The most that is kept, in bytes: the last of it.
const KEPT: usize = 1024 * 1024;

/// Runs a command with this terminal's input, shows what it prints on both streams, and returns whether it succeeded
/// and what it printed, in the order in which it came.
///
/// # Errors
/// The system's reason why it could not be started.
pub fn run(argv: &[String]) -> io::Result<(bool, Vec<u8>)> {
    let (program, arguments) = argv.split_first().ok_or(io::ErrorKind::InvalidInput)?;
    let mut child = Command::new(program).args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let kept = Arc::new(Mutex::new(Vec::new()));
    let copies = [
        child.stdout.take().map(|from| copy(from, io::stdout(), &kept)),
        child.stderr.take().map(|from| copy(from, io::stderr(), &kept)),
    ];
    let status = child.wait()?;
    for copying in copies.into_iter().flatten() {
        let _ = copying.join();
    }
    let bytes = std::mem::take(&mut *kept.lock().unwrap_or_else(PoisonError::into_inner));
    Ok((status.success(), bytes))
}

fn copy(
    mut from: impl Read + Send + 'static,
    mut to: impl Write + Send + 'static,
    kept: &Arc<Mutex<Vec<u8>>>,
) -> thread::JoinHandle<()> {
    let kept = Arc::clone(kept);
    thread::spawn(move || {
        let mut buffer = [0; 8192];
        while let Ok(read @ 1..) = from.read(&mut buffer) {
            // A terminal that is gone must not stop the command.
            let _ = to.write_all(&buffer[..read]).and_then(|()| to.flush());
            let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
            kept.extend_from_slice(&buffer[..read]);
            if kept.len() > 2 * KEPT {
                let cut = kept.len() - KEPT;
                kept.drain(..cut);
            }
        }
    })
}
