//! Knows which system calls do the same thing: the C library and the processor decide which of them a
//! program makes. It never traces anything itself.

/// Calls that do the same, the one by whose name tests mean all of them first.
const SAME: [&[&str]; 6] = [
    &["open", "openat", "openat2"],
    &["rename", "renameat", "renameat2"],
    &["unlink", "unlinkat"],
    &["link", "linkat"],
    // Starts a thread or a process.
    &["clone", "clone3", "fork", "vfork"],
    &["prlimit64", "getrlimit"],
];

/// The deed that the call `name` does.
pub(crate) fn deed_of(name: &str) -> &str {
    let same = SAME.iter().find(|it| it.contains(&name));
    same.map_or(name, |it| it[0])
}

/// Every call that does one of these deeds.
pub(crate) fn calls_of<'a>(deeds: &[&'a str]) -> Vec<&'a str> {
    let of = |deed: &&'a str| match SAME.iter().find(|it| it[0] == *deed) {
        Some(same) => same.to_vec(),
        None => vec![*deed],
    };
    deeds.iter().flat_map(of).collect()
}

/// These deeds as strace wants to read them. A call that this processor lacks is no error.
pub(crate) fn expression(deeds: &[&str]) -> String {
    let calls = calls_of(deeds).into_iter();
    let calls: Vec<String> = calls.map(|it| format!("?{it}")).collect();
    calls.join(",")
}
