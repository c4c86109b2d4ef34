#pragma once

#include <filesystem>
#include <string>
#include <unordered_map>
#include <vector>

#include "cohesin/omics/findings.h"
#include "cohesin/omics/gene_list.h"
#include "cohesin/omics/multi_omics.h"
#include "cohesin/omics/probe_map.h"

namespace cohesin {

// What is asked of one omic.
struct ModalityRequest {
  struct File {
    std::filesystem::path path;
    std::string cohort;  // value of the column `cohort`, or empty
  };
  std::string name;
  std::vector<File> files;
  std::string unit;         // empty: what the file says, or the name promises
  std::string orientation;  // empty: samples-by-features
  std::string sample_type;
  std::filesystem::path sample_sheet;
  Duplicates duplicates = Duplicates::kError;
  bool union_of_features = false;  // files with different features: NaN where one lacks one
  const ProbeMap* probe_map = nullptr;
  const std::unordered_map<std::string, double>* length_bp = nullptr;
};

struct ModalityData {
  Modality modality;  // row_of is empty
  // What the files say of a sample, by its name.
  std::unordered_map<std::string, std::string> cohort_of, patient_of;
  Frame obs;  // columns beside the samples in h5ad and h5mu files
};

// Reads the files of one modality, each by its kind, in their stored unit and with the cohort's
// feature names, and puts their rows together.
ModalityData read_modality(const ModalityRequest& request, Findings& findings);

// The unit of a modality that states none: tpm for rnaseq, beta for methylation, else other.
std::string assumed_unit(const std::string& modality);

}  // namespace cohesin
