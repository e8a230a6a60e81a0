//! Draws what awsmfa costs, from the figures that `cargo bench` has written. It measures nothing, and
//! contains no figures itself.

use anyhow::Context as _;

use super::svg::Element;

/// The bars with a common scale.
struct Group {
    heading: &'static str,
    bars: &'static [Bar],
}

/// A row of the benchmark.
struct Bar {
    /// Its name in the benchmark.
    row: &'static str,
    label: &'static str,
    /// How many round trips of [`ROUND_TRIP`] it waits for.
    round_trips: u32,
    class: &'static str,
}

const fn bar(row: &'static str, label: &'static str) -> Bar {
    Bar {
        row,
        label,
        round_trips: 0,
        class: "own",
    }
}

const fn far(row: &'static str, label: &'static str, round_trips: u32) -> Bar {
    Bar {
        row,
        label,
        round_trips,
        class: "own",
    }
}

/// A round trip on the benchmark's slow network, in milliseconds.
const ROUND_TRIP: f64 = 200.0;

const GROUPS: [Group; 3] = [
    Group {
        heading: "Everyday use, AWS on the same computer",
        bars: &[
            Bar {
                row: "empty Rust program",
                label: "a Rust program that does nothing",
                round_trips: 0,
                class: "other",
            },
            bar("awsmfa --version", "awsmfa --version"),
            bar(
                "credential-process --profile dev, 0 other profiles",
                "credential-process, signed in",
            ),
            bar(
                "login, session still good (disk)",
                "login, signed in already",
            ),
            bar("login over TLS, code in hand (disk)", "login, new session"),
        ],
    },
    Group {
        heading: "A credentials file of 10,000 profiles",
        bars: &[
            bar(
                "10000 profiles, session still good (disk)",
                "login, signed in already",
            ),
            bar(
                "10000 profiles, new session over HTTP (disk)",
                "login, new session",
            ),
        ],
    },
    Group {
        heading: "AWS far away, 200 ms a round trip",
        bars: &[
            far(
                "prompt: Enter to answer, 200 ms a round trip",
                "login, from Enter to the answer",
                1,
            ),
            far(
                "login over TLS, code in hand, 200 ms a round trip",
                "login, from start to end",
                3,
            ),
            far("login to a role, 200 ms a round trip", "login to a role", 4),
        ],
    },
];

const WIDTH: f64 = 820.0;
const PADDING: f64 = 24.0;
/// Where the bars begin, and the length of the longest.
const BEGIN: f64 = 290.0;
const LONGEST: f64 = 320.0;
const ROW: f64 = 25.0;
const BAR: f64 = 15.0;
/// From the baseline of a heading to its first bar.
const BELOW_HEADING: f64 = 13.0;
const ABOVE_HEADING: f64 = 32.0;
const TOP: f64 = 66.0;

