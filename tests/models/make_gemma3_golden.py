#!/usr/bin/env python3
"""Makes the Gemma-3-270M Q4_K_M logits golden: transformers' float32 eager forward over the dequantised weights.

Usage: make_gemma3_golden.py MODEL.gguf OUT_DIR [--tokenize LLAMA_TOKENIZE] [--full FULL.npy]
Needs torch, transformers, gguf, numpy; the tests need none of them, they read the committed files. The token ids of TEXT
are those of llama.cpp's llama-tokenize (with BOS), or without --tokenize the committed ones.

Writes gemma3_{tokens,vocab_ids,logits,top1}.npy, as make_smollm2_golden.py does for its model.
"""
import argparse
import ast
import pathlib
import subprocess

import gguf
import numpy as np

from make_arch_golden import describe, to_transformers
from make_smollm2_golden import TEXT, sample_ids

T = 128


def tokenise(program, path):
    out = subprocess.run([program, "-m", str(path), "-p", TEXT, "--ids", "--log-disable"], check=True, capture_output=True,
                         text=True, stdin=subprocess.DEVNULL).stdout
    return np.array(ast.literal_eval(out.strip().splitlines()[-1])[:T], dtype=np.int32)


def configuration(reader):
    from transformers import Gemma3TextConfig

    meta = lambda key: reader.fields["gemma3." + key].contents()
    return Gemma3TextConfig(
        vocab_size=len(reader.fields["tokenizer.ggml.tokens"].contents()), hidden_size=meta("embedding_length"),
        intermediate_size=meta("feed_forward_length"), num_hidden_layers=meta("block_count"),
        num_attention_heads=meta("attention.head_count"), num_key_value_heads=meta("attention.head_count_kv"),
        head_dim=meta("attention.key_length"), query_pre_attn_scalar=meta("attention.key_length"),
        max_position_embeddings=meta("context_length"), rms_norm_eps=meta("attention.layer_norm_rms_epsilon"),
        sliding_window=meta("attention.sliding_window"),
        rope_parameters={"sliding_attention": {"rope_type": "default", "rope_theta": 10000.0},
                         "full_attention": {"rope_type": "default", "rope_theta": meta("rope.freq_base")}})


def exact_logits(path, ids):
    import torch
    from transformers import AutoModelForCausalLM

    reader = gguf.GGUFReader(str(path))
    config = configuration(reader)
    print("layers:", "".join(kind[0] for kind in config.layer_types), "(s slides, f sees everything)")
    model = AutoModelForCausalLM.from_config(config, attn_implementation="eager", dtype=torch.float32).eval()
    tensors = {t.name: t for t in reader.tensors}
    _, _, names = describe("gemma3", model)
    assert set(names.values()) == set(tensors), set(names.values()) ^ set(tensors)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            t = tensors[names[name]]
            w = gguf.quants.dequantize(t.data, t.tensor_type).reshape(tuple(parameter.shape))
            parameter.copy_(torch.from_numpy(np.ascontiguousarray(to_transformers("gemma3", config, t.name, w))))
        return model(torch.from_numpy(ids[None].astype(np.int64)), use_cache=False).logits[0].numpy()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--tokenize")
    parser.add_argument("--full", type=pathlib.Path)
    args = parser.parse_args()

    tokens = args.out / "gemma3_tokens.npy"
    ids = tokenise(args.tokenize, args.model) if args.tokenize else np.load(tokens)
    assert len(ids) == T, len(ids)
    logits = exact_logits(args.model, ids)
    vocab_ids = sample_ids(*logits.shape)
    np.save(tokens, ids)
    np.save(args.out / "gemma3_vocab_ids.npy", vocab_ids)
    np.save(args.out / "gemma3_logits.npy", np.take_along_axis(logits, vocab_ids, 1))
    np.save(args.out / "gemma3_top1.npy", logits.argmax(1).astype(np.int32))
    if args.full:
        np.save(args.full, logits)


if __name__ == "__main__":
    main()
