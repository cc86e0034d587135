//! One worker: opens what was found, sees what it is, and gives out its text.

use std::{
    fs::{File, OpenOptions},
    io::{self, Cursor, Read, Seek},
    path::Path,
    sync::Arc,
};

use flate2::read::{DeflateDecoder, MultiGzDecoder};

use super::{
    Found, GROWTH, Origin, Piece, Take, WHOLE,
    long::{can_be_shared, line_end},
    queue::{Block, Job, Long, Queue},
    stream::{Budget, Utf16, cut, is_lines, kind, utf16},
    walk::{is_debris, reason},
    zip,
};

/// Archives inside archives that are opened.
const DEEPEST: u32 = 3;

/// Bytes of a stream that are given out at a time.
const BLOCK: usize = 1 << 20;

pub(super) struct Worker<'a, T> {
    queue: &'a Queue,
    pub(super) taker: T,
    pub(super) buffer: Vec<u8>,
}

impl<'a, T: Take> Worker<'a, T> {
    pub(super) fn new(queue: &'a Queue, taker: T) -> Self {
        Self { queue, taker, buffer: Vec::new() }
    }

    pub(super) fn run(mut self) -> T {
        while let Some(job) = self.queue.next() {
            match job {
                Job::Block(block) => self.block(block),
                Job::Long(long) => self.long(&long),
                Job::Open(at, found) => {
                    let origin =
                        Origin { name: found.name.as_str().into(), order: (u32::try_from(at).unwrap_or(u32::MAX), 0) };
                    let opened = match (&found.refused, &found.path) {
                        (Some(reason), _) => Err(reason.clone()),
                        (None, None) => self.stdin(&origin),
                        (None, Some(path)) => self.file(&origin, found, path),
                    };
                    if let Err(reason) = opened
                        && !found.debris
                    {
                        self.taker.refused(&origin, reason);
                    }
                    self.queue.done();
                }
            }
        }
        self.taker
    }

    fn block(&mut self, block: Block) {
        self.taker.piece(Piece { origin: &block.origin, at: block.at, lines: block.lines, text: &block.text });
        self.queue.recycle(block.text);
    }

    fn stdin(&mut self, origin: &Origin) -> Result<(), String> {
        // What comes in has no length that an archive's contents could be held against.
        let mut left = u64::MAX;
        self.stream(origin, &mut io::stdin().lock(), 0, &mut left)
    }

    fn file(&mut self, origin: &Origin, found: &Found, path: &Path) -> Result<(), String> {
        let mut file = open(path, found.named).map_err(|error| reason(&error))?;
        let known = file.metadata().map_err(|error| reason(&error))?;
        let mut left = known.len().saturating_mul(GROWTH).saturating_add(WHOLE as u64 * 8);
        if !known.is_file() {
            if !found.named {
                return Err("it is a device or a pipe, no file".to_owned());
            }
            return self.stream(origin, &mut file, 0, &mut left);
        }
        if known.len() > WHOLE as u64 {
            return self.long_file(origin, file, &mut left);
        }
        let mut bytes = std::mem::take(&mut self.buffer);
        bytes.clear();
        let read = (&mut file).take(WHOLE as u64 + 1).read_to_end(&mut bytes).map_err(|error| reason(&error));
        let ended = read.and_then(|_| self.bytes(origin, &bytes, 0, &mut left));
        self.buffer = bytes;
        ended
    }

