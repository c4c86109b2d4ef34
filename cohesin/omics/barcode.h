#pragma once

#include <string>
#include <string_view>

namespace cohesin {

// TCGA barcodes (GDC encyclopedia, "TCGA Barcode"): TCGA-TSS-PATIENT[-SAMPLE VIAL[-...]], as in
// TCGA-02-0001-01C-01D-0182-01. The first 12 characters are the patient, the two digits after them
// the sample type.
bool is_tcga_barcode(std::string_view name);

// The grouping key of a sample: the first 12 characters of a TCGA barcode, else the name itself.
std::string patient_of(std::string_view sample);

// The tissue source site, the hospital or collection that gave the sample: characters 6 and 7 of a
// TCGA barcode; empty for other names.
std::string tissue_source_site_of(std::string_view sample);

// "Primary Tumor", "Solid Tissue Normal", ... or empty where the name does not say.
std::string sample_type_of(std::string_view sample);

// Whether a sample of type `type` is asked for by `wanted`: the same words in any case, or `tumor`
// (`tumour`) and `normal` for all types of that side.
bool sample_type_matches(std::string_view type, std::string_view wanted);

}  // namespace cohesin
