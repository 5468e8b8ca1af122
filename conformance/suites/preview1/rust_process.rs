//! Rust's standard library on arguments, variables, clocks, sleeping, hashing with entropy, stdio, and an exit code.

use std::collections::HashMap;
use std::io::{stdin, stdout, Read, Write};
use std::time::{Duration, Instant, SystemTime};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    assert_eq!(arguments, ["one", "", "drei \u{2603} \u{1f40d}"]);
    let variables: HashMap<String, String> = std::env::vars().collect();
    assert_eq!(variables.len(), 2);
    assert_eq!(variables["GREETING"], "grüß dich");
    assert_eq!(std::env::var("EMPTY").as_deref(), Ok(""));
    assert!(std::env::var("ABSENT").is_err());

    let start = Instant::now();
    std::thread::sleep(Duration::from_millis(3));
    assert!(start.elapsed() >= Duration::from_millis(3));
    assert!(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).is_ok());

    let mut text = String::new();
    assert_eq!(stdin().read_to_string(&mut text).unwrap(), 0);
    print!("no line end yet, ");
    stdout().flush().unwrap();
    println!("and then one");
    eprintln!("and this is stderr");
    std::process::exit(7);
}
