#pragma once

namespace cohesin {

// While one lives, stderr shows warnings and errors alone: for work of which only the outcome is
// told. The file of configure_log gets every line.
class ShowWarningsOnly {
 public:
  ShowWarningsOnly();
  ~ShowWarningsOnly();
  ShowWarningsOnly(const ShowWarningsOnly&) = delete;
  ShowWarningsOnly& operator=(const ShowWarningsOnly&) = delete;

 private:
  int level_before_;
};

}  // namespace cohesin
