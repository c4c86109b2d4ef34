#include <cohesin/base/philox.h>
#include <cohesin/base/run_record.h>
#include <cohesin/omics/unit.h>

#include <iostream>

int main() {
  cohesin::RandomStream stream(1, "consumer");
  std::cout << "cohesin " << cohesin::version() << ", " << stream.below(100) << "\n";
}
