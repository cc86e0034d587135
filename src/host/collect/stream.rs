//! Text that comes as a stream: UTF-16 made UTF-8, and where it may be cut.

use std::io::{self, Read};

/// Whether bytes begin as UTF-16, and with the high byte first; the mark at the start, where there is one, says so, else zeros.
pub(super) fn utf16(head: &[u8]) -> Option<bool> {
    match head {
        [0xff, 0xfe, ..] => Some(false),
        [0xfe, 0xff, ..] => Some(true),
        [b'{' | b'[' | b'P' | b'\r' | b'\n' | b' ', 0, _, 0, ..] => Some(false),
        [0, b'{' | b'[' | b'P' | b'\r' | b'\n' | b' ', 0, _, ..] => Some(true),
        _ => None,
    }
}

/// UTF-16 read as UTF-8; what is no character becomes U+FFFD.
pub(super) struct Utf16<R> {
    inner: R,
    high_first: bool,
    ready: Vec<u8>,
    given: usize,
    /// A byte or a half of a character that the next bytes complete.
    rest: Vec<u8>,
    ended: bool,
}

impl<R: Read> Utf16<R> {
    pub(super) fn new(inner: R, high_first: bool) -> Self {
        Self { inner, high_first, ready: Vec::new(), given: 0, rest: Vec::new(), ended: false }
    }

    fn fill(&mut self) -> io::Result<()> {
        let mut bytes = std::mem::take(&mut self.rest);
        let had = bytes.len();
        bytes.resize(had + (64 << 10), 0);
        let read = self.inner.read(&mut bytes[had..])?;
        bytes.truncate(had + read);
        self.ended = read == 0;
        let mut even = bytes.len() & !1;
        let unit = |pair: &[u8]| match self.high_first {
            true => u16::from_be_bytes([pair[0], pair[1]]),
            false => u16::from_le_bytes([pair[0], pair[1]]),
        };
        let waits = even >= 2 && (0xd800..0xdc00).contains(&unit(&bytes[even - 2..even]));
        if waits && !self.ended {
            even -= 2;
        }
        let units = bytes[..even].chunks_exact(2).map(unit);
        let text: String = char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
        self.rest = bytes.split_off(even);
        self.ready = text.into_bytes();
        self.given = 0;
        Ok(())
    }
}

impl<R: Read> Read for Utf16<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.given == self.ready.len() && !self.ended {
            self.fill()?;
        }
        let some = &self.ready[self.given..];
        let len = some.len().min(into.len());
        into[..len].copy_from_slice(&some[..len]);
        self.given += len;
        Ok(len)
    }
}

/// What comes out of an archive, as long as it stays in proportion to what went in.
pub(super) struct Budget<'a, R> {
    pub(super) inner: R,
    pub(super) left: &'a mut u64,
}

impl<R: Read> Read for Budget<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(into)?;
        *self.left = self.left.checked_sub(read as u64).ok_or_else(|| {
            io::Error::other("far more comes out of it than goes in; unpack it by hand and look what it is")
        })?;
        Ok(read)
    }
}

/// Whether the first line with anything on it is a whole object, so that lines are documents.
pub(super) fn is_lines(text: &[u8]) -> bool {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let mut lines = text.split_inclusive(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
    lines.next().is_some_and(|line| {
        let line_ends = line.ends_with(b"\n");
        let line = line.trim_ascii();
        line_ends && line.starts_with(b"{") && line.ends_with(b"}") && line.len() > 2
    })
}

/// Where a text may be cut: after its last line, or before the last line that begins an object.
pub(super) fn cut(text: &[u8], lines: bool) -> Option<usize> {
    if lines {
        return text.iter().rposition(|byte| *byte == b'\n').map(|at| at + 1);
    }
    text.windows(2).rposition(|pair| pair == b"\n{").map(|at| at + 1)
}

/// What a file that is no text is, by its first bytes.
pub(super) fn kind(head: &[u8]) -> Option<&'static str> {
    const KINDS: &[(&[u8], &str)] = &[
        (b"%PDF", "it is a PDF document"),
        (b"\x89PNG", "it is a picture (PNG)"),
        (b"\xff\xd8\xff", "it is a picture (JPEG)"),
        (b"GIF8", "it is a picture (GIF)"),
        (b"BM", "it is a picture (BMP)"),
        (b"\xd0\xcf\x11\xe0", "it is an old Office document"),
        (b"7z\xbc\xaf\x27\x1c", "it is a 7z archive; unpack it first"),
        (b"Rar!", "it is a RAR archive; unpack it first"),
        (b"\xfd7zXZ\0", "it is an xz archive; unpack it first"),
        (b"BZh", "it is a bzip2 archive; unpack it first"),
        (b"\x28\xb5\x2f\xfd", "it is a zstd archive; unpack it first"),
        (b"\x7fELF", "it is a program"),
        (b"MZ", "it is a Windows program"),
        (b"{\\rtf", "it is a Rich Text document; send the report itself"),
        (b"SQLite format 3", "it is a database"),
    ];
    let known = KINDS.iter().find(|(magic, _)| head.starts_with(magic)).map(|(_, kind)| *kind);
    known.or_else(|| {
        head.get(257..262).is_some_and(|word| word == b"ustar").then_some("it is a tar archive; unpack it first")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(bytes: &[u8], high_first: bool) -> String {
        let mut text = String::new();
        // A byte at a time, so that every pair and every character is cut somewhere.
        struct Slow<'a>(&'a [u8]);
        impl Read for Slow<'_> {
            fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
                let len = self.0.len().min(1);
                into[..len].copy_from_slice(&self.0[..len]);
                self.0 = &self.0[len..];
                Ok(len)
            }
        }
        Utf16::new(Slow(bytes), high_first).read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn utf16_is_decoded_wherever_it_is_cut() {
        let low: Vec<u8> = "a😀é".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let high: Vec<u8> = "a😀é".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(decoded(&low, false), "a😀é");
        assert_eq!(decoded(&high, true), "a😀é");
        assert_eq!(decoded(&[0x3d, 0xd8], false), "\u{fffd}");
    }

    #[test]
    fn streams_are_cut_between_documents() {
        assert!(is_lines(b"\xef\xbb\xbf\n{\"a\":1}\n{"));
        assert!(!is_lines(b"{\n  \"a\": 1\n}\n"));
        assert!(!is_lines(b"{}\n"));
        assert_eq!(cut(b"{}\n{}\n{", true), Some(6));
        assert_eq!(cut(b"{\n  {}\n}\n{\n", false), Some(9));
        assert_eq!(cut(b"{", false), None);
    }
}
