//! Keys that `ssh-keygen` makes for the test, and what may happen to a file of one. No key stands in this text.

#![expect(clippy::disallowed_methods, reason = "real keys are made by ssh-keygen, in a folder of their own")]

use std::{fs, path::Path, process::Command};

use super::*;

/// A fresh key as `ssh-keygen` writes it, with its public half; nothing where there is no `ssh-keygen`.
#[expect(clippy::print_stderr, reason = "a skipped test says so")]
fn made(arguments: &[&str]) -> Option<(Vec<u8>, Vec<u8>)> {
    let folder = tempfile::tempdir().ok()?;
    let file = folder.path().join("key");
    let ran = Command::new("ssh-keygen").args(["-q", "-C", "x", "-f"]).arg(&file).args(arguments).output();
    match ran {
        Ok(ran) if ran.status.success() => {}
        other => {
            eprintln!("SKIPPED: no ssh-keygen that makes {arguments:?}: {:?}", other.map(|ran| ran.status));
            return None;
        }
    }
    let read = |file: &Path| fs::read(file).ok();
    Some((read(&file)?, read(&file.with_extension("pub"))?))
}

fn told(key: &KeySeen) -> (&str, &str, Option<u32>, Option<bool>, &str) {
    (&key.format, &key.algorithm, key.bits, key.encrypted, &key.damage)
}

#[test]
fn keys_of_every_kind() {
    for (arguments, want) in [
        (&["-t", "ed25519", "-N", ""][..], ("openssh", "ed25519", Some(256), Some(false), "")),
        (&["-t", "ed25519", "-N", "five5"], ("openssh", "ed25519", Some(256), Some(true), "")),
        (&["-t", "rsa", "-b", "2048", "-N", ""], ("openssh", "rsa", Some(2048), Some(false), "")),
        (&["-t", "rsa", "-b", "3072", "-N", "five5"], ("openssh", "rsa", Some(3072), Some(true), "")),
        (&["-t", "ecdsa", "-b", "521", "-N", ""], ("openssh", "ecdsa", Some(521), Some(false), "")),
        (&["-t", "rsa", "-b", "2048", "-m", "PEM", "-N", ""], ("pem", "rsa", Some(2048), Some(false), "")),
        (&["-t", "rsa", "-b", "2048", "-m", "PEM", "-N", "five5"], ("pem", "rsa", None, Some(true), "")),
        (&["-t", "ecdsa", "-b", "384", "-m", "PEM", "-N", ""], ("pem", "ecdsa", Some(384), Some(false), "")),
        (&["-t", "ecdsa", "-b", "521", "-m", "PKCS8", "-N", ""], ("pkcs8", "ecdsa", Some(521), Some(false), "")),
        (&["-t", "rsa", "-b", "2048", "-m", "PKCS8", "-N", ""], ("pkcs8", "rsa", Some(2048), Some(false), "")),
        (&["-t", "rsa", "-b", "2048", "-m", "PKCS8", "-N", "five5"], ("pkcs8", "", None, Some(true), "")),
    ] {
        let Some((private, public)) = made(arguments) else { return };
        assert_eq!(told(&parse(&private)), want, "{arguments:?}");
        let public = parse(&public);
        assert_eq!((public.format.as_str(), public.encrypted), ("public", None));
        assert!(!public.algorithm.is_empty() && public.bits.is_some(), "{arguments:?}: {public:?}");
    }
}

/// What OpenSSH itself makes of a key file.
fn openssh_reads(bytes: &[u8]) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key");
    fs::write(&file, bytes).unwrap();
    #[cfg(unix)]
    fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    Command::new("ssh-keygen").args(["-y", "-P", "", "-f"]).arg(&file).output().unwrap().status.success()
}

