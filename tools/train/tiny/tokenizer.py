# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the gst-regional authors
"""A byte pair encoding in the layout of CLIP's, learned from the captions.

Any CLIP tokenizer reads the folder: 256 bytes, 256 bytes that end a word, the
merges in the order they were learned, and the two special tokens.
"""

import collections
import json
import os
import re

BEGIN, END = "<|startoftext|>", "<|endoftext|>"
LENGTH = 77
_WORDS = re.compile(r"[a-z]+|[0-9]|[^\sa-z0-9]+")


def _byte_letters():
    """CLIP's printable letters for the 256 bytes, in its order."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    letters = [chr(byte) for byte in plain]
    other = [byte for byte in range(256) if byte not in plain]
    return letters + [chr(256 + i) for i, _ in enumerate(other)]


def learn(texts):
    """Merges until every word of the texts is one token.

    The most frequent pair comes first; of equally frequent ones the first in
    the alphabet, so that the result does not depend on anything else.
    """
    counts = collections.Counter(
        word for text in texts for word in _WORDS.findall(text.lower()))
    words = {(*word[:-1], word[-1] + "</w>"): count
             for word, count in counts.items()}
    merges = []
    while True:
        pairs = collections.Counter()
        for parts, count in words.items():
            for pair in zip(parts, parts[1:]):
                pairs[pair] += count
        if not pairs:
            return merges
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        merges.append(best)
        joined = collections.Counter()
        for parts, count in words.items():
            joined[_merge(parts, best)] += count
        words = joined


def _merge(parts, pair):
    merged, i = [], 0
    while i < len(parts):
        if parts[i:i + 2] == pair:
            merged.append(pair[0] + pair[1])
            i += 2
        else:
            merged.append(parts[i])
            i += 1
    return tuple(merged)


def write(folder, texts):
    """Learns from texts and writes a CLIPTokenizer's folder."""
    os.makedirs(folder, exist_ok=True)
    merges = learn(texts)
    letters = _byte_letters()
    tokens = letters + [letter + "</w>" for letter in letters]
    tokens += [a + b for a, b in merges] + [BEGIN, END]

    def save(name, content):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(content)

    save("vocab.json", json.dumps({t: i for i, t in enumerate(tokens)},
                                  ensure_ascii=False))
    save("merges.txt", "#version: 0.2\n"
         + "".join(f"{a} {b}\n" for a, b in merges))
    special = {"bos_token": BEGIN, "eos_token": END, "unk_token": END,
               "pad_token": END}
    save("special_tokens_map.json", json.dumps(special, indent=2) + "\n")
    save("tokenizer_config.json", json.dumps(
        {"add_prefix_space": False, **special, "do_lower_case": True,
         "errors": "replace", "model_max_length": LENGTH,
         "tokenizer_class": "CLIPTokenizer"}, indent=2) + "\n")


class Encoder:
    """Token ids of captions, the latest remembered."""

    MOST = 100000

    def __init__(self, folder):
        from transformers import CLIPTokenizer

        self.tokenizer = CLIPTokenizer.from_pretrained(folder)
        self.known = {}

    def __call__(self, text):
        if text not in self.known:
            if len(self.known) >= self.MOST:
                self.known.clear()
            self.known[text] = self.tokenizer(
                text, padding="max_length", max_length=LENGTH,
                truncation=True)["input_ids"]
        return self.known[text]

    def __len__(self):
        return len(self.tokenizer)
