//! Probes of the Postgres lab: its port, and a database that is really started in a container.

use std::time::Duration;

use super::{Ask, Native, docker::daemon::over_ssh, program};
use crate::{
    host::{Command, Host},
    model::{
        Observation, Os, Pattern, Seen,
        condition::streams,
        seen::{End, PathKind, PortSeen, Ran},
    },
};

/// The probes of this file by the names check files use.
pub const PROBES: &[(&str, Native)] = &[("postgres-port", port), ("postgres-lab", lab)];

/// Who holds the port `with.port`. Facts: `state` (`free`, `container`, `program`, `unseen` where Docker may not be
/// asked, `reserved` by Windows), `port`, `name` and `image` of a container, `service` of a PostgreSQL of this machine.
fn port(ask: Ask<'_>) -> Observation {
    let (host, word) = (ask.host, ask.word("port"));
    let Ok(number) = word.parse() else { return Observation::absent() };
    let mut seen = Observation::facts([("port", word)]);
    let state = match host.port(number) {
        PortSeen::Closed if reserved(host, number) => "reserved",
        PortSeen::Closed => "free",
        PortSeen::Unknown => {
            seen.seen = Seen::Unreadable("the port gave no answer in time".to_owned());
            return seen;
        }
        PortSeen::Open => match publisher(host, number) {
            Publisher::Container { name, image } => {
                seen = seen.with("name", name).with("image", image);
                "container"
            }
            Publisher::Unseen => "unseen",
            Publisher::None => {
                if let Some((kind, service)) = service(host) {
                    seen = seen.with(kind, service);
                }
                "program"
            }
        },
    };
    seen.with("state", state)
}

enum Publisher {
    Container { name: String, image: String },
    Unseen,
    None,
}

/// The container that publishes a port.
fn publisher(host: &dyn Host, port: u16) -> Publisher {
    let usable = program::inspect(host, "docker").is_some_and(|docker| docker.broken.is_none());
    // Another machine's engine publishes nothing here.
    if !usable || over_ssh(host).is_some() {
        return Publisher::None;
    }
    let ran = host.run(&Command::new(["docker", "ps", "--format", "{{.Names}}\t{{.Image}}\t{{.Ports}}"]));
    if ran.end != End::Exited(0) {
        // A stopped engine publishes nothing; one that may not be asked, or hangs, might.
        let denied = Pattern::new("(?i)permission denied|access is denied").is_match(&ran.stderr.text());
        return if denied || ran.end == End::TimedOut { Publisher::Unseen } else { Publisher::None };
    }
    let text = ran.stdout.text();
    let mut rows = text.lines().filter_map(|line| {
        let mut cells = line.split('\t');
        let (name, image, ports) = (cells.next()?, cells.next()?, cells.next()?);
        publishes(ports, port).then(|| (name.to_owned(), image.to_owned()))
    });
    rows.next().map_or(Publisher::None, |(name, image)| Publisher::Container { name, image })
}

/// Whether a list such as `0.0.0.0:5432->5432/tcp, [::]:8000-8010->8000-8010/tcp` has the port on its left side.
fn publishes(ports: &str, port: u16) -> bool {
    ports.split(',').filter_map(|one| one.split_once("->")).any(|(left, _)| {
        let range = left.rsplit(':').next().unwrap_or_default();
        let (low, high) = range.split_once('-').unwrap_or((range, range));
        matches!((low.parse::<u16>(), high.parse::<u16>()), (Ok(low), Ok(high)) if (low..=high).contains(&port))
    })
}

/// Whether Windows keeps a port for itself. The rows of numbers are the same in every language.
fn reserved(host: &dyn Host, port: u16) -> bool {
    if host.platform().os != Os::Windows {
        return false;
    }
    let ran = host.run(&Command::new(["netsh", "interface", "ipv4", "show", "excludedportrange", "protocol=tcp"]));
    ran.stdout.text().lines().any(|line| {
        let mut numbers = line.split_whitespace().map_while(|word| word.parse::<u32>().ok());
        matches!((numbers.next(), numbers.next()), (Some(low), Some(high)) if (low..=high).contains(&u32::from(port)))
    })
}

/// A PostgreSQL of this machine itself: as the fact `service`, or `app` where it is Postgres.app.
fn service(host: &dyn Host) -> Option<(&'static str, String)> {
    const UNITS: &[&str] = &[
        "/usr/lib/systemd/system/postgresql.service",
        "/lib/systemd/system/postgresql.service",
        "/etc/init.d/postgresql",
    ];
    let there = |path: &str| host.stat(path).kind != PathKind::Missing;
    match host.platform().os {
        Os::Macos => {
            let agents = format!("{}/Library/LaunchAgents", host.home()?);
            let names = host.list(&agents).names.into_iter();
            let mut brew = names.filter_map(|name| {
                let name = name.strip_prefix("homebrew.mxcl.")?.strip_suffix(".plist")?;
                name.starts_with("postgresql").then(|| ("service", name.to_owned()))
            });
            brew.next_back().or_else(|| there("/Applications/Postgres.app").then(|| ("app", "Postgres".to_owned())))
        }
        Os::Windows => {
            let names = host.list("C:/Program Files/PostgreSQL").names;
            let newest = names.iter().filter_map(|name| name.trim_end_matches('/').parse::<u32>().ok()).max();
            newest.map(|major| ("service", format!("postgresql-x64-{major}")))
        }
        _ => UNITS.iter().any(|path| there(path)).then(|| ("service", "postgresql".to_owned())),
    }
}

/// Starts a database in a container, waits until it accepts connections, and ends. All of that is one command, whose
/// container ends by itself within a minute and then is removed, so that nothing stays even if doctor is killed.
/// An image that is here already is used; one that had to be fetched is removed again.
fn lab(ask: Ask<'_>) -> Observation {
    const SCRIPT: &str = "docker-entrypoint.sh postgres & n=0; while [ $n -lt 60 ]; do \
                          pg_isready -q -h 127.0.0.1 && echo doctor-ready && exit 0; \
                          kill -0 $! 2>/dev/null || exit 3; n=$((n+1)); sleep 1; done; exit 2";
    let host = ask.host;
    let here = host.run(&Command::new(["docker", "image", "ls", "--format", "{{.Repository}}:{{.Tag}}", "postgres"]));
    let local = first_image(&here);
    let image = local.clone().unwrap_or_else(|| ask.word("image").to_owned());
    // The time in the name keeps two doctors apart, and a replay asks for the same name again.
    let name = format!("doctor-postgres-{}", host.system().now.unwrap_or_default());
    let argv = [
        "docker",
        "run",
        "--rm",
        "--name",
        &name,
        "--env",
        "POSTGRES_PASSWORD=doctor",
        "--publish",
        "127.0.0.1::5432",
        "--entrypoint",
        "sh",
        &image,
        "-c",
        SCRIPT,
    ]
    .map(str::to_owned);
    let timeout = ask.timeout.or(Some(Duration::from_secs(240)));
    let seen = program::observe(host, &argv, &[], timeout, false);
    let done = matches!(&seen.seen, Seen::Exited { .. }) && streams(&seen.seen).0.contains("doctor-ready");
    if !done {
        host.run(&Command::new(["docker", "rm", "--force", "--volumes", &name]));
    }
    if local.is_none() {
        host.run(&Command::new(["docker", "image", "rm", &image]));
    }
    seen.with("image", image)
}

fn first_image(ran: &Ran) -> Option<String> {
    let text = ran.stdout.text();
    text.lines()
        .map(str::trim)
        .find(|line| line.starts_with("postgres:") && !line.contains("<none>"))
        .map(str::to_owned)
}
