//! JSON read in place, a value at a time: nothing is copied, nothing that is not asked for is kept, and what is passed
//! over is still held to the grammar (RFC 8259), so that half a document is never taken for a whole one. A text of any
//! kind ends in an answer in time proportional to its length: nesting is limited, nothing recurses further than that.

mod string;

use std::borrow::Cow;

pub use string::Str;

/// Values inside each other that are followed. Reports have seven.
const DEEPEST: u32 = 64;

/// Why a text is not read on; the words are for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// What is wrong, a phrase.
    pub what: Cow<'static, str>,
    /// The byte where.
    pub at: usize,
    /// Whether it is JSON as far as it was read, and only not what was asked for.
    pub is_json: bool,
}

/// A place in a text.
#[derive(Debug, Clone, Copy)]
pub struct Cursor<'a> {
    text: &'a [u8],
    /// The next byte.
    pub at: usize,
    depth: u32,
}

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// The high bit of each byte that is a quote, a backslash or a control character, as far as the first of them goes.
#[inline]
fn marks(eight: u64) -> u64 {
    // The classic test for a zero byte; bits above the first hit may be wrong and are not looked at.
    let zero = |word: u64| word.wrapping_sub(ONES) & !word;
    let quote = zero(eight ^ (ONES * 0x22));
    let slash = zero(eight ^ (ONES * 0x5c));
    let control = eight.wrapping_sub(ONES * 0x20) & !eight;
    (quote | slash | control) & HIGHS
}

impl<'a> Cursor<'a> {
    /// At a place of a text.
    pub fn new(text: &'a [u8], at: usize) -> Self {
        Self { text, at, depth: 0 }
    }

    /// What is wrong here.
    #[cold]
    pub fn wrong<T>(&self, what: impl Into<Cow<'static, str>>) -> Result<T, Wrong> {
        Err(Wrong { what: what.into(), at: self.at, is_json: false })
    }

    /// What is not as a report has it, although it is JSON.
    #[cold]
    pub fn other<T>(&self, what: impl Into<Cow<'static, str>>) -> Result<T, Wrong> {
        Err(Wrong { what: what.into(), at: self.at, is_json: true })
    }

    #[inline(always)]
    fn byte(&self) -> u8 {
        self.text.get(self.at).copied().unwrap_or(0)
    }

    /// Passes over white space and gives the byte behind it; 0 at the end.
    #[inline(always)]
    pub fn peek(&mut self) -> u8 {
        loop {
            match self.byte() {
                b' ' | b'\n' | b'\r' | b'\t' => self.at += 1,
                byte => return byte,
            }
        }
    }

    #[inline(always)]
    fn expect(&mut self, byte: u8, what: &'static str) -> Result<(), Wrong> {
        if self.peek() != byte {
            return if self.at >= self.text.len() { self.wrong("it ends too early") } else { self.wrong(what) };
        }
        self.at += 1;
        Ok(())
    }

