//! Checks the product's imports against `docs/architecture.md`: each goes to the same room or to a floor
//! below, and none closes a cycle. It does not test what the product does.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A module as the words of its path: `["profile", "kind"]` for src/profile/kind.rs.
type Module = Vec<String>;

/// The product's modules, without their tests.
struct House {
    /// The text of each module.
    modules: BTreeMap<Module, String>,
}

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn words(path: &str) -> Module {
    path.split("::").map(str::to_owned).collect()
}

impl House {
    fn read() -> Self {
        let mut house = Self {
            modules: BTreeMap::new(),
        };
        house.collect(&src(), &Vec::new());
        house
    }

    fn collect(&mut self, folder: &Path, at: &Module) {
        for entry in std::fs::read_dir(folder).expect("the folder is there") {
            let path = entry.expect("the folder can be read").path();
            let stem = path.file_stem().expect("it has a name").to_string_lossy();
            let within = || at.iter().cloned().chain([stem.clone().into_owned()]);
            if path.is_dir() {
                self.collect(&path, &within().collect());
                continue;
            }
            let module: Module = match stem.as_ref() {
                "mod" => at.clone(),
                _ => within().collect(),
            };
            let text = std::fs::read_to_string(&path).expect("the file is text");
            self.modules.insert(module, without_tests(&text));
        }
        // Modules for tests only are declared with `cfg(test)`.
        let text = self.modules.get(at).or(self.modules.get(&words("lib")));
        let tests: Vec<Module> = test_modules(text.map_or("", String::as_str))
            .map(|name| at.iter().cloned().chain([name]).collect())
            .collect();
        self.modules
            .retain(|module, _| !tests.iter().any(|test| module.starts_with(test)));
    }

    /// The module that a path refers to, seen from `from`; `None` if it belongs to another crate.
    fn target(&self, from: &Module, path: &[String]) -> Option<Module> {
        let mut at = match path.first()?.as_str() {
            "crate" => Vec::new(),
            "self" => from.clone(),
            "super" => from[..from.len() - 1].to_vec(),
            _ => {
                let child: Module = from.iter().cloned().chain([path[0].clone()]).collect();
                return self
                    .modules
                    .contains_key(&child)
                    .then(|| self.within(child, &path[1..]));
            }
        };
        let mut rest = &path[1..];
        while rest.first().is_some_and(|word| word == "super") {
            at.pop();
            rest = &rest[1..];
        }
        Some(self.within(at, rest))
    }

    /// Follows the words of a path, starting at a module and through its re-exports.
    fn within(&self, mut at: Module, path: &[String]) -> Module {
        for (number, word) in path.iter().enumerate() {
            let child: Module = at.iter().cloned().chain([word.clone()]).collect();
            if self.modules.contains_key(&child) {
                at = child;
                continue;
            }
            let handed_on = self
                .modules
                .get(&at)
                .into_iter()
                .flat_map(|text| imports(text));
            let handed_on = handed_on.filter(|import| import.is_public);
            if let Some(import) = handed_on
                .into_iter()
                .find(|it| it.path.last() == Some(word))
            {
                return match self.target(&at, &import.path[..import.path.len() - 1]) {
                    Some(module) if module != at => {
                        let rest = &path[number + 1..];
                        let first = [word.clone()].into_iter().chain(rest.iter().cloned());
                        self.within(module, &first.collect::<Vec<_>>())
                    }
                    _ => at,
                };
            }
            break;
        }
        at
    }

    /// The imports of each module.
    fn edges(&self) -> BTreeMap<&Module, BTreeSet<Module>> {
        let edges = self.modules.iter().map(|(module, text)| {
            let targets = imports(text)
                .filter_map(|import| Some((self.target(module, &import.path)?, import.is_public)))
                // Re-exporting its children does not put a module above them.
                .filter(|(target, is_public)| !is_public || !target.starts_with(module))
                .map(|(target, _)| target)
                .filter(|target| target != module)
                .collect();
            (module, targets)
        });
        edges.collect()
    }
}

