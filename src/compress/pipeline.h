// From a model to a smaller one, stage by stage; a stage that is there already is not done again.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "compress/allocate.h"
#include "compress/calibration.h"
#include "compress/factor_curves.h"
#include "compress/statistics.h"
#include "compress/stock_curves.h"
#include "compress/stock_header.h"
#include "compress/stock_shape.h"
#include "compress/stock_units.h"
#include "compress/type_losses.h"

namespace landauer {

// What comes out: shapes that any llama.cpp runs as they are, or matrices as factors of lower rank.
enum class CompressFormat { Stock, Factors };

struct CompressSettings {
    std::filesystem::path model;
    std::filesystem::path work;        // folder of the stage files
    std::filesystem::path statistics;  // a file to be used; empty: collected, kept in `work`
    CalibrationSettings calibration;
    std::int64_t n_gradient_windows = -1;  // the first so many of the windows; -1: all
    MatrixPrice price = parameter_price();
    FactorPrice factor_price = parameter_price_of_factors();
    double head_price = 0.0;  // StockShape's
    CompressFormat format = CompressFormat::Stock;
    StockWays ways;                  // of the stock format: what may be taken away
    std::vector<std::string> types;  // ggml's names of what layers, or whole matrices, may be stored in instead
    std::string factor_type;         // of the factor format: what factors are stored in; empty: floats
    bool ranks = false;              // also what each matrix would lose at a lower rank, whatever the format
    bool allow_synthetic = false;
    bool allow_compressed = false;
};

// A stage's name ("statistics: forward") and how far it is.
using StageProgress = std::function<void(const std::string& stage, double fraction)>;

struct CompressHooks {
    std::function<bool()> abort;
    StageProgress progress;
    std::function<std::uint64_t()> memory;  // bytes that may be taken now; empty: not asked
};

// What is known of a model before anything is chosen.
struct Profile {
    StockShape shape;
    std::string model_sha256;
    StatisticsInfo statistics;
    std::filesystem::path statistics_file;
    std::vector<LayerCurves> curves;
    TypeLosses types;  // of the types that may be taken
    StockUnits units;
    std::vector<RankCurves> ranks;  // by layer, of the factor format or when asked for; empty: not known
    FactorUnits factors;            // with them: the factor format's units, and what their choices are
    std::vector<std::string> caveats;
    double collecting_seconds = 0.0;  // 0: the stage was there
};
// Its statistics alone: no curves and no units.
[[nodiscard]] Result<Profile> calibrate_model(const CompressSettings& settings, const CompressHooks& hooks);
[[nodiscard]] Result<Profile> profile_model(const CompressSettings& settings, const CompressHooks& hooks);

struct StockChoice {
    Allocation allocation;
    std::vector<LayerKeep> keep;
    double removed = 0.0;  // share of the blocks' parameters, or of their bytes: of the axis
};
// `remove`: that share of what the blocks cost on the profile's axis. Invalid: not in [0, 1), or more than can go (says
// how much can).
[[nodiscard]] Result<StockChoice> choose_stock(const Profile& profile, double remove);

struct FactorChoice {
    Allocation allocation;
    std::vector<LayerFactors> layers;
    double removed = 0.0;
};
// Errors as choose_stock(). Of a profile that knows ranks.
[[nodiscard]] Result<FactorChoice> choose_factors(const Profile& profile, double remove);

// What compressing would take, from the header alone.
struct CompressPlan {
    std::string model;
    std::uint64_t file_bytes = 0;
    std::uint64_t block_parameters = 0;
    std::uint64_t memory_bytes = 0;      // at most, while statistics are collected
    std::uint64_t statistics_bytes = 0;  // on disk, in the work folder
    double flops = 0.0;
    double most_removable = 0.0;  // share of the blocks' parameters
};
[[nodiscard]] Result<CompressPlan> plan_compression(const CompressSettings& settings);

// Predicted nats a token against what was measured on SmolLM2-135M: perplexity rose by this factor more.
struct Calibrated {
    double low = 1.3;   // on text of the calibration's domain
    double high = 3.1;  // on another kind of text
};
inline constexpr Calibrated kMeasuredLoss{};

// Takes away the stage files in `work`, and the folder when nothing else is in it.
void remove_stages(const std::filesystem::path& work);

// What may not be compressed unless a flag says so. Invalid.
[[nodiscard]] Result<void> check_source(const GgufSummary& summary, const CompressSettings& settings);

}  // namespace landauer
