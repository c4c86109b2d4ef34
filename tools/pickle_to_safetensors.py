#!/usr/bin/env python3
"""Makes safetensors, which can be read without running code, of a PyTorch file of weights.

Usage: tools/pickle_to_safetensors.py INPUT OUTPUT.safetensors [--regression FILE] [--force]

Needs Python with PyTorch 2.4 or later (`pip install torch`) and nothing else; Cohesin itself does
not need it. INPUT is a .bin, .pt, .pth or .ckpt file, or the index of a sharded one
(pytorch_model.bin.index.json). It is loaded with weights_only=True: code inside is refused.

- {"state_dict": ...}, {"model": ...} and {"model_state_dict": ...} around the tensors are taken off.
- fair-esm's .pt: the prefixes `encoder.sentence_encoder.` and `encoder.` are taken off, as fair-esm
  does itself; --regression adds the tensors of the contact head's file.
- `_trunk.*` names of enformer-pytorch that are second names of the same tensors are left out.
  Other tensors with two names (tied weights) are written under both.
- A file that is one bare tensor (tf_gammas.pt) becomes a tensor named as the file is.
"""

import argparse
import ctypes
import hashlib
import json
import os
import pathlib
import re
import sys

try:
    import torch
except ImportError:
    torch = None

WRAPPERS = ("state_dict", "model", "model_state_dict")
FAIR_ESM = "encoder.sentence_encoder."
TWIN = "_trunk."
DTYPES = {"float64": "F64", "float32": "F32", "float16": "F16", "bfloat16": "BF16", "int64": "I64",
          "int32": "I32", "int16": "I16", "int8": "I8", "uint8": "U8", "bool": "BOOL"}


class Fault(Exception):
    """Something that the user is told in one line."""


def load(path):
    """What the file holds, with no code of it run."""
    if not path.is_file():
        raise Fault(f"{path}: there is no such file")
    # fair-esm's files hold their settings as a Namespace, which is plain data.
    torch.serialization.add_safe_globals([argparse.Namespace])
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # what torch raises differs between its versions
        reason = str(error).strip().splitlines()
        raise Fault(f"{path}: cannot be loaded as weights alone, and code inside is not run: "
                    f"{reason[0] if reason else type(error).__name__}") from error


def tensors_of(path, say):
    """name -> tensor of one file."""
    found = load(path)
    if isinstance(found, torch.Tensor):
        return {path.stem: found}
    while isinstance(found, dict):
        inner = [key for key in WRAPPERS if isinstance(found.get(key), dict)]
        if not inner or any(isinstance(value, torch.Tensor) for value in found.values()):
            break
        found = found[inner[0]]
    if not isinstance(found, dict):
        raise Fault(f"{path}: holds {type(found).__name__}; expected tensors by name")
    tensors = {}
    for name, value in found.items():
        if isinstance(value, torch.Tensor):
            tensors[str(name)] = value.detach()
        else:
            say(f"left out '{name}': {type(value).__name__}, not a tensor")
    if not tensors:
        raise Fault(f"{path}: holds no tensor at its top; keys: {', '.join(map(str, list(found)[:8]))}")
    return tensors


def shards_of(index):
    """The files that an index names, in order."""
    try:
        names = sorted(set(json.loads(index.read_text())["weight_map"].values()))
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise Fault(f"{index}: is no index of shards (an object with 'weight_map')") from error
    for name in names:
        if os.path.isabs(name) or ".." in pathlib.PurePath(name).parts:
            raise Fault(f"{index}: the shard '{name}' is not inside its folder")
    return [index.parent / name for name in names]


def read_all(path, say):
    """(name -> tensor, files that were read)."""
    files = shards_of(path) if path.suffix == ".json" else [path]
    tensors = {}
    for file in files:
        for name, tensor in tensors_of(file, say).items():
            if name in tensors:
                raise Fault(f"{file}: the tensor '{name}' is also in another file")
            tensors[name] = tensor
    return tensors, files


