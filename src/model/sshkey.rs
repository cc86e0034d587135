//! What an SSH private key file is, by its bytes alone. OpenSSH says `error in libcrypto` or `invalid format` for
//! every damage; only the bytes tell which. Nothing of the key itself leaves this file.
//!
//! What OpenSSH forgives was tried with OpenSSH 9.2: in its own format nothing may stand before the first line, line
//! ends must be `\n`, and the last one must be there; in PEM (which libcrypto reads) all that is forgiven.

use base64::Engine as _;

use super::seen::{KeySeen, PathKind};

/// Reads the format, and what the format shows, out of a key file's bytes.
pub fn parse(bytes: &[u8]) -> KeySeen {
    let (text, encoding) = decode(bytes);
    if text.trim_matches(|c: char| c.is_whitespace() || c == '\0').is_empty() {
        return seen("empty");
    }
    let mut key = private(&text).or_else(|| putty(&text)).or_else(|| public(&text)).unwrap_or_else(|| other(&text));
    // PEM's reader looks for the first line itself, so a mark before it does no harm there.
    let strict = key.format == "openssh" || key.format == "putty";
    if encoding == Some("utf-16") || encoding.is_some() && strict {
        key.damage = encoding.unwrap_or_default().to_owned();
    }
    key
}

fn seen(format: &str) -> KeySeen {
    KeySeen { kind: PathKind::File, format: format.to_owned(), ..KeySeen::default() }
}

/// The text, and what is odd about its encoding.
fn decode(bytes: &[u8]) -> (String, Option<&'static str>) {
    let units = |bytes: &[u8], join: fn([u8; 2]) -> u16| {
        let (pairs, _) = bytes.as_chunks::<2>();
        String::from_utf16_lossy(&pairs.iter().map(|pair| join(*pair)).collect::<Vec<_>>())
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => (units(rest, u16::from_le_bytes), Some("utf-16")),
        [0xfe, 0xff, rest @ ..] => (units(rest, u16::from_be_bytes), Some("utf-16")),
        [0xef, 0xbb, 0xbf, rest @ ..] => (String::from_utf8_lossy(rest).into_owned(), Some("bom")),
        [0, first, ..] if *first != 0 => (units(bytes, u16::from_be_bytes), Some("utf-16")),
        [first, 0, ..] if *first != 0 => (units(bytes, u16::from_le_bytes), Some("utf-16")),
        _ => (String::from_utf8_lossy(bytes).into_owned(), None),
    }
}

const DASHES: &str = "-----";

/// A private key between `-----BEGIN … PRIVATE KEY-----` and its end.
fn private(text: &str) -> Option<KeySeen> {
    let begin = text.find("-----BEGIN ")?;
    let rest = &text[begin + "-----BEGIN ".len()..];
    let (label, rest) = rest.split_once(DASHES)?;
    let format = match label {
        "OPENSSH PRIVATE KEY" => "openssh",
        "RSA PRIVATE KEY" | "EC PRIVATE KEY" | "DSA PRIVATE KEY" => "pem",
        "PRIVATE KEY" | "ENCRYPTED PRIVATE KEY" => "pkcs8",
        "PUBLIC KEY" | "RSA PUBLIC KEY" => return Some(seen("public")),
        _ => return None,
    };
    let mut key = seen(format);
    let end = format!("{DASHES}END {label}{DASHES}");
    let body = rest.split_once(&end).map_or(rest, |(body, _)| body);
    let whole = match format {
        "openssh" => openssh(body, &mut key),
        "pem" => pem(label, body, &mut key),
        _ => pkcs8(label, body, &mut key),
    };
    let damage = match rest.split_once(&end) {
        None => "truncated",
        Some((body, tail)) => layout(&text[..begin], body, tail, format).unwrap_or(""),
    };
    key.damage = if damage.is_empty() && !whole { "truncated" } else { damage }.to_owned();
    Some(key)
}

/// What is wrong with the lines around a key's body.
fn layout(before: &str, body: &str, tail: &str, format: &str) -> Option<&'static str> {
    let first = body.lines().next().unwrap_or("");
    let strict = format == "openssh";
    if !body.contains(['\n', '\r']) {
        Some("one-line")
    } else if strict && (body.starts_with('\r') || tail.starts_with("\r\n")) {
        Some("crlf")
    } else if strict && !before.trim().is_empty() || before.ends_with([' ', '\t']) && before.trim().is_empty() {
        Some(if before.trim().is_empty() { "spaces" } else { "leading-text" })
    } else if strict && !before.is_empty() {
        Some("leading-text")
    } else if strict && (!first.is_empty() || tail.starts_with([' ', '\t'])) || body.ends_with([' ', '\t']) {
        Some("spaces")
    } else if strict && tail.is_empty() {
        Some("no-final-newline")
    } else {
        None
    }
}