    /// A string.
    #[inline(always)]
    pub fn string(&mut self) -> Result<Str<'a>, Wrong> {
        self.expect(b'"', "a text in quotes is missing")?;
        let start = self.at;
        let mut escaped = false;
        loop {
            while let Some(eight) = self.text.get(self.at..).and_then(<[u8]>::first_chunk::<8>) {
                let marks = marks(u64::from_le_bytes(*eight));
                if marks != 0 {
                    self.at += marks.trailing_zeros() as usize / 8;
                    break;
                }
                self.at += 8;
            }
            match self.byte() {
                b'"' => {
                    let raw = &self.text[start..self.at];
                    self.at += 1;
                    return Ok(Str { raw, escaped });
                }
                b'\\' => {
                    escaped = true;
                    self.escape()?;
                }
                0..0x20 if self.at >= self.text.len() => return self.wrong("it ends inside a text"),
                0..0x20 => return self.wrong("a line ends inside a text"),
                _ => self.at += 1,
            }
        }
    }

    fn escape(&mut self) -> Result<(), Wrong> {
        match self.text.get(self.at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 2,
            Some(b'u') => {
                let digits = self.text.get(self.at + 2..self.at + 6);
                if !digits.is_some_and(|four| four.iter().all(u8::is_ascii_hexdigit)) {
                    return self.wrong("an escape in a text is not complete");
                }
                self.at += 6;
            }
            _ => return self.wrong("an escape in a text is none of JSON's"),
        }
        Ok(())
    }

    /// What is still to be read.
    #[inline(always)]
    pub fn rest(&self) -> &'a [u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// What was read from a place on.
    #[inline(always)]
    pub fn since(&self, start: usize) -> &'a [u8] {
        self.text.get(start..self.at).unwrap_or_default()
    }

    /// Goes into an object or a list; says whether there is anything in it.
    #[inline(always)]
    pub fn enter(&mut self, open: u8) -> Result<bool, Wrong> {
        self.expect(open, if open == b'{' { "an object is missing" } else { "a list is missing" })?;
        self.depth += 1;
        if self.depth > DEEPEST {
            return self.wrong(format!("more than {DEEPEST} values inside each other"));
        }
        // The brackets' codes are two apart.
        let empty = self.peek() == open + 2;
        if empty {
            self.at += 1;
            self.depth -= 1;
        }
        Ok(!empty)
    }

    /// Behind a value: whether another one follows, or what it is in ends with `close`.
    #[inline(always)]
    pub fn more(&mut self, close: u8) -> Result<bool, Wrong> {
        match self.peek() {
            b',' => {
                self.at += 1;
                self.peek();
                Ok(true)
            }
            byte if byte == close => {
                self.at += 1;
                self.depth -= 1;
                Ok(false)
            }
            _ if self.at >= self.text.len() => self.wrong("it ends too early"),
            _ if close == b'}' => self.wrong("`,` or `}` is missing"),
            _ => self.wrong("`,` or `]` is missing"),
        }
    }

    /// A field's name, and the colon behind it.
    #[inline(always)]
    pub fn name(&mut self) -> Result<Str<'a>, Wrong> {
        let name = self.string()?;
        self.expect(b':', "`:` is missing")?;
        Ok(name)
    }

    /// The fields of an object, each by its name; `field` reads or passes over its value.
    #[inline]
    pub fn object(&mut self, mut field: impl FnMut(&mut Self, Str<'a>) -> Result<(), Wrong>) -> Result<(), Wrong> {
        let mut more = self.enter(b'{')?;
        while more {
            let name = self.name()?;
            field(self, name)?;
            more = self.more(b'}')?;
        }
        Ok(())
    }

    /// The members of a list; `member` reads or passes over each.
    #[inline]
    pub fn list(&mut self, mut member: impl FnMut(&mut Self) -> Result<(), Wrong>) -> Result<(), Wrong> {
        let mut more = self.enter(b'[')?;
        while more {
            member(self)?;
            more = self.more(b']')?;
        }
        Ok(())
    }

    /// Passes over a value of any kind.
    pub fn skip(&mut self) -> Result<(), Wrong> {
        // One bit for each value that this one is inside of: whether it is an object. DEEPEST of them fit.
        let mut objects = 0_u64;
        let around = self.depth;
        loop {
            let opened = match self.peek() {
                b'"' => self.string().map(|_| false),
                open @ (b'{' | b'[') => self.enter(open).inspect(|more| {
                    if *more {
                        objects = objects << 1 | u64::from(open == b'{');
                    }
                }),
                b'-' | b'0'..=b'9' => self.number().map(|_| false),
                b't' => self.word(b"true").map(|()| false),
                b'f' => self.word(b"false").map(|()| false),
                b'n' => self.word(b"null").map(|()| false),
                _ if self.at >= self.text.len() => self.wrong("it ends too early"),
                _ => self.wrong("a value is missing"),
            }?;
            if !opened {
                loop {
                    if self.depth == around {
                        return Ok(());
                    }
                    if self.more(if objects & 1 == 1 { b'}' } else { b']' })? {
                        break;
                    }
                    objects >>= 1;
                }
            }
            if objects & 1 == 1 {
                self.name()?;
            }
        }
    }

    fn word(&mut self, word: &'static [u8]) -> Result<(), Wrong> {
        if !self.text[self.at..].starts_with(word) {
            return self.wrong("a value is missing");
        }
        self.at += word.len();
        Ok(())
    }

    /// A number as it stands there.
    pub fn number(&mut self) -> Result<&'a [u8], Wrong> {
        self.peek();
        let start = self.at;
        let digits = |cursor: &mut Self| {
            let from = cursor.at;
            while cursor.byte().is_ascii_digit() {
                cursor.at += 1;
            }
            cursor.at - from
        };
        self.at += usize::from(self.byte() == b'-');
        let leading_zero = self.byte() == b'0';
        let whole = digits(self);
        let mut good = whole > 0 && !(leading_zero && whole > 1);
        if self.byte() == b'.' {
            self.at += 1;
            good &= digits(self) > 0;
        }
        if matches!(self.byte(), b'e' | b'E') {
            self.at += 1;
            self.at += usize::from(matches!(self.byte(), b'+' | b'-'));
            good &= digits(self) > 0;
        }
        if good { Ok(&self.text[start..self.at]) } else { self.wrong("a number is missing") }
    }

    /// A string, or nothing where the value is of another kind.
    #[inline(always)]
    pub fn maybe_string(&mut self) -> Result<Option<Str<'a>>, Wrong> {
        if self.peek() == b'"' { self.string().map(Some) } else { self.skip().map(|()| None) }
    }

    /// Whether the value is `true`.
    pub fn truth(&mut self) -> Result<bool, Wrong> {
        let truth = self.peek() == b't';
        self.skip().map(|()| truth)
    }

    /// The text of the value here, passed over.
    pub fn span(&mut self) -> Result<&'a [u8], Wrong> {
        self.peek();
        let start = self.at;
        self.skip().map(|()| &self.text[start..self.at])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reads(text: &str) -> bool {
        let mut cursor = Cursor::new(text.as_bytes(), 0);
        cursor.skip().is_ok() && cursor.peek() == 0 && cursor.at == text.len()
    }

    #[test]
    fn what_serde_json_reads_is_read_and_nothing_else() {
        let good = [
            "{}",
            "[]",
            "[1,-0,0.5,1e9,-1.5E-7]",
            r#"{"a":"b\"\\\/\b\f\n\r\t\u00e9","c":[true,false,null]}"#,
            " \n\t\r[ { } ] ",
            r#""0123456789012345678901234567890123456789é""#,
            "1e400",
        ];
        let bad = [
            "",
            "{",
            "[",
            "[1,]",
            "{,}",
            r#"{"a"}"#,
            r#"{"a":}"#,
            r#"{"a":1,}"#,
            "{a:1}",
            "01",
            "1.",
            ".5",
            "-",
            "+1",
            "1e",
            "tru",
            "nul",
            r#""\x""#,
            r#""\u12g4""#,
            "\"a\nb\"",
            "\"\u{1}\"",
            r#""abc"#,
            "[1 2]",
            r#"{"a" 1}"#,
            "]",
            "[}",
            "NaN",
        ];
        for text in good {
            assert!(reads(text), "{text}");
        }
        for text in bad {
            assert!(!reads(text), "{text}");
        }
        for text in good.iter().chain(&bad).filter(|text| **text != "1e400") {
            let theirs = serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
            assert_eq!(reads(text), theirs, "{text}");
        }
    }

    #[test]
    fn deep_nesting_ends_in_a_word() {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let deep = format!("{}1{}", open.repeat(100_000), close.repeat(100_000));
            let wrong = Cursor::new(deep.as_bytes(), 0).skip().unwrap_err();
            assert!(wrong.what.contains("inside each other"));
            assert!(reads(&format!("{}1{}", open.repeat(60), close.repeat(60))));
        }
    }

    #[test]
    fn every_place_of_a_mark_is_found() {
        for len in 0..20 {
            for mark in ["\"", "\\n\"", "\u{1}"] {
                let text = format!("\"{}{mark}", "é".repeat(len / 2) + &"x".repeat(len % 2 + len));
                assert_eq!(Cursor::new(text.as_bytes(), 0).string().is_ok(), mark != "\u{1}", "{text}");
            }
        }
    }
}
