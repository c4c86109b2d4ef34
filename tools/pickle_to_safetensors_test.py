"""What pickle_to_safetensors.py promises; skipped, and saying so, where PyTorch is not installed."""

import argparse
import collections
import json
import pathlib
import struct
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import pickle_to_safetensors as tool

torch = tool.torch


class Evil:
    def __reduce__(self):
        return (print, ("code of the file was run",))


def read(path):
    """(header, name -> bytes) of a safetensors file."""
    content = path.read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8:8 + length])
    data = content[8 + length:]
    tensors = {name: data[slice(*entry["data_offsets"])] for name, entry in header.items()
               if name != "__metadata__"}
    return header, tensors


@unittest.skipIf(torch is None, "PyTorch is not installed")
class PickleToSafetensors(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.out = self.folder / "w.safetensors"
        self.said = []

    def convert(self, content, name="w.pt", **options):
        torch.save(content, self.folder / name)
        tool.convert(self.folder / name, self.out, say=self.said.append, **options)
        return read(self.out)

    def test_values_of_every_dtype_arrive_bit_for_bit(self):
        values = torch.tensor([[1.5, -2.0, 0.25], [3.0, 0.0, -0.5]])
        weights = {"f": values, "d": values.double(), "h": values.half(), "b": values.bfloat16(),
                   "flag": values > 0, "count": torch.tensor(7), "none": torch.zeros(0, 4), "turned": values.t()}
        header, tensors = self.convert(weights)
        self.assertEqual(set(tensors), set(weights))
        self.assertEqual(tensors["f"], struct.pack("<6f", *values.flatten().tolist()))
        self.assertEqual(tensors["d"], struct.pack("<6d", *values.flatten().tolist()))
        self.assertEqual(tensors["h"], struct.pack("<6e", *values.flatten().tolist()))
        self.assertEqual(tensors["turned"], struct.pack("<6f", *values.t().flatten().tolist()))
        self.assertEqual(tensors["count"], struct.pack("<q", 7))
        self.assertEqual(header["b"]["dtype"], "BF16")
        self.assertEqual(header["count"]["shape"], [])
        self.assertEqual(header["turned"]["shape"], [3, 2])
        self.assertEqual(header["__metadata__"]["source"], "w.pt")
        self.assertEqual(header["__metadata__"]["source_sha256"], tool.sha256_of(self.folder / "w.pt"))

    def test_wrappers_are_taken_off_and_other_things_left_out_aloud(self):
        weights = collections.OrderedDict(a=torch.ones(2))
        for wrapped in ({"state_dict": weights, "epoch": 3}, {"model": weights}, {"model": {"state_dict": weights}},
                        dict(weights, step=4)):
            self.said.clear()
            self.assertEqual(list(self.convert(wrapped, force=True)[1]), ["a"])
        self.assertEqual(self.said, ["left out 'step': int, not a tensor"])

    def test_second_names_of_the_trunk_are_left_out_and_tied_weights_kept(self):
        shared, other, tied = torch.ones(3), torch.zeros(3), torch.full((2,), 5.0)
        _, tensors = self.convert({"_trunk.1.0.weight": shared, "stem.0.weight": shared, "_trunk.9.weight": other,
                                   "embed": tied, "decoder": tied})
        self.assertEqual(set(tensors), {"stem.0.weight", "_trunk.9.weight", "embed", "decoder"})
        self.assertEqual(tensors["embed"], tensors["decoder"])
        self.assertIn("left out 1 second names such as '_trunk.1.0.weight'", self.said)
        self.assertIn("written under each of its names: embed, decoder", self.said)

    def test_slices_of_one_storage_keep_their_own_values(self):
        whole = torch.arange(6.0)
        _, tensors = self.convert({"first": whole[:3], "last": whole[3:], "_trunk.x": whole[1:4]})
        self.assertEqual(tensors["first"], struct.pack("<3f", 0, 1, 2))
        self.assertEqual(tensors["last"], struct.pack("<3f", 3, 4, 5))
        self.assertEqual(tensors["_trunk.x"], struct.pack("<3f", 1, 2, 3))

    def test_fair_esm_files_with_settings_and_contact_regression(self):
        content = {"args": argparse.Namespace(layers=1), "cfg": {"model": argparse.Namespace(layers=1)},
                   "model": {"encoder.sentence_encoder.embed_tokens.weight": torch.ones(2),
                             "encoder.lm_head.bias": torch.zeros(2)}}
        contact = self.folder / "contact.pt"
        torch.save({"model": {"contact_head.regression.weight": torch.ones(1, 4)}}, contact)
        _, tensors = self.convert(content, regression=contact)
        self.assertEqual(set(tensors), {"embed_tokens.weight", "lm_head.bias", "contact_head.regression.weight"})

    def test_a_bare_tensor_is_named_as_its_file(self):
        self.assertEqual(list(self.convert(torch.ones(3), name="tf_gammas.pt")[1]), ["tf_gammas"])

    def test_shards_become_one_file(self):
        torch.save({"a": torch.ones(1)}, self.folder / "p-1.bin")
        torch.save({"b": torch.ones(1)}, self.folder / "p-2.bin")
        index = self.folder / "pytorch_model.bin.index.json"
        index.write_text(json.dumps({"weight_map": {"a": "p-1.bin", "b": "p-2.bin"}}))
        tool.convert(index, self.out, say=self.said.append)
        self.assertEqual(set(read(self.out)[1]), {"a", "b"})
        index.write_text(json.dumps({"weight_map": {"a": "../p-1.bin"}}))
        with self.assertRaisesRegex(tool.Fault, "not inside its folder"):
            tool.convert(index, self.out, force=True)

    def test_code_inside_is_refused(self):
        with self.assertRaisesRegex(tool.Fault, "code inside is not run"):
            self.convert({"a": torch.ones(1), "evil": Evil()})
        self.assertFalse(self.out.exists())

    def test_faults_are_told_and_leave_no_file(self):
        (self.folder / "text.bin").write_text("hello")
        for name, reason in (("absent.bin", "no such file"), ("text.bin", "cannot be loaded")):
            with self.assertRaisesRegex(tool.Fault, reason):
                tool.convert(self.folder / name, self.out)
        with self.assertRaisesRegex(tool.Fault, "holds no tensor"):
            self.convert({"epoch": 3})
        with self.assertRaisesRegex(tool.Fault, "complex64"):
            self.convert({"a": torch.ones(2, dtype=torch.complex64)})
        with self.assertRaisesRegex(tool.Fault, "end in .safetensors"):
            tool.convert(self.folder / "w.pt", self.folder / "w.bin")
        self.assertEqual(sorted(path.suffix for path in self.folder.iterdir()), [".bin", ".pt"])

    def test_an_output_that_exists_needs_force(self):
        self.convert({"a": torch.ones(1)})
        with self.assertRaisesRegex(tool.Fault, "--force"):
            self.convert({"b": torch.ones(1)})
        self.assertEqual(list(read(self.out)[1]), ["a"])
        self.assertEqual(list(self.convert({"b": torch.ones(1)}, force=True)[1]), ["b"])


if __name__ == "__main__":
    unittest.main()
