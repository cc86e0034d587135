//! What keeps a program from running, as far as its file shows: so that "no such file" for a file that is there gets
//! its true reason, and nothing needs to be started to know it.

use std::{
    fs::File,
    io::{Read as _, Seek as _, SeekFrom},
    path::Path,
};

use crate::model::Broken;

/// How much of a program is looked at.
const HEAD: u64 = 4096;

/// What a program file is, by its first bytes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Looked {
    /// What keeps it from running.
    pub broken: Option<Broken>,
    /// Its first line where it is a script; a carriage return at its end is kept, because that is what breaks it.
    pub script: String,
    /// It is text without a `#!` line: the system refuses it, a shell runs it itself.
    pub bare_script: bool,
}

impl Looked {
    fn broken(why: Broken) -> Self {
        Self { broken: Some(why), ..Self::default() }
    }
}

/// Looks into a file that may be executed.
pub fn look(path: &Path) -> Looked {
    // Execute permission without read permission is common for setuid programs; they are taken to be sound.
    let Ok(mut file) = File::open(path) else { return Looked::default() };
    let mut head = Vec::new();
    if file.by_ref().take(HEAD).read_to_end(&mut head).is_err() {
        return Looked::default();
    }
    match head.as_slice() {
        [] => Looked::broken(Broken::Empty),
        [b'#', b'!', rest @ ..] => script(rest),
        [0x7f, b'E', b'L', b'F', ..] => elf(&head, &mut file),
        [b'M', b'Z', ..] => portable_executable(&head, &mut file),
        [0xcf | 0xce, 0xfa, 0xed, 0xfe, ..] | [0xca, 0xfe, 0xba, 0xbe, ..] => mach(&head),
        _ if cfg!(windows) => Looked::default(),
        _ if !first_line(&head).contains(&0) => Looked { bare_script: true, ..Looked::default() },
        _ => not_for_here(&head),
    }
}

fn first_line(bytes: &[u8]) -> &[u8] {
    bytes.split(|byte| *byte == b'\n').next().unwrap_or_default()
}

/// A `#!` line: its interpreter must exist. On Windows nothing reads the line.
fn script(rest: &[u8]) -> Looked {
    let line = String::from_utf8_lossy(&first_line(rest)[..first_line(rest).len().min(250)]).into_owned();
    let interpreter = line.trim_start_matches([' ', '\t']).split([' ', '\t']).next().unwrap_or_default();
    let there = cfg!(windows) || std::fs::metadata(interpreter).is_ok_and(|found| found.is_file());
    let broken = (!there).then_some(Broken::MissingInterpreter);
    Looked { broken, script: format!("#!{line}"), bare_script: false }
}

fn number(bytes: &[u8], at: usize, size: usize, big: bool) -> Option<u64> {
    let bytes = bytes.get(at..at.checked_add(size)?)?;
    let join = |all: u64, byte: &u8| all << 8 | u64::from(*byte);
    Some(if big { bytes.iter().fold(0, join) } else { bytes.iter().rev().fold(0, join) })
}

/// A Linux program: for this processor, and with a loader that exists.
fn elf(head: &[u8], file: &mut File) -> Looked {
    let (wide, big) = (head.get(4) == Some(&2), head.get(5) == Some(&2));
    let machine = number(head, 18, 2, big).unwrap_or_default();
    let fits = match std::env::consts::ARCH {
        "x86_64" => matches!(machine, 62 | 3),
        "x86" => machine == 3,
        "aarch64" => matches!(machine, 183 | 40),
        "arm" => machine == 40,
        "riscv64" => machine == 243,
        "s390x" => machine == 22,
        "powerpc64" => machine == 21,
        _ => true,
    };
    if !cfg!(target_os = "linux") || !fits {
        return not_for_here(head);
    }
    let loader = loader(head, file, wide, big);
    let missing = loader.is_some_and(|loader| std::fs::metadata(loader).is_err());
    Looked { broken: missing.then_some(Broken::MissingLoader), ..Looked::default() }
}

/// The dynamic loader that an ELF file names.
fn loader(head: &[u8], file: &mut File, wide: bool, big: bool) -> Option<String> {
    let (table, entry, count) = if wide { (32, 54, 56) } else { (28, 42, 44) };
    let start = usize::try_from(number(head, table, if wide { 8 } else { 4 }, big)?).ok()?;
    let size = usize::try_from(number(head, entry, 2, big)?).ok()?;
    for index in 0..usize::try_from(number(head, count, 2, big)?).ok()?.min(64) {
        let at = start.checked_add(index * size)?;
        if number(head, at, 4, big)? != 3 {
            continue;
        }
        let (offset, length) = if wide {
            (number(head, at + 8, 8, big)?, number(head, at + 32, 8, big)?)
        } else {
            (number(head, at + 4, 4, big)?, number(head, at + 16, 4, big)?)
        };
        let mut name = Vec::new();
        file.seek(SeekFrom::Start(offset)).ok()?;
        file.take(length.min(4096)).read_to_end(&mut name).ok()?;
        return Some(String::from_utf8_lossy(&name).trim_end_matches('\0').to_owned());
    }
    None
}