def without_fair_esm_prefix(tensors, say):
    if not any(name.startswith(FAIR_ESM) for name in tensors):
        return tensors
    say("fair-esm's prefixes are taken off the names")
    return {re.sub(r"^(encoder\.sentence_encoder\.|encoder\.)", "", name): tensor
            for name, tensor in tensors.items()}


def place_of(tensor):
    """Equal for two names of the same numbers in memory."""
    return (tensor.untyped_storage().data_ptr(), tensor.storage_offset(), tuple(tensor.shape),
            tensor.stride(), tensor.dtype)


def without_twins(tensors, say):
    """Leaves out _trunk.* names of tensors that have another name too, and says what is tied."""
    plain = {}
    for name, tensor in tensors.items():
        if not name.startswith(TWIN) and tensor.numel() > 0:
            plain.setdefault(place_of(tensor), []).append(name)
    twins = [name for name, tensor in tensors.items()
             if name.startswith(TWIN) and place_of(tensor) in plain]
    if twins:
        say(f"left out {len(twins)} second names such as '{twins[0]}'")
    for names in plain.values():
        if len(names) > 1:
            say(f"written under each of its names: {', '.join(names)}")
    return {name: tensor for name, tensor in tensors.items() if name not in set(twins)}


def bytes_of(tensor):
    """A buffer over a contiguous tensor, without numpy."""
    size = tensor.numel() * tensor.element_size()
    return (ctypes.c_char * size).from_address(tensor.data_ptr()) if size else b""


def write_safetensors(path, tensors, metadata):
    """The whole file or none: widest dtype first, then by name, so that every tensor is aligned."""
    header, offset = {"__metadata__": metadata}, 0
    order = sorted(tensors, key=lambda name: (-tensors[name].element_size(), name))
    for name in order:
        tensor = tensors[name]
        dtype = DTYPES.get(str(tensor.dtype).removeprefix("torch."))
        if dtype is None or tensor.layout != torch.strided:
            raise Fault(f"tensor '{name}' is {tensor.dtype}, {tensor.layout}, which safetensors does not have")
        size = tensor.numel() * tensor.element_size()
        header[name] = {"dtype": dtype, "shape": list(tensor.shape), "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    part = path.with_name(path.name + ".part")
    try:
        with open(part, "wb") as file:
            file.write(len(text).to_bytes(8, "little") + text)
            for name in order:
                contiguous = tensors[name].contiguous()  # held while its bytes are written
                file.write(bytes_of(contiguous))
        os.replace(part, path)
    except OSError as error:
        raise Fault(f"{path}: cannot be written: {error}") from error
    finally:
        part.unlink(missing_ok=True)


def sha256_of(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def convert(source, target, regression=None, force=False, say=print):
    """Writes `target`; returns its number of tensors."""
    if target.suffix != ".safetensors":
        raise Fault(f"{target}: the output's name must end in .safetensors")
    if target.exists() and not force:
        raise Fault(f"{target}: exists; choose another name, or replace it with --force")
    tensors, files = read_all(source, say)
    tensors = without_twins(without_fair_esm_prefix(tensors, say), say)
    if regression is not None:
        for name, tensor in tensors_of(regression, say).items():
            if name in tensors:
                raise Fault(f"{regression}: the tensor '{name}' is also in {source}")
            tensors[name] = tensor
        files = files + [regression]
    metadata = {"format": "pt", "source": ", ".join(file.name for file in files),
                "source_sha256": ", ".join(sha256_of(file) for file in files)}
    write_safetensors(target, tensors, metadata)
    return len(tensors)


def main(words=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("input", type=pathlib.Path)
    parser.add_argument("output", type=pathlib.Path)
    parser.add_argument("--regression", type=pathlib.Path, help="fair-esm's contact regression file")
    parser.add_argument("--force", action="store_true", help="replace the output")
    options = parser.parse_args(words)
    if torch is None:
        print("this tool needs PyTorch (pip install torch); Cohesin itself does not", file=sys.stderr)
        return 1
    try:
        count = convert(options.input, options.output, options.regression, options.force)
    except Fault as fault:
        print(fault, file=sys.stderr)
        return 1
    print(f"{options.output}: {count} tensors")
    return 0


if __name__ == "__main__":
    sys.exit(main())
