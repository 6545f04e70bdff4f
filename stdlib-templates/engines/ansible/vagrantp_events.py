# What happens in a run of Ansible, as one line of JSON an event on stdout: vagrantp reads it.
# Works with ansible-core 2.12 and newer; a line begins with `{"vagrantp": `, all else is somebody else's.
from __future__ import annotations

DOCUMENTATION = '''
name: vagrantp_events
type: stdout
short_description: events for vagrantp
description: one line of JSON an event
'''

import json
import os
import time

from ansible.playbook.block import Block
from ansible.plugins.callback import CallbackBase

# Of a result, what may be told; all else may be large, or secret.
KEEP = ('rc', 'msg', 'stdout', 'stderr', 'module_stdout', 'module_stderr', 'reason', 'attempts',
        'retries', 'censored', 'skip_reason', 'diff', 'warnings', 'deprecations', 'exception')
LONGEST = 32768


def short(value):
    if isinstance(value, str) and len(value) > LONGEST:
        return '…' + value[-LONGEST:]
    return value


def tasks(blocks):
    for task in blocks:
        if isinstance(task, Block):
            # Rescues run only after a failure.
            yield from tasks(task.block + task.always)
        elif not is_meta(task):
            yield task


def is_meta(task):
    return task.action.rsplit('.', 1)[-1] == 'meta'


def count(play):
    try:
        gathers = 0 if play.gather_facts is False else 1
        return gathers + len(list(tasks(play.compile())))
    except Exception:
        return 0


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = 'stdout'
    CALLBACK_NAME = 'vagrantp_events'

    def __init__(self):
        super().__init__()
        out = os.environ.get('VAGRANTP_EVENTS', '/dev/fd/1')
        self._fd = os.open(out, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)

    def _put(self, event, **more):
        line = json.dumps({'vagrantp': event, 't': round(time.time(), 3), **more}, default=str) + '\n'
        line = line.encode('utf-8', 'surrogateescape')
        while line:
            line = line[os.write(self._fd, line):]

    def _result(self, event, result, **more):
        found = result._result
        out = {name: short(found[name]) for name in KEEP if name in found}
        # Facts have their failures one level deeper.
        for inner in (found.get('failed_modules') or {}).values():
            for name in KEEP:
                if isinstance(inner, dict) and name in inner:
                    out.setdefault(name, short(inner[name]))
                    if name in ('msg', 'rc', 'module_stderr', 'module_stdout'):
                        out[name] = short(inner[name])
        if event.startswith('item_'):
            label = found.get('_ansible_item_label', found.get('item'))
            out['item'] = label if isinstance(label, (str, int)) else json.dumps(label, default=str)
        elsewhere = (found.get('_ansible_delegated_vars') or {}).get('ansible_host')
        if elsewhere:
            out['delegated_to'] = elsewhere
        task = result._task
        self._put(event, host=result._host.get_name(), task=task.get_name(), path=task.get_path(),
                  action=task.action, id=task._uuid, changed=bool(found.get('changed')), **out, **more)

    def v2_playbook_on_start(self, playbook):
        self._put('playbook', file=playbook._file_name, tasks=sum(count(play) for play in playbook.get_plays()))

    def v2_playbook_on_play_start(self, play):
        self._put('play', name=play.get_name(), path=play.get_path(), check=bool(play.check_mode))

    def v2_playbook_on_task_start(self, task, is_conditional):
        # Nothing is done to a machine by it, and it was not counted.
        if not is_meta(task):
            self._put('task', task=task.get_name(), path=task.get_path(), action=task.action, id=task._uuid)

    def v2_playbook_on_handler_task_start(self, task):
        self._put('handler', task=task.get_name(), path=task.get_path(), action=task.action, id=task._uuid)

    def v2_playbook_on_no_hosts_matched(self):
        self._put('no_hosts_matched')

    def v2_runner_on_ok(self, result):
        self._result('ok', result)

    def v2_runner_on_skipped(self, result):
        self._result('skipped', result)

    def v2_runner_on_unreachable(self, result):
        self._result('unreachable', result)

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self._result('failed', result, ignored=bool(ignore_errors))

    def v2_runner_retry(self, result):
        self._result('retry', result)

    def v2_runner_item_on_ok(self, result):
        self._result('item_ok', result)

    def v2_runner_item_on_failed(self, result):
        self._result('item_failed', result)

    def v2_on_file_diff(self, result):
        pass

    def v2_playbook_on_stats(self, stats):
        self._put('stats', hosts={host: stats.summarize(host) for host in sorted(stats.processed)})
