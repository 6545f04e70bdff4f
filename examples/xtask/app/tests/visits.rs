//! Against the real database: `cargo xtask test` says where it is.

use app::Visits;

fn database() -> Visits {
    let address = std::env::var("DATABASE").expect("run me by `cargo xtask test`");
    Visits::at(address).expect("the database answers")
}

#[test]
fn visits_are_counted() {
    let mut visits = database();
    let _ = visits.forget("/counted");
    assert_eq!(visits.count("/counted").unwrap(), 1);
    assert_eq!(database().count("/counted").unwrap(), 2);
}

#[test]
fn a_page_is_forgotten_once() {
    let mut visits = database();
    visits.count("/forgotten").unwrap();
    assert!(visits.forget("/forgotten").unwrap());
    assert!(!visits.forget("/forgotten").unwrap());
}

#[test]
#[ignore = "shows that the database goes when a test fails: cargo xtask test -- --ignored"]
fn a_test_that_fails() {
    assert_eq!(database().count("/failing").unwrap(), 0);
}
