//! Killed while the ssh layer is built.

use crate::remains::{none_remains, one_runs};
use crate::world::{World, tool};
use rustix::process::Signal;

/// An image of a test's own, so that its layer is not there yet. It has what the layer needs
/// already, so that the build is quick.
struct Image {
    name: String,
}

impl Image {
    fn new(test: &str) -> Self {
        let layers = tool(
            "podman",
            &[
                "images",
                "--format",
                "{{.Repository}}:{{.Tag}}",
                "--filter",
                "label=vagrantp.layer=1",
            ],
        );
        let from = layers.lines().find(|line| line.contains("vagrantp/sshd:"));
        let from = from.expect("an `up` before has built a layer");
        let name = format!("localhost/crash-{test}-{}:1", std::process::id());
        let container = format!("crash-{test}-{}-image", std::process::id());
        tool(
            "podman",
            &[
                "create",
                "-q",
                "--name",
                &container,
                "--entrypoint",
                "[]",
                from,
                "sh",
            ],
        );
        let mark = format!("LABEL crash={name}");
        tool(
            "podman",
            &[
                "commit",
                "-q",
                "-c",
                "ENTRYPOINT []",
                "-c",
                "CMD [\"bash\"]",
                "-c",
                "LABEL vagrantp.layer=",
                "-c",
                &mark,
                &container,
                &name,
            ],
        );
        tool("podman", &["rm", "-f", &container]);
        Image { name }
    }

    /// Takes the layer over it away, so that the next `up` builds it again.
    fn forget_layer(&self) {
        let filter = format!("label=crash={}", self.name);
        let args = [
            "images",
            "--format",
            "{{.Repository}}:{{.Tag}} {{.ID}}",
            "--filter",
            &filter,
        ];
        for line in tool("podman", &args).lines() {
            let (name, id) = line.split_once(' ').unwrap();
            if name != self.name {
                let _ = std::process::Command::new("podman")
                    .args(["rmi", "-f", id])
                    .output();
            }
        }
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        self.forget_layer();
        let _ = std::process::Command::new("podman")
            .args(["rmi", "-f", &self.name])
            .output();
    }
}

/// The build containers over an image.
fn builds(image: &Image) -> Vec<String> {
    let format = "{{.Names}} {{.Image}}";
    let all = tool(
        "podman",
        &[
            "ps",
            "-a",
            "--filter",
            "label=vagrantp.build",
            "--format",
            format,
        ],
    );
    all.lines()
        .filter(|line| line.ends_with(&image.name))
        .map(str::to_owned)
        .collect()
}

#[test]
fn a_layer_build_is_killed_at_each_of_its_steps() {
    let world = World::new("layer");
    world.must(&["up"]);
    world.must(&["rm", "-f"]);
    let image = Image::new("layer");
    world.write(&format!(
        "INFRA_TYPE=container\nMEMORY=512M\nCPUS=1\nINIT=sshd\nIMAGE={}\n",
        image.name
    ));
    for (index, verb) in ["create", "cp", "start", "commit"].into_iter().enumerate() {
        image.forget_layer();
        let mut up = world.start(&["up"]);
        let building = || {
            crate::processes::naming("vagrantp-build-")
                .iter()
                .any(|process| {
                    process.words[0].ends_with("podman")
                        && process.words.get(1).is_some_and(|word| word == verb)
                })
        };
        assert!(up.until(building), "{verb} was never seen: {}", up.stderr());
        up.signal_group(Signal::KILL);
        up.end();
        let when = format!("killed during podman {verb}");
        if index % 2 == 0 {
            let up = world.run(&["up"]);
            assert_eq!(up.status, 0, "{when}: {up}");
            one_runs(&world, &when);
        }
        let rm = world.run(&["rm", "-f"]);
        assert_eq!(rm.status, 0, "{when}: {rm}");
        none_remains(&world, &world.uuid(), &when);
        crate::world::eventually(&format!("{when}: {:?}", builds(&image)), || {
            builds(&image).is_empty()
        });
    }
}
