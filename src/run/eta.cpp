#include "run/eta.h"

namespace landauer {

void EtaEstimator::learn(const std::vector<PhaseRecord>& phases) {
    for (const PhaseRecord& phase : phases) {
        const double seconds = static_cast<double>(phase.end_ns - phase.begin_ns) * 1e-9;
        if (phase.kind == PhaseKind::prefill) {
            prefill_.s += seconds;
            prefill_.tokens += phase.n_tokens;
        } else if (phase.kind == PhaseKind::decode) {
            decode_.s += seconds;
            decode_.tokens += phase.n_tokens;
        } else if (phase.kind == PhaseKind::image_encode) {
            image_.s += seconds;
        } else if (phase.kind == PhaseKind::image_prefill) {
            image_.s += seconds;
            image_.tokens += phase.n_tokens;
        }
    }
}

double EtaEstimator::seconds(std::int64_t n_prompt, std::int64_t n_gen, std::int64_t n_image) const {
    if (!prefill_.known() && !decode_.known()) {
        return -1.0;
    }
    // A phase not seen yet is taken to cost what another does: a guess until it is seen.
    const double per_prefill = prefill_.known() ? prefill_.per_token() : decode_.per_token();
    const double per_decode = decode_.known() ? decode_.per_token() : per_prefill;
    const double per_image = image_.known() ? image_.per_token() : per_prefill;
    return per_prefill * static_cast<double>(n_prompt) + per_decode * static_cast<double>(n_gen) +
           per_image * static_cast<double>(n_image);
}

}  // namespace landauer
