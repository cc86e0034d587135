//! Putting findings together into a report that holds nobody: the machine's pseudonym, the time, the mask, the counts.

use sha2::{Digest as _, Sha256};

use crate::{
    calendar, embedded,
    host::{Command, Host, file_name},
    model::{
        Finding, Os, Report,
        mask::Mask,
        report::{Machine, Profile, Program, Run, SCHEMA, Summary},
        seen::{End, View},
    },
};

/// The JSON Schema of reports, made from the types.
pub const REPORT_SCHEMA: &str = include_str!("../docs/report.schema.json");

/// The JSON Schema of recordings, made from the types.
pub const RECORDING_SCHEMA: &str = include_str!("../docs/recording.schema.json");

/// Whose machine it is: known well enough to keep it out of everything that is written.
#[derive(Debug, Clone, Default)]
pub struct Who {
    /// The machine's and its user's pseudonym: 16 hexadecimal digits, the same in every run.
    pub id: String,
    /// What keeps them out of reports and recordings.
    pub mask: Mask,
}

impl Who {
    /// Asks the machine itself. The questions belong in no recording, so this wants the host behind the recorder.
    pub fn is_it(host: &dyn Host) -> Self {
        let home = host.home();
        let users = users(host, home.as_deref());
        let hosts = hosts(host);
        let mut mask = Mask::new(home.as_deref()).with_usual(embedded::says);
        for user in &users {
            mask = mask.user(user);
        }
        for name in &hosts {
            mask = mask.host(name);
        }
        let machine =
            machine_id(host).unwrap_or_else(|| format!("{} {}", hosts.join(" "), home.as_deref().unwrap_or_default()));
        Self { id: pseudonym(&machine, users.first().map_or("", String::as_str)), mask }
    }

    /// A recording's machine: it wrote its pseudonym itself and masked what it wrote. Its home folder is nobody's, but
    /// reports say `~`; secrets by their shape are masked once more, for recordings written by hand.
    pub fn recorded(machine: &str) -> Self {
        Self { id: machine.to_owned(), mask: Mask::default() }
    }
}

/// What a machine's own number and a user's name make when nobody shall find out either.
fn pseudonym(machine: &str, user: &str) -> String {
    // The numbers of machines are not secret; hashed with words of our own they lead to nothing else.
    let digest = Sha256::digest(format!("doctor: a machine and its user\n{}\n{user}", machine.trim().to_lowercase()));
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// The number that the operating system gave this machine when it was installed.
fn machine_id(host: &dyn Host) -> Option<String> {
    let quoted = |text: &str| text.rsplit('"').nth(1).map(str::to_owned);
    let id = match host.platform().os {
        Os::Macos => {
            let ran = host.run(&Command::new(["/usr/sbin/ioreg", "-rd1", "-c", "IOPlatformExpertDevice"]));
            ran.stdout.text().lines().find(|line| line.contains("IOPlatformUUID")).and_then(quoted)
        }
        Os::Windows => {
            let key = r"HKLM\SOFTWARE\Microsoft\Cryptography";
            let ran = host.run(&Command::new(["reg.exe", "query", key, "/v", "MachineGuid"]));
            ran.stdout.text().split_once("REG_SZ").map(|(_, id)| id.trim().to_owned())
        }
        _ => ["/etc/machine-id", "/var/lib/dbus/machine-id"].into_iter().find_map(|file| line(host, file)),
    };
    // An image that was not started yet says `uninitialized`.
    id.filter(|id| id.chars().filter(char::is_ascii_hexdigit).count() >= 16)
}

/// The names this user may be written by; the first one is the one that counts.
fn users(host: &dyn Host, home: Option<&str>) -> Vec<String> {
    let names = ["USER", "LOGNAME", "USERNAME", "SUDO_USER"].into_iter().filter_map(|name| host.env(name));
    // A domain's user is `DOMAIN\ada` in some places.
    let mut users: Vec<String> = names.map(|name| file_name(&name).to_owned()).collect();
    let home = home.unwrap_or_default();
    // Only where homes have their user's name: `/workspace` is nobody.
    if ["/home/", "/Users/", "\\Users\\"].iter().any(|folder| home.contains(folder)) {
        users.push(file_name(home).to_owned());
    }
    users.retain(|name| !name.is_empty());
    users.dedup();
    users
}

/// The names of this machine.
fn hosts(host: &dyn Host) -> Vec<String> {
    let mut hosts: Vec<String> = ["HOSTNAME", "COMPUTERNAME"].into_iter().filter_map(|name| host.env(name)).collect();
    if host.platform().os == Os::Linux {
        hosts.extend(["/proc/sys/kernel/hostname", "/etc/hostname"].into_iter().filter_map(|file| line(host, file)));
    }
    if hosts.is_empty() {
        let ran = host.run(&Command::new(["hostname"]));
        hosts.extend((ran.end == End::Exited(0)).then(|| ran.stdout.text().trim().to_owned()));
    }
    hosts.retain(|name| !name.is_empty());
    hosts.sort();
    hosts.dedup();
    hosts
}

/// The first line of a small file.
fn line(host: &dyn Host, file: &str) -> Option<String> {
    let text = host.read(file, View::Whole).text()?;
    text.lines().next().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty())
}

