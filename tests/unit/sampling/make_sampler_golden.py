#!/usr/bin/env python3
"""Makes sampler_golden.json: what the sampler chain of a built llama.cpp leaves of small vocabularies.

    make_sampler_golden.py LIBLLAMA.so > sampler_golden.json

Each case has parameters, logits, the tokens accepted before, and the kept ids with their probabilities."""
import ctypes as c
import json
import random
import sys

OFF = {"top_k": 0, "typical": 1.0, "top_p": 1.0, "min_p": 0.0, "temperature": 1.0, "repeat_penalty": 1.0,
       "frequency_penalty": 0.0, "presence_penalty": 0.0, "repeat_last_n": 64}
DEFAULTS = {"top_k": 40, "top_p": 0.95, "min_p": 0.05, "temperature": 0.8}
CASES = [{"top_k": k} for k in (1, 3, 20)] + [{"typical": p} for p in (0.2, 0.5, 0.9, 0.99)]
CASES += [{"top_p": p} for p in (0.1, 0.5, 0.8, 0.95, 0.99)] + [{"min_p": p} for p in (0.01, 0.05, 0.3, 0.9)]
CASES += [{"temperature": t} for t in (0.3, 0.8, 2.0)] + [{"repeat_penalty": r} for r in (1.1, 1.5, 0.8)]
CASES += [{"frequency_penalty": 0.7}, {"presence_penalty": 1.3}, {"repeat_penalty": 1.3, "repeat_last_n": 5}]
CASES += [{"logit_bias": [[2, 4.0], [5, -3.0]]}, {"logit_bias": [[0, -50.0]], "repeat_penalty": 1.2}]
CASES += [DEFAULTS, {**DEFAULTS, "top_k": 10, "typical": 0.8, "repeat_penalty": 1.1, "presence_penalty": 0.5}]
CASES += [{"top_k": 8, "top_p": 0.7}, {"typical": 0.7, "min_p": 0.1}, {"top_p": 0.9, "min_p": 0.2, "temperature": 1.7}]


class Datum(c.Structure):
    _fields_ = [("id", c.c_int32), ("logit", c.c_float), ("p", c.c_float)]


class Data(c.Structure):
    _fields_ = [("data", c.POINTER(Datum)), ("size", c.c_size_t), ("selected", c.c_int64), ("sorted", c.c_bool)]


class Bias(c.Structure):
    _fields_ = [("token", c.c_int32), ("bias", c.c_float)]


def samplers(lib, p, n):
    """llama.cpp's default order; what is off there is left out here."""
    def make(name, *arguments):
        function = getattr(lib, "llama_sampler_init_" + name)
        function.restype = c.c_void_p
        return c.c_void_p(function(*arguments))
    f, keep = c.c_float, c.c_size_t(0)
    if "logit_bias" in p:
        biases = (Bias * len(p["logit_bias"]))(*[Bias(*b) for b in p["logit_bias"]])
        yield make("logit_bias", n, len(biases), biases)
    yield make("penalties", n, p["repeat_last_n"], f(p["repeat_penalty"]), f(p["frequency_penalty"]),
               f(p["presence_penalty"]))
    if p["top_k"]:
        yield make("top_k", p["top_k"])
    yield make("typical", f(p["typical"]), keep)
    yield make("top_p", f(p["top_p"]), keep)
    yield make("min_p", f(p["min_p"]), keep)
    yield make("temp", f(p["temperature"]))


def kept(lib, p, logits, accepted):
    entries = (Datum * len(logits))(*[Datum(i, x, 0) for i, x in enumerate(logits)])
    data = Data(c.cast(entries, c.POINTER(Datum)), len(logits), -1, False)
    for sampler in samplers(lib, p, len(logits)):
        for token in accepted:
            lib.llama_sampler_accept(sampler, token)
        lib.llama_sampler_apply(sampler, c.byref(data))
    lib.llama_sampler_init_dist.restype = c.c_void_p
    lib.llama_sampler_apply(c.c_void_p(lib.llama_sampler_init_dist(1)), c.byref(data))
    return sorted([data.data[i].id, round(data.data[i].p, 7)] for i in range(data.size))


def main():
    lib = c.CDLL(sys.argv[1])
    lib.llama_sampler_apply.argtypes = [c.c_void_p, c.c_void_p]
    lib.llama_sampler_accept.argtypes = [c.c_void_p, c.c_int32]
    draw = random.Random(5)
    for number in range(2 * len(CASES)):
        given = CASES[number % len(CASES)]
        p = {**OFF, **given}
        n = draw.choice([9, 24, 70])
        logits = [round(draw.gauss(0, 2.5), 3) for _ in range(n)]
        accepted = [draw.randrange(n) for _ in range(12)]
        case = {"params": p, "logits": logits, "accepted": accepted, "kept": kept(lib, p, logits, accepted)}
        print("[" if number == 0 else ",", json.dumps(case, separators=(",", ":")))
    print("]")


if __name__ == "__main__":
    main()
