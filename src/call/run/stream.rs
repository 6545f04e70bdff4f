//! One output of a command, kept and told line by line.

use std::fs::File;
use std::io::{self, PipeReader, Read, Seek, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::FileExt;

use rustix::fs::{MemfdFlags, OFlags, fcntl_setfl, memfd_create};

/// What a command writes to one of its outputs.
pub(super) struct Stream {
    from: From,
    bytes: Vec<u8>,
    told: usize,
    ended: bool,
}

enum From {
    Pipe(PipeReader),
    File(File),
}

impl Stream {
    /// A pipe, and the end to write to: the writer ends with us.
    pub(super) fn pipe() -> io::Result<(Self, OwnedFd)> {
        let (reader, writer) = io::pipe()?;
        Ok((Self::new(From::Pipe(reader)), writer.into()))
    }

    /// A file without a name, and what writes to it: the writer never notices our end.
    ///
    /// It lies in memory, so that a full disk cannot fail a command that fills nothing. It is
    /// appended to, as a script's `>/dev/stderr` opens it anew from the start.
    pub(super) fn file() -> io::Result<(Self, OwnedFd)> {
        let file = memory()?;
        fcntl_setfl(&file, OFlags::APPEND)?;
        let writer = file.try_clone()?.into();
        Ok((Self::new(From::File(file)), writer))
    }

    fn new(from: From) -> Self {
        Stream {
            from,
            bytes: Vec::new(),
            told: 0,
            ended: false,
        }
    }

    /// What to poll before [`Stream::take`]; files need no waiting.
    pub(super) fn fd(&self) -> Option<BorrowedFd<'_>> {
        match &self.from {
            From::Pipe(pipe) if !self.ended => Some(pipe.as_fd()),
            _ => None,
        }
    }

    pub(super) fn is_file(&self) -> bool {
        matches!(self.from, From::File(_))
    }

    /// Takes what is there: one read of a pipe that is ready, all that is new of a file.
    pub(super) fn take(&mut self) {
        let mut buffer = [0; 1 << 16];
        loop {
            let read = match &mut self.from {
                From::Pipe(pipe) => pipe.read(&mut buffer),
                // By position: the writer shares the descriptor's own.
                From::File(file) => file.read_at(&mut buffer, self.bytes.len() as u64),
            };
            match read {
                Ok(0) => self.ended = true,
                Ok(count) => self.bytes.extend_from_slice(&buffer[..count]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(_) => self.ended = true,
            }
            if self.ended || matches!(self.from, From::Pipe(_)) {
                break;
            }
        }
        if matches!(self.from, From::File(_)) {
            self.ended = false;
        }
    }

    /// Tells each line that was not told yet; a carriage return ends one too, as progress does.
    pub(super) fn tell(&mut self, on_line: &mut dyn FnMut(&str), also_unended: bool) {
        let is_end = |byte: &u8| matches!(byte, b'\n' | b'\r');
        while let Some(length) = self.bytes[self.told..].iter().position(is_end) {
            let line = &self.bytes[self.told..self.told + length];
            if !line.is_empty() {
                on_line(&String::from_utf8_lossy(line));
            }
            self.told += length + 1;
        }
        if also_unended && self.told < self.bytes.len() {
            on_line(&String::from_utf8_lossy(&self.bytes[self.told..]));
            self.told = self.bytes.len();
        }
    }

    pub(super) fn into_text(self) -> String {
        String::from_utf8(self.bytes)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
    }
}

/// Bytes to be read as an input: whole, whatever becomes of us, and never on a disk.
pub(super) fn input(bytes: &[u8]) -> io::Result<OwnedFd> {
    let mut file = memory()?;
    file.write_all(bytes)?;
    file.rewind()?;
    Ok(file.into())
}

fn memory() -> io::Result<File> {
    match memfd_create("vagrantp", MemfdFlags::CLOEXEC) {
        Ok(fd) => Ok(fd.into()),
        Err(_) => tempfile::tempfile(),
    }
}
