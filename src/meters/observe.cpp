#include "meters/observe.h"

#include <algorithm>
#include <cmath>

namespace landauer {
namespace {

constexpr double kNs = 1e-9;
constexpr double kWithoutPause_s = 0.2;
constexpr std::int64_t kPause_ns = 10'000'000;
constexpr std::size_t kFewestPeriods = 3;

double at_quantile(std::vector<double>& values, double p) {
    if (values.empty()) {
        return 0.0;
    }
    const auto at = static_cast<std::size_t>(std::lround(p * static_cast<double>(values.size() - 1)));
    std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(at), values.end());
    return values[at];
}

class Watcher {
   public:
    Watcher(Meter& meter, double seconds, Clock& clock)
        : meter_(meter),
          clock_(clock),
          end_ns_(clock.now_ns() + static_cast<std::int64_t>(seconds / kNs)),
          dense_until_ns_(clock.now_ns() + static_cast<std::int64_t>(std::min(seconds, kWithoutPause_s) / kNs)),
          values_(meter.info().channels.size()) {
        const std::size_t n = values_.size();
        channels_.resize(n);
        out_.channels.resize(n);
        for (const Channel& channel : meter.info().channels) {
            out_.trace.series.push_back({channel, {}, {}});
        }
    }

    MeterWatch watch() {
        do {
            const std::int64_t t_ns = read();
            wait(t_ns);
        } while (clock_.now_ns() < end_ns_);
        for (std::size_t i = 0; i < channels_.size(); ++i) {
            std::vector<double>& periods_s = channels_[i].periods_s;
            out_.channels[i].period_s = periods_s.size() < kFewestPeriods ? 0.0 : at_quantile(periods_s, 0.5);
        }
        out_.read_p50_s = at_quantile(latencies_, 0.5);
        out_.read_p99_s = at_quantile(latencies_, 0.99);
        return std::move(out_);
    }

   private:
    std::int64_t read() {
        std::fill(values_.begin(), values_.end(), kMissing);
        const std::int64_t before_ns = clock_.now_ns();
        meter_.read(values_);
        const std::int64_t after_ns = clock_.now_ns();
        latencies_.push_back(static_cast<double>(after_ns - before_ns) * kNs);
        ++out_.n_reads;
        const std::int64_t t_ns = before_ns + (after_ns - before_ns) / 2;
        note(t_ns);
        return t_ns;
    }

    void note(std::int64_t t_ns) {
        const bool keep = kept_ns_ == 0 || t_ns - kept_ns_ >= kPause_ns / 2;
        for (std::size_t i = 0; i < values_.size(); ++i) {
            if (values_[i] == kMissing) {
                ++out_.channels[i].n_missing;
                continue;
            }
            Seen& seen = channels_[i];
            if (seen.last != kMissing && values_[i] != seen.last) {
                ++out_.channels[i].n_published;
                if (seen.changed_ns != 0) {
                    seen.periods_s.push_back(static_cast<double>(t_ns - seen.changed_ns) * kNs);
                }
                seen.changed_ns = t_ns;
            }
            seen.last = values_[i];
            if (keep) {
                out_.trace.series[i].t_ns.push_back(t_ns);
                out_.trace.series[i].raw.push_back(values_[i]);
            }
        }
        kept_ns_ = keep ? t_ns : kept_ns_;
    }

    void wait(std::int64_t t_ns) {
        if (meter_.info().blocks) {
            clock_.sleep_until(std::min(end_ns_, t_ns + static_cast<std::int64_t>(meter_.info().period_s / kNs)));
        } else if (t_ns >= dense_until_ns_) {
            clock_.sleep_until(std::min(end_ns_, t_ns + kPause_ns));
        }
    }

    Meter& meter_;
    Clock& clock_;
    std::int64_t end_ns_;
    std::int64_t dense_until_ns_;
    std::int64_t kept_ns_ = 0;
    struct Seen {
        std::int64_t last = kMissing;
        std::int64_t changed_ns = 0;
        std::vector<double> periods_s;
    };
    std::vector<std::int64_t> values_;
    std::vector<Seen> channels_;
    std::vector<double> latencies_;
    MeterWatch out_;
};

}  // namespace

MeterWatch watch_meter(Meter& meter, double seconds, Clock& clock) { return Watcher(meter, seconds, clock).watch(); }

}  // namespace landauer
