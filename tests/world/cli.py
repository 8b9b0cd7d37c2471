"""The AWS CLI, loaded once: loading it takes longer than most of what it is asked for.

    python cli.py      prints `ready FOLDER`; an `aws` in there works in a fork of this process. Ends with its standard input.
"""
import json
import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
import traceback

import awscli.clidriver

CALL = """
import json, os, socket, sys
line = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
line.connect(sys.argv.pop(1))
socket.send_fds(line, [json.dumps([sys.argv, os.getcwd(), dict(os.environ)]).encode()], [0, 1, 2])
sys.exit((line.recv(1) or b"\\xff")[0])
"""


def put_command(folder):
    """An `aws` that hands over its arguments, folder, environment and streams, and takes the exit code."""
    with open(os.path.join(folder, "call.py"), "w", encoding="utf-8") as file:
        file.write(CALL)
    path = os.path.join(folder, "aws")
    with open(path, "w", encoding="utf-8") as file:
        file.write(f'#!/bin/sh\nexec "{sys.executable}" -IS "{folder}/call.py" "{folder}/socket" "$@"\n')
    os.chmod(path, 0o755)


def work(line):
    """One call, in a process of its own."""
    message, streams, _, _ = socket.recv_fds(line, 1 << 20, 3)
    sys.argv[:], folder, environment = json.loads(message)
    for wanted, stream in enumerate(streams):
        os.dup2(stream, wanted)
        os.close(stream)
    os.chdir(folder)
    data = os.environ["AWS_DATA_PATH"]      # set by the CLI as it loads
    os.environ.clear()
    os.environ.update({"AWS_DATA_PATH": data, **environment})
    try:
        code = awscli.clidriver.main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    sys.stdout.flush()
    sys.stderr.flush()
    line.send(bytes([code or 0]))


def serve(folder):
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind(os.path.join(folder, "socket"))
        listener.listen(64)
        print("ready", folder, flush=True)
        while True:
            line, _ = listener.accept()
            if os.fork() == 0:
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                try:
                    work(line)
                except BaseException:
                    traceback.print_exc()
                os._exit(0)
            line.close()


def main():
    folder = tempfile.mkdtemp(prefix="lakeworld-cli-")

    def end_with_stdin():
        while sys.stdin.buffer.read(4096):
            pass
        shutil.rmtree(folder, ignore_errors=True)
        os._exit(0)

    awscli.clidriver.create_clidriver()     # loads the modules that the first call would
    put_command(folder)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)     # nobody waits for a fork
    threading.Thread(target=end_with_stdin, daemon=True).start()
    serve(folder)


if __name__ == "__main__":
    main()