/// Every damage is named, and named only where OpenSSH stumbles over it.
#[test]
fn damage_is_what_openssh_cannot_read() {
    let lines = |text: &str, change: &dyn Fn(usize, &str) -> String| {
        text.lines().enumerate().map(|(at, line)| change(at, line)).collect::<String>()
    };
    for arguments in [&["-t", "ed25519", "-N", ""][..], &["-t", "rsa", "-b", "2048", "-m", "PEM", "-N", ""]] {
        let Some((private, _)) = made(arguments) else { return };
        let text = String::from_utf8(private).unwrap();
        let own = text.contains("OPENSSH");
        let only = |word: &'static str| if own { word } else { "" };
        let utf16: String = text.clone();
        let le: Vec<u8> = utf16.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let be: Vec<u8> = format!("\u{feff}{utf16}").encode_utf16().flat_map(u16::to_be_bytes).collect();
        for (bytes, want) in [
            (text.clone().into_bytes(), ""),
            (text.replace('\n', "\r\n").into_bytes(), only("crlf")),
            (text.trim_end().as_bytes().to_vec(), only("no-final-newline")),
            (format!("\u{feff}{text}").into_bytes(), only("bom")),
            (format!("\n{text}").into_bytes(), only("leading-text")),
            (format!("hello\n{text}").into_bytes(), only("leading-text")),
            (format!("{text}\nhello\n").into_bytes(), ""),
            (format!(" {text}").into_bytes(), "spaces"),
            (lines(&text, &|_, line| format!("  {line}\n")).into_bytes(), "spaces"),
            (lines(&text, &|_, line| format!("{line} \n")).into_bytes(), only("spaces")),
            (text.replace('\n', " ").into_bytes(), "one-line"),
            (lines(&text, &|at, line| format!("{line}{}\n", if at == 1 { "!" } else { "" })).into_bytes(), "truncated"),
            (
                lines(&text, &|at, line| if at == 2 { String::new() } else { format!("{line}\n") }).into_bytes(),
                "truncated",
            ),
            (text.split_once("-----END").unwrap().0.as_bytes().to_vec(), "truncated"),
            (text.split_once('\n').unwrap().1.as_bytes().to_vec(), "truncated"),
            (le.clone(), "utf-16"),
            ([&[0xff, 0xfe], &le[..]].concat(), "utf-16"),
            (be, "utf-16"),
        ] {
            let key = parse(&bytes);
            let shown = String::from_utf8_lossy(&bytes)
                .lines()
                .take(2)
                .map(|l| l.chars().take(30).collect())
                .collect::<Vec<String>>();
            assert_eq!(key.damage, want, "{arguments:?} {shown:?}");
            assert_eq!(openssh_reads(&bytes), want.is_empty(), "{arguments:?} {shown:?} {key:?}");
        }
    }
}

#[test]
fn what_is_no_private_key_is_named() {
    let format = |text: &str| parse(text.as_bytes()).format;
    assert_eq!(format(""), "empty");
    assert_eq!(format("\n \r\n"), "empty");
    assert_eq!(format("\0\0\0\0"), "empty");
    assert_eq!(format("hello"), "other");
    assert_eq!(format("ssh-rsa nonsense"), "public");
    assert_eq!(format("---- BEGIN SSH2 PUBLIC KEY ----\nComment: x\n"), "public");
    let putty =
        "PuTTY-User-Key-File-3: ssh-ed25519\r\nEncryption: aes256-cbc\r\nComment: x\r\nPublic-Lines: 1\r\nAAAA\r\n";
    assert_eq!(told(&parse(putty.as_bytes())), ("putty", "ed25519", Some(256), Some(true), ""));
    assert_eq!(parse(putty.replace("aes256-cbc", "none").as_bytes()).encrypted, Some(false));
}

#[test]
fn no_bytes_panic() {
    let begin = |label: &str| format!("{DASHES}BEGIN {label}{DASHES}\n");
    let mut seed = 7_u64;
    let mut random = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (seed >> 33) as u8
    };
    for round in 0..2000_usize {
        let bytes: Vec<u8> = (0..round % 90).map(|_| random()).collect();
        parse(&bytes);
        let code = base64::engine::general_purpose::STANDARD.encode([b"openssh-key-v1\0".as_slice(), &bytes].concat());
        let der = base64::engine::general_purpose::STANDARD.encode([&[0x30, 0x82][..], &bytes].concat());
        for label in ["OPENSSH PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "PRIVATE KEY", "PUBLIC KEY"] {
            parse(format!("{}{code}\n", begin(label)).as_bytes());
            parse(format!("{}{der}\n{DASHES}END {label}{DASHES}\n", begin(label)).as_bytes());
        }
    }
}
