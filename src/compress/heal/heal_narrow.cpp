#include "compress/heal/heal_narrow.h"

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "compress/calibration.h"
#include "compress/collect.h"
#include "compress/factor_write.h"
#include "compress/heal/encode_floats.h"
#include "compress/quantise_model.h"
#include "compress/stock_write.h"

namespace landauer {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFloats = "f16";
// Values, two moments, gradients, the best so far, and a layer's worth of copies.
constexpr std::uint64_t kFloatsEach = 6;

void say(const CompressHooks& hooks, const std::string& stage, double fraction) {
    if (hooks.progress) hooks.progress(stage, fraction);
}

std::vector<LayerKeep> as_floats(std::vector<LayerKeep> keep) {
    for (LayerKeep& layer : keep) layer.ffn_type = layer.attention_type = kFloats;
    return keep;
}

// Forward alone would do; gradients of one window are the least that a file of statistics has.
Result<StatisticsFile> moments_of(const Healed& healed, const fs::path& model, const NarrowSettings& settings,
                                  const CompressHooks& hooks) {
    const auto windows = calibration_windows(settings.heal.base, healed.base_sha256, settings.calibration,
                                             settings.heal.work / "windows.json", hooks.abort,
                                             [&](double fraction) { say(hooks, "calibration text", fraction); });
    if (!windows) return tl::unexpected(windows.error());
    CollectSettings how;
    how.n_threads = settings.heal.n_threads;
    how.seed = settings.heal.seed;
    how.all_gradients = false;
    how.n_gradient_windows = 1;
    how.n_text_tokens = windows->n_text_tokens;
    how.model_sha256 = healed.model_sha256;  // of the floats before: healed by the same lessons, they are the same
    const fs::path file = settings.heal.work / "narrow-statistics.gguf";
    const auto info =
        collect_statistics(model, windows->windows, how, file, hooks.abort, [&](const CollectProgress& progress) {
            say(hooks, "healed statistics: " + progress.stage, progress.fraction);
        });
    if (!info) return tl::unexpected(info.error());
    return StatisticsFile::open(file);
}

// The floats in the types that the source's tensors take there.
Result<std::uint64_t> encode(const WeightFile& source, const StockShape& shape, const std::vector<LayerKeep>& keep,
                             const fs::path& floats, const StatisticsFile& moments, const NarrowSettings& settings,
                             const CompressHooks& hooks) {
    const auto narrow = WeightFile::open(floats);
    if (!narrow) return tl::unexpected(narrow.error());
    const auto narrow_shape = stock_shape(*narrow, parameter_price());
    if (!narrow_shape) return tl::unexpected(narrow_shape.error());
    const auto header = stock_header(source, shape, keep, settings.making);
    if (!header) return tl::unexpected(header.error());
    std::map<std::string, std::string> types;
    for (const GgufTensor& tensor : source.summary().tensors) {
        if (stock_tensor_shape(tensor, shape, keep).empty()) continue;
        types[stock_tensor_name(tensor, shape, keep)] = stock_tensor_type(tensor, shape, keep);
    }
    const TensorTypes type_of = [&](const GgufTensor& tensor) { return types.at(tensor.name); };
    return write_blocks(*narrow, *narrow_shape, keep_all(*narrow_shape, {}), moments, *header, type_of, settings.out,
                        {hooks.abort, [&](double fraction) { say(hooks, "encoding", fraction); }});
}

HealSettings floats_of(const NarrowSettings& settings) {
    HealSettings floats = settings.heal;
    floats.model = floats.work / "narrow.gguf";
    floats.out = floats.work / "narrow-healed.gguf";
    floats.stage = "narrow";
    return floats;
}

using Encode = std::function<Result<std::uint64_t>(const StatisticsFile& moments)>;

Result<HealedNarrow> heal_and_encode(const HealSettings& floats, const NarrowSettings& settings,
                                     const CompressHooks& hooks, const Encode& encode) {
    auto healed = heal_model(floats, hooks);
    if (!healed) return tl::unexpected(healed.error());
    const auto moments = moments_of(*healed, floats.out, settings, hooks);
    if (!moments) return tl::unexpected(moments.error());
    const auto bytes = encode(*moments);
    if (!bytes) return tl::unexpected(bytes.error());
    return HealedNarrow{std::move(*healed), *bytes};
}

}  // namespace

