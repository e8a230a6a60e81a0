//! Opens files that a variable, a setting or a person names: plain files alone. It never waits for
//! the other end of a pipe, and never reads further than its caller can use.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Read as _};
use std::path::Path;

/// Options under which nothing waits while it is opened, nor while it is read: a pipe's other end
/// may never come.
pub(crate) fn options() -> OpenOptions {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "only Unix has such a flag"))]
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt;
        // Nor does a terminal become ours.
        options.custom_flags((OFlags::NONBLOCK | OFlags::NOCTTY).bits() as i32);
    }
    options
}

/// Opens the plain file at `path` with `options`, which come from [`options`].
#[expect(
    clippy::disallowed_methods,
    reason = "whoever names it says what it is for"
)]
pub(crate) fn open(options: &OpenOptions, path: &Path) -> io::Result<File> {
    let file = options.open(path)?;
    check(&file.metadata()?)?;
    Ok(file)
}

/// Reads the plain file at `path`. One that is longer than `longest` bytes is an error.
pub(crate) fn read(path: &Path, longest: u64) -> io::Result<Vec<u8>> {
    read_up_to(open(options().read(true), path)?, longest)
}

/// Reads `file` to its end. One that is longer than `longest` bytes is an error.
pub(crate) fn read_up_to(mut file: File, longest: u64) -> io::Result<Vec<u8>> {
    // Room for all of it: what is read may be a secret, and a buffer that grows leaves copies behind.
    let room = file.metadata().map_or(0, |about| about.len().min(longest));
    let mut bytes = Vec::with_capacity(usize::try_from(room).unwrap_or(0) + 1);
    // A file of the system's own may say nothing of its length, and have no end.
    file.by_ref().take(longest + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > longest {
        return Err(io::Error::other(format!("longer than {longest} bytes")));
    }
    Ok(bytes)
}

/// Whether a pipe is at `path`, as a process substitution makes one.
pub(crate) fn is_pipe(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt as _;
        path.metadata()
            .is_ok_and(|about| about.file_type().is_fifo())
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        false
    }
}

/// Fails for anything but a plain file.
pub(crate) fn check(about: &Metadata) -> io::Result<()> {
    if about.is_dir() {
        Err(ErrorKind::IsADirectory.into())
    } else if about.is_file() {
        Ok(())
    } else {
        Err(not_plain())
    }
}

/// The error of something that is no plain file.
pub(crate) fn not_plain() -> io::Error {
    io::Error::other("not a regular file")
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the files are a test's own")]
mod tests {
    use super::*;
    use tempfile::TempDir;

    #[test]
    fn a_file_is_read_up_to_its_limit() {
        let folder = TempDir::new().expect("a folder");
        let path = folder.path().join("file");
        std::fs::write(&path, "12345").expect("written");
        assert_eq!(read(&path, 5).expect("read"), b"12345");
        assert!(read(&path, 4).is_err());
        assert!(read(folder.path(), 5).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_device_and_a_pipe_are_refused_without_a_wait() {
        let folder = TempDir::new().expect("a folder");
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.expect("mkfifo is on every Unix").success());
        for path in [
            pipe.as_path(),
            Path::new("/dev/zero"),
            Path::new("/dev/tty"),
        ] {
            assert!(read(path, 5).is_err(), "{}", path.display());
        }
        assert!(is_pipe(&pipe) && !is_pipe(Path::new("/dev/zero")));
    }
}
