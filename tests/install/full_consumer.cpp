#include <cohesin/base/run_record.h>
#include <cohesin/models/model_registry.h>
#include <cohesin/tensor/batch.h>

#include <iostream>

int main() {
  std::cout << "cohesin " << cohesin::version() << ", models:";
  for (const auto& entry : cohesin::model_registry()) std::cout << " " << entry.name;
  std::cout << "\n";
}
