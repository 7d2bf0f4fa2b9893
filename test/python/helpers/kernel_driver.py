"""A real ipykernel behind a pipe: each line of stdin is a request as JSON, each line of stdout its
answer.

``{"code": ...}`` runs a cell: ``{"reply": content, "outputs": [{"type": msg_type, ...content}]}``;
``interrupt_at`` is a text of stdout at which the kernel is interrupted. ``{"complete": ...}``
completes at the end of a text. ``{"begin": ...}`` starts a cell and is answered at once;
``{"restart": true}`` restarts the kernel as a person does, ``{"pid": true}`` names its process.
"""

import json
import sys

from jupyter_client.manager import start_new_kernel

LIMIT = 60


def run(manager, client, request):
    message_id = client.execute(request["code"])
    outputs = []
    while True:
        message = client.get_iopub_msg(timeout=LIMIT)
        if message["parent_header"].get("msg_id") != message_id:
            continue
        kind, content = message["msg_type"], message["content"]
        if kind == "status":
            if content["execution_state"] == "idle":
                break
        elif kind != "execute_input":
            outputs.append({"type": kind, **content})
        if request.get("interrupt_at") and request["interrupt_at"] in content.get("text", ""):
            manager.interrupt_kernel()
    reply = client.get_shell_msg(timeout=LIMIT)
    while reply["parent_header"].get("msg_id") != message_id:
        reply = client.get_shell_msg(timeout=LIMIT)
    return {"reply": reply["content"], "outputs": outputs}


def main():
    # The kernel passes on what its child processes write: not between our answers.
    manager, client = start_new_kernel(kernel_name="python3", stdout=sys.stderr)
    try:
        for line in sys.stdin:
            request = json.loads(line)
            if "complete" in request:
                answer = client.complete(request["complete"], reply=True, timeout=LIMIT)["content"]
            elif "begin" in request:
                answer = {"message": client.execute(request["begin"])}
            elif "restart" in request:
                manager.restart_kernel()
                client.wait_for_ready(timeout=LIMIT)
                answer = {}
            elif "pid" in request:
                answer = {"pid": manager.provisioner.pid}
            else:
                answer = run(manager, client, request)
            print(json.dumps(answer), flush=True)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


main()