/// Its own background keeps it readable on every page, even on a dark page when the system is light.
const STYLE: &str = "
svg{font:14px -apple-system,BlinkMacSystemFont,\"Segoe UI\",Roboto,\"Noto Sans\",Helvetica,Arial,sans-serif;fill:#1f2328}
.page{fill:#f6f8fa;stroke:#d1d9e0}
.title{font-size:18px;font-weight:600}
.quiet{fill:#59636e}
.heading{font-weight:600}
.own{fill:#0969da}
.wait{fill:#c2cad3}
.other{fill:#818b98}
.axis{stroke:#818b98}
@media (prefers-color-scheme:dark){
svg{fill:#e6edf3}
.page{fill:#151b23;stroke:#3d444d}
.quiet{fill:#9198a1}
.own{fill:#4493f8}
.wait{fill:#4d5661}
.other{fill:#9198a1}
.axis{stroke:#656c76}
}
";

/// The picture of the figures of `cargo bench`. Fails if a row is missing, and says which.
pub(super) fn draw(figures: &str) -> anyhow::Result<String> {
    let measured = figures.lines().find_map(|line| line.strip_prefix("# "));
    let measured = measured.context("the benchmark does not say when it was")?;
    let mut plot = Plot {
        figures,
        y: TOP,
        elements: Vec::new(),
        words: String::new(),
        runs: 0,
    };
    for group in &GROUPS {
        plot.add(group)?;
    }
    let title = "How long awsmfa takes";
    let below = format!(
        "Median of up to {} runs, {measured}. Each group has its own scale.",
        plot.runs
    );
    let words = format!(
        "Bars for the time that awsmfa takes from start to end, waiting for AWS among it. {below}{}",
        plot.words
    );
    let height = plot.y + PADDING;
    let page = Element::new("rect")
        .at("x", 0.5)
        .at("y", 0.5)
        .at("width", WIDTH - 1.0)
        .at("height", height - 1.0)
        .with("rx", 10)
        .with("class", "page");
    let legend = [
        rect(WIDTH - 256.0, 26.0, BAR, "own"),
        text(WIDTH - 234.0, 38.5, "awsmfa"),
        rect(WIDTH - 164.0, 26.0, BAR, "wait"),
        text(WIDTH - 142.0, 38.5, "waiting for AWS"),
    ];
    let picture = Element::picture(WIDTH, height, title, &words, STYLE.to_owned());
    Ok(picture
        .child(page)
        .child(text(PADDING, 40.0, title).with("class", "title"))
        .child(text(PADDING, 63.0, &below).with("class", "quiet"))
        .children(legend)
        .children(plot.elements)
        .file())
}

/// The groups drawn so far.
struct Plot<'a> {
    figures: &'a str,
    /// Where the last group ends.
    y: f64,
    elements: Vec<Element>,
    /// Their contents in words.
    words: String,
    /// The most runs of a row.
    runs: u32,
}

impl Plot<'_> {
    fn add(&mut self, group: &Group) -> anyhow::Result<()> {
        let rows = group.bars.iter().map(|it| Row::find(self.figures, it.row));
        let rows = rows.collect::<anyhow::Result<Vec<_>>>()?;
        let longest = rows.iter().map(|it| it.median).fold(0.0, f64::max);
        let scale = LONGEST / longest;
        self.words += &format!("\n{}:", group.heading);
        self.y += ABOVE_HEADING;
        let heading = text(PADDING, self.y, group.heading).with("class", "heading");
        self.elements.push(heading);
        self.y += BELOW_HEADING;
        let top = self.y;
        for (at, (bar, row)) in group.bars.iter().zip(rows).enumerate() {
            self.y = top + at as f64 * ROW;
            self.runs = self.runs.max(row.runs);
            self.add_bar(bar, row.median, scale);
        }
        self.y += BAR;
        let axis = Element::new("line")
            .at("x1", BEGIN)
            .at("y1", top - 3.0)
            .at("x2", BEGIN)
            .at("y2", self.y + 3.0)
            .with("class", "axis");
        self.elements.push(axis);
        Ok(())
    }

    fn add_bar(&mut self, bar: &Bar, median: f64, scale: f64) {
        let time = if median < 10.0 {
            format!("{median:.1} ms")
        } else {
            format!("{median:.0} ms")
        };
        let time = match bar.round_trips {
            0 => time,
            1 => time + ", 1 round trip",
            trips => format!("{time}, {trips} round trips"),
        };
        self.words += &format!("\n{}: {time}", bar.label);
        let waited = (f64::from(bar.round_trips) * ROUND_TRIP).min(median) * scale;
        let whole = median * scale;
        let baseline = self.y + BAR / 2.0 + 5.0;
        let label = text(BEGIN - 12.0, baseline, bar.label).with("text-anchor", "end");
        self.elements.push(label);
        if waited > 0.0 {
            self.elements.push(rect(BEGIN, self.y, waited, "wait"));
        }
        let own = rect(BEGIN + waited, self.y, whole - waited, bar.class);
        self.elements.push(own);
        self.elements
            .push(text(BEGIN + whole + 8.0, baseline, &time));
    }
}

/// The measurements of a row.
struct Row {
    runs: u32,
    /// The median of the wall time, in milliseconds.
    median: f64,
}

impl Row {
    fn find(figures: &str, name: &str) -> anyhow::Result<Self> {
        let found = figures.lines().find_map(|line| {
            let mut cells = line.split('\t');
            if cells.next() != Some(name) {
                return None;
            }
            let runs = cells.next()?.parse().ok()?;
            let median = cells.next()?.parse().ok()?;
            Some(Self { runs, median })
        });
        found.with_context(|| format!("the benchmark has no row `{name}`"))
    }
}

fn text(x: f64, y: f64, text: &str) -> Element {
    Element::new("text").at("x", x).at("y", y).text(text)
}

fn rect(x: f64, y: f64, width: f64, class: &str) -> Element {
    Element::new("rect")
        .at("x", x)
        .at("y", y)
        .at("width", width)
        .at("height", BAR)
        .with("class", class)
}
