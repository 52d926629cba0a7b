"""GGUF files of a few kilobytes: enough of a projector or a language model for its header to be judged."""
import struct

U32, I32, F32, BOOL, STR, ARR = 4, 5, 6, 7, 8, 9


def text(value):
    return struct.pack("<Q", len(value.encode())) + value.encode()


def value(kind, content):
    if kind == STR:
        return text(content)
    if kind == ARR:
        element, items = content
        return struct.pack("<IQ", element, len(items)) + b"".join(value(element, i) for i in items)
    return struct.pack({U32: "<I", I32: "<i", F32: "<f", BOOL: "<?"}[kind], content)


def write_gguf(path, keys, tensors, data=None):
    """keys: {name: (kind, value)}; tensors: {name: shape, fastest dimension first}, f32 zeros or what `data` has for it:
    {name: (ggml's number of the type, bytes)}, four bytes a value."""
    data = data or {}
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(keys))
    for name, (kind, content) in keys.items():
        head += text(name) + struct.pack("<I", kind) + value(kind, content)
    offset = 0
    stored = b""
    for name, shape in tensors.items():
        head += text(name) + struct.pack(f"<I{len(shape)}Q", len(shape), *shape) + struct.pack("<IQ", data.get(name, (0,))[0], offset)
        n = 4
        for side in shape:
            n *= side
        content = data[name][1] if name in data else b"\0" * n
        stored += content + b"\0" * (-len(content) % 32)
        offset = len(stored)
    head += b"\0" * (-len(head) % 32)
    path.write_bytes(head + stored)
    return path


def qwen2vl_projector(path, width=32, leave_out=(), **changes):
    """The keys and tensors that a qwen2vl_merger needs, less those left out."""
    numbers = {"embedding_length": 16, "feed_forward_length": 16, "attention.head_count": 4, "block_count": 1,
               "projection_dim": 8, "image_size": 560, "patch_size": 14, **changes}
    keys = {"general.architecture": (STR, "clip"), "general.name": (STR, "tiny projector"),
            "clip.has_vision_encoder": (BOOL, True), "clip.projector_type": (STR, "qwen2vl_merger"),
            "clip.vision.attention.layer_norm_epsilon": (F32, 1e-6),
            "clip.vision.image_mean": (ARR, (F32, [0.5] * 3)), "clip.vision.image_std": (ARR, (F32, [0.5] * 3)),
            **{f"clip.vision.{name}": (U32, number) for name, number in numbers.items()}}
    tensors = {"v.patch_embd.weight": (14, 14, 3, 16), "v.patch_embd.weight.1": (14, 14, 3, 16),
               "v.post_ln.weight": (16,), "v.post_ln.bias": (16,), "mm.0.weight": (64, 64), "mm.0.bias": (64,),
               "mm.2.weight": (64, width), "mm.2.bias": (width,)}
    for part in ("attn_q", "attn_k", "attn_v", "attn_out", "ffn_up", "ffn_down", "ln1", "ln2"):
        tensors[f"v.blk.0.{part}.weight"] = (16,) if part.startswith("ln") else (16, 16)
        tensors[f"v.blk.0.{part}.bias"] = (16,)
    for name in leave_out:
        keys.pop(name, None)
        tensors.pop(name, None)
    return write_gguf(path, keys, tensors)


def language_model(path, width=32):
    return write_gguf(path, {"general.architecture": (STR, "qwen2vl"), "general.name": (STR, "tiny model"),
                             "qwen2vl.embedding_length": (U32, width)}, {"token_embd.weight": (width, 4)})
