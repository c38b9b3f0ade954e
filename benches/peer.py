# What a gateway is held against: Python's SDK serving a tool that reads a document from the work tree and parses its
# front matter in process. Says on stdout at which port.
import pathlib
import socket
import sys

import uvicorn
import yaml
from mcp.server import MCPServer

root = pathlib.Path(sys.argv[1])
loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
server = MCPServer("peer", log_level="ERROR")


@server.tool()
def qms_status(id: str) -> dict:
    text = (root / "QMS" / "CR" / id / f"{id}.md").read_text()
    front = yaml.load(text.split("---\n", 2)[1], loader)
    return {"doc_id": id, "title": front["title"], **front["qms"]}


app = server.streamable_http_app(json_response=True, stateless_http=True)
# With its protocol said, so that what is accepted gets TCP_NODELAY.
listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
listener.bind(("127.0.0.1", 0))
listener.listen(1024)
print(listener.getsockname()[1], flush=True)
uvicorn.Server(uvicorn.Config(app, log_level="error")).run([listener])
