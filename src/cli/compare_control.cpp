#include "cli/compare_control.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "cli/command.h"
#include "engine/engine.h"
#include "engine/quantise.h"
#include "platform/sha256.h"
#include "platform/signals.h"
#include "platform/topology.h"

namespace landauer {
namespace {

std::filesystem::path controls_folder() {
    if (const char* const cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && *cache != '\0') {
        return std::filesystem::path(cache) / "landauer" / "controls";
    }
    if (const char* const home = std::getenv("HOME"); home != nullptr && *home != '\0') {
        return std::filesystem::path(home) / ".cache" / "landauer" / "controls";
    }
    std::error_code unused;
    return std::filesystem::temp_directory_path(unused) / "landauer-controls";
}

}  // namespace

std::optional<std::string> stock_type(const ModelRecord& base, const ModelRecord& candidate) {
    std::error_code unused;
    if (is_fake_model(base.path) || candidate.size_bytes == 0 || !std::filesystem::exists(base.path, unused)) {
        return std::nullopt;
    }
    auto type = type_of_size(base.path, candidate.size_bytes);
    return type ? std::optional(*type) : std::nullopt;
}

Result<std::filesystem::path> quantised_base(const std::filesystem::path& base, const std::string& type) {
    if (is_fake_model(base)) {
        return fail(ErrorKind::Invalid, fmt::format("{} has no weights to quantise.", base.string()),
                    "Name a GGUF file as the base.");
    }
    auto hash = sha256_file(base, &interrupt_requested);
    if (!hash) {
        return tl::unexpected(hash.error());
    }
    const std::filesystem::path folder = controls_folder() / hash->substr(0, 16);
    std::filesystem::path file = folder / fmt::format("{}-{}.gguf", base.stem().string(), type);
    std::error_code problem;
    if (std::filesystem::exists(file, problem)) {
        return file;
    }
    std::filesystem::create_directories(folder, problem);
    if (problem) {
        return fail(ErrorKind::Failed,
                    fmt::format("The folder {} cannot be made: {}.", folder.string(), problem.message()),
                    "Name another with XDG_CACHE_HOME.");
    }
    talk(fmt::format("Quantising {} to {}: {}\n", base.filename().string(), type, file.string()));
    if (auto done = quantise(base, type, file, std::max(read_topology().usable_cores(), 1)); !done) {
        return tl::unexpected(done.error());
    }
    return file;
}

Result<std::filesystem::path> quantised_control(const std::filesystem::path& base, std::uint64_t candidate_bytes) {
    if (is_fake_model(base)) {
        return quantised_base(base, {});
    }
    auto type = type_of_size(base, candidate_bytes);
    return type ? quantised_base(base, *type) : tl::unexpected(type.error());
}

}  // namespace landauer
