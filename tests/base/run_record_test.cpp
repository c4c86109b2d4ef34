#include "cohesin/base/run_record.h"

#include <csignal>
#include <functional>
#include <nlohmann/json.hpp>

#include "cohesin/base/error.h"
#include "cohesin/base/file.h"
#include "cohesin/base/interrupt.h"
#include "tests/testing.h"

namespace cohesin {
namespace {

nlohmann::json written(const RunRecord& record) {
  const testing::TempFolder folder;
  write_run_record(record, folder / "run.json");
  return nlohmann::json::parse(read_text(folder / "run.json"));
}

TEST(RunRecord, SaysHowTheRunCameAbout) {
  const testing::TempFolder folder;
  RunRecord record;
  record.config = R"({"task": {"name": "masked_lm"}})";
  record.seed = 7;
  record.device = "cpu";
  record.libraries["torch"] = "2.11.0";
  record.add_input(folder.write("cohort.tsv", "abc"));
  const auto json = written(record);
  EXPECT_EQ(json.at("version"), version());
  EXPECT_NE(json.at("command").at(0).get<std::string>().find("base_tests"), std::string::npos);
  EXPECT_EQ(json.at("config").at("task").at("name"), "masked_lm");
  EXPECT_EQ(json.at("seed"), 7);
  EXPECT_EQ(json.at("device"), "cpu");
  EXPECT_EQ(json.at("libraries").at("torch"), "2.11.0");
  EXPECT_EQ(json.at("inputs").at((folder / "cohort.tsv").string()),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(RunRecord, EndTimeComesWithTheOutcome) {
  RunRecord record;
  EXPECT_TRUE(written(record).at("end_time").is_null());
  record.outcome = "finished";
  const auto json = written(record);
  EXPECT_GE(json.at("end_time").get<std::string>(), json.at("start_time").get<std::string>());
}

std::string outcome_of(const std::function<void()>& work) {
  const testing::TempFolder folder;
  RunRecord record;
  try {
    run_recorded(record, folder / "run.json", work);
  } catch (const std::exception&) {
  }
  return nlohmann::json::parse(read_text(folder / "run.json")).at("outcome");
}

TEST(RunRecord, SaysHowTheRunEnded) {
  EXPECT_EQ(outcome_of([] {}), "finished");
  EXPECT_EQ(outcome_of([] { throw Error("no"); }), "failed");
  const auto interrupted = [] {
    std::raise(SIGTERM);
    stop_here_if_requested();
  };
  EXPECT_EQ(outcome_of(interrupted), "stopped by a signal");
}

TEST(RunRecord, GivesTheInputsOfAnEarlierRun) {
  const testing::TempFolder folder;
  RunRecord record;
  record.add_input(folder.write("a", "1"));
  run_recorded(record, folder / "run.json", [] {});
  EXPECT_EQ(recorded_inputs(folder / "run.json"), record.inputs);
  EXPECT_ERROR(recorded_inputs(folder.write("no.json", "[]")), "is no record of a run");
}

TEST(RunRecord, FoldersAreDigestedFileByFile) {
  const testing::TempFolder folder;
  folder.write("a/x", "1");
  folder.write("b", "2");
  RunRecord record;
  record.add_input(folder.path());
  EXPECT_EQ(record.inputs.size(), 2U);
  EXPECT_EQ(record.inputs.count((folder / "a/x").string()), 1U);
  EXPECT_ERROR(record.add_input(folder / "absent"), "absent': No such file");
}

}  // namespace
}  // namespace cohesin
