//! A string of JSON, as it stands in the text and as it is meant.

use std::borrow::Cow;

/// A string as it stands in the text, between its quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Str<'a> {
    /// Its bytes.
    pub raw: &'a [u8],
    pub(super) escaped: bool,
}

impl<'a> Str<'a> {
    /// Its bytes with escapes undone.
    #[inline(always)]
    pub fn plain(self) -> Cow<'a, [u8]> {
        if self.escaped { Cow::Owned(unescape(self.raw).into_bytes()) } else { Cow::Borrowed(self.raw) }
    }

    /// Its characters; what is none becomes U+FFFD.
    pub fn text(self) -> Cow<'a, str> {
        if self.escaped { Cow::Owned(unescape(self.raw)) } else { String::from_utf8_lossy(self.raw) }
    }

    /// Whether there is nothing in it.
    pub fn is_empty(self) -> bool {
        self.raw.is_empty()
    }
}

fn unescape(raw: &[u8]) -> String {
    let mut out = Vec::with_capacity(raw.len());
    let mut units: Vec<u16> = Vec::new();
    let mut at = 0;
    let flush = |units: &mut Vec<u16>, out: &mut Vec<u8>| {
        for c in char::decode_utf16(units.drain(..)) {
            let c = c.unwrap_or(char::REPLACEMENT_CHARACTER);
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        }
    };
    while at < raw.len() {
        if raw[at] == b'\\' && raw.get(at + 1) == Some(&b'u') {
            let digits = raw.get(at + 2..at + 6).and_then(|four| std::str::from_utf8(four).ok());
            units.push(digits.and_then(|four| u16::from_str_radix(four, 16).ok()).unwrap_or(0xfffd));
            at += 6;
            continue;
        }
        flush(&mut units, &mut out);
        if raw[at] != b'\\' {
            out.push(raw[at]);
            at += 1;
            continue;
        }
        out.push(match raw.get(at + 1) {
            Some(b'b') => 8,
            Some(b'f') => 12,
            Some(b'n') => b'\n',
            Some(b'r') => b'\r',
            Some(b't') => b'\t',
            Some(other) => *other,
            None => b'\\',
        });
        at += 2;
    }
    flush(&mut units, &mut out);
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use crate::cohort::scan::Cursor;

    #[test]
    fn strings_are_unescaped() {
        let text = br#""a\u00e9\ud83d\ude00\ud800x\n\"\\""#;
        let mut cursor = Cursor::new(text, 0);
        assert_eq!(cursor.string().unwrap().text(), "aé😀\u{fffd}x\n\"\\");
    }
}
