//! "There is no such program", in the words of the shells and of what starts programs, in the languages they speak.
//! Which program is meant is all that a diagnosis must say of itself; every tool is told from these words alike.

use std::sync::OnceLock;

use crate::{
    catalog::Catalog,
    diagnose::Subject,
    model::{Pattern, Probe},
};

/// A program that somebody did not find, and the words that say so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Missing {
    /// Its name as it was asked for, in small letters and without Windows' ending.
    pub name: String,
    /// The words.
    pub matched: String,
}

/// After a name and a colon: bash in its languages, dash, ksh, busybox, csh, make. An apostrophe may be a curly one.
const AFTER: &str = "(?:command |inaccessible or )?not found|(?:kommando|befehl) nicht gefunden|\
    commande introuvable|orden no encontrada|no se encontró la orden|comando no encontrado|comando non trovato|\
    comando não encontrado|команда не найдена|команду не знайдено|コマンドが見つかりません|(?:未找到|找不到)(?:命令|指令)|\
    명령어?를? ?을? ?찾을 수 없(?:음|습니다)|nie znaleziono polecenia|polecenie nie znalezione|(?:opdracht|commando) niet gevonden|\
    kommando(?:t)? (?:hittades|finns) inte|kommando(?:en)? (?:blev )?ikke (?:fundet|funnet)|příkaz nenalezen|\
    komut bulunamadı|không tìm thấy lệnh|komentoa ei löydy|perintah tidak ditemukan|parancs nem található|\
    comandă negăsită|comandă nu a fost găsită|no s.ha trobat l.ordre|η εντολή δεν? βρέθηκε|orde non atopada";

/// `No such file or directory` in the C library's languages, as `env` says it of a program.
const NO_FILE: &str = "No such file or directory|Datei oder Verzeichnis nicht gefunden|Aucun fichier ou dossier|\
    No existe el (?:archivo|fichero)|File o directory non esistente|(?:Arquivo|Ficheiro) ou diret|Нет такого файла|\
    没有那个文件或目录|沒有此一檔案或目錄|そのようなファイルやディレクトリはありません|그런 파일이나 디렉터리가 없습니다|\
    Nie ma takiego pliku|Bestand of map bestaat niet";

/// After a quoted name: cmd in Windows' languages.
const CMD: &str = "is not recognized|n.est pas reconnu|no se reconoce|non è riconosciuto|não é reconhecido|は、内部コマンド|\
    不是(?:内部或外部|內部或外部)|은\\(는\\) 내부|не является внутренней|wordt niet herkend|iç (?:ya da|veya) dış|känns inte igen|\
    nie jest rozpoznawan|genkendes ikke|gjenkjennes ikke|ei ole|nu este recunoscut|nem ismerhető fel|не розпізнан";

/// Fish in its languages.
const FISH: &str = "Unknown command|Unbekannter Befehl|Commande inconnue|Comando desconocido|Comando desconhecido|\
    Nieznane polecenie|Okänt kommando|Неизвестная команда|未知(?:的)?命令|不明なコマンド|알 수 없는 명령";

/// Ubuntu's, Debian's, NixOS's and Termux's own helper, before the name …
const HELPER: &str = "Command|The program|Der Befehl|Die Anwendung|Das Programm|La commande|Le programme|\
    El programa|La orden|Il comando|Il programma|O comando|O programa|Команда|Программа|コマンド|命令";
/// … and after it.
const HELPED: &str = "not found|not installed|is not in your PATH|nicht gefunden|nicht installiert|n.a pas été trouvée|\
    introuvable|n.est pas installé|no se ha encontrado|no está instalado|non (?:è stato )?trovato|non è attualmente|\
    não (?:foi )?encontrad|não está instalad|не найден|не установлен|が見つかりません|未找到";

fn patterns() -> &'static [Pattern] {
    static PATTERNS: OnceLock<Vec<Pattern>> = OnceLock::new();
    PATTERNS.get_or_init(|| {
        let name = r"(?<name>[A-Za-z0-9_][A-Za-z0-9_.+-]*)";
        let (open, close) = ("['\"`‘’“”„«»「]\u{a0}?\\s?", "\u{a0}?\\s?['\"`‘’“”«»」]");
        [
            format!(r"(?i)(?:^|[\s:])(?:\S*sh: )?(?:line \d+: )?{name} ?(?:: {{1,2}}|： ?)(?:{AFTER})"),
            format!(r"command not found: {name}(?:\s|$)"),
            // A function of fish may have colons in its name.
            format!(r"(?:{FISH})\s?[:：]?\s?(?:{open})?(?<name>[A-Za-z0-9_](?:[A-Za-z0-9_.+:-]*[A-Za-z0-9_+-])?)"),
            format!(r"(?:{HELPER}) (?:{open})?{name}(?:{close})?[^\n]{{0,24}}? ?(?:{HELPED})"),
            format!(r"No se ha encontrado la orden {open}{name}{close}"),
            format!(r"env: (?:can't execute )?(?:{open})?{name}(?:{close})?\s?: (?:{NO_FILE})"),
            format!(r"failed to run command {open}{name}{close}: (?:{NO_FILE})"),
            format!(r"^\s?{open}{name}{close} ?(?:{CMD})"),
            format!(r#"(?:Der Befehl|Nazwa|Název|Kommandoen|Het commando) (?:{open})?{name}(?:{close})? (?:ist entweder|nie jest rozpoznawana|není názvem|{CMD})"#),
            format!(r"ObjectNotFound\s*: \({name}:String\)"),
            format!(r"{open}{name}{close}[\s\S]{{1,120}}?(?:[Cc]mdlet|applet de commande|コマンドレット|командлет|полета)"),
            format!(r"exec: (?:{open})?{name}(?:{close})?: executable file not found"),
            format!(r"\bno {name} in \(/"),
            format!(r"\bspawn {name} ENOENT"),
            format!(r"^{name} not found$"),
        ]
        .into_iter()
        .map(Pattern::new)
        .collect()
    })
}

