#!/usr/bin/env python3
"""The promises of check_layers.py. Run: python3 tools/check_layers_test.py"""

import unittest

from check_layers import MAY_INCLUDE, faults_of_stems, faults_of_text


class CheckLayers(unittest.TestCase):
    def faults(self, path, include):
        return faults_of_text(path, f"#pragma once\n#include {include}\n")

    def test_include_down_the_table_is_fine(self):
        self.assertEqual(self.faults("cohesin/io/bed.cpp", '"cohesin/omics/table.h"'), [])
        self.assertEqual(self.faults("cohesin/run/fit.cpp", '"cohesin/train/train_loop.h"'), [])
        self.assertEqual(self.faults("cli/main.cpp", '"cohesin/run/score.h"'), [])
        self.assertEqual(self.faults("python/bindings/verbs.cpp", '"cohesin/run/score.h"'), [])

    def test_include_up_the_table_names_file_line_and_choice(self):
        self.assertEqual(
            self.faults("cohesin/omics/table.h", '"cohesin/io/h5ad.h"'),
            ["cohesin/omics/table.h:2: includes cohesin/io/h5ad.h: omics/ may include only omics, base"])

    def test_torch_stays_below_its_line(self):
        for header in ("<torch/torch.h>", "<ATen/core/Tensor.h>", "<c10/util/Half.h>"):
            self.assertTrue(self.faults("cohesin/encode/bins.cpp", header))
            self.assertEqual(self.faults("cohesin/nn/layers.cpp", header), [])

    def test_foreign_headers_stay_in_their_folder(self):
        self.assertTrue(self.faults("cohesin/omics/table.cpp", "<hdf5.h>"))
        self.assertTrue(self.faults("cohesin/metrics/auc.cpp", "<Eigen/Core>"))
        self.assertTrue(self.faults("cohesin/io/npy.cpp", "<boost/any.hpp>"))
        self.assertTrue(self.faults("cohesin/run/score.cpp", "<nanobind/nanobind.h>"))
        self.assertEqual(self.faults("cohesin/io/hdf5.h", "<hdf5.h>"), [])

    def test_heavy_headers_stay_out_of_headers(self):
        self.assertTrue(self.faults("cohesin/base/log.h", "<nlohmann/json.hpp>"))
        self.assertEqual(self.faults("cohesin/base/log.cpp", "<nlohmann/json.hpp>"), [])
        self.assertTrue(self.faults("cohesin/nn/layers.h", "<torch/torch.h>"))

    def test_models_keep_their_order(self):
        fusion = '"cohesin/models/fusion/mojo.h"'
        self.assertTrue(self.faults("cohesin/models/encoders/bert.cpp", fusion))
        self.assertTrue(self.faults("cohesin/models/heads.cpp", fusion))
        self.assertEqual(self.faults("cohesin/models/model_registry.cpp", fusion), [])

    def test_local_names_and_unknown_folders_are_faults(self):
        self.assertTrue(self.faults("cohesin/io/npy.cpp", '"npy.h"'))
        self.assertTrue(self.faults("cohesin/utils/things.cpp", "<string>"))

    def test_stems_are_unique(self):
        self.assertEqual(faults_of_stems(["cohesin/io/bed.h", "cohesin/io/bed.cpp"]), [])
        self.assertTrue(faults_of_stems(["cohesin/io/bed.h", "cohesin/run/bed.cpp"]))

    def test_table_has_no_cycle(self):
        folders = list(MAY_INCLUDE)
        for folder, others in MAY_INCLUDE.items():
            for other in others:
                self.assertLess(folders.index(other), folders.index(folder) + (folder == other))


if __name__ == "__main__":
    unittest.main()
