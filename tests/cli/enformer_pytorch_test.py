"""What we export of an Enformer, `enformer-pytorch` reads to the same numbers. Skipped where it is not installed.
Usage: enformer_pytorch_test.py COHESIN_BINARY"""

import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "golden" / "enformer_tiny"


def main(binary):
    try:
        import torch
        from enformer_pytorch import Enformer
        from safetensors.torch import load_file
    except ImportError as missing:
        print(f"skipped: {missing}")
        return 77
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)

        def run(*words):
            subprocess.run([binary, *map(str, words)], check=True, capture_output=True)

        run("convert", "--model", "enformer", "--config", GOLDEN / "config.json", "--weights",
            GOLDEN / "weights.safetensors", "--out", folder / "ours")
        run("convert", "--checkpoint", folder / "ours", "--export", "huggingface", "--out", folder / "w.safetensors")
        theirs = Enformer.from_hparams(**json.loads((GOLDEN / "config.json").read_text())).eval()
        missing, unexpected = theirs.load_state_dict(load_file(folder / "w.safetensors"), strict=False)
        # The trunk stands twice in their module, under one storage.
        if unexpected or not all(key.startswith("_trunk.") for key in missing):
            raise AssertionError(f"missing {missing}, unexpected {unexpected}")
        io = load_file(GOLDEN / "io.safetensors")
        with torch.no_grad():
            outputs, embeddings = theirs(io["in.indices"], return_embeddings=True)
        for key, value, tolerance in (("out.embeddings", embeddings, 3e-5), ("out.human", outputs["human"], 5e-6),
                                      ("out.mouse", outputs["mouse"], 7e-6)):
            worst = (value - io[key]).abs().max().item()
            if worst > tolerance:
                raise AssertionError(f"{key} differs by {worst}")
    print("the same numbers")
    return 0


if __name__ == "__main__":
    sys.exit(main(str(pathlib.Path(sys.argv[1]).resolve())))