/// The programs that a text says are missing.
pub(super) fn missing(text: &str) -> Vec<Missing> {
    /// A text that names more is a log, not a learner's question.
    const MOST: usize = 8;
    let mut found: Vec<Missing> = Vec::new();
    for pattern in patterns() {
        let mut rest = text;
        for _ in 0..MOST {
            let Some(captures) = pattern.captures(rest) else { break };
            let (Some(all), Some(name)) = (captures.get(0), captures.name("name")) else { break };
            let name = name.as_str().to_ascii_lowercase();
            let name = [".exe", ".cmd"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(&name).to_owned();
            let one = Missing { name, matched: all.as_str().trim().to_owned() };
            if !found.contains(&one) {
                found.push(one);
            }
            rest = &rest[all.end()..];
        }
    }
    found
}

/// The first check that looks for a command of this name.
pub(super) fn check<'a>(catalog: &'a Catalog, command: &str) -> Option<Subject<'a>> {
    catalog.subjects().find(|subject| match &subject.check.probe {
        Probe::Command(probe) => probe.run.first().is_some_and(|program| program == command),
        Probe::Native(native) => native.with.get("program").is_some_and(|program| program == command),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::{missing, patterns};

    #[test]
    fn every_shell_in_every_language_is_understood() {
        for pattern in patterns() {
            assert_eq!(pattern.check(), Ok(()), "{}", pattern.as_str());
        }
        for text in [
            "bash: tool: command not found",
            "-bash: line 3: tool: command not found",
            "bash: tool: Kommando nicht gefunden.",
            "bash: tool : commande introuvable",
            "bash: tool: orden no encontrada",
            "bash: tool: nie znaleziono polecenia",
            "bash: tool: 找不到指令",
            "bash: tool：未找到命令",
            "bash: tool: 명령어를 찾을 수 없음",
            "bash: tool: opdracht niet gevonden",
            "sh: 1: tool: not found",
            "/bin/sh: tool: not found",
            "ksh: tool:  not found",
            "tool: Command not found.",
            "zsh: command not found: tool",
            "/Users/ada/.zshrc:12: command not found: tool",
            "fish: Unknown command: tool",
            "fish: Unknown command 'tool'",
            "fish: Unknown command: tool\nfish:",
            "fish: Unbekannter Befehl: tool",
            "Command 'tool' not found, but can be installed with:",
            "Der Befehl »tool« wurde nicht gefunden, kann aber installiert werden mit:",
            "La commande « tool » n’a pas été trouvée, mais peut être installée avec :",
            "No se ha encontrado la orden «tool», pero se puede instalar con:",
            "The program 'tool' is currently not installed. You can install it by typing:",
            "The program 'tool' is not in your PATH. It is provided by several packages.",
            "/usr/bin/env: ‘tool’: No such file or directory",
            "env: tool: No such file or directory",
            "env: can't execute 'tool': No such file or directory",
            "/usr/bin/env: „tool“: Datei oder Verzeichnis nicht gefunden",
            "'tool' is not recognized as an internal or external command,",
            "Der Befehl \"tool\" ist entweder falsch geschrieben oder",
            "'tool' n'est pas reconnu en tant que commande interne",
            "'tool' は、内部コマンドまたは外部コマンド、",
            "'tool' 不是内部或外部命令，也不是可运行的程序",
            "tool : The term 'tool' is not recognized as the name of a cmdlet, function, script file",
            "tool : Die Benennung \"tool\" wurde nicht als Name eines Cmdlet, einer Funktion erkannt",
            "tool : Le terme «tool» n'est pas reconnu comme nom d'applet de commande",
            "tool : 用語 'tool' は、コマンドレット、関数、スクリプト ファイルの名前として認識されません",
            "tool : 无法将“tool”项识别为 cmdlet、函数、脚本文件",
            "    + CategoryInfo          : ObjectNotFound: (tool:String) [], CommandNotFoundException",
            "exec: \"tool\": executable file not found in $PATH: unknown",
            "which: no tool in (/usr/local/bin:/usr/bin)",
            "Error: spawn tool ENOENT",
            "tool not found",
            "nohup: failed to run command 'tool': No such file or directory",
        ] {
            let names: Vec<String> = missing(text).into_iter().map(|one| one.name).collect();
            assert!(names.iter().any(|name| name == "tool"), "{text}: {names:?}");
        }
        for text in [
            "bash: tool: Permission denied",
            "tool: error: not found in index",
            "bash: ./tool: No such file or directory",
            "fish: Unknown command 'tool::of_another'",
        ] {
            let names: Vec<String> = missing(text).into_iter().map(|one| one.name).collect();
            assert!(!names.iter().any(|name| name == "tool"), "{text}: {names:?}");
        }
    }
}
