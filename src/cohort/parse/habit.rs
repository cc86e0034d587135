//! What the findings of one doctor's reports have in common. The same check writes the same title, reason and address
//! into every report, and mostly the same result; so the bytes of a field that were held to the grammar once are
//! compared, and not read, where they stand again. What is compared is whole fields, from the quote before the name
//! to the value's last byte, so that equal bytes mean the same wherever an object's fields stand. Values that differ
//! from report to report, such as times, are soon not compared any more; only their names are.

use crate::cohort::scan::{Cursor, Str, Wrong};

/// Fields that a finding's reader knows; their numbers are bits of what was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Field {
    Id,
    Found,
    Version,
    Diagnosis,
    BlockedBy,
    Outcome,
    Level,
    Evidence,
    Fix,
    Waived,
    /// Everything else.
    Other,
}

const NAMES: [&str; 10] =
    ["id", "found", "version", "diagnosis", "blocked-by", "outcome", "level", "evidence", "fix", "waived"];
const FIELDS: [Field; 10] = [
    Field::Id,
    Field::Found,
    Field::Version,
    Field::Diagnosis,
    Field::BlockedBy,
    Field::Outcome,
    Field::Level,
    Field::Evidence,
    Field::Fix,
    Field::Waived,
];

impl Field {
    fn of(name: Str<'_>) -> Self {
        let name = name.text();
        NAMES.iter().position(|known| **known == *name).map_or(Self::Other, |at| FIELDS[at])
    }

    /// Its name, where it is one that is read.
    pub(super) fn name(self) -> Option<&'static str> {
        NAMES.get(self as usize).copied()
    }
}

/// A value as it stands in the text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Value<'a> {
    /// All of it.
    pub(super) span: &'a [u8],
    escaped: bool,
}

impl<'a> Value<'a> {
    /// The string that it is; empty where it is of another kind.
    pub(super) fn text(self) -> Str<'a> {
        match self.span {
            [b'"', raw @ .., b'"'] => Str::new(raw, self.escaped),
            _ => Str::default(),
        }
    }
}

/// Fields that may follow one field.
const WAYS: usize = 4;
/// Fields of one object that are remembered, and the bytes of all.
const MOST_FIELDS: usize = 200;
const MOST_BYTES: usize = 4 << 20;
/// Fields that came one after the other this often, and nothing else in between, are taken as one of at most so many bytes.
const TIMES: u8 = 16;
const LONGEST: usize = 2000;
/// Values of a name that are told apart; one with more is read each time.
const VALUES: usize = 3;
/// No report has been read yet, or it went where none went before.
const LOST: usize = usize::MAX;

/// What was read before, for one reader.
#[derive(Debug, Default)]
pub struct Habit {
    /// By a finding's place in its report: its own fields, and those of its evidence.
    objects: Vec<Vec<Seen>>,
    bytes: usize,
}

/// A field that was read, and what may come next; the first of an object's stands for its beginning.
#[derive(Debug, Clone)]
struct Seen {
    /// From the quote before the name to the value's end, and on through fields that always follow and are not asked
    /// for; where `any` value may stand, to the value's beginning.
    text: Box<[u8]>,
    any: bool,
    field: Field,
    /// Where the value begins and ends, and whether it is a string with escapes.
    value: usize,
    end: usize,
    escaped: bool,
    /// How often one certain field came next.
    times: u8,
    /// Places of fields that came next, lately seen ones first; 0 is none.
    next: [u8; WAYS],
}

impl Seen {
    fn name(&self) -> &[u8] {
        &self.text[..self.value]
    }
}

type Take<'t, 'a> = &'t mut dyn FnMut(&Cursor<'a>, Field, Value<'a>) -> Result<(), Wrong>;

