"""Starts the test world: one loopback server that speaks AWS for several accounts and Regions.

    python world.py --port 0 --seed FILE.json      prints `ready http://127.0.0.1:PORT`, ends with its stdin or SIGTERM
    python world.py --print-share-arn ACCOUNT REGION [--seed-number N]
"""
import argparse
import asyncio
import json
import logging
import os
import shutil
import signal
import socket
import sys
import tempfile
import threading

from lakeworld import names


def parse(argv):
    parser = argparse.ArgumentParser(description="AWS for the tests, on loopback")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--seed", metavar="FILE", help="JSON document: accounts, roles, data lakes")
    parser.add_argument("--stay", action="store_true", help="do not end with standard input (for a shell's background)")
    parser.add_argument("--verbose", action="store_true", help="log what the emulator does to standard error")
    parser.add_argument("--print-share-arn", nargs=2, metavar=("ACCOUNT", "REGION"), help="the first share made there; no server")
    parser.add_argument("--seed-number", type=int, default=names.DEFAULT_SEED)
    return parser.parse_args(argv)


def environment(port, folder, verbose):
    """ministack reads its settings at import: loopback only, no extra listeners, no Docker, no files of its own.

    Functions inherit the environment: nothing of the caller's AWS settings may reach them.
    """
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update(BIND_HOST="127.0.0.1", MINISTACK_HOST="127.0.0.1", GATEWAY_PORT=str(port), EDGE_PORT=str(port),
                      S3_DATA_DIR=os.path.join(folder, "s3"), TMPDIR=folder, IOT_MTLS_ENABLED="0", SFTP_ENABLED="0",
                      AWS_CONFIG_FILE=os.devnull, AWS_SHARED_CREDENTIALS_FILE=os.devnull, AWS_EC2_METADATA_DISABLED="true",
                      AWS_SESSION_TOKEN=names.FUNCTION_TOKEN, LAMBDA_EXECUTOR="local", PERSIST_STATE="0", AUTH="false", USE_SSL="0",
                      DOCKER_HOST=f"unix://{folder}/no-docker.sock", LOG_LEVEL="INFO" if verbose else "CRITICAL")
    tempfile.tempdir = folder


async def announce(port):
    """Print the ready line once the server answers a request; a closed port answers at once, so this does not spin."""
    while True:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET /_lake/health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
            reply = await reader.read()
            writer.close()
            if b" 200 " in reply.split(b"\r\n", 1)[0]:
                print(f"ready http://127.0.0.1:{port}", flush=True)
                return
        except OSError:
            pass
        await asyncio.sleep(0.02)


async def serve(sock, port):
    from hypercorn.asyncio import serve as hypercorn_serve
    from hypercorn.config import Config

    from lakeworld import front

    config = Config()
    config.bind = [f"fd://{sock.fileno()}"]
    config.keep_alive_timeout = 75
    config.loglevel = "CRITICAL"
    announcing = asyncio.create_task(announce(port))
    await hypercorn_serve(front.app, config, shutdown_trigger=asyncio.Event().wait)
    announcing.cancel()


def main(argv=None):
    wanted = parse(argv)
    if wanted.print_share_arn:
        print(names.share_arn(wanted.seed_number, *wanted.print_share_arn, 1))
        return
    folder = tempfile.mkdtemp(prefix="lakeworld-")

    def leave(code=0):
        """All state is in memory and the folder: end at once, whatever threads the emulator has."""
        # standard input may close while the module is still being loaded
        try:
            getattr(sys.modules.get("lakeworld.backends"), "stop_functions", lambda: None)()
            shutil.rmtree(folder, ignore_errors=True)
            sys.stdout.flush()
        finally:   # whoever started it waits
            os._exit(code)

    def watch_stdin():
        while sys.stdin.buffer.read(4096):
            pass
        leave()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: leave())
    if not wanted.stay:
        threading.Thread(target=watch_stdin, daemon=True).start()
    try:
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(("127.0.0.1", wanted.port))
        port = sock.getsockname()[1]
        environment(port, folder, wanted.verbose)
        if not wanted.verbose:
            logging.disable(logging.CRITICAL)
        from lakeworld import resources, seed, stackrules
        resources.install()
        stackrules.install()
        if wanted.seed:
            with open(wanted.seed, encoding="utf-8") as file:
                seed.plant(json.load(file))
        asyncio.run(serve(sock, port))
    except SystemExit as end:
        print(end, file=sys.stderr, flush=True)
        leave(2)
    except BaseException as problem:     # a server that failed to start must not linger
        print(f"world.py: {problem!r}", file=sys.stderr, flush=True)
        leave(1)


if __name__ == "__main__":
    main()
