#include "compress/layer_types.h"

#include <algorithm>
#include <array>

#include "gguf/weights.h"

namespace landauer {
namespace {

struct Instead {
    std::string_view type;
    std::string_view other;
};

// The first layers make the few huge activations that all later ones live with, and a block's scale without an offset,
// or of few bits, serves those badly; libllama's own quantiser spares the same matrices.
constexpr std::array kFirstDowns = {Instead{"q4_0", "q4_1"}, Instead{"q5_0", "q5_1"}, Instead{"q2_K", "q4_K"},
                                    Instead{"q3_K", "q4_K"}};

// As libllama's quantiser goes over to blocks of 32, for rows that are no multiple of 256.
constexpr std::array kSmallBlocks = {Instead{"q2_K", "iq4_nl"}, Instead{"q3_K", "iq4_nl"}, Instead{"iq4_xs", "iq4_nl"},
                                     Instead{"q4_K", "q5_0"},   Instead{"q5_K", "q5_1"},   Instead{"q6_K", "q8_0"}};

template <std::size_t N>
std::string instead(const std::array<Instead, N>& all, const std::string& type) {
    const auto found = std::ranges::find(all, std::string_view(type), &Instead::type);
    return found == all.end() ? type : std::string(found->other);
}

}  // namespace

std::string type_in_layer(const std::string& type, std::string_view part, std::size_t layer, std::size_t n_layers,
                          std::size_t columns) {
    const bool spared = part == "ffn_down" && layer < n_layers / 8;
    return type_for_rows(spared ? instead(kFirstDowns, type) : type, columns);
}

std::string type_for_rows(const std::string& type, std::size_t columns) {
    return row_bytes(type, columns) > 0 ? type : instead(kSmallBlocks, type);
}

}  // namespace landauer
