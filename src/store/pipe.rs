//! Tells a pipe in place of an AWS file from a file, and reads it: once, to its end, with a limit. It
//! never writes to one.

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

/// What is at the path of an AWS file.
pub(super) enum Place {
    /// A file, or nothing yet: it can be read and replaced.
    File(Target),
    /// A pipe: it can be read but not written.
    Pipe(Pipe),
}

/// A pipe: process substitution, standard input, a FIFO.
pub(super) struct Pipe {
    path: PathBuf,
}

impl Place {
    /// Examines `path`, following links. A loop of links is a failure.
    pub(super) fn at(path: &Path) -> Result<Self> {
        if is_pipe(path) {
            // Its links are not followed by name: the link that process substitution makes has no target
            // by that name.
            return Ok(Self::Pipe(Pipe {
                path: path.to_path_buf(),
            }));
        }
        Target::resolve(path).map(Self::File)
    }
}

/// Whether there is a pipe at `path`. Opens nothing.
#[cfg(unix)]
pub(super) fn is_pipe(path: &Path) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    // Some programs give a child a socket for a pipe.
    let is_pipe = |kind: std::fs::FileType| kind.is_fifo() || kind.is_socket();
    std::fs::metadata(path).is_ok_and(|about| is_pipe(about.file_type()))
}

/// Always false: Windows has no pipes in the file system.
#[cfg(not(unix))]
pub(super) fn is_pipe(_path: &Path) -> bool {
    false
}

impl Pipe {
    /// The path of the pipe.
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

    /// Reads the pipe to its end. A second read would find nothing.
    pub(super) fn read(&self) -> io::Result<Bytes> {
        let (sender, receiver) = mpsc::channel();
        let path = self.path.clone();
        // Opening a FIFO also waits for its writer. If none comes, the thread ends with the process.
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
    // A pipe does not say how long it is.
    content(&mut File::open(path)?, 0)
}
