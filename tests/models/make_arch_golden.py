#!/usr/bin/env python3
"""Makes the goldens of the architectures: logits of transformers (eager attention, float32) for tiny models.

Usage: make_arch_golden.py OUT_DIR [NAME…] [--gguf DIR]
Needs torch, transformers, gguf, numpy; the tests need none of them, they read the committed files.

Per row of VARIANTS it writes
  NAME.json  metadata and tensor shapes of the GGUF file, by the rules of llama.cpp's converter
  NAME.npy   float32 (rows, V): the logits at the positions of golden_rows()
and per row of BY_LENGTH
  by_length/NAME.npy  likewise, but each row is the last of a sequence that ends there: transformers chooses the factors of
                      long-rope by how long that is
The weights are in neither: both sides make them from the names of the tensors (see values()), and arch_model.hpp writes the
file. --gguf writes the same file with the gguf package, to hold other programs against the same goldens.
"""
import argparse
import json
import math
import pathlib

import gguf
import numpy as np

T = 300
V = 96
TOKENS = ["a", "b", "c", "d"]


# --- what both sides compute ------------------------------------------------------------------------------------------

def golden_rows():
    """All short positions, then every 13th up to the last."""
    return [p for p in range(T) if p < 33 or p % 13 == 0]


def noise(name, count):
    """uint32 per index: FNV-1a of the name, then a 32-bit finalizer (Wellons' lowbias32)."""
    seed = 2166136261
    for byte in name.encode():
        seed = (seed ^ byte) * 16777619 & 0xFFFFFFFF
    x = (np.arange(count, dtype=np.uint64) * 0x9E3779B9 + seed).astype(np.uint32)
    x = (x ^ x >> 16) * np.uint32(0x7FEB352D)
    x = (x ^ x >> 15) * np.uint32(0x846CA68B)
    return x ^ x >> 16


def values(name, shape):
    """Exact in float32 on both sides: norms in 0.5 … 1.5, the embedding in ±2, biases in ±0.5, matrices in ±0.25."""
    unit = (noise(name, math.prod(shape)) >> 9).astype(np.float64) / 2**23 - 0.5
    if name.endswith("norm.weight"):
        unit = 1 + unit
    elif name == "token_embd.weight":
        unit = 4 * unit
    elif not name.endswith(".bias"):
        unit = 0.5 * unit
    return unit.astype(np.float32).reshape(shape)


def tokens():
    return (noise("tokens", T) % V).astype(np.int64)


# --- the converter's conventions ----------------------------------------------------------------------------------------

