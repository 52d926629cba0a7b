#include "run/eta.h"

namespace landauer {

void EtaEstimator::learn(const std::vector<PhaseRecord>& phases) {
    for (const PhaseRecord& phase : phases) {
        const double seconds = static_cast<double>(phase.end_ns - phase.begin_ns) * 1e-9;
        if (phase.kind == PhaseKind::prefill) {
            prefill_s_ += seconds;
            prefill_tokens_ += phase.n_tokens;
        } else if (phase.kind == PhaseKind::decode) {
            decode_s_ += seconds;
            decode_tokens_ += phase.n_tokens;
        }
    }
}

double EtaEstimator::seconds(std::int64_t n_prompt, std::int64_t n_gen) const {
    if (prefill_tokens_ + decode_tokens_ == 0) {
        return -1.0;
    }
    // A phase not seen yet is taken to cost what the other does: a guess until it is seen.
    const double per_prefill = prefill_tokens_ > 0 ? prefill_s_ / static_cast<double>(prefill_tokens_)
                                                   : decode_s_ / static_cast<double>(decode_tokens_);
    const double per_decode = decode_tokens_ > 0 ? decode_s_ / static_cast<double>(decode_tokens_) : per_prefill;
    return per_prefill * static_cast<double>(n_prompt) + per_decode * static_cast<double>(n_gen);
}

}  // namespace landauer
