#pragma once

#include "cohesin/metrics/scores.h"
#include "cohesin/stats/kaplan_meier.h"

namespace cohesin {

// The metrics of survival predictions, NaN where undefined. `uncensored` is estimated in other
// samples than these; nullptr = there are none, and what it weighs is NaN.
//   c_index, c_index_ipcw     Harrell's, and Uno's up to the last time that has a weight
//   auc_DAYS, brier_DAYS      at each horizon within the follow-up behind `uncensored`
//   integrated_brier_score    over the horizons, two at least
// and with cohorts, of either concordance:
//   c_index_macro             the mean over cohorts
//   c_index_weighted          the same, weighted by the samples of each
//   c_index:COHORT            within one
MetricValues score_survival(const SurvivalOutcomes& outcomes, const CensoringCurve* uncensored);

}  // namespace cohesin
