#include "compress/machine_costs.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/clock.h"
#include "platform/cache_size.h"
#include "platform/files.h"
#include "platform/machine_facts.h"
#include "platform/sha256.h"

namespace landauer {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::size_t kMostFileBytes = 4U << 20U;
constexpr const char* kFormat = "landauer-costs";

json points_json(const std::vector<CostPoint>& points) {
    json out = json::array();
    for (const CostPoint& point : points) {
        out.push_back(
            {{"width", point.width}, {"decode_s", point.seconds.decode}, {"prefill_s", point.seconds.prefill}});
    }
    return out;
}

// Throws json::exception.
std::vector<CostPoint> points_of(const json& entry) {
    std::vector<CostPoint> out;
    for (const json& point : entry.at("points")) {
        out.push_back({point.at("width"), {point.at("decode_s"), point.at("prefill_s")}});
    }
    return out;
}

json times_json(const MachineCosts& costs) {
    json lines = json::array();
    for (const CostLine& line : costs.table.lines) {
        lines.push_back({{"type", line.type},
                         {"by_rows", line.by_rows},
                         {"fixed", line.fixed},
                         {"points", points_json(line.points)}});
    }
    json chains = json::array();
    for (const ChainLine& line : costs.table.chains) {
        chains.push_back(
            {{"type", line.type}, {"rows", line.rows}, {"cols", line.cols}, {"points", points_json(line.points)}});
    }
    return {{"format", kFormat},
            {"version", kCostsVersion},
            {"key", costs.key},
            {"lines", std::move(lines)},
            {"chains", std::move(chains)},
            {"head_s", costs.table.head_seconds},
            {"spread", costs.table.spread},
            {"passes",
             {{"depth", costs.passes.depth},
              {"decode_s", costs.passes.decode},
              {"decode_deep_s", costs.passes.decode_deep},
              {"prefill_s", costs.passes.prefill},
              {"prefill_deep_s", costs.passes.prefill_deep}}}};
}

// Throws json::exception where something is missing or of another kind.
MachineCosts costs_of(const json& document) {
    MachineCosts costs;
    costs.key = document.at("key").get<CostKey>();
    for (const json& entry : document.at("lines")) {
        costs.table.lines.push_back({entry.at("type"), entry.at("by_rows"), entry.at("fixed"), points_of(entry)});
    }
    for (const json& entry : document.at("chains")) {
        costs.table.chains.push_back({entry.at("type"), entry.at("rows"), entry.at("cols"), points_of(entry)});
    }
    costs.table.head_seconds = document.at("head_s");
    costs.table.spread = document.at("spread");
    const json& passes = document.at("passes");
    costs.passes = {passes.at("depth"), passes.at("decode_s"), passes.at("decode_deep_s"), passes.at("prefill_s"),
                    passes.at("prefill_deep_s")};
    costs.measured_at = document.at("measured_at");
    costs.kept = true;
    return costs;
}

bool is_time(double seconds) { return std::isfinite(seconds) && seconds > 0.0; }

bool is_sound(const std::vector<CostPoint>& points) {
    const CostPoint* before = nullptr;
    for (const CostPoint& point : points) {
        if (!is_time(point.seconds.decode) || !is_time(point.seconds.prefill)) return false;
        if (before == nullptr ? point.width == 0 : point.width <= before->width) return false;
        before = &point;
    }
    return before != nullptr;
}

bool is_sound(const MachineCosts& costs) {
    const ModelPasses& passes = costs.passes;
    return std::all_of(costs.table.lines.begin(), costs.table.lines.end(),
                       [](const CostLine& line) { return line.fixed > 0 && is_sound(line.points); }) &&
           std::all_of(costs.table.chains.begin(), costs.table.chains.end(),
                       [](const ChainLine& line) { return is_sound(line.points); }) &&
           is_time(costs.table.head_seconds) && passes.depth > 0 && is_time(passes.decode) &&
           is_time(passes.decode_deep) && is_time(passes.prefill) && is_time(passes.prefill_deep);
}

tl::unexpected<Error> bad_file(const fs::path& file, const std::string& why) {
    return fail(ErrorKind::Invalid, fmt::format("{} holds no costs for this run: {}.", file.string(), why),
                "They are measured anew; --measure-again does so at any time.");
}

Result<MachineCosts> measure(const CostsSettings& settings, const WeightFile& file, const std::function<bool()>& abort,
                             const std::function<void(const std::string&, double)>& progress) {
    const auto shape = stock_shape(file, parameter_price());
    if (!shape) return tl::unexpected(shape.error());
    const auto told = [&](const char* stage) {
        return [&progress, stage](double fraction) {
            if (progress) progress(stage, fraction);
        };
    };
    KernelSettings kernels;
    kernels.n_threads = settings.n_threads;
    // A model smaller than that is partly served by the cache, in the engine as here.
    kernels.rotate_bytes = std::min<std::uint64_t>(2 * last_level_cache_bytes(), file.summary().tensor_bytes);
    std::vector<ChainLine> chains;
    if (!settings.more.factor_type.empty()) chains = chain_lines(*shape, settings.more.factor_type);
    auto table = measure_costs(cost_lines(*shape, settings.more.types), std::move(chains), head_shape(file, *shape),
                               kernels, abort, told("timing matrices"));
    if (!table) return tl::unexpected(table.error());
    PassSettings passes_settings;
    passes_settings.n_threads = settings.n_threads;
    passes_settings.memory = settings.memory;
    const auto passes = measure_passes(settings.model, passes_settings, abort, told("timing the model"));
    if (!passes) return tl::unexpected(passes.error());
    return MachineCosts{cost_key(file, settings.n_threads, settings.more), std::move(*table), *passes, utc_now(),
                        false};
}

}  // namespace

