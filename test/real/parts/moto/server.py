"""moto's server on a free port of the loopback interface. It prints the port.

One request at a time: moto compares If-Match and stores the object in two steps, so two of its threads can
accept two writes on one ETag, which S3 never does.
"""

from threading import Lock

from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import make_server

application = DomainDispatcherApplication(create_backend_app)
one = Lock()


def one_at_a_time(environ, start_response):
    with one:
        return list(application(environ, start_response))


server = make_server(
    "127.0.0.1", 0, one_at_a_time, threaded=True, request_handler=MotoRequestHandler
)
print(f"port {server.server_port}", flush=True)
server.serve_forever()