fn base64(body: &str) -> Option<Vec<u8>> {
    let code: String = body.split_whitespace().collect();
    base64::engine::general_purpose::STANDARD.decode(code).ok()
}

/// The lengths-and-bytes encoding of SSH.
struct Wire<'a>(&'a [u8]);

impl<'a> Wire<'a> {
    fn number(&mut self) -> Option<u32> {
        let (head, rest) = self.0.split_first_chunk::<4>()?;
        self.0 = rest;
        Some(u32::from_be_bytes(*head))
    }

    fn bytes(&mut self) -> Option<&'a [u8]> {
        let len = usize::try_from(self.number()?).ok()?;
        let (head, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(head)
    }
}

/// OpenSSH's own format (PROTOCOL.key). Whether it is all there.
fn openssh(body: &str, key: &mut KeySeen) -> bool {
    // What a cut file still holds is read as far as it goes, so that the finding can name it.
    let code: String = body.chars().filter(|c| !c.is_whitespace()).take_while(|c| is_base64(*c)).collect();
    let whole = base64(body);
    let bytes = whole.clone().or_else(|| base64(&code[..code.len() / 4 * 4])).unwrap_or_default();
    let Some(rest) = bytes.strip_prefix(b"openssh-key-v1\0") else { return false };
    let mut wire = Wire(rest);
    let mut read = || {
        key.encrypted = Some(wire.bytes()? != b"none");
        wire.bytes()?;
        wire.bytes()?;
        let count = wire.number()?;
        blob(wire.bytes()?, key);
        let secret = wire.bytes()?;
        // The two check numbers of an unencrypted key are equal; with letters lost they rarely are.
        let checks = secret.first_chunk::<8>().is_some_and(|checks| checks[..4] == checks[4..]);
        (count > 0 && (key.encrypted == Some(true) || checks)).then_some(())
    };
    read().is_some() && whole.is_some()
}

fn is_base64(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '+' || c == '/'
}

/// A public key as SSH writes it: its type, then its numbers.
fn blob(bytes: &[u8], key: &mut KeySeen) {
    let mut wire = Wire(bytes);
    let Some(kind) = wire.bytes().and_then(|kind| std::str::from_utf8(kind).ok()) else { return };
    named(kind, key);
    match key.algorithm.as_str() {
        "rsa" => {
            wire.bytes();
            key.bits = wire.bytes().map(bits);
        }
        "dsa" => key.bits = wire.bytes().map(bits),
        _ => {}
    }
}

/// The algorithm, and the bits where the name says them.
fn named(kind: &str, key: &mut KeySeen) {
    let (algorithm, bits) = match kind.split('@').next().unwrap_or("").trim_end_matches("-cert-v01") {
        "ssh-ed25519" => ("ed25519", Some(256)),
        "sk-ssh-ed25519" => ("ed25519-sk", Some(256)),
        "ssh-rsa" => ("rsa", None),
        "ssh-dss" => ("dsa", None),
        "ecdsa-sha2-nistp256" => ("ecdsa", Some(256)),
        "ecdsa-sha2-nistp384" => ("ecdsa", Some(384)),
        "ecdsa-sha2-nistp521" => ("ecdsa", Some(521)),
        "sk-ecdsa-sha2-nistp256" => ("ecdsa-sk", Some(256)),
        _ => ("", None),
    };
    algorithm.clone_into(&mut key.algorithm);
    key.bits = bits;
}

/// The length in bits of a big-endian number.
fn bits(number: &[u8]) -> u32 {
    let number = &number[number.iter().take_while(|byte| **byte == 0).count()..];
    let top = number.first().map_or(0, |byte| byte.leading_zeros());
    u32::try_from(number.len() * 8).unwrap_or(u32::MAX).saturating_sub(top)
}

/// The traditional format of OpenSSL. Whether it is all there.
fn pem(label: &str, body: &str, key: &mut KeySeen) -> bool {
    key.algorithm = label.split(' ').next().unwrap_or("").to_lowercase().replace("ec", "ecdsa");
    let encrypted = body.lines().any(|line| line.starts_with("Proc-Type:") && line.contains("ENCRYPTED"));
    key.encrypted = Some(encrypted);
    let lines: Vec<&str> = body.lines().filter(|line| !line.contains(':')).collect();
    let Some(bytes) = base64(&lines.join("\n")) else { return false };
    if encrypted {
        return !bytes.is_empty();
    }
    let read = |bytes| numbers(bytes, key);
    Der(&bytes).take(SEQUENCE).and_then(read).is_some()
}

