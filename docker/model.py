"""A model for tests of an agent's program: speaks the API of Anthropic's messages, uses the one tool that the prompt names, and ends.

usage: model.py ADDRESS. Prints the port that it took. A prompt `USE TOOL JSON` is answered by a use of the tool; what the tool said is
answered by `done`.
"""
import http.server
import json
import re
import sys


def answer(request):
    """The blocks of the next turn, and why it stops."""
    turns = [turn["content"] for turn in request["messages"]]
    parts = [part for turn in turns for part in ([{"type": "text", "text": turn}] if isinstance(turn, str) else turn)]
    if not any(part["type"] == "tool_result" for part in parts):
        for part in parts:
            asked = re.search(r"USE (\S+) (\{.*\})", part.get("text", ""))
            if asked and any(tool["name"] == asked[1] for tool in request.get("tools", [])):
                return [{"type": "tool_use", "id": "toolu_1", "name": asked[1], "input": json.loads(asked[2])}], "tool_use"
    return [{"type": "text", "text": "done"}], "end_turn"


def events(request):
    """What is sent where a stream is asked for."""
    blocks, stop = answer(request)
    usage = {"input_tokens": 1, "output_tokens": 1}
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": request["model"], "content": []}
    yield {"type": "message_start", "message": {**message, "stop_reason": None, "stop_sequence": None, "usage": usage}}
    for index, block in enumerate(blocks):
        if block["type"] == "text":
            start, delta = {**block, "text": ""}, {"type": "text_delta", "text": block["text"]}
        else:
            start, delta = {**block, "input": {}}, {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
        yield {"type": "content_block_start", "index": index, "content_block": start}
        yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    yield {"type": "message_delta", "delta": {"stop_reason": stop, "stop_sequence": None}, "usage": usage}
    yield {"type": "message_stop"}


class Model(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        kind = "application/json"
        if "count_tokens" in self.path:
            body = json.dumps({"input_tokens": 1})
        elif request.get("stream"):
            kind = "text/event-stream"
            body = "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events(request))
        else:
            blocks, stop = answer(request)
            body = json.dumps({
                "id": "msg_1", "type": "message", "role": "assistant", "model": request["model"], "content": blocks,
                "stop_reason": stop, "stop_sequence": None, "usage": {"input_tokens": 1, "output_tokens": 1},
            })
        self.send(200, kind, body)

    def do_HEAD(self):
        self.send(200, "application/json", "")

    def do_GET(self):
        self.send(404, "application/json", "{}")

    def send(self, status, kind, body):
        data = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


server = http.server.ThreadingHTTPServer((sys.argv[1], 0), Model)
print(server.server_address[1], flush=True)
server.serve_forever()
