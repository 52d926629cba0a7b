"""A Hugging Face folder of a few kilobytes with random weights in F32, by the standard library alone."""
import json
import random
import struct

SPLIT = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|"
         r"\s+(?!\S)|\s+")
EMBD, FF, LAYERS, HEADS, KV, DIM, VOCAB = 32, 64, 2, 4, 2, 8, 272


def byte_letters():
    """The letters that stand for the bytes in a byte-level vocabulary."""
    spare = iter(range(256, 512))
    return [chr(b) if 0x20 < b < 0x7F or (b > 0xA0 and b != 0xAD) else chr(next(spare)) for b in range(256)]


def tokenizer():
    vocab = {letter: i for i, letter in enumerate(byte_letters())} | {"th": 258, "the": 259}
    added = [{"id": 256, "content": "<|begin|>", "special": True}, {"id": 257, "content": "<|end|>", "special": True}]
    cut = [{"type": "Split", "pattern": {"Regex": SPLIT}, "behavior": "Isolated", "invert": False},
           {"type": "ByteLevel", "add_prefix_space": False, "use_regex": False}]
    return {"added_tokens": added, "normalizer": None, "post_processor": {"type": "ByteLevel"},
            "pre_tokenizer": {"type": "Sequence", "pretokenizers": cut},
            "model": {"type": "BPE", "vocab": vocab, "merges": ["t h", "th e"]}}


def shapes(norms=False):
    yield "model.embed_tokens.weight", (VOCAB, EMBD)
    yield "model.norm.weight", (EMBD,)
    for layer in range(LAYERS):
        prefix = f"model.layers.{layer}."
        for name, shape in {"input_layernorm": (EMBD,), "post_attention_layernorm": (EMBD,),
                            "self_attn.q_proj": (HEADS * DIM, EMBD), "self_attn.k_proj": (KV * DIM, EMBD),
                            "self_attn.v_proj": (KV * DIM, EMBD), "self_attn.o_proj": (EMBD, HEADS * DIM),
                            "mlp.gate_proj": (FF, EMBD), "mlp.up_proj": (FF, EMBD), "mlp.down_proj": (EMBD, FF)}.items():
            yield f"{prefix}{name}.weight", shape
        if norms:
            yield f"{prefix}self_attn.q_norm.weight", (DIM,)
            yield f"{prefix}self_attn.k_norm.weight", (DIM,)


def write_hf_folder(folder, architecture="LlamaForCausalLM", **config):
    draw = random.Random(1)
    header, data = {}, b""
    for name, shape in shapes(architecture.startswith("Qwen3")):
        n = shape[0] * (shape[1] if len(shape) > 1 else 1)
        values = struct.pack(f"<{n}f", *(draw.gauss(len(shape) == 1, 0.2) for _ in range(n)))
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [len(data), len(data) + len(values)]}
        data += values
    head = json.dumps(header).encode()
    folder.mkdir()
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", len(head)) + head + data)
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer()))
    (folder / "tokenizer_config.json").write_text(json.dumps({"bos_token": "<|begin|>", "eos_token": "<|end|>"}))
    (folder / "config.json").write_text(json.dumps({
        "architectures": [architecture], "hidden_size": EMBD, "intermediate_size": FF, "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS, "num_key_value_heads": KV, "head_dim": DIM, "vocab_size": VOCAB,
        "max_position_embeddings": 512, "rms_norm_eps": 1e-5, "tie_word_embeddings": True, **config}))
    return folder
