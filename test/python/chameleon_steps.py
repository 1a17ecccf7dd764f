"""What the notebook of the bare-metal pattern calls, and what its steps say where they fail. With python-chi importable also whether
every call of it fits its signatures; nothing is reserved."""

import ast
import inspect
import json
import sys

sys.path.insert(0, "chameleon")
import steps

cells = json.load(open("chameleon/bare-metal.ipynb"))["cells"]
code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
called = []
for call in (node for source in code for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)):
    if isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value) == "steps":
        step = getattr(steps, call.func.attr)
        inspect.signature(step).bind(*call.args, **{keyword.arg: keyword.value for keyword in call.keywords})
        called.append(call.func.attr)
print("called", *called)


class Lost:
    """A node whose connection is lost."""

    def execute(self, command):
        raise ConnectionError("connection reset by peer")


class Refusing:
    """A node on which every command ends with 1."""

    def execute(self, command):
        return type("Result", (), {"exited": 1, "stdout": "", "stderr": "no space left on device"})


settings = steps.Settings(site="CHI@UC", project="p", node_type="n", image="i", hours=3, plan="video-quick")
for node in (Lost(), Refusing()):
    for step in (lambda: steps.install(node), lambda: steps.measure(node, settings), lambda: steps.fetch(node, settings)):
        try:
            step()
            print("nothing said")
        except steps.StepError as error:
            print(error)

try:
    from chi import context, lease, server
except ImportError:
    for step in (steps.reserve, steps.release):
        try:
            step(settings)
        except steps.StepError as error:
            print(error)
else:
    for function, given in (
        (context.use_site, ["s"]),
        (context.use_project, ["p"]),
        (context.choose_project, []),
        (lease.Lease, ["name", None, None, "duration"]),
        (lease.Lease.add_node_reservation, ["self", 1, "type"]),
        (lease.Lease.add_fip_reservation, ["self", 1]),
        (lease.get_lease, ["name"]),
        (server.Server.associate_floating_ip, ["self"]),
        (server.Server.check_connectivity, ["self"]),
        (server.Server.execute, ["self", "command"]),
        (server.Server.ssh_connection, ["self"]),
        (server.get_server, ["name"]),
    ):
        inspect.signature(function).bind(*given)
    inspect.signature(lease.Lease).bind(name="n", duration="d")
    inspect.signature(lease.Lease.submit).bind("self", idempotent=True)
    inspect.signature(server.Server).bind("n", reservation_id="r", image_name="i")
    inspect.signature(server.Server.submit).bind("self", idempotent=True)
    print("python-chi: every call fits")