impl Habit {
    /// Reads a finding, the `place`th of its report, and gives out its fields.
    #[inline]
    pub(super) fn object<'a>(
        &mut self,
        cursor: &mut Cursor<'a>,
        place: usize,
        take: Take<'_, 'a>,
    ) -> Result<(), Wrong> {
        self.fields(cursor, place * 2, take)
    }

    fn fields<'a>(&mut self, cursor: &mut Cursor<'a>, place: usize, take: Take<'_, 'a>) -> Result<(), Wrong> {
        if !cursor.enter(b'{')? {
            return Ok(());
        }
        let is_finding = place.is_multiple_of(2);
        let mut last = 0;
        let mut before = 0;
        loop {
            let known = self.next(place, last, cursor.rest());
            let start = cursor.at;
            let (field, value_at) = match known {
                Some(next) => {
                    let seen = &self.objects[place][next];
                    let (field, value, end, escaped, any) = (seen.field, seen.value, seen.end, seen.escaped, seen.any);
                    cursor.at += seen.text.len();
                    if !any {
                        if field == Field::Other && last > 0 {
                            self.join(place, last, next, cursor.since(before));
                        }
                        last = next;
                        before = start;
                        if field != Field::Other {
                            take(cursor, field, Value { span: &cursor.since(start)[value..end], escaped })?;
                        }
                        if cursor.more(b'}')? {
                            continue;
                        }
                        return Ok(());
                    }
                    last = next;
                    cursor.peek();
                    (field, cursor.at)
                }
                None => {
                    let name = cursor.name()?;
                    cursor.peek();
                    (if is_finding { Field::of(name) } else { Field::Other }, cursor.at)
                }
            };
            before = start;
            let mut escaped = false;
            match cursor.peek() {
                b'"' => escaped = cursor.string()?.is_escaped(),
                b'{' if field == Field::Evidence => self.fields(cursor, place + 1, &mut |_, _, _| Ok(()))?,
                _ => cursor.skip()?,
            }
            if known.is_none() {
                let any = field == Field::Evidence;
                last = self.learn(place, last, cursor.since(start), value_at - start, Seen::new(any, field, escaped));
            }
            if field != Field::Other {
                take(cursor, field, Value { span: cursor.since(value_at), escaped })?;
            }
            if !cursor.more(b'}')? {
                return Ok(());
            }
        }
    }

    /// The field that stands here, where it was seen before.
    #[inline(always)]
    fn next(&mut self, place: usize, last: usize, rest: &[u8]) -> Option<usize> {
        let seen = self.objects.get_mut(place)?;
        let next = seen.get(last)?.next;
        for (way, at) in next.iter().enumerate() {
            let at = usize::from(*at);
            if at == 0 {
                return None;
            }
            let one = &seen[at];
            if rest.get(..one.text.len()) != Some(&*one.text) {
                continue;
            }
            // A number could go on.
            if one.any || matches!(rest.get(one.text.len()), Some(b',' | b'}' | b' ' | b'\n' | b'\r' | b'\t')) {
                if way > 0 {
                    seen[last].next.swap(way, way - 1);
                }
                return Some(at);
            }
        }
        None
    }

    /// Two fields that mostly follow each other are compared as one; `text` is both.
    #[inline]
    fn join(&mut self, place: usize, last: usize, next: usize, text: &[u8]) {
        let Some(fields) = self.objects.get_mut(place) else { return };
        let Some([one, other]) = fields.get_disjoint_mut([last, next]).ok() else { return };
        if one.any || one.next[1] != 0 || usize::from(one.next[0]) != next {
            return;
        }
        one.times = one.times.saturating_add(1);
        // Nothing but a comma between them, so that nothing else is skipped.
        let together = one.text.len() + 1 + other.text.len();
        if one.times < TIMES || text.len() != together || together > LONGEST || self.bytes + together > MOST_BYTES {
            return;
        }
        self.bytes += together;
        (one.text, one.next, one.times) = (text.into(), other.next, 0);
    }

    /// Remembers a field that came after the `last` one; gives its place.
    #[cold]
    fn learn(&mut self, place: usize, last: usize, text: &[u8], value: usize, mut seen: Seen) -> usize {
        if self.bytes + text.len() > MOST_BYTES {
            *self = Self::default();
            return LOST;
        }
        if last == LOST {
            return LOST;
        }
        if self.objects.len() <= place {
            self.objects.resize(place + 1, vec![Seen::new(true, Field::Other, false)]);
        }
        let fields = &mut self.objects[place];
        let Some(before) = fields.get(last) else { return LOST };
        let name = &text[..value];
        let ways = before.next.iter().map(|at| usize::from(*at)).filter(|at| *at > 0);
        let alike: Vec<u8> = ways.filter(|at| fields[*at].name() == name).map(|at| at as u8).collect();
        seen.any |= alike.len() >= VALUES;
        let text = if seen.any { name } else { text };
        let at = match fields.iter().skip(1).position(|known| known.any == seen.any && *known.text == *text) {
            Some(at) => at + 1,
            None if fields.len() >= MOST_FIELDS => return LOST,
            None => {
                self.bytes += text.len() + size_of::<Seen>();
                (seen.text, seen.value, seen.end) = (text.into(), value, text.len());
                fields.push(seen);
                fields.len() - 1
            }
        };
        let any = fields[at].any;
        let kept = fields[last]
            .next
            .into_iter()
            .filter(|way| *way > 0 && usize::from(*way) != at && !(any && alike.contains(way)));
        let mut next = [0; WAYS];
        next[0] = at as u8;
        kept.zip(&mut next[1..]).for_each(|(way, into)| *into = way);
        fields[last].next = next;
        at
    }
}

impl Seen {
    fn new(any: bool, field: Field, escaped: bool) -> Self {
        Self { text: Box::default(), any, field, value: 0, end: 0, escaped, times: 0, next: [0; WAYS] }
    }
}
