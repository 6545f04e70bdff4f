# What `ansible-playbook --syntax-check` says of each playbook, in one process: to load Ansible costs more than to ask it.
# A line each, as JSON: its status, and its complaint.
import contextlib
import io
import json
import os
import sys

from ansible.cli.playbook import PlaybookCLI


def asked(playbook):
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        try:
            return PlaybookCLI(['ansible-playbook', '--syntax-check', '-i', 'localhost,', playbook]).run(), ''
        except Exception as error:
            return 1, str(error)


for playbook in sys.argv[1:]:
    # In a process of its own: Ansible keeps what it has read.
    child = os.fork()
    if child == 0:
        answer = json.dumps(asked(playbook)) + '\n'
        os.write(sys.stdout.fileno(), answer.encode())
        os._exit(0)
    os.waitpid(child, 0)
