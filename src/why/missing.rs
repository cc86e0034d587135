//! "Command not found" in the words of many shells: the same state for every tool, so it is known here once.

use crate::{
    catalog::Catalog,
    diagnose::Subject,
    model::{Pattern, Probe},
};

/// Each with one group: the command. zsh, whose name would be taken for the command; bash, dash, ash and ksh; fish; `env`; Debian's and Fedora's hints; Go's and
/// systemd's `exec`; cmd and PowerShell. The words are those of the shells' own translations; where PowerShell's
/// sentence is not known, its error record still names the command.
const WORDS: &[&str] = &[
    r"command not found: ([\w.+-]+)",
    r"(?:^|[\s:])([\w.+-]+) ?: (?:command not found|not found|inaccessible or not found|Kommando nicht gefunden|Befehl nicht gefunden|commande introuvable|orden no encontrada|no se encontró la orden|comando non trovato|comando não encontrado|opdracht niet gevonden|kommandot hittades inte|nie znaleziono polecenia|команда не найдена|コマンドが見つかりません|未找到命令|找不到指令|명령을 찾을 수 없음|command not found\.\.\.)",
    r#"[Uu]nknown command:? ['"‘“]?([\w.+-]+)"#,
    r"env: [‘'`]?([\w.+-]+)[’']?: No such file or directory",
    r"Command [‘'`]([\w.+-]+)[’'] not found",
    r#"exec: "?([\w.+-]+)"?: (?:executable file )?not found"#,
    r#"(?:The term )?['"«‘]([\w.+-]+)['"»’] (?:is not recognized|wurde nicht als Name|kann nicht gefunden|n.est pas reconnu|no se reconoce|non è riconosciuto|não é reconhecido)"#,
    r"\(([\w.+-]+):String\) \[\], CommandNotFoundException",
    r"ObjectNotFound: \(([\w.+-]+):String\)",
];

/// The command that a text says is not there, and the words that say so.
pub(super) fn command(text: &str) -> Option<(String, String)> {
    WORDS.iter().find_map(|words| {
        let pattern = Pattern::new(*words);
        let captures = pattern.captures(text)?;
        let name = captures.get(1)?.as_str();
        let name = name.strip_suffix(".exe").or_else(|| name.strip_suffix(".cmd")).unwrap_or(name);
        Some((name.to_owned(), captures.get(0)?.as_str().trim().to_owned()))
    })
}

/// The first check that looks for a command of this name.
pub(super) fn check<'a>(catalog: &'a Catalog, command: &str) -> Option<Subject<'a>> {
    catalog.subjects().find(|subject| match &subject.check.probe {
        Probe::Command(probe) => probe.run.first().is_some_and(|program| program == command),
        Probe::Native(native) => native.with.get("program").is_some_and(|program| program == command),
        _ => false,
    })
}
