//! A container that is really run and removed again.

use std::time::Duration;

use crate::{
    host::Command,
    model::{Observation, Seen, seen::End},
    native::{Ask, program},
};

/// The smallest image there is.
const IMAGE: &str = "hello-world";

/// Runs hello-world. The container removes itself; the image is removed too unless it was there before.
pub fn hello(ask: Ask<'_>) -> Observation {
    let was_there = ask.host.run(&Command::new(["docker", "image", "inspect", IMAGE])).end == End::Exited(0);
    // The time in the name keeps two doctors apart, and a replay asks for the same name again.
    let name = format!("doctor-hello-{}", ask.host.system().now.unwrap_or_default());
    let argv = ["docker", "run", "--rm", "--name", &name, IMAGE].map(str::to_owned);
    let timeout = ask.timeout.or(Some(Duration::from_secs(60)));
    let mut seen = program::observe(ask.host, &argv, &[], timeout, false);
    if matches!(seen.seen, Seen::TimedOut { .. }) {
        ask.host.run(&Command::new(["docker", "rm", "--force", &name]));
    }
    if !was_there {
        ask.host.run(&Command::new(["docker", "image", "rm", IMAGE]));
    }
    seen.facts.insert("image".to_owned(), if was_there { "local" } else { "fetched" }.to_owned());
    seen
}
