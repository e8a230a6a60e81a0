//! Checks whether the time zone file can be read: chrono reads whatever `TZ` names to its end, and a
//! pipe or a device has none. It does not read the zone.

#[cfg(unix)]
use super::plain;
use std::sync::OnceLock;

/// Far more than any time zone needs; the longest file has 4 KiB.
#[cfg(unix)]
const LONGEST: u64 = 1024 * 1024;

/// Whether it is safe to ask for the zone. If not, times are shown in UTC, as for an unknown zone.
pub(super) fn is_readable() -> bool {
    static IS_READABLE: OnceLock<bool> = OnceLock::new();
    *IS_READABLE.get_or_init(|| {
        #[cfg(unix)]
        {
            files().iter().all(|file| is_zone(file))
        }
        #[cfg(not(unix))]
        {
            // Windows needs no file.
            true
        }
    })
}

/// The files that chrono may read for the zone, whether they exist or not.
#[cfg(unix)]
fn files() -> Vec<std::path::PathBuf> {
    use super::env::Env;
    use std::path::Path;
    /// Where chrono looks for a zone given by a relative path.
    const FOLDERS: [&str; 4] = [
        "/usr/share/zoneinfo",
        "/share/zoneinfo",
        "/etc/zoneinfo",
        "/usr/share/lib/zoneinfo",
    ];
    let zone = Env.text("TZ").unwrap_or_default();
    let name = Path::new(zone.strip_prefix(':').unwrap_or(&zone));
    // `join` with an absolute path replaces the folder.
    let named = FOLDERS.iter().map(|folder| Path::new(folder).join(name));
    let named = named.filter(|_| !zone.is_empty());
    named.chain(["/etc/localtime".into()]).collect()
}

/// Whether `path` does not exist, or can be read to its end.
#[cfg(unix)]
fn is_zone(path: &std::path::Path) -> bool {
    let Ok(about) = std::fs::metadata(path) else {
        return true;
    };
    // The system's special files report a length of zero, and may have no end.
    about.is_dir() || plain::check(&about).is_ok() && (1..=LONGEST).contains(&about.len())
}
