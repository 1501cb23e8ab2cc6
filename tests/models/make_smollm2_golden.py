#!/usr/bin/env python3
"""Makes the SmolLM2-135M-Instruct Q4_1 logits golden: transformers' float32 forward over the dequantised weights.

Usage: make_smollm2_golden.py MODEL.gguf OUT_DIR [--full FULL.npy]
Needs torch, transformers, accelerate, gguf, numpy; the tests need none of them, they read the committed files.

Writes  smollm2_tokens.npy     int32 (T)        the token ids of TEXT (no BOS: the file says add_bos_token = false)
        smollm2_vocab_ids.npy  int32 (T, 256)   per position 256 different vocabulary ids, ascending, drawn with SEED
        smollm2_logits.npy     float32 (T, 256) the exact logits at those ids
        smollm2_top1.npy       int32 (T)        the argmax of the full row
and, on request, all T x 49152 logits. It refuses to write when an independent float64 forward, which works on the
file's own tensors (interleaved rope, no un-permuting of q and k), disagrees.
"""
import argparse
import os
import pathlib

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import gguf
import numpy as np

SEED = 20240607
T = 144
IDS_PER_POSITION = 256
MAX_NMSE = 1e-9

TEXT = """The harbour woke slowly. A grey cat walked along the sea wall, stopping at each coil of rope as if to count it, \
and two fishermen argued about the price of diesel. "It was cheaper in 1998," said the older one, pouring coffee from a \
dented flask, "and so was everything else." Out beyond the breakwater the water was flat and bright, and a ferry moved \
across it without a sound. By nine o'clock the market had opened: crates of mackerel, bread still warm from the oven, \
and a woman selling maps that she had drawn herself. She explained to a visitor that the coast changes every winter. \
"Last year this bay was 40 metres wider," she said. "Maps are only a promise, and the sea does not keep promises." \
The visitor bought one anyway, folded it into a coat pocket, and went to look for the lighthouse.
"""


def tokenise(path):
    """Ids by the file's own tokenizer: digits one by one, then byte-level BPE (pre = smollm)."""
    from smollm2_reference_tokenizer import load_tokenizer

    return np.array(load_tokenizer(path).encode(TEXT).ids[:T], dtype=np.int32)


def transformers_logits(path, ids):
    """The exact answer: eager attention, float32 throughout, gguf weights dequantised on load."""
    import torch
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(
        str(path.parent), gguf_file=path.name, attn_implementation="eager", dtype=torch.float32)
    with torch.no_grad():
        return model(torch.tensor(ids[None].astype(np.int64)), use_cache=False).logits[0].numpy()


class File:
    """Metadata and dequantised float64 tensors of a gguf file."""

    def __init__(self, path):
        self.reader = gguf.GGUFReader(str(path))
        self.tensors = {t.name: t for t in self.reader.tensors}

    def meta(self, key):
        return self.reader.fields[key].contents()

    def weight(self, name):
        t = self.tensors[name]
        return gguf.quants.dequantize(t.data, t.tensor_type).astype(np.float64)


def rms_norm(x, w, eps):
    return x / np.sqrt((x * x).mean(-1, keepdims=True) + eps) * w


def rope_interleaved(x, base):
    """x: (T, heads, d); rotates the pairs (2i, 2i+1), the layout of the llama architecture in gguf."""
    d = x.shape[-1]
    angle = np.arange(x.shape[0])[:, None] * base ** (-np.arange(0, d, 2) / d)
    cos, sin = np.cos(angle)[:, None], np.sin(angle)[:, None]
    out = np.empty_like(x)
    out[..., 0::2] = x[..., 0::2] * cos - x[..., 1::2] * sin
    out[..., 1::2] = x[..., 0::2] * sin + x[..., 1::2] * cos
    return out


def attention(q, k, v):
    """q: (T, heads, d), k and v: (T, kv_heads, d); causal."""
    k, v = (np.repeat(a, q.shape[1] // a.shape[1], axis=1) for a in (k, v))
    score = np.einsum("thd,shd->hts", q, k) / np.sqrt(q.shape[-1])
    score[:, np.triu(np.ones(score.shape[1:], dtype=bool), 1)] = -np.inf
    p = np.exp(score - score.max(-1, keepdims=True))
    return np.einsum("hts,shd->thd", p / p.sum(-1, keepdims=True), v).reshape(q.shape[0], -1)


def block(f, i, x, heads, kv_heads, base, eps):
    w = lambda name: f.weight(f"blk.{i}.{name}.weight")
    h = rms_norm(x, w("attn_norm"), eps)
    q, k, v = ((h @ w(n).T).reshape(len(x), c, -1)
               for n, c in (("attn_q", heads), ("attn_k", kv_heads), ("attn_v", kv_heads)))
    x = x + attention(rope_interleaved(q, base), rope_interleaved(k, base), v) @ w("attn_output").T
    h = rms_norm(x, w("ffn_norm"), eps)
    gate = h @ w("ffn_gate").T
    return x + (gate / (1 + np.exp(-gate)) * (h @ w("ffn_up").T)) @ w("ffn_down").T


def float64_logits(path, ids):
    """An independent forward in float64, straight from the file's tensors."""
    f = File(path)
    heads, kv_heads = f.meta("llama.attention.head_count"), f.meta("llama.attention.head_count_kv")
    eps, base = f.meta("llama.attention.layer_norm_rms_epsilon"), f.meta("llama.rope.freq_base")
    embedding = f.weight("token_embd.weight")
    x = embedding[ids]
    for i in range(f.meta("llama.block_count")):
        x = block(f, i, x, heads, kv_heads, base, eps)
    return rms_norm(x, f.weight("output_norm.weight"), eps) @ embedding.T


def nmse(a, b):
    return float(((a - b) ** 2).sum() / (b.astype(np.float64) ** 2).sum())


def sample_ids(rows, vocab):
    rng = np.random.default_rng(SEED)
    return np.stack([np.sort(rng.choice(vocab, IDS_PER_POSITION, replace=False)) for _ in range(rows)]).astype(np.int32)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--full", type=pathlib.Path)
    args = parser.parse_args()

    ids = tokenise(args.model)
    assert len(ids) == T, len(ids)
    logits = transformers_logits(args.model, ids)
    check = float64_logits(args.model, ids)
    error = nmse(logits, check)
    print(f"NMSE float32 (transformers) against float64 (own forward): {error:.3e}, "
          f"top-1 {(logits.argmax(1) == check.argmax(1)).mean():.4f}, largest difference {abs(logits - check).max():.3e}")
    assert error < MAX_NMSE, error

    vocab_ids = sample_ids(*logits.shape)
    np.save(args.out / "smollm2_tokens.npy", ids)
    np.save(args.out / "smollm2_vocab_ids.npy", vocab_ids)
    np.save(args.out / "smollm2_logits.npy", np.take_along_axis(logits, vocab_ids, 1))
    np.save(args.out / "smollm2_top1.npy", logits.argmax(1).astype(np.int32))
    if args.full:
        np.save(args.full, logits)


if __name__ == "__main__":
    main()
