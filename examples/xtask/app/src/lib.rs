//! Counts visits in Redis.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

/// A connection to the database.
pub struct Visits(BufReader<TcpStream>);

impl Visits {
    /// Connects.
    pub fn at(address: impl ToSocketAddrs) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        Ok(Visits(BufReader::new(stream)))
    }

    /// Counts a visit of a page; how many there are now.
    pub fn count(&mut self, page: &str) -> io::Result<u64> {
        self.ask(&["INCR", page])
    }

    /// Forgets a page; whether there was one.
    pub fn forget(&mut self, page: &str) -> io::Result<bool> {
        Ok(self.ask(&["DEL", page])? > 0)
    }

    /// The Redis protocol: an array of strings there, a number back.
    fn ask(&mut self, words: &[&str]) -> io::Result<u64> {
        let mut request = format!("*{}\r\n", words.len());
        for word in words {
            request += &format!("${}\r\n{word}\r\n", word.len());
        }
        self.0.get_mut().write_all(request.as_bytes())?;
        let mut answer = String::new();
        self.0.read_line(&mut answer)?;
        let number = answer.trim_end().strip_prefix(':');
        number
            .and_then(|number| number.parse().ok())
            .ok_or_else(|| io::Error::other(answer))
    }
}
