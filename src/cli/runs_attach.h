// `landauer runs attach`: a meter's recording joins a run that is already stored.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "store/store.h"

namespace landauer {

struct AttachOptions {
    std::string run;  // number, label or "last"
    std::filesystem::path file;
    std::string name;               // of the rail; empty: the file's stem
    std::string rail = "wall";      // what the instrument measures
    double accuracy_percent = 0.0;  // stated by its maker
    std::optional<double> lag_s;    // roughly; looked for 5 s round it
    bool dry_run = false;
};

// Aligns the recording with each session of the run by the CPU's load, adds it to the one it fits,
// and says in words: lag, gain and offset with intervals, windows found in the recording alone.
// Invalid for files that hold no power, rails that are not known and recordings that are there already.
[[nodiscard]] Result<std::string> attach_recording(Store& store, std::int64_t run_id, const AttachOptions& options);

}  // namespace landauer
