"""ESM-2 150M, Nucleotide Transformer v2 250M and Enformer beside the Python packages that people use, in one
run, on random weights of the published sizes. Prints seconds and ratios.

    python bench/sequence_models_bench.py BUILD_FOLDER WORK_FOLDER --proteins FASTA [--count 40] [--models esm2,nt,enformer]

Needs torch, transformers, safetensors; enformer-pytorch for `enformer`. BUILD_FOLDER has the benchmarks
(COHESIN_BUILD_BENCHMARKS=ON). The weights are made once in WORK_FOLDER.
"""

import argparse
import gzip
import pathlib
import random
import subprocess
import sys
import time

import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
from gated_esm import with_gates

ESM_WORDS = "<cls> <pad> <eos> <unk> L A G V S E R T I D P K Q N F Y M H W C X B U Z O . - <null_1> <mask>".split()


def esm_config(**changes):
    from transformers import EsmConfig
    keys = dict(max_position_embeddings=1026, position_embedding_type="rotary", layer_norm_eps=1e-5, pad_token_id=1,
                emb_layer_norm_before=False, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
    return EsmConfig(**{**keys, **changes})


def make(kind, folder):
    """The model, saved once; also returns it for the package's own run."""
    from transformers import EsmForMaskedLM
    torch.manual_seed(1)
    if kind == "esm2":
        config = esm_config(vocab_size=33, hidden_size=640, num_hidden_layers=30, num_attention_heads=20,
                            intermediate_size=2560, mask_token_id=32, token_dropout=True, tie_word_embeddings=True)
    else:
        config = esm_config(vocab_size=4107, hidden_size=768, num_hidden_layers=24, num_attention_heads=16,
                            intermediate_size=3072, mask_token_id=2, token_dropout=False, tie_word_embeddings=False,
                            max_position_embeddings=2050)
    config._attn_implementation = "sdpa"
    model = EsmForMaskedLM(config)
    if kind == "nt":
        with_gates(model, config)
    model = model.eval()
    if not (folder / "model.safetensors").exists():
        model.save_pretrained(folder)
    return model


def theirs(model, sequences, batch_size, by_length, dtype):
    """Seconds for the last hidden states, padded in batches as most people do it."""
    model = model.to(dtype)
    order = sorted(range(len(sequences)), key=lambda i: -len(sequences[i])) if by_length else range(len(sequences))
    order = list(order)

    def run(chosen):
        longest = max(len(sequences[i]) for i in chosen)
        ids = torch.ones(len(chosen), longest, dtype=torch.long)
        for row, i in enumerate(chosen):
            ids[row, :len(sequences[i])] = torch.tensor(sequences[i])
        model.esm(input_ids=ids, attention_mask=(ids != 1).long())

    with torch.inference_mode():
        run(order[-2:])
        start = time.perf_counter()
        for first in range(0, len(order), batch_size):
            run(order[first:first + batch_size])
        return time.perf_counter() - start


def ours(program, folder, fasta, precision):
    found = subprocess.run([program, folder, fasta, precision], check=True, capture_output=True, text=True).stdout.split()
    return float(found[0]), float(found[2])


def compare(name, times, mine):
    for label, seconds in times.items():
        print(f"{name}, package {label}: {seconds:.1f} s; " + ", ".join(
            f"ours {precision} {spent:.1f} s: {seconds / spent:.2f}x" for precision, (spent, _) in mine.items()), flush=True)
    print(f"{name}: ours peaks at {max(peak for _, peak in mine.values()):.2f} GB", flush=True)


def proteins(path, count):
    records, opener = [], gzip.open if path.endswith(".gz") else open
    for line in opener(path, "rt"):
        if line.startswith(">"):
            records.append("")
        else:
            records[-1] += line.strip()
    usable = [r.rstrip("*") for r in records if 0 < len(r.rstrip("*")) <= 1022]
    return random.Random(7).sample(usable, min(count, len(usable)))


def write_fasta(path, letters):
    path.write_text("".join(f">s{i}\n{text}\n" for i, text in enumerate(letters)))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("work", type=pathlib.Path)
    parser.add_argument("--proteins")
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--models", default="esm2,nt,enformer")
    given = parser.parse_args()
    given.work.mkdir(parents=True, exist_ok=True)
    program = f"{given.build}/bench/sequence_encoder_bench"
    wanted = given.models.split(",")
    if "esm2" in wanted:
        letters = proteins(given.proteins, given.count)
        fasta, folder = given.work / "proteins.fa", given.work / "esm2"
        write_fasta(fasta, letters)
        model = make("esm2", folder)
        ids = [[0] + [ESM_WORDS.index(c) for c in text] + [2] for text in letters]
        print(f"ESM-2 150M: {len(ids)} proteins, {sum(map(len, ids))} tokens, {torch.get_num_threads()} threads")
        mine = {p: ours(program, folder, fasta, p) for p in ("fp32", "bf16")}
        times = {"fp32, input order": theirs(model, ids, 8, False, torch.float32),
                 "fp32, by length": theirs(model, ids, 8, True, torch.float32),
                 "bf16, by length": theirs(model, ids, 8, True, torch.bfloat16)}
        compare("ESM-2 150M", times, mine)
    if "nt" in wanted:
        chance = random.Random(3)
        letters = ["".join(chance.choices("ACGT", k=2047 * 6)) for _ in range(max(2, given.count // 10))]
        fasta, folder = given.work / "dna.fa", given.work / "nt"
        write_fasta(fasta, letters)
        model = make("nt", folder)
        ids = [[3] + [chance.randrange(6, 4102) for _ in range(2047)] for _ in letters]
        mine = {p: ours(program, folder, fasta, p) for p in ("fp32", "bf16")}
        times = {"fp32": theirs(model, ids, 2, False, torch.float32), "bf16": theirs(model, ids, 2, False, torch.bfloat16)}
        compare("Nucleotide Transformer v2 250M, 2,048 tokens", times, mine)
    if "enformer" in wanted:
        from enformer_pytorch import Enformer
        model = Enformer.from_hparams(use_tf_gamma=False).eval()
        bases = torch.randint(0, 4, (1, 196608))
        with torch.inference_mode():
            model(bases)
            start = time.perf_counter()
            model(bases)
            spent = time.perf_counter() - start
        first = subprocess.run([f"{given.build}/bench/bf16_bench", "enformer"], check=True, capture_output=True,
                               text=True).stdout.splitlines()[0]
        print(f"Enformer, 196,608 bases: enformer-pytorch fp32 {spent:.1f} s; ours {first}")


if __name__ == "__main__":
    main()
