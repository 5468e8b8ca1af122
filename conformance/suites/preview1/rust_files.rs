//! Rust's standard library on files: options of opening, positions, lengths, renaming, listing, times, and its errors by kind.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};

macro_rules! check {
    ($condition:expr) => {
        if !$condition {
            eprintln!("line {}: {}", line!(), stringify!($condition));
            std::process::exit(1);
        }
    };
}

fn kind<T>(result: std::io::Result<T>) -> Option<ErrorKind> {
    result.err().map(|error| error.kind())
}

fn main() {
    let mut file = OpenOptions::new().read(true).write(true).create_new(true).open("f").unwrap();
    check!(kind(OpenOptions::new().write(true).create_new(true).open("f")) == Some(ErrorKind::AlreadyExists));
    check!(kind(File::open("missing")) == Some(ErrorKind::NotFound));
    check!(file.write_all(b"hello, world").is_ok());
    check!(file.seek(SeekFrom::End(-5)).ok() == Some(7));
    let mut text = String::new();
    check!(file.read_to_string(&mut text).ok() == Some(5) && text == "world");
    check!(kind(file.seek(SeekFrom::Current(-100))) == Some(ErrorKind::InvalidInput));
    check!(file.stream_position().ok() == Some(12));

    // Cut and stretched: the position stays, and what comes new is zero.
    check!(file.set_len(5).is_ok() && file.metadata().unwrap().len() == 5);
    check!(file.read(&mut [0; 4]).ok() == Some(0));
    check!(file.set_len(8).is_ok() && fs::read("f").unwrap() == b"hello\0\0\0");
    let mut end = OpenOptions::new().append(true).open("f").unwrap();
    check!(end.write_all(b"!").is_ok() && fs::read("f").unwrap() == b"hello\0\0\0!");
    check!(file.sync_all().is_ok() && file.sync_data().is_ok());

    // Vectors, as the library makes them of many small pieces.
    let mut many = File::create("g").unwrap();
    for number in 0..500 {
        write!(many, "{number},").unwrap();
    }
    check!(fs::metadata("g").unwrap().len() == 10 * 2 + 90 * 3 + 400 * 4);
    check!(fs::copy("g", "copy").ok() == Some(1890) && fs::read("copy").unwrap() == fs::read("g").unwrap());

    check!(fs::create_dir_all("a/b/c").is_ok() && kind(fs::create_dir("a")) == Some(ErrorKind::AlreadyExists));
    check!(fs::rename("g", "a/b/g").is_ok() && kind(fs::metadata("g")) == Some(ErrorKind::NotFound));
    check!(fs::hard_link("a/b/g", "a/h").is_ok());
    let mut names: Vec<String> =
        fs::read_dir("a").unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    check!(names == ["b", "h"]);
    check!(fs::remove_dir("a").is_err() && fs::remove_dir_all("a").is_ok());
    check!(kind(fs::metadata("a")) == Some(ErrorKind::NotFound));
    drop(file);
    check!(fs::remove_file("copy").is_ok() && fs::remove_file("f").is_ok());
    check!(fs::read_dir("/").unwrap().count() == 0);
}
