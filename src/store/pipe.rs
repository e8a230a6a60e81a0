//! Tells a pipe in the place of an AWS file from a file, and reads it: once, to its end, within a
//! limit. It never writes to one.

use super::target::{Target, content, is_one};
use crate::exit::Result;
use crate::ini::Bytes;
use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;
use zeroize::Zeroizing;

/// How long the writer of a pipe may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// What is in the place of an AWS file.
pub(super) enum Place {
    /// A file, or nothing yet: it can be read, and replaced.
    File(Target),
    /// A pipe: it can be read, and not written.
    Pipe(Pipe),
}

/// A pipe: process substitution, standard input, a FIFO.
pub(super) struct Pipe {
    path: PathBuf,
}

impl Place {
    /// What is at `path`, whose links are followed. A loop of links is a failure.
    pub(super) fn at(path: &Path) -> Result<Self> {
        if is_pipe(path) {
            // Its links are not followed by name: that of process substitution leads to none.
            return Ok(Self::Pipe(Pipe {
                path: path.to_path_buf(),
            }));
        }
        Target::resolve(path).map(Self::File)
    }
}

/// Whether a pipe is at `path`. Opens nothing.
#[cfg(unix)]
pub(super) fn is_pipe(path: &Path) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    // What some programs give a child for a pipe is a socket.
    let is_pipe = |kind: std::fs::FileType| kind.is_fifo() || kind.is_socket();
    std::fs::metadata(path).is_ok_and(|about| is_pipe(about.file_type()))
}

/// Whether a pipe is at `path`: Windows has none in the file system.
#[cfg(not(unix))]
pub(super) fn is_pipe(_path: &Path) -> bool {
    false
}

impl Pipe {
    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether `other` is the same pipe.
    pub(super) fn is_same_as(&self, other: &Self) -> bool {
        let about = |pipe: &Self| std::fs::metadata(&pipe.path);
        match (about(self), about(other)) {
            (Ok(one), Ok(two)) => is_one((&self.path, &one), (&other.path, &two)),
            _ => false,
        }
    }

    /// Reads all of it. Nothing is left for another read.
    pub(super) fn read(&self) -> io::Result<Bytes> {
        let (sender, receiver) = mpsc::channel();
        let path = self.path.clone();
        // Opening a FIFO waits for its writer too. A thread that waits in vain ends with the
        // process.
        thread::Builder::new().spawn(move || sender.send(read(&path)))?;
        match receiver.recv_timeout(PATIENCE) {
            Ok(read) => Ok(read?.into()),
            Err(_) => Err(io::Error::new(
                ErrorKind::TimedOut,
                format!(
                    "it is a pipe, and what writes to it did not finish within {} s",
                    PATIENCE.as_secs()
                ),
            )),
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "what stands for the AWS file")]
fn read(path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    // It does not say how long it is.
    content(&mut File::open(path)?, 0)
}