bool narrows(const StockShape& shape, const std::vector<LayerKeep>& keep) {
    for (std::size_t layer = 0; layer < keep.size(); ++layer) {
        if (!is_gone(shape, layer, keep[layer]) && !is_whole(shape, layer, keep[layer])) return true;
    }
    return false;
}

std::uint64_t float_healing_bytes(const StockShape& shape, const std::vector<LayerKeep>& keep) {
    double values = 0.0;
    for (std::size_t layer = 0; layer < keep.size(); ++layer) {
        for (const BlockMatrix& matrix : shape.layers[layer].ffn) {
            const std::size_t other = matrix.by_rows ? matrix.cols : matrix.rows;
            values += static_cast<double>(other * keep[layer].neurons.size());
        }
        const double heads = static_cast<double>(keep[layer].groups.size()) /
                             static_cast<double>(std::max<std::size_t>(1, shape.decoder.n_head_kv[layer]));
        for (const BlockMatrix& matrix : shape.layers[layer].attention) {
            values += heads * static_cast<double>(matrix.rows * matrix.cols);
        }
    }
    return static_cast<std::uint64_t>(values) * sizeof(float) * kFloatsEach;
}

std::uint64_t factor_healing_bytes(const StockShape& shape, const std::vector<LayerFactors>& layers) {
    std::uint64_t values = 0;
    for (std::size_t layer = 0; layer < layers.size(); ++layer) {
        for (const auto* matrices : {&shape.layers[layer].ffn, &shape.layers[layer].attention}) {
            for (const BlockMatrix& matrix : *matrices) values += matrix.rows * matrix.cols;
        }
    }
    return values * sizeof(float) * kFloatsEach;  // factors are no more than their matrix
}

Result<HealedNarrow> heal_narrow(const WeightFile& source, const StockShape& shape, const std::vector<LayerKeep>& keep,
                                 const StatisticsFile& statistics, const NarrowSettings& settings,
                                 const CompressHooks& hooks) {
    const HealSettings floats = floats_of(settings);
    const auto written = write_stock(source, shape, as_floats(keep), statistics, settings.making, floats.model,
                                     hooks.abort, [&](double fraction) { say(hooks, "floats", fraction); });
    if (!written) return tl::unexpected(written.error());
    return heal_and_encode(floats, settings, hooks, [&](const StatisticsFile& moments) {
        return encode(source, shape, keep, floats.out, moments, settings, hooks);
    });
}

Result<HealedNarrow> heal_factors(const WeightFile& source, const StockShape& shape,
                                  const std::vector<LayerFactors>& layers, const StatisticsFile& statistics,
                                  const std::string& type, const NarrowSettings& settings, const CompressHooks& hooks) {
    const HealSettings floats = floats_of(settings);
    const auto written = write_factors(source, shape, layers, statistics, settings.making, kFloats, floats.model,
                                       hooks.abort, [&](double fraction) { say(hooks, "floats", fraction); });
    if (!written) return tl::unexpected(written.error());
    return heal_and_encode(floats, settings, hooks, [&](const StatisticsFile& moments) -> Result<std::uint64_t> {
        const auto healed = WeightFile::open(floats.out);
        if (!healed) return tl::unexpected(healed.error());
        return encode_floats(*healed, moments, type, settings.out,
                             {hooks.abort, [&](double fraction) { say(hooks, "encoding", fraction); }});
    });
}

}  // namespace landauer
