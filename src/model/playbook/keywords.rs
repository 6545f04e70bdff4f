//! Ansible's keywords, from `ansible-core` 2.14: the `fattributes` of its classes `Play`, `Block`, `Task`,
//! `Handler`, `PlaybookInclude` and `LoopControl`, and what their readers take besides.

/// What every part of a playbook takes.
const EVERYWHERE: &[&str] = &[
    "any_errors_fatal",
    "become",
    "become_exe",
    "become_flags",
    "become_method",
    "become_user",
    "check_mode",
    "connection",
    "debugger",
    "diff",
    "environment",
    "ignore_errors",
    "ignore_unreachable",
    "module_defaults",
    "name",
    "no_log",
    "port",
    "remote_user",
    "run_once",
    "tags",
    "throttle",
    "timeout",
    "vars",
];

const PLAY: &[&str] = &[
    "collections",
    "fact_path",
    "force_handlers",
    "gather_facts",
    "gather_subset",
    "gather_timeout",
    "handlers",
    "hosts",
    "max_fail_percentage",
    "order",
    "post_tasks",
    "pre_tasks",
    "roles",
    "serial",
    "strategy",
    "tasks",
    "user",
    "vars_files",
    "vars_prompt",
];

const BLOCK: &[&str] = &[
    "always",
    "block",
    "collections",
    "delegate_facts",
    "delegate_to",
    "notify",
    "rescue",
    "when",
];

const TASK: &[&str] = &[
    "action",
    "args",
    "async",
    "async_val",
    "changed_when",
    "collections",
    "delay",
    "delegate_facts",
    "delegate_to",
    "failed_when",
    "local_action",
    "loop",
    "loop_control",
    "loop_with",
    "notify",
    "poll",
    "register",
    "retries",
    "until",
    "when",
];

const IMPORT: &[&str] = &[
    "import_playbook",
    "ansible.builtin.import_playbook",
    "ansible.legacy.import_playbook",
    "vars_val",
    "when",
];

const LOOP_CONTROL: &[&str] = &[
    "extended",
    "extended_allitems",
    "index_var",
    "label",
    "loop_var",
    "pause",
];

/// What a task that includes others as it runs may say itself.
const INCLUDE: &[&str] = &[
    "action",
    "args",
    "collections",
    "debugger",
    "delegate_to",
    "ignore_errors",
    "local_action",
    "loop",
    "loop_control",
    "loop_with",
    "name",
    "no_log",
    "register",
    "run_once",
    "tags",
    "timeout",
    "vars",
    "when",
];

/// A part of a playbook that has keywords.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// A play.
    Play,
    /// Tasks that belong together.
    Block,
    /// A task.
    Task,
    /// A task that runs when it is notified.
    Handler,
    /// `import_playbook`.
    Import,
    /// `loop_control`.
    LoopControl,
    /// `include_tasks` and `include_role`.
    Include,
}

impl Part {
    /// Its keywords.
    pub fn keywords(self) -> impl Iterator<Item = &'static str> {
        let (own, more): (&[&str], &[&str]) = match self {
            Part::Play => (PLAY, EVERYWHERE),
            Part::Block => (BLOCK, EVERYWHERE),
            Part::Task => (TASK, EVERYWHERE),
            Part::Handler => (TASK, EVERYWHERE),
            Part::Import => (IMPORT, EVERYWHERE),
            Part::LoopControl => (LOOP_CONTROL, &[]),
            Part::Include => (INCLUDE, &[]),
        };
        let listen = (self == Part::Handler).then_some("listen");
        own.iter().chain(more).copied().chain(listen)
    }

    /// Whether it has this one.
    pub fn has(self, name: &str) -> bool {
        self.keywords().any(|keyword| keyword == name)
    }

    /// What messages call it.
    pub fn name(self) -> &'static str {
        match self {
            Part::Play => "a play",
            Part::Block => "a block",
            Part::Task => "a task",
            Part::Handler => "a handler",
            Part::Import => "`import_playbook`",
            Part::LoopControl => "`loop_control`",
            Part::Include => "a task that includes others",
        }
    }
}
