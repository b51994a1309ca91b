"""Serve a model as OpenAI's chat completions: `python serve.py models/sft`; prints its address.

Requests that wait are answered as one batch. vLLM and llama.cpp do this faster; this server needs
nothing that training does not need, and reads replies as TRL reads them.
"""

import argparse
import json
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import torch
from continued import Continued
from model import load_model
from transformers import GenerationConfig
from wire import completion, messages_of, reply_of

MOST_TOKENS = 64
"""Of a reply, where a request names no number."""


class Model:
    """Answers requests, many at a time."""

    def __init__(self, folder: Path) -> None:
        self._tokenizer, self._model = load_model(folder)
        self._tokenizer.padding_side = "left"
        self._model.bfloat16().eval()
        self._continued = Continued(self._model)
        self._name = folder.name

    def answer(self, bodies: Sequence[dict]) -> list[dict]:
        """Answer a batch; the first request says how."""
        write = self._tokenizer.apply_chat_template
        how = {"add_generation_prompt": True, "tokenize": False}
        texts = [write(messages_of(one), tools=one.get("tools"), **how) for one in bodies]
        given = [self._tokenizer(text)["input_ids"] for text in texts]
        made = self._continued.generate(given, self._options(bodies[0]))
        return [self._read(before, after) for before, after in zip(given, made, strict=True)]

    def _options(self, body: dict) -> GenerationConfig:
        torch.manual_seed((body.get("seed") or 0) % 2**31)
        heat = body.get("temperature") or 0
        return GenerationConfig(
            max_new_tokens=body.get("max_tokens") or MOST_TOKENS,
            do_sample=heat > 0,
            temperature=heat or None,
            eos_token_id=self._tokenizer.eos_token_id,
            pad_token_id=self._tokenizer.pad_token_id,
        )

    def _read(self, prefix: list[int], made: list[int]) -> dict:
        end = self._tokenizer.eos_token_id
        text = self._tokenizer.decode(made, skip_special_tokens=True)
        try:
            parsed = self._tokenizer.parse_response(made, prefix=prefix)
        except ValueError:  # no JSON between the marks; the text says so to who asked
            parsed = {}
        return completion(self._name, reply_of(text, parsed), len(prefix), made, end)


@dataclass(eq=False)
class Request:
    """What somebody waits for."""

    body: dict
    reply: dict | None = None


class Batches:
    """Whoever comes first answers for all who wait."""

    def __init__(self, model: Model, most: int, patience: float) -> None:
        self._model = model
        self._most = most
        self._patience = patience
        self._waiting: list[Request] = []
        self._lock = threading.Lock()

    def ask(self, body: dict) -> dict:
        """Return the reply to a request."""
        request = Request(body)
        self._waiting.append(request)
        with self._lock:
            try:
                while request.reply is None:
                    time.sleep(self._patience)
                    self._answer()
            finally:
                if request in self._waiting:
                    self._waiting.remove(request)
        return request.reply

    def _answer(self) -> None:
        batch = self._waiting[: self._most]
        replies = self._model.answer([one.body for one in batch])
        del self._waiting[: len(batch)]
        for one, reply in zip(batch, replies, strict=True):
            one.reply = reply


def handler(batches: Batches) -> type[BaseHTTPRequestHandler]:
    """Make what takes requests."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            data = json.dumps(batches.ask(body)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    return Handler


def main() -> None:
    """Serve until a signal comes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--batch", type=int, default=16)
    args = parser.parse_args()
    batches = Batches(Model(args.folder), args.batch, patience=0.5)
    server = ThreadingHTTPServer(("127.0.0.1", args.port), handler(batches))
    print(f"address http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
