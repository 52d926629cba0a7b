// Everything that samples during a session: the sampler thread at its rate, and readings
// taken on the main thread exactly at the edges of trials and phases.
#pragma once

#include <landauer/error.h>
#include <landauer/sampler.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "run/edge_recorder.h"

namespace landauer {

// Of the meters that were asked for by name, in that order.
[[nodiscard]] std::vector<std::string> requested_names(const MeterSources& sources);

class Recorder {
   public:
    // Opens every readable meter for the thread, and those that do not block once more for the
    // edges. A meter that was requested and cannot be read is an error, its own.
    [[nodiscard]] static Result<Recorder> start(const MeterSources& sources, const SamplerOptions& options);

    // Reads every meter; returns the time they are stamped with: the trial's begin or end.
    std::int64_t edge_of_trial(Edge edge) { return edges_->record_all(edge); }
    // Reads the process's CPU time and the energy counters that are quick.
    void edge_of_phase() { edges_->record_phase(); }

    // Moves what was sampled since the last call onto the end of `into`; every reading
    // begun before the call is in it, so that a figure computed now stays as it is.
    void drain(Trace& into);
    void stop() { sampler_->stop(); }
    [[nodiscard]] SamplerStats stats() const { return sampler_->stats(); }
    // Names of the meters in use.
    [[nodiscard]] const std::vector<std::string>& meters() const { return meters_; }

   private:
    Recorder(std::unique_ptr<Sampler> sampler, std::unique_ptr<EdgeRecorder> edges, std::vector<std::string> meters)
        : sampler_(std::move(sampler)), edges_(std::move(edges)), meters_(std::move(meters)) {}

    std::unique_ptr<Sampler> sampler_;
    std::unique_ptr<EdgeRecorder> edges_;
    std::vector<std::string> meters_;
};

}  // namespace landauer
