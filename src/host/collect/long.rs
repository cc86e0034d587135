//! A long file of lines, which several workers read at once: each takes a part, and reads it a little at a time, so
//! that what it looks at is still in the processor's own cache.

use std::{fs::File, io};

use super::{
    Piece, Take, WHOLE,
    open::{Worker, too_long},
    queue::Long,
    walk::reason,
};

/// Bytes that are read at a time. Reading twice as many at a time takes several times as long for each byte where
/// they do not fit into a cache of 256 KiB together with what is compared with them.
const CHUNK: usize = 96 << 10;

/// Bytes that are read at a time behind a part for the end of its last line: some reports.
const LINE: usize = 16 << 10;

impl<T: Take> Worker<'_, T> {
    /// Takes parts of a long file of lines until there are no more.
    pub(super) fn long(&mut self, long: &Long) {
        let mut buffer = std::mem::take(&mut self.buffer);
        while let Some((from, to)) = long.part() {
            if let Err(error) = self.part(long, from, to, &mut buffer) {
                self.taker.refused(&long.origin, format!("from byte {from} on: {}", reason(&error)));
            }
        }
        self.buffer = buffer;
    }

    /// The lines that begin in a part of a file. One that goes on behind the part is read to its end.
    fn part(&mut self, long: &Long, from: u64, to: u64, buffer: &mut Vec<u8>) -> io::Result<()> {
        // The byte before says whether a line begins here.
        let mut skipping = from > 0;
        // Where in the file the buffer begins, and how much of it is filled.
        let (mut at, mut have) = (from.saturating_sub(1), 0);
        loop {
            let next = at + have as u64;
            let inside = usize::try_from(to.saturating_sub(next)).unwrap_or(CHUNK).min(CHUNK);
            // Twice as much each time where a line is long, so that it is not gone through again and again.
            let ahead = inside.max(LINE).max(have) as u64;
            let want = have + ahead.min(long.len.saturating_sub(next)) as usize;
            // Longer than it was only once: filling it anew for each part would cost as much as reading does.
            if buffer.len() < want {
                buffer.resize(want, 0);
            }
            let read = read_at(&long.file, &mut buffer[have..want], next)?;
            have += read;
            let at_end = read == 0 || at + have as u64 >= long.len;
            let full = &buffer[..have];
            let mut start = 0;
            if skipping {
                start = line_end(full, 0).unwrap_or(have);
                skipping = start == have && full.last() != Some(&b'\n');
                if at + start as u64 >= to {
                    // The line before goes on through all of this part, or to its very end.
                    return Ok(());
                }
            }
            // The last line that begins in this part ends behind its last byte.
            let inside = usize::try_from(to - 1 - at).unwrap_or(have);
            let last = if inside < have { line_end(full, inside.max(start)) } else { None };
            let end = match last {
                Some(end) => end,
                None if at_end => have,
                None => memchr::memrchr(b'\n', full).map_or(start, |end| (end + 1).max(start)),
            };
            if end > start {
                let text = &full[start..end];
                self.taker.piece(Piece { origin: &long.origin, at: at + start as u64, lines: true, text });
            }
            if last.is_some() || at_end {
                return Ok(());
            }
            if have - end > WHOLE {
                self.taker.refused(&long.origin, too_long(at + end as u64));
                return Ok(());
            }
            if end > 0 {
                buffer.copy_within(end..have, 0);
            }
            at += end as u64;
            have -= end;
        }
    }
}

/// Where the next line begins, looking from a place on.
pub(super) fn line_end(text: &[u8], from: usize) -> Option<usize> {
    memchr::memchr(b'\n', text.get(from..)?).map(|at| from + at + 1)
}

/// Whether several workers can read different places of one open file.
pub(super) fn can_be_shared() -> bool {
    cfg!(any(unix, windows))
}

/// Reads as many bytes as there are from a place of a file.
fn read_at(file: &File, mut into: &mut [u8], mut at: u64) -> io::Result<usize> {
    let mut have = 0;
    while !into.is_empty() {
        #[cfg(unix)]
        let read = std::os::unix::fs::FileExt::read_at(file, into, at);
        #[cfg(windows)]
        let read = std::os::windows::fs::FileExt::seek_read(file, into, at);
        #[cfg(not(any(unix, windows)))]
        let read: io::Result<usize> = Err(io::ErrorKind::Unsupported.into());
        match read {
            Ok(0) => break,
            Ok(read) => {
                have += read;
                at += read as u64;
                into = &mut into[read..];
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(have)
}
