//! Defines the entries of a list to pick from, and finds those that match what the user types. It shows
//! nothing.

/// An item that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Item {
    /// The name that is searched.
    pub(crate) name: String,
    /// A remark beside it, which may be empty.
    pub(crate) note: String,
}

/// The `items` that match what is `typed`, the best first: those with exactly that name, those that
/// begin with it, those that contain all its words; otherwise in their own order.
pub(super) fn fitting(items: &[Item], typed: &str) -> Vec<usize> {
    let typed = typed.trim();
    let lower = typed.to_lowercase();
    let fit = |item: &Item| {
        if item.name == typed {
            return Some(0);
        }
        let name = item.name.to_lowercase();
        if name == lower {
            Some(1)
        } else if name.starts_with(&lower) {
            Some(2)
        } else {
            let mut words = lower.split_whitespace();
            words.all(|word| name.contains(word)).then_some(3)
        }
    };
    let ranked = items.iter().enumerate();
    let mut ranked: Vec<(u8, usize)> = ranked
        .filter_map(|(number, item)| Some((fit(item)?, number)))
        .collect();
    ranked.sort_unstable();
    ranked.into_iter().map(|(_, number)| number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fitting_names<'a>(names: &[&'a str], typed: &str) -> Vec<&'a str> {
        let item = |name: &&str| Item {
            name: (*name).to_owned(),
            note: String::new(),
        };
        let items: Vec<Item> = names.iter().map(item).collect();
        let fitting = fitting(&items, typed);
        fitting.into_iter().map(|it| names[it]).collect()
    }

    #[test]
    fn a_name_that_is_typed_in_full_comes_before_those_it_is_a_part_of() {
        let names = ["my-dev", "dev-eu", "Dev", "dev", "prod"];
        assert_eq!(fitting_names(&names, ""), names);
        assert_eq!(
            fitting_names(&names, "dev"),
            ["dev", "Dev", "dev-eu", "my-dev"]
        );
        assert_eq!(
            fitting_names(&names, "DEV"),
            ["Dev", "dev", "dev-eu", "my-dev"]
        );
        assert_eq!(fitting_names(&names, "eu d"), ["dev-eu"]);
        assert_eq!(
            fitting_names(&names, " dev "),
            ["dev", "Dev", "dev-eu", "my-dev"]
        );
        assert_eq!(fitting_names(&names, "x"), [""; 0]);
    }
}
