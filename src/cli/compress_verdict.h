// How a compression ends: what it cost, and the verdict of `landauer compare` on what came of it.
#pragma once

#include <landauer/error.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "cli/command.h"
#include "cli/compress_options.h"
#include "cli/compress_view.h"
#include "cli/making_meter.h"
#include "compress/heal/heal.h"
#include "report/compress/report.h"
#include "report/heal/report.h"

namespace landauer {

struct Made {
    CompressOutcome outcome;
    std::string text;     // of the outcome
    nlohmann::json json;  // likewise
    CompressReport page;
    std::filesystem::path statistics = {};     // that a control may be quantised under; empty: none are there
    std::optional<Healed> healed_floats = {};  // before they were quantised
    std::optional<HealReport> healing = {};
};

// Prints the outcome and, unless the user does not want it, the verdict with what pays the making back; writes the page
// where one is asked for. Errors as run_compare().
[[nodiscard]] Result<void> conclude(const CompressFlags& flags, const std::optional<MakingEnergy>& energy, Made made,
                                    CommandContext& context);

// Where one is asked for.
[[nodiscard]] Result<void> write_compression_page(const CompressFlags& flags, const CompressReport& page,
                                                  const std::optional<HealReport>& healing = {});

}  // namespace landauer
