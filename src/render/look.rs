//! How a text view looks: width, colours, which characters. Decided outside and obeyed here.

use std::fmt::Display;

use console::Style;

use crate::model::{Finding, Level, Outcome};

/// How a text view looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Columns.
    pub width: usize,
    /// Whether colours may be used; nothing is ever told by colour alone.
    pub colour: bool,
    /// Whether characters beyond ASCII may be used.
    pub unicode: bool,
    /// Everything, with its evidence.
    pub verbose: bool,
    /// The verdict only.
    pub quiet: bool,
}

impl Default for Look {
    fn default() -> Self {
        Self { width: 80, colour: false, unicode: true, verbose: false, quiet: false }
    }
}

/// What a piece of text is, and so how it is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// What must be read first.
    Strong,
    /// What may be passed over.
    Faint,
    /// Something good.
    Good,
    /// Something that must be mended.
    Bad,
    /// Something to look at.
    Doubtful,
    /// Something to do.
    Act,
}

impl Look {
    /// The widest a line of prose gets: longer lines are hard to read.
    pub fn prose(self) -> usize {
        self.width.clamp(20, 100)
    }

    /// A text in its tone.
    pub fn paint(self, tone: Tone, text: impl Display) -> String {
        let style = Style::new().force_styling(self.colour);
        let style = match tone {
            Tone::Strong => style.bold(),
            Tone::Faint => style.dim(),
            Tone::Good => style.green().bold(),
            Tone::Bad => style.red().bold(),
            Tone::Doubtful => style.yellow().bold(),
            Tone::Act => style.cyan(),
        };
        style.apply_to(text).to_string()
    }

    /// The mark and the tone of an outcome.
    pub fn mark(self, finding: &Finding) -> (&'static str, Tone) {
        match finding.outcome {
            Outcome::Pass => (self.either("✓", "+"), Tone::Good),
            Outcome::Fail if finding.level == Level::Required => (self.either("✗", "x"), Tone::Bad),
            Outcome::Fail => ("!", Tone::Doubtful),
            Outcome::Unknown => ("?", Tone::Doubtful),
            Outcome::Skip => ("-", Tone::Faint),
        }
    }

    /// What stands between facts on one line.
    pub fn dot(self) -> &'static str {
        self.either(" · ", " - ")
    }

    /// The first where more than ASCII may be shown, else the second.
    pub fn either(self, unicode: &'static str, ascii: &'static str) -> &'static str {
        if self.unicode { unicode } else { ascii }
    }
}