/// Puts a report together; everything in it that was seen is masked. `run.started` is filled in.
pub fn assemble(
    host: &dyn Host,
    who: &Who,
    doctor: Program,
    mut run: Run,
    label: &str,
    findings: Vec<Finding>,
) -> Report {
    let platform = host.platform().clone();
    run.started = host
        .system()
        .now
        .map(|now| now - i64::try_from(run.ms / 1000).unwrap_or(0))
        .map(calendar::rfc3339)
        .unwrap_or_default();
    let mut report = Report {
        schema: SCHEMA,
        doctor,
        machine: Machine { id: who.id.clone(), label: label.to_owned(), scope: platform.scope().to_owned() },
        summary: Summary::of(&findings, &platform, run.strict),
        run,
        platform,
        profile: None,
        findings,
    };
    who.mask.clone().with_home(host.home().as_deref()).report(&mut report);
    report
}

/// Says in a report what "ready" meant in it.
#[must_use]
pub fn with_profile(mut report: Report, host: &dyn Host, who: &Who, profile: Profile) -> Report {
    let file = who.mask.clone().with_home(host.home().as_deref()).text(&profile.file);
    report.profile = Some(Profile { file, ..profile });
    report
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::{
        host::recording::{CommandSeen, Recording, Replay, Unstated},
        model::{
            Platform,
            seen::{FileSeen, PathKind, Ran},
        },
    };

    fn file(text: &str) -> FileSeen {
        FileSeen { kind: PathKind::File, content: text.into(), ..FileSeen::default() }
    }

    fn machine(os: Os) -> Recording {
        Recording {
            unstated: Unstated::Absent,
            platform: Platform { os, ..Platform::default() },
            home: Some("/home/lovelace".to_owned()),
            env: [("USER".to_owned(), Some("lovelace".to_owned()))].into(),
            ..Recording::default()
        }
    }

    #[test]
    fn a_machine_and_its_user_are_one_pseudonym() {
        let with = |id: &str, user: &str| {
            let files: BTreeMap<_, _> =
                [("/etc/machine-id".to_owned(), file(id)), ("/etc/hostname".to_owned(), file("engine\n"))].into();
            let env = [("USER".to_owned(), Some(user.to_owned()))].into();
            Who::is_it(&Replay::new(Recording { files, env, ..machine(Os::Linux) })).id
        };
        let id = "0123456789abcdef0123456789abcdef\n";
        assert_eq!(with(id, "ada"), with(id, "ada"));
        assert_ne!(with(id, "ada"), with(id, "bob"));
        assert_ne!(with(id, "ada"), with("fedcba9876543210fedcba9876543210\n", "ada"));
        assert_eq!(with("uninitialized\n", "ada"), with("", "ada"));
        assert!(with(id, "ada").len() == 16 && !with(id, "ada").contains("0123"));
    }

    #[test]
    fn macs_and_windows_are_asked_by_command() {
        let answer = |argv: &[&str], stdout: &str| CommandSeen {
            argv: argv.iter().map(|word| (*word).to_owned()).collect(),
            ran: Ran { end: End::Exited(0), stdout: stdout.into(), ..Ran::default() },
            ..CommandSeen::default()
        };
        let ioreg = ["/usr/sbin/ioreg", "-rd1", "-c", "IOPlatformExpertDevice"];
        let mac = answer(&ioreg, "  \"IOPlatformUUID\" = \"9C6A0000-1111-2222-3333-444455556666\"\n");
        let host = Replay::new(Recording { commands: vec![mac], ..machine(Os::Macos) });
        assert_eq!(machine_id(&host).as_deref(), Some("9C6A0000-1111-2222-3333-444455556666"));
        let reg = ["reg.exe", "query", r"HKLM\SOFTWARE\Microsoft\Cryptography", "/v", "MachineGuid"];
        let windows = answer(
            &reg,
            "\r\nHKEY_LOCAL_MACHINE\\...\r\n    MachineGuid    REG_SZ    9c6a0000-1111-2222-3333-444455556666\r\n\r\n",
        );
        let host = Replay::new(Recording { commands: vec![windows], ..machine(Os::Windows) });
        assert_eq!(machine_id(&host).as_deref(), Some("9c6a0000-1111-2222-3333-444455556666"));
    }

    #[test]
    fn names_of_the_machine_are_masked() {
        let files = [("/proc/sys/kernel/hostname".to_owned(), file("analytical\n"))].into();
        let who = Who::is_it(&Replay::new(Recording { files, ..machine(Os::Linux) }));
        assert_eq!(who.mask.text("lovelace@analytical:/home/lovelace/x"), "<user>@<host>:~/x");
    }

    #[test]
    fn times_are_written_in_utc() {
        assert_eq!(calendar::rfc3339(0), "1970-01-01T00:00:00Z");
        assert_eq!(calendar::rfc3339(1_795_375_491), "2026-11-22T19:24:51Z");
        assert_eq!(calendar::rfc3339(-1), "1969-12-31T23:59:59Z");
    }
}
