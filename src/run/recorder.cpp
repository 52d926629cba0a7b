#include "run/recorder.h"

#include <algorithm>
#include <utility>

namespace landauer {
namespace {

bool is_requested(const MeterSources& sources, const MeterProbe& probe) {
    return std::any_of(sources.requests.begin(), sources.requests.end(), [&](const MeterRequest& request) {
        return request.name == probe.name && (probe.argument.empty() || request.argument == probe.argument);
    });
}

// A second instance of each meter that can be read in between; a device with one line to it has one only.
std::vector<std::unique_ptr<Meter>> edge_meters(const MeterSources& sources, const std::vector<MeterProbe>& probes) {
    std::vector<std::unique_ptr<Meter>> meters;
    for (const MeterProbe& probe : probes) {
        if (probe.meter && !(*probe.meter)->info().blocks) {
            if (auto meter = probe_meter(sources, {probe.name, probe.argument})) {
                meters.push_back(std::move(*meter));
            }
        }
    }
    return meters;
}

}  // namespace

std::vector<std::string> requested_names(const MeterSources& sources) {
    std::vector<std::string> names;
    names.reserve(sources.requests.size());
    for (const MeterRequest& request : sources.requests) {
        names.push_back(request.name);
    }
    return names;
}

Result<Recorder> Recorder::start(const MeterSources& sources, const SamplerOptions& options) {
    std::vector<MeterProbe> probes = probe_meters(sources);
    auto edges = std::make_unique<EdgeRecorder>(edge_meters(sources, probes));
    std::vector<std::unique_ptr<Meter>> meters;
    std::vector<std::string> names;
    for (MeterProbe& probe : probes) {
        if (probe.meter) {
            names.push_back(probe.name);
            meters.push_back(std::move(*probe.meter));
        } else if (is_requested(sources, probe)) {
            return tl::unexpected(probe.meter.error());
        }
    }
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
