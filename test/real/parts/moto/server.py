"""moto's server on a free port of the loopback interface. It prints the port, and each verdict of moto's IAM.

Where moto is not as AWS is:
- One request at a time: moto compares If-Match and stores the object in two steps, so two of its threads can
  accept two writes on one ETag, which S3 never does.
- Policies call the actions of CloudWatch cloudwatch:..., signatures call the service monitoring.
- moto asks its IAM about every action of EKS with the resource "*"; EKS names the cluster.
"""

from threading import Lock

from moto.eks.responses import EKSResponse
from moto.iam.access_control import IAMRequestBase
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import make_server

application = DomainDispatcherApplication(create_backend_app)
one = Lock()
check_action_permitted = IAMRequestBase.check_action_permitted


def one_at_a_time(environ, start_response):
    with one:
        return list(application(environ, start_response))


def check_and_print(self, resource):
    self._action = self._action.replace("monitoring:", "cloudwatch:")
    verdict = "denied"
    try:
        check_action_permitted(self, resource)
        verdict = "allowed"
    finally:
        print("verdict", self._access_key.arn, verdict, self._action, resource, flush=True)


def cluster_arn(self):
    cluster = self.path.removeprefix("/clusters").removeprefix("/")
    if not cluster:
        return "*"
    return f"arn:aws:eks:{self.region}:{self.current_account}:cluster/{cluster}"


IAMRequestBase.check_action_permitted = check_and_print
EKSResponse._determine_resource = cluster_arn

server = make_server(
    "127.0.0.1", 0, one_at_a_time, threaded=True, request_handler=MotoRequestHandler
)
print(f"port {server.server_port}", flush=True)
server.serve_forever()
