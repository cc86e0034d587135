//! The list of what a zip archive holds, as its central directory has it. What lies between is not looked for: an
//! archive that says two things about itself is read one way only.

use std::io::{self, Read, Seek, SeekFrom};

/// One file inside an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// Its name, which is shown and never opened.
    pub(super) name: String,
    /// 0 as it is, 8 deflated.
    pub(super) method: u16,
    /// Whether a password is needed.
    pub(super) locked: bool,
    /// Bytes that it takes in the archive.
    pub(super) packed: u64,
    /// Where its own header stands.
    pub(super) header: u64,
}

/// The most entries that are listed.
pub(super) const MOST: usize = 200_000;

fn damaged(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("the zip archive is damaged: {what}"))
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).map_or(0, |two| u16::from_le_bytes([two[0], two[1]]))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from(u16_at(bytes, at)) | u32::from(u16_at(bytes, at + 2)) << 16
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32_at(bytes, at)) | u64::from(u32_at(bytes, at + 4)) << 32
}

/// Lists the entries (APPNOTE 6.3.10, sections 4.3.12 to 4.3.16).
pub(super) fn entries<R: Read + Seek>(archive: &mut R) -> io::Result<Vec<Entry>> {
    let len = archive.seek(SeekFrom::End(0))?;
    let tail_len = len.min(22 + 65_535 + 20);
    let tail = read_at(archive, len - tail_len, tail_len)?;
    let end = tail.windows(4).rposition(|four| four == b"PK\x05\x06").ok_or_else(|| damaged("its end is missing"))?;
    let mut size = u64::from(u32_at(&tail, end + 12));
    let mut start = u64::from(u32_at(&tail, end + 16));
    let is_long = end >= 20 && tail[end - 20..].starts_with(b"PK\x06\x07");
    if is_long {
        let long = read_at(archive, u64_at(&tail, end - 12), 56)?;
        if !long.starts_with(b"PK\x06\x06") {
            return Err(damaged("its long end is missing"));
        }
        (size, start) = (u64_at(&long, 40), u64_at(&long, 48));
    }
    if size > 64 << 20 || start.checked_add(size).is_none_or(|end| end > len) {
        return Err(damaged("its list is not where it says"));
    }
    let list = read_at(archive, start, size)?;
    let mut entries = Vec::new();
    let mut at = 0;
    while list.get(at..at + 4) == Some(b"PK\x01\x02") && entries.len() < MOST {
        let (name_len, extra_len, comment_len) =
            (u16_at(&list, at + 28), u16_at(&list, at + 30), u16_at(&list, at + 32));
        let name_at = at + 46;
        let extra_at = name_at + usize::from(name_len);
        let next = extra_at + usize::from(extra_len) + usize::from(comment_len);
        let (Some(name), Some(extra)) =
            (list.get(name_at..extra_at), list.get(extra_at..extra_at + usize::from(extra_len)))
        else {
            return Err(damaged("its list ends early"));
        };
        let mut packed = u64::from(u32_at(&list, at + 20));
        let unpacked = u32_at(&list, at + 24);
        let mut header = u64::from(u32_at(&list, at + 42));
        long_fields(extra, unpacked, &mut packed, &mut header);
        entries.push(Entry {
            name: String::from_utf8_lossy(name).into_owned(),
            method: u16_at(&list, at + 10),
            locked: u16_at(&list, at + 8) & 1 != 0,
            packed,
            header,
        });
        at = next;
    }
    Ok(entries)
}

/// The long forms of sizes and places, which stand in the order of the short ones that say 0xffffffff.
fn long_fields(mut extra: &[u8], unpacked: u32, packed: &mut u64, header: &mut u64) {
    while extra.len() >= 4 {
        let len = usize::from(u16_at(extra, 2));
        let Some(body) = extra.get(4..4 + len) else { return };
        if u16_at(extra, 0) == 1 {
            let mut at = if unpacked == u32::MAX { 8 } else { 0 };
            for field in [packed, header] {
                if *field == u64::from(u32::MAX) && body.len() >= at + 8 {
                    *field = u64_at(body, at);
                    at += 8;
                }
            }
            return;
        }
        extra = &extra[4 + len..];
    }
}

/// The packed bytes of an entry.
pub(super) fn packed<'a, R: Read + Seek>(archive: &'a mut R, entry: &Entry) -> io::Result<io::Take<&'a mut R>> {
    let header = read_at(archive, entry.header, 30)?;
    if !header.starts_with(b"PK\x03\x04") {
        return Err(damaged("a file is not where the list says"));
    }
    let skip = u64::from(u16_at(&header, 26)) + u64::from(u16_at(&header, 28));
    archive.seek(SeekFrom::Start(entry.header + 30 + skip))?;
    Ok(archive.take(entry.packed))
}

fn read_at<R: Read + Seek>(archive: &mut R, at: u64, len: u64) -> io::Result<Vec<u8>> {
    archive.seek(SeekFrom::Start(at))?;
    let mut bytes = Vec::new();
    archive.take(len).read_to_end(&mut bytes)?;
    if (bytes.len() as u64) < len {
        return Err(damaged("it ends early"));
    }
    Ok(bytes)
}
