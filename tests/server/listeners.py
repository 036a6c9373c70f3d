"""Listeners on this machine, to see what comes to them."""

import socket
import threading
from contextlib import contextmanager

from live import ANSWER_S

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


@contextmanager
def listener(answer=OK):
    """A listener on loopback that gives every caller the same bytes, or None nothing at all.

    Yields its port and what each caller has said.
    """
    callers = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)
        ended = threading.Event()

        def run():
            while not ended.is_set():
                try:
                    connection, _ = server.accept()
                except TimeoutError:
                    continue
                with connection:
                    connection.settimeout(ANSWER_S)
                    callers.append(connection.recv(65536))
                    if answer is None:
                        ended.wait(ANSWER_S)
                    else:
                        connection.sendall(answer)

        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield server.getsockname()[1], callers
        finally:
            ended.set()
            thread.join()
