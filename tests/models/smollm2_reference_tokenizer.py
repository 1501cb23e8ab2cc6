"""SmolLM2's own tokenizer, built with the `tokenizers` package from the vocabulary and merges in its gguf file."""
import gguf
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

CONTROL = 3  # token type in the file


def load_tokenizer(path, parse_special=True):
    """What the model's tokenizer.json says: split every digit, then the GPT-2 pattern and byte-level BPE.

    transformers' own gguf loader leaves out the digit step, so it is not a reference for texts such as "a   1".
    """
    fields = gguf.GGUFReader(str(path)).fields
    meta = lambda key: fields["tokenizer.ggml." + key].contents()
    assert (meta("model"), meta("pre")) == ("gpt2", "smollm")
    tokens, types = meta("tokens"), meta("token_type")
    merges = [tuple(m.split(" ")) for m in meta("merges")]
    tokenizer = Tokenizer(models.BPE(vocab={t: i for i, t in enumerate(tokens)}, merges=merges))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Digits(individual_digits=True),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)])
    tokenizer.decoder = decoders.ByteLevel()
    if parse_special:
        tokenizer.add_special_tokens([
            AddedToken(t, special=True, normalized=False) for t, kind in zip(tokens, types) if kind == CONTROL])
    return tokenizer
