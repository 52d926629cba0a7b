#include "cli/joules_setup.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/meters_view.h"

namespace landauer {
namespace {

constexpr const char* kWhatHelps =
    "landauer meters says what would give them: a permission, a smart plug or USB meter (--meter plug-shelly:HOST), a "
    "recording attached afterwards (landauer runs attach), or stated watts (--meter estimate:idle=W,load=W).";

// The error of a meter that was named and cannot be read.
Result<void> check_named(const MeterSources& sources, const MetersView& view) {
    for (const MeterProbe& probe : view.probes) {
        const bool named = std::any_of(sources.requests.begin(), sources.requests.end(),
                                       [&](const MeterRequest& request) { return request.name == probe.name; });
        if (named && !probe.meter) {
            return tl::unexpected(probe.meter.error());
        }
    }
    return {};
}

std::string denied_meters(const MetersView& view) {
    std::string names;
    for (const MeterProbe& probe : view.probes) {
        if (!probe.meter && probe.meter.error().kind == ErrorKind::Denied) {
            names += (names.empty() ? "" : ", ") + probe.name;
        }
    }
    return names;
}

std::string unused(const MetersView& view) {
    std::string rails;
    for (std::size_t c = 0; c < view.candidates.size(); ++c) {
        const Channel& channel = view.candidates[c].channel;
        rails += fmt::format("{}{} ({}): {}", rails.empty() ? "" : "; ", channel.name, channel.meter,
                             view.choice.verdicts[c].why);
    }
    return rails;
}

Caveat no_joules(const MetersView& view) {
    const std::string denied = denied_meters(view);
    if (!denied.empty()) {
        return {
            "energy-denied", Severity::warning,
            fmt::format("This machine has an energy meter that may not be read ({}), so there are no joules.", denied),
            "landauer meters --grant prints the exact command, and what it opens."};
    }
    if (!view.candidates.empty()) {
        return {"energy-unused", Severity::warning,
                fmt::format("There is an energy meter but none that fits, so there are no joules: {}.", unused(view)),
                "landauer meters --explain says more; name a meter to use it all the same (--meter)."};
    }
    return {"no-energy-meter", Severity::note, "This machine shows no energy meter, so there are no joules.",
            kWhatHelps};
}

Caveat estimated(const MetersView& view) {
    return {"energy-estimated", Severity::warning,
            fmt::format("These joules are an estimate: {}, from stated watts and CPU use; nothing measured them.",
                        view.choice.covers),
            "Use a meter; --strict refuses estimates."};
}

}  // namespace

Result<JoulesSetup> set_up_joules(const MeterOptions& options, bool strict, const std::filesystem::path& root) {
    auto sources = meter_sources(options, root);
    if (!sources) {
        return tl::unexpected(sources.error());
    }
    JoulesSetup setup;
    setup.sources = std::move(*sources);
    if (wants_no_joules(options)) {
        return setup;
    }
    const MetersView view = view_meters(setup.sources, 0.0, meter_names(options));
    if (auto named = check_named(setup.sources, view); !named) {
        return tl::unexpected(named.error());
    }
    if (view.choice.empty()) {
        setup.caveats.push_back(no_joules(view));
    } else if (view.choice.provenance == Provenance::modelled) {
        setup.caveats.push_back(estimated(view));
    }
    if (strict && !setup.caveats.empty()) {
        return fail(ErrorKind::Refused, setup.caveats.front().sentence,
                    setup.caveats.front().remedy + " With --meter none, --strict asks for no joules.");
    }
    return setup;
}

}  // namespace landauer
