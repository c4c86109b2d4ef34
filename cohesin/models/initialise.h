#pragma once

#include <torch/nn/module.h>

#include <cstdint>
#include <string>
#include <vector>

namespace cohesin {

class Model;

// Distributions of a fresh parameter. fan_in = inputs that reach one output. Truncated normals are
// cut at two sigmas and their sigma is not corrected for it, as in Haiku.
enum class Initialisation {
  zeros,
  ones,
  table,              // truncated normal, sigma 1
  small,              // truncated normal, sigma 0.02
  fan_in,             // truncated normal, sigma 1/sqrt(fan_in); weight [out,in] or [out,in,k]
  fan_in_transposed,  // the same; weight [in,out,k]
  he_uniform,         // uniform, limit sqrt(6/fan_in); a vector's fan is its length
  twice_identity,     // weight [n,n]
};

// Regular expressions over parameter names; the first that matches the whole name counts.
struct InitialisationRow {
  std::string name;
  Initialisation distribution;
};
using InitialisationRows = std::vector<InitialisationRow>;

// Fills every parameter. Each draws from a stream of its own, made of seed and name: the numbers
// depend neither on threads nor on the device nor on the other parameters.
void initialise(torch::nn::Module& module, const InitialisationRows& rows, uint64_t seed);
void initialise(Model& model, uint64_t seed);

}  // namespace cohesin
