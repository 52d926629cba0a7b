#include "run/staircase.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <system_error>
#include <thread>
#include <vector>

#include "platform/thread_setup.h"

namespace landauer {
namespace {

constexpr std::int64_t kPollNs = 20'000'000;

// Lengths follow a Golomb ruler, whose marks have no distance twice: the pattern matches no shift of itself.
struct Step {
    double busy_s;
    double rest_s;
    bool high;
};
constexpr std::array kSteps = {Step{2.0, 1.0, true},  Step{1.0, 3.0, false}, Step{3.0, 2.0, true}, Step{1.5, 1.0, true},
                               Step{2.5, 4.0, false}, Step{1.0, 1.5, true},  Step{3.5, 2.0, true}};

// Threads that spin while they are told to.
class Spinners {
   public:
    Spinners() = default;
    Spinners(const Spinners&) = delete;
    Spinners& operator=(const Spinners&) = delete;
    Spinners(Spinners&&) = delete;
    Spinners& operator=(Spinners&&) = delete;
    ~Spinners() { stop(); }

    Result<void> start(int n_threads) {
        stopping_.store(false);
        const SignalsBlocked blocked;
        for (int i = 0; i < n_threads; ++i) {
            try {
                threads_.emplace_back([this] { spin(); });
            } catch (const std::system_error& error) {
                return fail(ErrorKind::Failed,
                            fmt::format("Could not start a thread for the staircase: {}.", error.code().message()),
                            "Raise the limit on threads (ulimit -u), or leave out --staircase.");
            }
        }
        return {};
    }
    void stop() {
        stopping_.store(true);
        for (std::thread& thread : threads_) {
            thread.join();
        }
        threads_.clear();
    }

   private:
    void spin() const noexcept {
        std::uint64_t x = 1;
        while (!stopping_.load(std::memory_order_relaxed)) {
            for (int i = 0; i < 1000; ++i) {
                x = x * 6364136223846793005ULL + 1442695040888963407ULL;
            }
            sink_.store(x, std::memory_order_relaxed);
        }
    }
    std::atomic<bool> stopping_{false};
    mutable std::atomic<std::uint64_t> sink_{0};
    std::vector<std::thread> threads_;
};

}  // namespace

double staircase_s(const StaircaseOptions& options) {
    double sum = 0.0;
    for (const Step& step : kSteps) {
        sum += step.busy_s + step.rest_s;
    }
    return sum * options.scale;
}

Result<void> run_staircase(const StaircaseOptions& options, const AbortPoll& abort,
                           const std::function<void(double fraction)>& progress, Clock& clock) {
    const std::int64_t begin_ns = clock.now_ns();
    const double whole_s = staircase_s(options);
    std::int64_t until_ns = begin_ns;
    // True when the wait came to its end.
    const auto wait = [&](double seconds) {
        until_ns += static_cast<std::int64_t>(seconds * options.scale * 1e9);
        while (clock.now_ns() < until_ns) {
            if (abort && abort()) {
                return false;
            }
            progress(std::min(1.0, static_cast<double>(clock.now_ns() - begin_ns) * 1e-9 / whole_s));
            clock.sleep_until(std::min(until_ns, clock.now_ns() + kPollNs));
        }
        return true;
    };
    Spinners spinners;
    for (const Step& step : kSteps) {
        if (auto started = spinners.start(step.high ? options.n_threads : std::max(1, options.n_threads / 2));
            !started) {
            return started;
        }
        const bool whole = wait(step.busy_s);
        spinners.stop();
        if (!whole || !wait(step.rest_s)) {
            return fail(ErrorKind::Interrupted, "Interrupted in the load staircase.", "");
        }
    }
    return {};
}

}  // namespace landauer