def unpermute(w, heads):
    """From rows for pairs (2i, 2i+1), as llama files have them, to rows for pairs (i, i+d/2)."""
    d = w.shape[0] // heads
    return w.reshape(heads, d // 2, 2, *w.shape[1:]).swapaxes(1, 2).reshape(w.shape)


def to_transformers(arch, config, name, w):
    if arch == "llama" and ".attn_q." in name:
        return unpermute(w, config.num_attention_heads)
    if arch == "llama" and ".attn_k." in name:
        return unpermute(w, config.num_key_value_heads)
    if arch in ("gemma2", "gemma3") and name.endswith("norm.weight"):
        return w - 1  # transformers adds it again
    return w


def llama3_factors(rope, dims):
    factors = []
    for i in range(dims // 2):
        wave = 2 * math.pi * rope["rope_theta"] ** (2 * i / dims)
        context, low, high = rope["original_max_position_embeddings"], rope["low_freq_factor"], rope["high_freq_factor"]
        smooth = min(1.0, max(0.0, (context / wave - low) / (high - low)))
        factors.append(float(np.float32(1 / ((1 - smooth) / rope["factor"] + smooth))))
    return factors


def f32(x):
    return float(np.float32(x))


def rope_metadata(arch, config, dims):
    rope = dict(config.rope_parameters)
    meta, tensors = {}, {}
    if arch in ("gemma3", "olmo3"):
        local, rope = rope["sliding_attention"], dict(rope["full_attention"])
        if arch == "gemma3" and local["rope_theta"] != 10000.0:
            meta["rope.freq_base_swa"] = f32(local["rope_theta"])
    meta["rope.freq_base"] = f32(rope["rope_theta"])
    kind = rope.get("rope_type", "default")
    if kind in ("linear", "yarn", "longrope"):
        meta["rope.scaling.type"] = kind
    if kind in ("linear", "yarn"):
        meta["rope.scaling.factor"] = f32(rope["factor"])
    if kind in ("yarn", "longrope"):
        meta["rope.scaling.original_context_length"] = rope["original_max_position_embeddings"]
    if kind == "yarn":
        for key, ours in (("beta_fast", "yarn_beta_fast"), ("beta_slow", "yarn_beta_slow"), ("attention_factor", "yarn_attn_factor")):
            if rope.get(key) is not None:
                meta["rope.scaling." + ours] = f32(rope[key])
    if kind == "llama3":
        tensors["rope_freqs.weight"] = llama3_factors(rope, dims)
    if kind == "longrope":
        original = rope["original_max_position_embeddings"]
        scale = config.max_position_embeddings / original
        meta["rope.scaling.attn_factor"] = f32(math.sqrt(1 + math.log(scale) / math.log(original)))
        for side in ("short", "long"):
            tensors[f"rope_factors_{side}.weight"] = [f32(x) for x in rope[side + "_factor"]]
    return meta, tensors


def describe(arch, model):
    """Metadata and tensors of the GGUF file of a transformers model; the names of its parameters beside."""
    config = model.config
    explicit = getattr(config, "head_dim", None)
    head_dim = explicit or config.hidden_size // config.num_attention_heads
    rotary = int(config.rope_parameters.get("partial_rotary_factor", 1.0) * head_dim)
    meta = {
        "block_count": config.num_hidden_layers,
        "context_length": config.max_position_embeddings,
        "embedding_length": config.hidden_size,
        "feed_forward_length": config.intermediate_size,
        "attention.head_count": config.num_attention_heads,
        "attention.head_count_kv": config.num_key_value_heads,
        "attention.layer_norm_rms_epsilon": f32(config.rms_norm_eps),
    }
    if explicit:
        meta["attention.key_length"] = meta["attention.value_length"] = head_dim
    if arch in ("llama", "phi3"):
        meta["rope.dimension_count"] = rotary
    if arch in ("gemma2", "gemma3", "phi3", "olmo3"):
        meta["attention.sliding_window"] = config.sliding_window or 0
    if arch == "olmo3":
        meta["attention.sliding_window_pattern"] = [kind == "sliding_attention" for kind in config.layer_types]
    for key in ("attn_logit_softcapping", "final_logit_softcapping"):
        if arch in ("gemma2", "gemma3") and getattr(config, key, None):
            meta[key] = f32(getattr(config, key))
    more, tensors = rope_metadata(arch, config, rotary)
    in_file = {"olmo3": "olmo2"}.get(arch, arch)
    meta = {f"{in_file}.{key}": value for key, value in (meta | more).items()}
    names = gguf.get_tensor_name_map({v: k for k, v in gguf.MODEL_ARCH_NAMES.items()}[in_file], config.num_hidden_layers)
    ours = {n: names.get_name(n, try_suffixes=(".weight", ".bias")) for n, _ in model.named_parameters()}
    for name, parameter in model.named_parameters():
        tensors[ours[name]] = list(parameter.shape)
    return {"general.architecture": in_file} | meta, tensors, ours


def fill(arch, model, ours):
    import torch

    with torch.no_grad():
        for name, parameter in model.named_parameters():
            w = values(ours[name], tuple(parameter.shape))
            parameter.copy_(torch.from_numpy(np.ascontiguousarray(to_transformers(arch, model.config, ours[name], w))))


def write_gguf(path, arch, meta, tensors):
    writer = gguf.GGUFWriter(path, meta["general.architecture"])
    for key, value in meta.items():
        if key == "general.architecture":
            continue
        add = {str: writer.add_string, bool: writer.add_bool, int: writer.add_uint32, float: writer.add_float32, list: writer.add_array}
        add[type(value)](key, value)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(TOKENS + [f"<{i}>" for i in range(len(TOKENS), V)])
    writer.add_token_types([1] * V)
    writer.add_token_merges(["a b"])
    for name, shape in tensors.items():
        listed = isinstance(shape[0], float)
        writer.add_tensor(name, np.array(shape, np.float32) if listed else values(name, tuple(shape)))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


# --- the variants -------------------------------------------------------------------------------------------------------

SMALL = dict(vocab_size=V, hidden_size=64, intermediate_size=96, num_hidden_layers=2, num_attention_heads=4,
             num_key_value_heads=2, max_position_embeddings=512)
ROPE = {"rope_type": "default", "rope_theta": 10000.0}
GEMMA_ROPE = {"sliding_attention": {"rope_type": "default", "rope_theta": 10000.0},
              "full_attention": {"rope_type": "default", "rope_theta": 1e6}}
# Of 12 rotated values, as partial_rotary_factor 0.75 of 16.
LONG_ROPE = {"rope_type": "longrope", "rope_theta": 10000.0, "partial_rotary_factor": 0.75,
             "short_factor": [1.0, 1.1, 1.25, 1.5, 1.75, 2.0], "long_factor": [1.0, 2.5, 4.0, 6.0, 8.0, 12.0]}


def llama(**more):
    return "llama", SMALL | {"rope_parameters": ROPE} | more


def gemma3(**more):
    return "gemma3", SMALL | dict(num_hidden_layers=7, head_dim=24, query_pre_attn_scalar=24, sliding_window=32,
                                  rope_parameters=GEMMA_ROPE) | more


def gemma2(**more):
    return "gemma2", SMALL | dict(num_hidden_layers=3, head_dim=24, query_pre_attn_scalar=24, sliding_window=32, rope_parameters=ROPE,
                                  attn_logit_softcapping=4.0, final_logit_softcapping=5.0) | more


def phi3(original, **more):
    """transformers chooses the factors by the tokens it sees, the tests' context is 512: original < 300 < 512 or > 512."""
    rope = LONG_ROPE | {"original_max_position_embeddings": original}
    return "phi3", SMALL | dict(max_position_embeddings=2048, original_max_position_embeddings=original,
                                rope_parameters=rope, pad_token_id=0, eos_token_id=0, sliding_window=None) | more


VARIANTS = {
    "llama_plain": llama(),
    "llama_tied": llama(tie_word_embeddings=True, num_key_value_heads=4),
    "llama_head_dim": llama(head_dim=24, num_key_value_heads=1),
    "llama_biases": llama(attention_bias=True, mlp_bias=True),
    "llama_linear": llama(rope_parameters=ROPE | {"rope_type": "linear", "factor": 4.0}),
    "llama_yarn": llama(rope_parameters=ROPE | {
        "rope_type": "yarn", "factor": 8.0, "original_max_position_embeddings": 64}),
    "llama_yarn_explicit": llama(rope_parameters=ROPE | {
        "rope_type": "yarn", "factor": 3.0, "original_max_position_embeddings": 170, "beta_fast": 20.0, "beta_slow": 2.0,
        "attention_factor": 1.25}),
    "llama_llama3": llama(rope_parameters=ROPE | {
        "rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
        "original_max_position_embeddings": 128}),
    "qwen2": ("qwen2", SMALL | {"rope_parameters": ROPE | {"rope_theta": 1e6}}),
    "qwen2_yarn": ("qwen2", SMALL | {"tie_word_embeddings": True, "rope_parameters": ROPE | {
        "rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 128}}),
    "qwen3": ("qwen3", SMALL | dict(head_dim=24, rope_parameters=ROPE | {"rope_theta": 1e6}, tie_word_embeddings=True)),
    "gemma3": gemma3(),
    "gemma3_linear": gemma3(num_key_value_heads=1, sliding_window=7, rope_parameters={
        "sliding_attention": {"rope_type": "default", "rope_theta": 5000.0},
        "full_attention": {"rope_type": "linear", "rope_theta": 1e6, "factor": 8.0}}),
    "gemma3_capped": gemma3(num_hidden_layers=6, final_logit_softcapping=5.0),
    "gemma2": gemma2(),
    "gemma2_mqa": gemma2(num_key_value_heads=1, sliding_window=7, attn_logit_softcapping=50.0, final_logit_softcapping=30.0),
    "olmo3": ("olmo3", SMALL | dict(num_hidden_layers=5, sliding_window=32, eos_token_id=0, rope_parameters={
        "sliding_attention": ROPE | {"rope_theta": 5e5}, "full_attention": ROPE | {
            "rope_theta": 5e5, "rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 128}})),
    "olmo2": ("olmo2", SMALL | dict(rope_parameters=ROPE | {"rope_theta": 5e5}, eos_token_id=0)),
    "phi3_plain": ("phi3", SMALL | dict(rope_parameters=ROPE, pad_token_id=0, eos_token_id=0, sliding_window=50)),
    "phi3_short": phi3(original=1024),
    "phi3_long": phi3(original=16, tie_word_embeddings=True),
    "phi3_border": phi3(original=150),
}
BY_LENGTH = ["phi3_border"]


def make(name):
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    arch, settings = VARIANTS[name]
    config = AutoConfig.for_model({"gemma3": "gemma3_text"}.get(arch, arch), **settings)
    model = AutoModelForCausalLM.from_config(config, attn_implementation="eager", dtype=torch.float32).eval()
    meta, tensors, ours = describe(arch, model)
    fill(arch, model, ours)
    with torch.no_grad():
        run = lambda n: model(torch.from_numpy(tokens())[None, :n], use_cache=False).logits[0].numpy()
        by_length = np.stack([run(p + 1)[-1] for p in golden_rows()]) if name in BY_LENGTH else None
        return arch, meta, tensors, run(T), by_length


def description_text(meta, tensors):
    rows = [f'  {json.dumps(key)}: {{\n' + ",\n".join(f"    {json.dumps(k)}: {json.dumps(v)}" for k, v in table.items()) + "\n  }"
            for key, table in (("metadata", meta), ("tensors", tensors))]
    return "{\n" + ",\n".join(rows) + "\n}\n"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--gguf", type=pathlib.Path)
    args = parser.parse_args()
    for name in args.names or VARIANTS:
        arch, meta, tensors, logits, by_length = make(name)
        (args.out / f"{name}.json").write_text(description_text(meta, tensors))
        np.save(args.out / f"{name}.npy", logits[golden_rows()])
        if by_length is not None:
            (args.out / "by_length").mkdir(exist_ok=True)
            np.save(args.out / "by_length" / f"{name}.npy", by_length)
        if args.gguf:
            write_gguf(args.gguf / f"{name}.gguf", arch, meta, tensors)
            np.save(args.gguf / f"{name}.npy", logits)
        print(f"{name}: {len(tensors)} tensors, logits of deviation {logits.std():.3f}")


if __name__ == "__main__":
    main()
