#!/usr/bin/env python3
"""Sentence embeddings of a BERT folder as its authors compute them, in plain numpy: what GGUF embedders are held against.

  bench/embed_reference.py FOLDER TEXTS            the vectors, one line a text, as thousandths of thousandths
  bench/embed_reference.py FOLDER TEXTS --against "COMMAND"
                                                   the largest cosine error of what COMMAND TEXTS prints, line by line

FOLDER is a Hugging Face folder (config.json, tokenizer.json, model.safetensors); TEXTS holds one text a line. Needs the
packages numpy and tokenizers. Everything is computed in double precision, one text at a time, at most 512 tokens.
"""
import argparse
import json
import math
import shlex
import struct
import subprocess
from pathlib import Path

import numpy
from tokenizers import Tokenizer


def weights(path):
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    entries = json.loads(data[8:8 + length])
    entries.pop("__metadata__", None)
    return {name: numpy.frombuffer(data, "<f4", count=math.prod(entry["shape"]),
                                   offset=8 + length + entry["data_offsets"][0]).reshape(entry["shape"]).astype(float)
            for name, entry in entries.items() if entry["dtype"] == "F32"}


class Bert:
    def __init__(self, folder):
        self.config = json.loads((folder / "config.json").read_text())
        self.tensors = weights(folder / "model.safetensors")
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(self.config["max_position_embeddings"])
        self.points = numpy.arange(-6.0, 6.0, 1e-4)  # between them erf is straight to within 2e-9
        self.values = [math.erf(point) for point in self.points]

    def linear(self, name, x):
        return x @ self.tensors[name + ".weight"].T + self.tensors[name + ".bias"]

    def norm(self, name, x):
        centred = x - x.mean(-1, keepdims=True)
        scale = numpy.sqrt((centred ** 2).mean(-1, keepdims=True) + self.config["layer_norm_eps"])
        return centred / scale * self.tensors[name + ".weight"] + self.tensors[name + ".bias"]

    def attention(self, name, x):
        heads = self.config["num_attention_heads"]

        def split(part):
            return self.linear(f"{name}.self.{part}", x).reshape(len(x), heads, -1).transpose(1, 0, 2)

        query, key, value = split("query"), split("key"), split("value")
        scores = query @ key.transpose(0, 2, 1) / math.sqrt(query.shape[-1])
        scores = numpy.exp(scores - scores.max(-1, keepdims=True))
        mixed = scores / scores.sum(-1, keepdims=True) @ value
        return self.linear(f"{name}.output.dense", mixed.transpose(1, 0, 2).reshape(len(x), -1))

    def embed(self, text):
        tokens = self.tokenizer.encode(text).ids
        t = self.tensors
        x = (t["embeddings.word_embeddings.weight"][tokens] + t["embeddings.position_embeddings.weight"][:len(tokens)] +
             t["embeddings.token_type_embeddings.weight"][0])
        x = self.norm("embeddings.LayerNorm", x)
        for layer in range(self.config["num_hidden_layers"]):
            name = f"encoder.layer.{layer}"
            x = self.norm(f"{name}.attention.output.LayerNorm", x + self.attention(f"{name}.attention", x))
            inner = self.linear(f"{name}.intermediate.dense", x)
            inner = 0.5 * inner * (1.0 + numpy.interp(inner / math.sqrt(2.0), self.points, self.values))
            x = self.norm(f"{name}.output.LayerNorm", x + self.linear(f"{name}.output.dense", inner))
        mean = x.mean(0)
        return mean / numpy.linalg.norm(mean), len(tokens)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("texts", type=Path)
    parser.add_argument("--against")
    args = parser.parse_args()
    bert = Bert(args.folder)
    texts = args.texts.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    made = [bert.embed(text) for text in texts]
    if not args.against:
        for vector, _ in made:
            print(*(round(value * 1e6) for value in vector))
        return
    printed = subprocess.run([*shlex.split(args.against), args.texts], stdout=subprocess.PIPE, text=True, check=True)
    errors = []
    for (vector, n_tokens), line in zip(made, printed.stdout.splitlines(), strict=True):
        theirs = numpy.array(line.split(), dtype=float)
        errors.append((1.0 - vector @ theirs / numpy.linalg.norm(theirs), n_tokens))
    order = sorted(range(len(errors)), key=lambda at: errors[at][0])
    print(f"{len(errors)} texts of {min(n for _, n in errors)} to {max(n for _, n in errors)} tokens: median cosine error "
          f"{errors[order[len(order) // 2]][0]:.1e}, largest",
          ", ".join(f"{errors[at][0]:.1e} (text {at + 1}, {errors[at][1]} tokens)" for at in order[:-4:-1]))


if __name__ == "__main__":
    main()
