#include "engine/llama/factors/factor_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/llama/factors/factor_device.h"
#include "engine/llama/factors/factor_weights.h"
#include "gguf/dense_view.h"
#include "gguf/factor_format.h"

namespace landauer {
#ifdef LANDAUER_FACTOR_DEVICE
namespace {

// One pattern for each kind of matrix: libllama holds every tensor against every pattern.
std::vector<std::string> patterns_of(const std::vector<FactorMatrix>& matrices) {
    std::map<std::string, std::string> layers;  // "ffn_up\.weight": "0|1|7"
    for (const FactorMatrix& matrix : matrices) {
        const std::size_t first = matrix.name.find('.');
        const std::size_t second = matrix.name.find('.', first + 1);
        const std::size_t third = matrix.name.find('.', second + 1);
        std::string& known = layers[matrix.name.substr(second + 1, third - second - 1)];
        known += (known.empty() ? "" : "|") + matrix.name.substr(first + 1, second - first - 1);
    }
    std::vector<std::string> patterns;
    patterns.reserve(layers.size());
    for (const auto& [part, numbers] : layers) {
        patterns.push_back(fmt::format(R"(^blk\.({})\.{}\.weight$)", numbers, part));
    }
    return patterns;
}

// All layers, so that what surrounds the factors is computed in the same pass and not handed to and fro.
void put_on_factor_device(llama_model_params& params) {
    static std::array<ggml_backend_dev_t, 2> devices = {factor_device(), nullptr};
    params.devices = devices.data();
    params.n_gpu_layers = std::numeric_limits<std::int16_t>::max();
    params.split_mode = LLAMA_SPLIT_MODE_LAYER;
    params.tensor_split = nullptr;
}

Result<void> check_names(const std::vector<FactorMatrix>& matrices) {
    for (const FactorMatrix& matrix : matrices) {
        const auto n_dots = std::count(matrix.name.begin(), matrix.name.end(), '.');
        const std::string_view allowed = "abcdefghijklmnopqrstuvwxyz0123456789_.";
        if (n_dots == 3 && matrix.name.starts_with("blk.") &&
            matrix.name.find_first_not_of(allowed) == std::string::npos) {
            continue;
        }
        return fail(ErrorKind::Invalid,
                    fmt::format("{} is no matrix of a block, so it cannot be factors.", matrix.name),
                    "Make the file again (landauer compress --format factors).");
    }
    return {};
}

}  // namespace

Result<ModelPtr> load_factor_model(const GgufSummary& file, llama_model_params params) {
    const auto matrices = factor_matrices(file);
    if (!matrices) return tl::unexpected(matrices.error());
    if (auto named = check_names(*matrices); !named) return tl::unexpected(named.error());
    auto weights = FactorWeights::open(file, *matrices, params.use_extra_bufts);
    if (!weights) return tl::unexpected(weights.error());
    auto stream = open_dense_view(file, *matrices);
    if (!stream) return tl::unexpected(stream.error());
    const auto buffers = FactorBuffers::create(std::move(*weights));
    const std::vector<std::string> patterns = patterns_of(*matrices);
    std::vector<llama_model_tensor_buft_override> overrides;
    overrides.reserve(patterns.size() + 2);
    for (const std::string& pattern : patterns) overrides.push_back({pattern.c_str(), buffers->type()});
    for (const auto* theirs = params.tensor_buft_overrides; theirs != nullptr && theirs->pattern != nullptr; ++theirs) {
        overrides.push_back(*theirs);
    }
    overrides.push_back({".", ggml_backend_cpu_buffer_type()});  // which stands for the CPU's own layouts too
    overrides.push_back({nullptr, nullptr});
    params.tensor_buft_overrides = overrides.data();
    put_on_factor_device(params);
    params.load_mode = LLAMA_LOAD_MODE_NONE;
    return ModelPtr(llama_model_load_from_file_ptr(stream->get(), params));
}

#else

Result<ModelPtr> load_factor_model(const GgufSummary& file, llama_model_params /*params*/) {
    return fail(ErrorKind::Absent,
                fmt::format("{} holds factors, and this landauer was built without the device that multiplies by them.",
                            file.path.string()),
                "Build it with -DLANDAUER_GGML_SOURCE=FOLDER, or multiply the factors out (--expand).");
}

#endif
}  // namespace landauer
