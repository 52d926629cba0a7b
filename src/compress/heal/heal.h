// From a smaller model and its base to the same file with better scales.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "compress/calibration.h"
#include "compress/heal/train.h"
#include "compress/pipeline.h"

namespace landauer {

struct KeptWindows {
    CalibrationSettings settings;  // what they came of
    std::filesystem::path file;    // that keeps them
};

struct HealSettings {
    std::filesystem::path model;
    std::filesystem::path base;
    std::filesystem::path out;
    std::filesystem::path work;  // folder of the stage files
    std::string stage = "heal";  // its own files there begin with it; lessons are shared
    // Windows that there are already: cut up, they are the lessons, unless there is time for more than twice as many.
    std::optional<KeptWindows> windows;
    std::string text;
    bool self = true;
    std::int32_t window_tokens = 256;
    std::int32_t held_out = 4;      // windows
    std::int64_t n_tokens = 0;      // to train on; 0: as many as the budget allows
    double budget_seconds = 300.0;  // for everything until the file is there
    double budget_share = 1.0;      // of the time that the user gave for this and other things
    Trained trained = Trained::Scales;
    double rate = 1.0;
    std::int32_t n_threads = 1;
    std::uint64_t seed = 1;
    bool allow_synthetic = false;
    std::string options;  // for the record, without paths
    std::string version;
};

// How far a part's scales moved in one layer: root mean square of the change, of the mean size.
struct Movement {
    std::string tensor;
    ParameterKind kind = ParameterKind::Gain;
    double moved = 0.0;
};

struct Healed {
    Training training;
    KeptWindows windows;
    double stored = 0.0;  // held out, nats a token, of the file as it is stored
    std::int64_t n_steps = 0;
    std::int64_t n_text_tokens = 0;  // of the windows that there were
    std::int64_t n_self_tokens = 0;
    std::int64_t n_held_out_tokens = 0;
    std::size_t n_values = 0;   // trained
    std::size_t n_trained = 0;  // matrices with something to train, of
    std::size_t n_matrices = 0;
    std::vector<Movement> movements;
    std::vector<std::string> caveats;
    std::string model_sha256;
    std::string base_sha256;
    std::uint64_t out_bytes = 0;
};

// Stages that are there already are not done again. Invalid: base and model the same file, other vocabularies, an
// architecture without a decoder here, weights that are not numbers, a budget without time. Refused: the healed file is
// no better on the windows held out: nothing is written; not enough memory. Interrupted. Errors as
// calibration_windows() and GgufWriter.
[[nodiscard]] Result<Healed> heal_model(const HealSettings& settings, const CompressHooks& hooks);

// Takes away the stage files in `work`, and the folder when nothing else is in it.
void remove_heal_stages(const std::filesystem::path& work);

}  // namespace landauer
