//! Variables and secrets: where they are to be seen, and where not.

use crate::engine::{inspect, podman};
use crate::place::Place;
use crate::shop::Shop;

const WEB: &str = "machine web {\n    container\n    env MSG=\"a \\\"b\\\" \\\\ $X\" OLD=1 FROM=\"{{ env.HIDDEN }}\"\n    secret API_TOKEN\n    secret LICENCE file=\"licence\"\n    secret DB from=DB_PASSWORD\n}\n";
const SECRETS: [&str; 4] = ["hunter-of-env", "t0ken\"'$x", "a licence", "pass-of-dotenv"];

#[test]
fn a_machine_has_its_environment_and_nobody_else_its_secrets() {
    let place = Place::new();
    let shop = Shop::new(&place, "shop", WEB);
    shop.file("licence", "a licence\n");
    shop.file(".env", "DB_PASSWORD=pass-of-dotenv\n");
    let hidden = [("HIDDEN", "hunter-of-env"), ("API_TOKEN", "t0ken\"'$x")];

    // All that have no value are named before anything starts.
    let said = shop.run_with(&hidden[..1], &["up"]).exits(2);
    said.says("2127").says("The secret API_TOKEN has no value");
    assert!(podman(&["container", "exists", &shop.id("web")]).status != 0);

    let mut spoken = shop.run_with(&hidden, &["-v", "up"]).exits(0).flat();
    let print = "printf '%s|' \"$MSG\" \"$OLD\" \"$FROM\" \"$API_TOKEN\" \"$LICENCE\" \"$DB\"";
    let all = "a \"b\" \\ $X|1|hunter-of-env|t0ken\"'$x|a licence|pass-of-dotenv|";
    assert_eq!(shop.guest("web", print), all, "ssh");
    let login = format!("bash -lc {}", quoted(print));
    assert_eq!(shop.guest("web", &login), all, "a login shell");
    let id = shop.id("web");
    let said = podman(&["exec", &id, "sh", "-c", print]);
    assert_eq!(said.exits(0).word(), all, "exec");
    let first = "tr '\\0' '\\n' </proc/1/environ | grep -c -e ^MSG= -e ^API_TOKEN= || true";
    assert_eq!(shop.guest("web", "id -un"), "root");
    assert_eq!(
        shop.guest("web", "stat -c %a /etc/vagrantp/sshd_config"),
        "600"
    );
    assert_ne!(shop.guest("web", first), "");

    for words in [
        &["-v", "up", "--ensure"][..],
        &["plan"],
        &["--json", "status"],
        &["config"],
        &["render"],
    ] {
        let said = shop.run_with(&hidden, words);
        spoken.push_str(&said.flat());
    }
    let asked = inspect(
        &id,
        "{{json .Config.CreateCommand}} {{json .Config.Labels}}",
    );
    let remembered = shop.remembered();
    for secret in SECRETS {
        assert!(!spoken.contains(secret), "{secret} is said: {spoken}");
        assert!(!remembered.contains(secret), "{secret} is remembered");
        assert!(!asked.contains(secret), "{secret} is an argument");
    }

    // It is there after a stop, without being given again.
    shop.run_with(&hidden[..1], &["stop"]).exits(0);
    shop.run_with(&hidden[..1], &["up"]).exits(0);
    assert_eq!(shop.guest("web", print), all);

    // A changed value is a difference, and is not shown.
    let hidden = [("HIDDEN", "hunter-of-env"), ("API_TOKEN", "another one")];
    let said = shop
        .run_with(&hidden, &["up"])
        .exits(3)
        .says("a value that is not shown");
    assert!(!said.flat().contains("another one"), "{}", said.report());
    shop.change(" OLD=1", "");
    shop.guest("web", "echo kept >/root/kept");
    shop.run_with(&hidden, &["up", "--recreate"]).exits(0);
    assert_eq!(shop.guest("web", "cat /root/kept"), "kept");
    let all = "a \"b\" \\ $X||hunter-of-env|another one|a licence|pass-of-dotenv|";
    assert_eq!(
        shop.guest("web", print),
        all,
        "what is not written any more is gone"
    );
    assert_eq!(
        podman(&["exec", &id, "sh", "-c", print]).exits(0).word(),
        all
    );
    shop.run_with(&hidden, &["up", "--ensure"]).exits(0);
    shop.take_down();
}

fn quoted(line: &str) -> String {
    format!("'{}'", line.replace('\'', r"'\''"))
}