/// A macOS program, for one processor or several.
fn mach(head: &[u8]) -> Looked {
    if !cfg!(target_os = "macos") {
        // 0xcafebabe is also how compiled Java begins; neither runs here.
        return not_for_here(head);
    }
    let kinds: Vec<u64> = if head.starts_with(&[0xca, 0xfe, 0xba, 0xbe]) {
        let count = number(head, 4, 4, true).unwrap_or_default().min(16);
        (0..count).filter_map(|index| number(head, 8 + usize::try_from(index).ok()? * 20, 4, true)).collect()
    } else {
        number(head, 4, 4, false).into_iter().collect()
    };
    const INTEL: u64 = 0x0100_0007;
    const ARM: u64 = 0x0100_000c;
    // This program may itself run under Rosetta, and then both kinds do.
    let rosetta = Path::new("/Library/Apple/usr/libexec/oah/libRosettaRuntime");
    let fits = kinds.iter().any(|kind| match *kind {
        ARM => std::env::consts::ARCH == "aarch64" || std::fs::metadata(rosetta).is_ok(),
        INTEL => std::env::consts::ARCH == "x86_64" || std::fs::metadata(rosetta).is_ok(),
        _ => false,
    });
    if fits { Looked::default() } else { Looked::broken(Broken::WrongArchitecture) }
}

/// A Windows program.
fn portable_executable(head: &[u8], file: &mut File) -> Looked {
    if !cfg!(windows) {
        return not_for_here(head);
    }
    let machine = || {
        let at = number(head, 0x3c, 4, false)?;
        let mut sign = [0; 6];
        file.seek(SeekFrom::Start(at)).ok()?;
        file.read_exact(&mut sign).ok()?;
        number(&sign, 4, 2, false)
    };
    // ARM machines run programs for Intel too, not the reverse.
    let wrong = { machine }().is_some_and(|machine| machine == 0xaa64) && !cfg!(target_arch = "aarch64");
    if wrong { Looked::broken(Broken::WrongArchitecture) } else { Looked::default() }
}

/// A program of another kind, unless the system was told who runs it (qemu, Windows interop, Java).
fn not_for_here(head: &[u8]) -> Looked {
    let known = std::fs::read_dir("/proc/sys/fs/binfmt_misc").is_ok_and(|mut entries| {
        entries.any(|entry| {
            let text = entry.and_then(|entry| std::fs::read_to_string(entry.path())).unwrap_or_default();
            handles(&text, head)
        })
    });
    if known { Looked::default() } else { Looked::broken(Broken::WrongArchitecture) }
}

/// Whether an entry of Linux' `binfmt_misc` takes files that begin like this.
fn handles(entry: &str, head: &[u8]) -> bool {
    let field = |name: &str| {
        entry.lines().find_map(|line| line.strip_prefix(name)).map(|value| value.trim_start_matches(':').trim())
    };
    let bytes = |text: &str| -> Option<Vec<u8>> {
        let (pairs, _) = text.as_bytes().as_chunks::<2>();
        pairs.iter().map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
    };
    let Some(magic) = field("magic ").and_then(bytes).filter(|magic| !magic.is_empty()) else { return false };
    let mask = field("mask ").and_then(bytes).unwrap_or_default();
    let offset = field("offset ").and_then(|text| text.parse().ok()).unwrap_or(0_usize);
    let Some(found) = head.get(offset..).and_then(|rest| rest.get(..magic.len())) else { return false };
    entry.starts_with("enabled")
        && magic.iter().zip(found).enumerate().all(|(at, (wanted, found))| {
            let mask = mask.get(at).copied().unwrap_or(0xff);
            wanted & mask == found & mask
        })
}

#[cfg(test)]
mod tests {
    use super::handles;

    #[test]
    fn a_registered_interpreter_makes_a_foreign_program_run() {
        let entry = "enabled\ninterpreter /init\nflags: PF\noffset 0\nmagic 4d5a\n";
        assert!(handles(entry, b"MZ\x90\0"));
        assert!(!handles(entry, b"\x7fELF"));
        assert!(!handles(&entry.replace("enabled", "disabled"), b"MZ\x90\0"));
        assert!(handles("enabled\nmagic 7f454c4600\nmask ffffffff00\n", b"\x7fELF\x02"));
        assert!(!handles("enabled\n", b""));
    }
}