    /// A text or an archive that is here as a whole.
    fn bytes(&mut self, origin: &Origin, bytes: &[u8], depth: u32, left: &mut u64) -> Result<(), String> {
        if depth > DEEPEST {
            return Err("too many archives inside each other".to_owned());
        }
        if bytes.is_empty() {
            return Err("it is empty".to_owned());
        }
        if bytes.starts_with(b"\x1f\x8b") {
            return self.stream(origin, &mut MultiGzDecoder::new(bytes), depth + 1, left);
        }
        if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
            return self.zip(origin, Cursor::new(bytes), depth + 1, left);
        }
        if let Some(high_first) = utf16(bytes) {
            let mut text = Vec::new();
            // Reading from memory into memory cannot fail.
            let _ = Utf16::new(bytes, high_first).read_to_end(&mut text);
            self.taker.piece(Piece { origin, at: 0, lines: is_lines(&text), text: &text });
            return Ok(());
        }
        if let Some(kind) = kind(bytes) {
            return Err(kind.to_owned());
        }
        self.taker.piece(Piece { origin, at: 0, lines: is_lines(bytes), text: bytes });
        Ok(())
    }

    /// A file too long to be held.
    fn long_file(&mut self, origin: &Origin, mut file: File, left: &mut u64) -> Result<(), String> {
        let mut head = vec![0; 64 << 10];
        let read = read_full(&mut file, &mut head).map_err(|error| reason(&error))?;
        head.truncate(read);
        file.rewind().map_err(|error| reason(&error))?;
        if head.starts_with(b"PK\x03\x04") {
            return self.zip(origin, file, 1, left);
        }
        let plain = !head.starts_with(b"\x1f\x8b") && utf16(&head).is_none() && kind(&head).is_none();
        let len = file.metadata().map_err(|error| reason(&error))?.len();
        if plain && can_be_shared() && is_lines(&head) {
            let long = Arc::new(Long::new(origin.clone(), file, len));
            self.queue.share(&long);
            self.long(&long);
            return Ok(());
        }
        self.stream(origin, &mut file, 0, left)
    }

    /// A text of any length, cut where documents end.
    fn stream(&mut self, origin: &Origin, reader: &mut dyn Read, depth: u32, left: &mut u64) -> Result<(), String> {
        let mut reader = Budget { inner: reader, left };
        let mut buffer = self.queue.buffer();
        let began = fill(&mut reader, &mut buffer, WHOLE);
        let ended = match &began {
            Ok(whole) => *whole,
            Err(_) => true,
        };
        if ended {
            // What came before it broke off may be whole reports.
            let told = if began.is_err() && buffer.is_empty() {
                Ok(())
            } else {
                self.bytes(origin, &buffer, depth, reader.left)
            };
            self.queue.recycle(buffer);
            return match began {
                Ok(_) => told,
                Err(error) => Err(format!("it cannot be read to its end: {}", reason(&error))),
            };
        }
        let head = &buffer[..buffer.len().min(512)];
        if let Some(high_first) = utf16(head) {
            let Budget { inner, left } = reader;
            let rest = Cursor::new(std::mem::take(&mut buffer)).chain(inner);
            return self.blocks(origin, &mut Utf16::new(Budget { inner: rest, left }, high_first), Vec::new());
        }
        if head.starts_with(b"\x1f\x8b") && depth < DEEPEST {
            let Budget { inner, left } = reader;
            let rest = Cursor::new(std::mem::take(&mut buffer)).chain(inner);
            return self.stream(origin, &mut MultiGzDecoder::new(io::BufReader::new(rest)), depth + 1, left);
        }
        if head.starts_with(b"PK\x03\x04") {
            return Err("a zip archive of this size must be a file of its own".to_owned());
        }
        if let Some(kind) = kind(head) {
            return Err(kind.to_owned());
        }
        self.blocks(origin, &mut reader, buffer)
    }

    /// Gives out `buffer` and what follows it, cut where documents end.
    fn blocks(&mut self, origin: &Origin, reader: &mut dyn Read, mut buffer: Vec<u8>) -> Result<(), String> {
        let mut at = 0_u64;
        let mut ended = false;
        if buffer.is_empty() {
            ended = fill(reader, &mut buffer, WHOLE).map_err(|error| reason(&error))?;
        }
        let lines = is_lines(&buffer);
        let mut broken = None;
        let mut skipping = false;
        while !ended || !buffer.is_empty() {
            let end = if ended { Some(buffer.len()) } else { cut(&buffer, lines) };
            match end {
                Some(end) => {
                    let mut rest = self.queue.buffer();
                    rest.extend_from_slice(&buffer[end..]);
                    buffer.truncate(end);
                    let start =
                        if std::mem::take(&mut skipping) { line_end(&buffer, 0).unwrap_or(buffer.len()) } else { 0 };
                    let block = Block { origin: origin.clone(), at, lines, text: std::mem::replace(&mut buffer, rest) };
                    at += end as u64;
                    if start > 0 {
                        let text = &block.text[start..];
                        self.taker.piece(Piece { origin, at: block.at + start as u64, lines, text });
                    } else if let Err(block) = self.queue.hand(block) {
                        self.block(block);
                    }
                }
                None if buffer.len() >= WHOLE => {
                    if !skipping {
                        self.taker.refused(origin, too_long(at));
                    }
                    skipping = true;
                    at += buffer.len() as u64;
                    buffer.clear();
                }
                None => {}
            }
            if !ended {
                let want = (buffer.len() + BLOCK).min(WHOLE).max(buffer.len() + 1);
                match fill(reader, &mut buffer, want) {
                    Ok(end) => ended = end,
                    Err(error) => {
                        ended = true;
                        broken = Some(format!("it cannot be read to its end: {}", reason(&error)));
                    }
                }
            }
        }
        self.queue.recycle(buffer);
        broken.map_or(Ok(()), Err)
    }

    /// What an archive holds, each under its own name.
    fn zip<R: Read + Seek>(
        &mut self,
        origin: &Origin,
        mut archive: R,
        depth: u32,
        left: &mut u64,
    ) -> Result<(), String> {
        if depth > DEEPEST {
            return Err("too many archives inside each other".to_owned());
        }
        let entries = zip::entries(&mut archive).map_err(|error| reason(&error))?;
        if entries.is_empty() {
            return Err("the zip archive is empty".to_owned());
        }
        if entries.iter().any(|entry| entry.name == "[Content_Types].xml") {
            return Err("it is an Office document; send the report itself".to_owned());
        }
        if entries.len() >= zip::MOST {
            self.taker.refused(origin, format!("only its first {} files are read", zip::MOST));
        }
        for (place, entry) in entries.iter().enumerate() {
            let name = entry.name.replace('\\', "/");
            if name.ends_with('/') || name.split('/').any(|part| is_debris(Path::new(part))) {
                continue;
            }
            let place = u32::try_from(place + 1).unwrap_or(u32::MAX);
            let inner = Origin { name: format!("{}/{name}", origin.name).into(), order: (origin.order.0, place) };
            if let Err(reason) = self.entry(&inner, &mut archive, entry, depth, left) {
                self.taker.refused(&inner, reason);
            }
        }
        Ok(())
    }

    fn entry<R: Read + Seek>(
        &mut self,
        origin: &Origin,
        archive: &mut R,
        entry: &zip::Entry,
        depth: u32,
        left: &mut u64,
    ) -> Result<(), String> {
        if entry.locked {
            return Err("a password is needed to read it".to_owned());
        }
        let packed = zip::packed(archive, entry).map_err(|error| reason(&error))?;
        match entry.method {
            0 => self.stream(origin, &mut { packed }, depth, left),
            8 => self.stream(origin, &mut DeflateDecoder::new(packed), depth, left),
            other => Err(format!("it is packed in a way that is not known here (method {other})")),
        }
    }
}

pub(super) fn too_long(at: u64) -> String {
    format!("what begins at byte {at} is longer than any report ({} MiB)", WHOLE >> 20)
}

/// Reads until the buffer holds `want` bytes; says whether the end was reached.
fn fill(reader: &mut dyn Read, buffer: &mut Vec<u8>, want: usize) -> io::Result<bool> {
    let missing = want.saturating_sub(buffer.len());
    let read = reader.take(missing as u64).read_to_end(buffer)?;
    Ok(read < missing)
}

fn read_full(file: &mut File, into: &mut [u8]) -> io::Result<usize> {
    let mut have = 0;
    while have < into.len() {
        match file.read(&mut into[have..]) {
            Ok(0) => break,
            Ok(read) => have += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(have)
}

/// Opens a file for reading. What stands in a folder must not make anybody wait, as a pipe would.
fn open(path: &Path, named: bool) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    if !named {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY);
    }
    #[cfg(not(unix))]
    let _ = named;
    options.open(path)
}
