//! Names met in reports, each kept once and known by its place.

use std::{collections::HashMap, sync::Arc};

use foldhash::fast::RandomState;

use super::{State, Who};
use crate::model::Platform;

/// Checks that nobody knows, and states, that are told apart. Beyond them a report is refused, by name.
const MOST_CHECKS: usize = 10_000;
const MOST_STATES: usize = 60_000;
/// Numbers of checks there can be.
pub(super) const CHECKS: usize = 2 * MOST_CHECKS;

/// Numbers of names, of which there may be as many as learners.
type Names = HashMap<Arc<str>, u32, RandomState>;

/// Names met in reports, each once.
#[derive(Debug, Clone, Default)]
pub struct Symbols {
    /// Ids of checks.
    pub checks: Vec<Arc<str>>,
    /// States.
    pub states: Vec<State>,
    /// Versions; the first is empty.
    pub versions: Vec<Arc<str>>,
    /// Platforms.
    pub platforms: Vec<Platform>,
    /// Learners.
    pub learners: Vec<Who>,
    /// Pseudonyms of machines.
    pub machines: Vec<Arc<str>>,
    /// How many of `checks` the collector knows.
    known: usize,
    check_at: HashMap<Arc<str>, u16>,
    state_at: HashMap<State, u16>,
    version_at: Names,
    platform_at: HashMap<String, u32>,
    learner_at: HashMap<Who, u32, RandomState>,
    machine_at: Names,
}

/// The number of a text, and the text where it is new.
fn place(texts: &mut Vec<Arc<str>>, at: &mut Names, text: &str) -> u32 {
    if let Some(place) = at.get(text) {
        return *place;
    }
    let place = u32::try_from(texts.len()).unwrap_or(u32::MAX);
    let text: Arc<str> = text.into();
    texts.push(Arc::clone(&text));
    at.insert(text, place);
    place
}

impl Symbols {
    /// Everybody has been met.
    pub(super) fn end(&mut self) {
        let met = std::mem::take(&mut self.learner_at);
        let mut learners: Vec<Option<Who>> = vec![None; met.len()];
        met.into_iter().for_each(|(who, place)| learners[place as usize] = Some(who));
        self.learners = learners.into_iter().flatten().collect();
    }

    /// What only finding and naming learners needs. To let go of a hundred thousand names takes as long as to count
    /// their reports' findings, so somebody else should.
    pub(crate) fn names(&mut self) -> impl Send + use<> {
        let names = (std::mem::take(&mut self.learners), std::mem::take(&mut self.machines));
        (names, std::mem::take(&mut self.version_at), std::mem::take(&mut self.machine_at))
    }

    /// The collector's own checks, and what every list begins with.
    pub(super) fn of(known: impl Iterator<Item = String>) -> Self {
        let mut symbols = Self::default();
        for (place, id) in known.take(MOST_CHECKS).enumerate() {
            let id: Arc<str> = id.into();
            symbols.check_at.insert(Arc::clone(&id), place as u16);
            symbols.checks.push(id);
        }
        symbols.known = symbols.checks.len();
        symbols.version("");
        symbols
    }

    pub(super) fn version(&mut self, text: &str) -> u32 {
        place(&mut self.versions, &mut self.version_at, text)
    }

    pub(super) fn machine(&mut self, id: &str) -> u32 {
        place(&mut self.machines, &mut self.machine_at, id)
    }

    pub(super) fn learner(&mut self, who: Who) -> u32 {
        let next = u32::try_from(self.learner_at.len()).unwrap_or(u32::MAX);
        *self.learner_at.entry(who).or_insert(next)
    }

    pub(super) fn check(&mut self, id: &str) -> Result<u16, String> {
        if let Some(place) = self.check_at.get(id) {
            return Ok(*place);
        }
        if self.checks.len() - self.known >= MOST_CHECKS {
            return Err(format!("it names a check beyond the {MOST_CHECKS} that other reports name"));
        }
        let place = self.checks.len() as u16;
        let id: Arc<str> = id.into();
        self.checks.push(Arc::clone(&id));
        self.check_at.insert(id, place);
        Ok(place)
    }

    pub(super) fn state(&mut self, state: State) -> Result<u16, String> {
        if let Some(place) = self.state_at.get(&state) {
            return Ok(*place);
        }
        if self.states.len() >= MOST_STATES {
            return Err(format!("it names a state beyond the {MOST_STATES} that other reports name"));
        }
        let place = self.states.len() as u16;
        self.states.push(state.clone());
        self.state_at.insert(state, place);
        Ok(place)
    }

    pub(super) fn platform(&mut self, platform: Platform) -> u32 {
        let key = format!("{platform:?}");
        if let Some(place) = self.platform_at.get(&key) {
            return *place;
        }
        let place = u32::try_from(self.platforms.len()).unwrap_or(u32::MAX);
        self.platforms.push(platform);
        self.platform_at.insert(key, place);
        place
    }
}