/// The text without its test module and comments.
fn without_tests(text: &str) -> String {
    let tests = text.match_indices("\n#[cfg(").find(|(at, _)| {
        let mut lines = text[at + 1..].lines();
        let is_test = lines.next().is_some_and(|line| line.contains("test"));
        let item = lines.find(|line| !line.starts_with("#["));
        is_test && item.is_some_and(|line| line.contains("mod ") && line.ends_with('{'))
    });
    let product = &text[..tests.map_or(text.len(), |(at, _)| at)];
    let lines = product.lines();
    lines
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// The names of modules that exist only for tests.
fn test_modules(text: &str) -> impl Iterator<Item = String> {
    let behind = text.split("#[cfg(test)]").skip(1);
    behind.filter_map(|it| {
        let line = it.lines().find(|line| line.starts_with("mod "))?;
        let name = line.strip_prefix("mod ")?.strip_suffix(';')?;
        Some(name.to_owned())
    })
}

/// A path that a module imports.
struct Import {
    path: Vec<String>,
    /// Whether it is re-exported.
    is_public: bool,
}

/// Every path in `use` lines, and every path in the code that begins with `crate` or `super`.
fn imports(text: &str) -> impl Iterator<Item = Import> {
    let mut found = Vec::new();
    let mut rest = String::new();
    for statement in text.split_inclusive(';') {
        let begin = statement.rfind("\nuse ").map(|at| (at, at + 5, false));
        let begin = begin.or_else(|| {
            let at = statement.rfind("\npub(crate) use ")?;
            Some((at, at + 16, true))
        });
        let begin = begin.or_else(|| {
            let at = statement.rfind("\npub(super) use ")?;
            Some((at, at + 16, true))
        });
        let begin = begin.or_else(|| statement.starts_with("use ").then_some((0, 4, false)));
        match begin {
            Some((at, tree, is_public))
                if !statement[tree..].contains('\n') || statement[tree..].contains('{') =>
            {
                rest.push_str(&statement[..at]);
                let tree = statement[tree..].trim_end_matches(';').replace(" as ", "@");
                expand(
                    &[],
                    &tree.split_whitespace().collect::<String>(),
                    &mut |path| {
                        found.push(Import { path, is_public });
                    },
                );
            }
            _ => rest.push_str(statement),
        }
    }
    for start in ["crate::", "super::"] {
        for (at, _) in rest.match_indices(start) {
            let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
            if rest[..at].ends_with(is_word) {
                continue;
            }
            let end = rest[at..].find(|c| !is_word(c)).unwrap_or(rest.len() - at);
            found.push(Import {
                path: words(rest[at..at + end].trim_end_matches(':')),
                is_public: false,
            });
        }
    }
    found.into_iter()
}

/// The paths of a tree such as `a::{b, c::{d, e}}`, which contains no white space.
fn expand(prefix: &[String], tree: &str, found: &mut dyn FnMut(Vec<String>)) {
    let Some((head, inner)) = tree.split_once('{') else {
        // Renaming does not make it another module.
        let tree = tree.split('@').next().unwrap_or(tree);
        let path = tree
            .split("::")
            .filter(|it| !it.is_empty() && *it != "self" || prefix.is_empty());
        found(
            prefix
                .iter()
                .cloned()
                .chain(path.map(str::to_owned))
                .collect(),
        );
        return;
    };
    let head = head.split("::").filter(|it| !it.is_empty());
    let prefix: Vec<String> = prefix
        .iter()
        .cloned()
        .chain(head.map(str::to_owned))
        .collect();
    let inner = inner.strip_suffix('}').unwrap_or(inner);
    let (mut depth, mut start) = (0, 0);
    for (at, c) in inner.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                expand(&prefix, &inner[start..at], found);
                start = at + 1;
            }
            _ => {}
        }
    }
    if start < inner.len() {
        expand(&prefix, &inner[start..], found);
    }
}

/// The room of a module: its folder, or its file if it is in none.
fn room(module: &Module) -> &str {
    module.first().map_or("lib", String::as_str)
}

/// The floors on the page, from the top.
fn floors() -> Vec<Vec<String>> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/architecture.md");
    let page = std::fs::read_to_string(page).expect("the page is there");
    let table = page.lines().skip_while(|line| *line != "|---|---|").skip(1);
    table
        .take_while(|line| line.starts_with('|'))
        .map(|row| {
            let rooms = row.split('`').skip(1).step_by(2);
            let name = |room: &str| {
                room.trim_end_matches('/')
                    .trim_end_matches(".rs")
                    .to_owned()
            };
            rooms.map(name).collect()
        })
        .collect()
}

#[test]
fn every_import_stays_in_its_room_or_goes_to_a_floor_below() {
    let (house, floors) = (House::read(), floors());
    let floor = |room: &str| {
        let floor = floors
            .iter()
            .position(|rooms| rooms.iter().any(|it| it == room));
        floor.unwrap_or_else(|| panic!("docs/architecture.md does not know the room {room}"))
    };
    let mut seen = 0;
    for (module, targets) in house.edges() {
        for target in targets {
            let (from, to) = (room(module), room(&target));
            assert!(
                from == to || floor(from) < floor(to),
                "{} imports {}, which is not on a floor below",
                module.join("::"),
                target.join("::")
            );
            seen += 1;
        }
    }
    assert!(seen > 200, "the imports are looked for in the right place");
    let rooms: BTreeSet<&str> = house.modules.keys().map(room).collect();
    let named: BTreeSet<&str> = floors.iter().flatten().map(String::as_str).collect();
    assert_eq!(rooms, named, "the rooms, and those of docs/architecture.md");
}

#[test]
fn no_imports_form_a_cycle() {
    let house = House::read();
    let edges = house.edges();
    let mut open: BTreeSet<&Module> = edges.keys().copied().collect();
    // A module that imports nothing in the list is in no circle, nor is one that nothing in the list
    // imports.
    loop {
        let is_open = |target: &Module| open.contains(target);
        let imported: BTreeSet<&Module> = open.iter().flat_map(|it| &edges[it]).collect();
        let free: Vec<&Module> = open
            .iter()
            .copied()
            .filter(|it| !edges[it].iter().any(is_open) || !imported.contains(it))
            .collect();
        if free.is_empty() {
            break;
        }
        open.retain(|module| !free.contains(module));
    }
    let circle: Vec<String> = open
        .iter()
        .map(|module| {
            let within = edges[module].iter().filter(|target| open.contains(target));
            let within: Vec<String> = within.map(|it| it.join("::")).collect();
            format!("{} -> {}", module.join("::"), within.join(", "))
        })
        .collect();
    assert!(
        circle.is_empty(),
        "in a circle, or above one:\n{}",
        circle.join("\n")
    );
}

#[test]
fn this_test_finds_an_import_however_it_is_written() {
    let text = "use a::b;\nuse super::{c, d::{e as x, f}};\npub(crate) use g::H;\n\nfn x() -> crate::i::J {\n    super::k();\n}\n";
    let found: Vec<(String, bool)> = imports(text)
        .map(|import| (import.path.join("::"), import.is_public))
        .collect();
    let expected = [
        ("a::b", false),
        ("super::c", false),
        ("super::d::e", false),
        ("super::d::f", false),
        ("g::H", true),
        ("crate::i::J", false),
        ("super::k", false),
    ];
    let expected = expected.map(|(path, is_public)| (path.to_owned(), is_public));
    assert_eq!(found, expected);
}
