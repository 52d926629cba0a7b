#include "cli/meter_options.h"

#include <algorithm>

namespace landauer {
namespace {

constexpr const char* kNone = "none";

// Another root has its own files and no kernel of its own.
Result<int> no_perf(std::uint32_t /*type*/, std::uint64_t /*config*/, int /*cpu*/) {
    return fail(ErrorKind::Absent, "A copied system root has no performance counters.",
                "Run landauer on the machine itself.");
}

}  // namespace

void add_meter_option(CLI::App& command, MeterOptions& options) {
    command
        .add_option("--meter", options.meters,
                    "Energy meter to use: NAME or NAME:ARGUMENT, none for no joules; several are reported side by side")
        ->type_name("METER")
        ->allow_extra_args(false);
}

bool wants_no_joules(const MeterOptions& options) {
    return std::find(options.meters.begin(), options.meters.end(), kNone) != options.meters.end();
}

Result<MeterSources> meter_sources(const MeterOptions& options, const std::filesystem::path& root) {
    MeterSources sources;
    sources.root = root;
    if (root != "/") {
        sources.open_perf = no_perf;
    }
    if (wants_no_joules(options)) {
        if (options.meters.size() > 1) {
            return fail(ErrorKind::Invalid, "--meter none stands beside other meters.",
                        "Leave out none, or the others.");
        }
        return sources;
    }
    for (const std::string& text : options.meters) {
        auto request = meter_request_from(text);
        if (!request) {
            return tl::unexpected(request.error());
        }
        sources.requests.push_back(std::move(*request));
    }
    return sources;
}

std::vector<std::string> meter_names(const MeterOptions& options) {
    std::vector<std::string> names;
    names.reserve(options.meters.size());
    for (const std::string& text : options.meters) {
        names.push_back(text.substr(0, text.find(':')));
    }
    return names;
}

}  // namespace landauer
