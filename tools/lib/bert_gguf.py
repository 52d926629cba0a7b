#!/usr/bin/env python3
"""A BERT sentence embedder, as a Hugging Face folder holds it, as a GGUF file for libllama. Plain Python, no packages.

  tools/lib/bert_gguf.py FOLDER OUT.gguf [--name NAME] [--type f16|f32]

FOLDER holds config.json, vocab.txt, model.safetensors and 1_Pooling/config.json. The same input gives the same bytes.
Matrices are stored as F16 (or F32), all else as F32, the tensors in the order of the layers.
"""
import argparse
import array
import json
import struct
import sys
from pathlib import Path

U32, F32, BOOL, STRING, ARRAY, I32 = 4, 6, 7, 8, 9, 5
NORMAL, CONTROL = 1, 3
MEAN, CLS = 1, 2
ALIGNMENT = 32
TYPES = {"f32": (0, 4), "f16": (1, 2)}

# What a layer's parts are called: in the folder, in the GGUF.
LAYER = {
    "attention.self.query": "attn_q", "attention.self.key": "attn_k", "attention.self.value": "attn_v",
    "attention.output.dense": "attn_output", "attention.output.LayerNorm": "attn_output_norm",
    "intermediate.dense": "ffn_up", "output.dense": "ffn_down", "output.LayerNorm": "layer_output_norm",
}
FRONT = {
    "embeddings.word_embeddings.weight": "token_embd.weight",
    "embeddings.token_type_embeddings.weight": "token_types.weight",
    "embeddings.position_embeddings.weight": "position_embd.weight",
    "embeddings.LayerNorm.weight": "token_embd_norm.weight", "embeddings.LayerNorm.bias": "token_embd_norm.bias",
}
# libllama adds these to activations, which it does in F32 only.
KEPT_WHOLE = ("token_types.weight", "position_embd.weight")


def text(value):
    encoded = value.encode()
    return struct.pack("<Q", len(encoded)) + encoded


def packed(kind, value):
    if kind == STRING:
        return text(value)
    if kind == ARRAY:
        element, items = value
        return struct.pack("<IQ", element, len(items)) + b"".join(packed(element, item) for item in items)
    return struct.pack({U32: "<I", I32: "<i", F32: "<f", BOOL: "<?"}[kind], value)


class Safetensors:
    def __init__(self, path):
        self.file = open(path, "rb")
        (length,) = struct.unpack("<Q", self.file.read(8))
        self.entries = json.loads(self.file.read(length))
        self.base = 8 + length

    def shape(self, name):
        entry = self.entries[name]
        if entry["dtype"] != "F32":
            raise SystemExit(f"{name} is of type {entry['dtype']}; only F32 is read.")
        return entry["shape"]

    def values(self, name):
        begin, end = self.entries[name]["data_offsets"]
        self.file.seek(self.base + begin)
        return self.file.read(end - begin)


def vocabulary(folder):
    """Words as libllama's WordPiece wants them: a mark before whole words, none before continuations."""
    words = (folder / "vocab.txt").read_text(encoding="utf-8").splitlines()
    special = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}
    kinds = [CONTROL if word in special else NORMAL for word in words]
    shown = [word if kind == CONTROL else word[2:] if word.startswith("##") else "\u2581" + word
             for word, kind in zip(words, kinds)]
    return words, shown, kinds


def metadata(folder, name, file_type):
    config = json.loads((folder / "config.json").read_text())
    pooling = json.loads((folder / "1_Pooling/config.json").read_text())
    words, shown, kinds = vocabulary(folder)
    cls = pooling.get("pooling_mode_cls_token", False)
    keys = {
        "general.architecture": (STRING, "bert"), "general.name": (STRING, name),
        "general.file_type": (U32, TYPES[file_type][0]),
        "bert.context_length": (U32, config["max_position_embeddings"]),
        "bert.embedding_length": (U32, config["hidden_size"]),
        "bert.block_count": (U32, config["num_hidden_layers"]),
        "bert.feed_forward_length": (U32, config["intermediate_size"]),
        "bert.attention.head_count": (U32, config["num_attention_heads"]),
        "bert.attention.layer_norm_epsilon": (F32, config["layer_norm_eps"]),
        "bert.attention.causal": (BOOL, False), "bert.pooling_type": (U32, CLS if cls else MEAN),
        "tokenizer.ggml.model": (STRING, "bert"),
        "tokenizer.ggml.token_type_count": (U32, config["type_vocab_size"]),
        "tokenizer.ggml.tokens": (ARRAY, (STRING, shown)), "tokenizer.ggml.token_type": (ARRAY, (I32, kinds)),
    }
    for key, word in {"unknown": "[UNK]", "seperator": "[SEP]", "padding": "[PAD]", "cls": "[CLS]",
                      "mask": "[MASK]"}.items():
        keys[f"tokenizer.ggml.{key}_token_id"] = (U32, words.index(word))
    keys["tokenizer.ggml.bos_token_id"] = keys["tokenizer.ggml.cls_token_id"]
    return keys, config["num_hidden_layers"]


def tensor_names(n_layer):
    names = dict(FRONT)
    for layer in range(n_layer):
        for theirs, ours in LAYER.items():
            for part in ("weight", "bias"):
                names[f"encoder.layer.{layer}.{theirs}.{part}"] = f"blk.{layer}.{ours}.{part}"
    return names


def padded(n):
    return -(-n // ALIGNMENT) * ALIGNMENT


def halves(data):
    values = array.array("f", data)
    if sys.byteorder == "big":
        values.byteswap()
    return struct.pack(f"<{len(values)}e", *values)


def write(folder, out, name, file_type):
    keys, n_layer = metadata(folder, name, file_type)
    source = Safetensors(folder / "model.safetensors")
    plan, offset, infos = [], 0, b""
    for theirs, ours in tensor_names(n_layer).items():
        shape = source.shape(theirs)
        kind = file_type if len(shape) == 2 and ours not in KEPT_WHOLE else "f32"
        number, width = TYPES[kind]
        infos += text(ours) + struct.pack(f"<I{len(shape)}Q", len(shape), *reversed(shape))
        infos += struct.pack("<IQ", number, offset)
        size = width
        for side in shape:
            size *= side
        plan.append((theirs, kind, size))
        offset += padded(size)
    head = b"GGUF" + struct.pack("<IQQ", 3, len(plan), len(keys))
    for key, (kind, value) in keys.items():
        head += text(key) + struct.pack("<I", kind) + packed(kind, value)
    head += infos
    with open(out, "wb") as target:
        target.write(head + bytes(padded(len(head)) - len(head)))
        for theirs, kind, size in plan:
            data = source.values(theirs)
            target.write((halves(data) if kind == "f16" else data) + bytes(padded(size) - size))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--name", default="")
    parser.add_argument("--type", choices=TYPES, default="f16")
    args = parser.parse_args()
    write(args.folder, args.out, args.name or args.folder.name, args.type)


if __name__ == "__main__":
    main()
