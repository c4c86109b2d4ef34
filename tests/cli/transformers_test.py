"""What we export, `transformers` reads to the same numbers, and a folder it saved is embedded to the same
rows. Skipped where torch and transformers are not installed. Usage: transformers_test.py COHESIN_BINARY"""

import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "golden"


def main(binary):
    try:
        import torch
        from safetensors.torch import load_file
        from transformers import EsmConfig, EsmForMaskedLM
        sys.path.insert(0, str(ROOT / "tools"))
        from gated_esm import with_gates
    except ImportError as missing:
        print(f"skipped: {missing}")
        return 77
    torch.set_num_threads(1)

    def run(*words):
        subprocess.run([binary, *map(str, words)], check=True, capture_output=True)

    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for model, case in (("esm2", "esm2_tiny"), ("nucleotide_transformer", "nt_v1_tiny"),
                            ("nucleotide_transformer", "nt_v2_tiny")):
            golden = GOLDEN / case
            run("convert", "--model", model, "--config", golden / "config.json", "--weights",
                golden / "weights.safetensors", "--out", folder / case)
            exported = folder / f"{case}.safetensors"
            run("convert", "--checkpoint", folder / case, "--export", "huggingface", "--out", exported)
            keys = json.loads((golden / "config.json").read_text())
            bias = keys.pop("add_bias_fnn", True)
            config = EsmConfig(**{k: v for k, v in keys.items() if k != "model_type"})
            theirs = EsmForMaskedLM(config).eval()
            if not bias:
                with_gates(theirs, config)
            missing, unexpected = theirs.load_state_dict(load_file(exported), strict=False)
            if not set(missing) <= {"lm_head.decoder.weight", "esm.rotary_embeddings.inv_freq",
                                    "esm.contact_head.regression.weight", "esm.contact_head.regression.bias"}:
                raise AssertionError(f"{case}: missing {missing}")
            if unexpected:
                raise AssertionError(f"{case}: unexpected {unexpected}")
            io = load_file(golden / "io.safetensors")
            with torch.no_grad():
                logits = theirs(input_ids=io["in.input_ids"], attention_mask=io["in.attention_mask"]).logits
            is_token = io["in.attention_mask"] == 1
            worst = (logits - io["out.logits"])[is_token].abs().max().item()
            if worst > 2e-4:
                raise AssertionError(f"{case}: logits differ by {worst}")
            if case != "esm2_tiny":
                continue
            theirs.save_pretrained(folder / "saved")
            (folder / "one.fa").write_text(">a\nMKTVRQ\n")
            run("embed", "--checkpoint", folder / "saved", "--fasta", folder / "one.fa", "--out", folder / "one.tsv")
            row = [float(x) for x in (folder / "one.tsv").read_text().splitlines()[1].split("\t")[1:]]
            with torch.no_grad():
                ids = torch.tensor([[0, 20, 15, 11, 7, 10, 16, 2]])
                states = theirs.esm(input_ids=ids, attention_mask=torch.ones_like(ids)).last_hidden_state
            worst = (states[0, 1:-1].mean(0) - torch.tensor(row)).abs().max().item()
            if worst > 3e-5:
                raise AssertionError(f"embedding differs by {worst}")
    print("the same numbers")
    return 0


if __name__ == "__main__":
    sys.exit(main(str(pathlib.Path(sys.argv[1]).resolve())))
