#pragma once

#include <functional>
#include <vector>

namespace cohesin {

// The value of a function at x; writes its gradient (same length).
using Objective =
    std::function<double(const std::vector<double>& x, std::vector<double>& gradient)>;

// Minimises a smooth convex function from `start` with limited-memory BFGS (Nocedal and Wright
// 2006, algorithm 7.4; ten pairs, backtracking). Ends when no entry of the gradient exceeds
// `tolerance`, or when rounding leaves no step that descends. Throws Error after `max_iterations`.
std::vector<double> minimize_lbfgs(const Objective& objective, std::vector<double> start,
                                   double tolerance, int max_iterations = 5000);

}  // namespace cohesin
