"""The Nucleotide Transformer 2 in the `transformers` package: its EsmForMaskedLM with a gated feed-forward without
biases put in. For comparisons with that package (tests, benchmarks); needs torch."""

import torch


class GatedIntermediate(torch.nn.Module):
    """x -> SiLU(first half of x W) * second half."""

    def __init__(self, config):
        super().__init__()
        self.dense = torch.nn.Linear(config.hidden_size, 2 * config.intermediate_size, bias=False)

    def forward(self, x):
        first, second = self.dense(x).chunk(2, -1)
        return torch.nn.functional.silu(first) * second


def with_gates(model, config):
    for layer in model.esm.encoder.layer:
        layer.intermediate = GatedIntermediate(config)
        layer.output.dense = torch.nn.Linear(config.intermediate_size, config.hidden_size, bias=False)
    return model