/// The numbers of an RSA, DSA or EC private key.
fn numbers(bytes: &[u8], key: &mut KeySeen) -> Option<()> {
    let mut der = Der(bytes);
    der.take(INTEGER)?;
    key.bits = Some(match key.algorithm.as_str() {
        "ecdsa" => match der.take(OCTETS)?.len() * 8 {
            528 => 521,
            bits => u32::try_from(bits).ok()?,
        },
        _ => bits(der.take(INTEGER)?),
    });
    Some(())
}

/// PKCS#8. Whether it is all there.
fn pkcs8(label: &str, body: &str, key: &mut KeySeen) -> bool {
    key.encrypted = Some(label.starts_with("ENCRYPTED"));
    let Some(bytes) = base64(body) else { return false };
    let mut der = Der(&bytes);
    let Some(inner) = der.take(SEQUENCE) else { return false };
    if key.encrypted == Some(true) {
        return true;
    }
    let mut der = Der(inner);
    let mut read = || {
        der.take(INTEGER)?;
        let mut kind = Der(der.take(SEQUENCE)?);
        let algorithm = match kind.take(OBJECT)? {
            b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01" => "rsa",
            b"\x2a\x86\x48\xce\x3d\x02\x01" => "ecdsa",
            b"\x2a\x86\x48\xce\x38\x04\x01" => "dsa",
            b"\x2b\x65\x70" => "ed25519",
            _ => "",
        };
        algorithm.clone_into(&mut key.algorithm);
        let secret = der.take(OCTETS)?;
        match algorithm {
            "rsa" | "ecdsa" => numbers(Der(secret).take(SEQUENCE)?, key)?,
            "dsa" => key.bits = Der(kind.take(SEQUENCE)?).take(INTEGER).map(bits),
            "ed25519" => key.bits = Some(256),
            _ => {}
        }
        Some(())
    };
    read().is_some()
}

const INTEGER: u8 = 0x02;
const OCTETS: u8 = 0x04;
const OBJECT: u8 = 0x06;
const SEQUENCE: u8 = 0x30;

/// As much of ASN.1's encoding as keys need.
struct Der<'a>(&'a [u8]);

impl<'a> Der<'a> {
    /// The content of the next element, where it is of this kind and complete.
    fn take(&mut self, tag: u8) -> Option<&'a [u8]> {
        let [kind, first, rest @ ..] = self.0 else { return None };
        let (len, rest) = match usize::from(*first) {
            short @ 0..=0x7f => (short, rest),
            long => {
                let (digits, rest) = rest.split_at_checked(long & 0x7f).filter(|(digits, _)| digits.len() <= 4)?;
                (digits.iter().fold(0, |len, digit| len << 8 | usize::from(*digit)), rest)
            }
        };
        let (content, rest) = rest.split_at_checked(len).filter(|_| *kind == tag)?;
        self.0 = rest;
        Some(content)
    }
}

/// PuTTY's format, which OpenSSH cannot read.
fn putty(text: &str) -> Option<KeySeen> {
    let rest = text.trim_start().strip_prefix("PuTTY-User-Key-File-")?;
    let mut key = seen("putty");
    let mut lines = rest.lines();
    let kind = lines.next().and_then(|line| line.split_once(": ")).map_or("", |(_, kind)| kind.trim());
    let value = |name: &str| rest.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).map(str::trim);
    key.encrypted = value("Encryption").map(|cipher| cipher != "none");
    named(kind, &mut key);
    let count = value("Public-Lines").and_then(|count| count.parse().ok()).unwrap_or(0);
    let public: String = lines.skip_while(|line| !line.starts_with("Public-Lines")).skip(1).take(count).collect();
    if let Some(bytes) = base64(&public) {
        blob(&bytes, &mut key);
    }
    Some(key)
}

/// A public key where a private one is expected.
fn public(text: &str) -> Option<KeySeen> {
    let mut words = text.split_whitespace();
    let (kind, code) = (words.next()?, words.next().unwrap_or(""));
    let mut key = seen("public");
    named(kind, &mut key);
    if key.algorithm.is_empty() {
        return text.contains("BEGIN SSH2 PUBLIC KEY").then_some(key);
    }
    if let Some(bytes) = base64(code) {
        blob(&bytes, &mut key);
    }
    Some(key)
}

/// Neither of these: the rest of a key that lost its first line, or no key at all.
fn other(text: &str) -> KeySeen {
    if text.contains("PRIVATE KEY-----") {
        return KeySeen { damage: "truncated".to_owned(), ..seen("damaged") };
    }
    // The base64 of "openssh-key-v1": a body copied without its first and last line.
    if text.trim_start().starts_with("b3BlbnNzaC1rZXktdjE") {
        return KeySeen { damage: "truncated".to_owned(), ..seen("damaged") };
    }
    seen("other")
}

#[cfg(test)]
#[path = "sshkey_tests.rs"]
mod tests;