CostKey cost_key(const WeightFile& file, std::int32_t n_threads, const CostsOf& more) {
    CostKey key;
    const Environment machine = read_environment();
    const auto engine = make_llama_engine()->facts();
    for (const auto* facts : {&machine, &engine}) {
        for (const char* name : {"cpu_model", "cpu_flags", "n_cpu_physical", "hostname_hash", "llama_commit",
                                 "llama_build", "backend_features"}) {
            if (const auto found = facts->find(name); found != facts->end()) key[name] = found->second;
        }
    }
    key["n_threads"] = fmt::format("{}", n_threads);
    std::string shapes = file.summary().architecture;
    for (const GgufTensor& tensor : file.summary().tensors) {
        shapes += fmt::format(";{} {} {}", tensor.name, tensor.type, tensor.elements);
        for (const std::int64_t n : tensor.shape) shapes += fmt::format(" {}", n);
    }
    key["shapes"] = sha256_text(shapes);
    if (!more.types.empty()) key["types"] = fmt::format("{}", fmt::join(more.types, " "));
    if (!more.factor_type.empty()) key["factors"] = more.factor_type;
    return key;
}

fs::path costs_folder() {
    if (const char* const cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && *cache != '\0') {
        return fs::path(cache) / "landauer" / "costs";
    }
    if (const char* const home = std::getenv("HOME"); home != nullptr && *home != '\0') {
        return fs::path(home) / ".cache" / "landauer" / "costs";
    }
    std::error_code unused;
    return fs::temp_directory_path(unused) / "landauer-costs";
}

fs::path costs_file(const fs::path& folder, const CostKey& key) {
    return folder / fmt::format("{}.json", sha256_text(json(key).dump()).substr(0, 16));
}

Result<MachineCosts> read_costs(const fs::path& file, const CostKey& key) {
    if (!file_exists(file)) {
        return fail(ErrorKind::Absent, fmt::format("No costs were measured for {}.", file.string()), "Measure them.");
    }
    const auto text = read_text(file, kMostFileBytes);
    if (!text) return tl::unexpected(text.error());
    const json document = json::parse(*text, nullptr, false);
    if (!document.is_object() || document.value("format", json()) != kFormat) {
        return bad_file(file, "it is damaged or of another kind");
    }
    const json version = document.value("version", json());
    if (!version.is_number_integer() || version != kCostsVersion) {
        return bad_file(file,
                        fmt::format("it is of version {}, and this program reads {}", version.dump(), kCostsVersion));
    }
    try {
        MachineCosts costs = costs_of(document);
        if (costs.key != key) return bad_file(file, "it is of another machine, build or model");
        if (!is_sound(costs)) return bad_file(file, "it has times that cannot be");
        return costs;
    } catch (const json::exception&) {
        return bad_file(file, "a part of it is missing");
    }
}

Result<void> write_costs(const fs::path& file, const MachineCosts& costs) {
    std::error_code problem;
    fs::create_directories(file.parent_path(), problem);
    json document = times_json(costs);
    document["measured_at"] = costs.measured_at;
    const fs::path made = file.string() + ".new";
    {
        std::ofstream out(made, std::ios::binary | std::ios::trunc);
        out << document.dump(1) << '\n';
        out.flush();
        if (!out) problem = std::make_error_code(std::errc::io_error);
    }
    if (!problem) fs::rename(made, file, problem);
    if (!problem) return {};
    std::error_code ignored;
    fs::remove(made, ignored);
    return fail(ErrorKind::Failed, fmt::format("The costs cannot be kept in {}: {}.", file.string(), problem.message()),
                "Name another folder with XDG_CACHE_HOME; until then they are measured each time.");
}

std::string costs_hash(const MachineCosts& costs) { return sha256_text(times_json(costs).dump()).substr(0, 12); }

Result<MachineCosts> machine_costs(const CostsSettings& settings, const std::function<bool()>& abort,
                                   const std::function<void(const std::string&, double)>& progress, std::string& note) {
    const auto file = WeightFile::open(settings.model);
    if (!file) return tl::unexpected(file.error());
    const CostKey key = cost_key(*file, settings.n_threads, settings.more);
    const fs::path place = costs_file(settings.folder, key);
    if (!settings.again) {
        auto kept = read_costs(place, key);
        if (kept) return kept;
        if (kept.error().kind != ErrorKind::Absent) note = kept.error().sentence + " " + kept.error().remedy;
    }
    auto costs = measure(settings, *file, abort, progress);
    if (!costs) return costs;
    if (auto written = write_costs(place, *costs); !written) {
        note = written.error().sentence + " " + written.error().remedy;
    }
    return costs;
}

}  // namespace landauer
