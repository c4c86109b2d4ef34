#include "cohesin/run/run_options.h"

#include "cohesin/base/error.h"

namespace cohesin {

void check_device(const std::string& device) {
  if (device == "auto" || device == "cpu") return;
  if (device.rfind("cuda", 0) == 0)
    throw Error("--device {}: this build has no CUDA; use --device cpu", device);
  throw Error("--device {}: expected auto, cpu, cuda or cuda:N", device);
}

}  // namespace cohesin
