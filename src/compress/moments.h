// Which second moments a statistics file holds, how wide each is, and under which names.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "compress/statistics.h"
#include "gguf/header.h"
#include "grad/decoder.h"

namespace landauer {

constexpr std::uint32_t kStatisticsVersion = 1;
constexpr const char* kStatisticsPrefix = "landauer.statistics.";

struct Moment {
    const char* name;
    MatrixD LayerStatistics::* matrix;
    bool of_attention = false;  // missing in a layer without
    bool always = true;         // false: with all_gradients alone
};

// In the order in which a layer's moments lie in the file: all layers' inputs, then the gradients from the last layer
// to the first.
[[nodiscard]] const std::vector<Moment>& input_moments();
[[nodiscard]] const std::vector<Moment>& gradient_moments();

// What goes into a part of a block ("ffn_down"); nullptr: it is no matrix that compression knows.
using MomentOf = MatrixD LayerStatistics::*;
[[nodiscard]] MomentOf input_of(std::string_view part);

[[nodiscard]] std::size_t moment_width(const DecoderShape& shape, std::size_t layer, const Moment& moment);
[[nodiscard]] std::string moment_tensor(std::size_t layer, const std::string& name);
constexpr const char* kInfluence = "influence";  // of attention and FFN, two numbers a layer

// The header of a statistics file. Errors as GgufHeader's.
[[nodiscard]] Result<GgufHeader> statistics_header(const DecoderShape& shape, const StatisticsInfo& info);

[[nodiscard]] constexpr std::uint64_t triangle(std::uint64_t n) { return n * (n + 1) / 2; }

}  // namespace landauer
