#include "run/recorder.h"

#include <utility>

namespace landauer {
namespace {

std::vector<std::unique_ptr<Meter>> readable_meters(const std::filesystem::path& root) {
    std::vector<std::unique_ptr<Meter>> meters;
    for (MeterProbe& probe : probe_meters(root)) {
        if (probe.meter) {
            meters.push_back(std::move(*probe.meter));
        }
    }
    return meters;
}

}  // namespace

Result<Recorder> Recorder::start(const std::filesystem::path& root, const SamplerOptions& options) {
    auto meters = readable_meters(root);
    std::vector<std::string> names;
    names.reserve(meters.size());
    for (const auto& meter : meters) {
        names.push_back(meter->info().name);
    }
    auto edges = std::make_unique<EdgeRecorder>(readable_meters(root));
    auto sampler = Sampler::start(std::move(meters), options);
    if (!sampler) {
        return tl::unexpected(sampler.error());
    }
    return Recorder(std::move(*sampler), std::move(edges), std::move(names));
}

void Recorder::drain(Trace& into) {
    sampler_->drain(into);
    edges_->drain(into);
}

}  // namespace landauer
