// The header of the smaller file: llama.cpp's architecture of unequal layers, and where it came from.
#pragma once

#include <landauer/error.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compress/factor_encode.h"
#include "compress/stock_shape.h"
#include "gguf/header.h"

namespace landauer {

// How the file was made, kept in its metadata under landauer.compress.*
struct Making {
    std::string source_name;  // general.name of the source, else its file's name
    std::string source_sha256;
    std::string statistics_sha256;  // of the windows behind the statistics
    std::string command;            // options without paths
    std::string version;
    double removed = 0.0;         // of the blocks' parameters
    double predicted_loss = 0.0;  // nats a token
};
inline constexpr const char* kCompressedKey = "landauer.compress.version";
inline constexpr std::uint32_t kCompressedVersion = 1;

// What a tensor is stored as.
using TensorTypes = std::function<std::string(const GgufTensor& tensor)>;
// As what factors it is stored; a rank of 0: as it is.
using TensorFactors = std::function<FactorForm(const GgufTensor& tensor)>;

// Metadata and tensors. `deci` is the one architecture of llama.cpp whose layers may differ in width and heads (and
// have no attention at all); where no layer differs from the source's, or layers only go whole, its own is kept.
// `types`: empty for stock_tensor_type(); `factors`: empty for none. Invalid: rows that do not fit a type's blocks.
// Errors as GgufHeader.
[[nodiscard]] Result<GgufHeader> stock_header(const WeightFile& source, const StockShape& shape,
                                              const std::vector<LayerKeep>& keep, const Making& making,
                                              const TensorTypes& types = {}, const TensorFactors& factors = {});

// Whether queries and keys have their rotated pairs apart in the source and side by side in the target.
[[nodiscard]] bool reorders_rotation(const StockShape& shape, const std::vector<LayerKeep>& keep);

// "blk.3.ffn_up.weight" is part "ffn_up.weight" of layer 3.
struct BlockPart {
    std::size_t layer = 0;
    std::string_view part;
};
[[nodiscard]] std::optional<BlockPart> block_part(std::string_view tensor);

// Nothing of the layer's matrices goes.
[[nodiscard]] bool is_whole(const StockShape& shape, std::size_t layer, const LayerKeep& keep);

// The layer is taken away.
[[nodiscard]] bool is_gone(const StockShape& shape, std::size_t layer, const LayerKeep& keep);

// The tensor's shape in the smaller file; empty: it goes.
[[nodiscard]] std::vector<std::int64_t> stock_tensor_shape(const GgufTensor& tensor, const StockShape& shape,
                                                           const std::vector<LayerKeep>& keep);
// Its name there: layers behind one that goes move up.
[[nodiscard]] std::string stock_tensor_name(const GgufTensor& tensor, const StockShape& shape,
                                            const std::vector<LayerKeep>& keep);
// Its type there: what its layer is to be stored in, and for all but the blocks' matrices the source's.
[[nodiscard]] std::string stock_tensor_type(const GgufTensor& tensor, const StockShape& shape,
                                            const std::vector<LayerKeep>& keep);
// The columns of down and o that stay, ascending; nothing: another part of a block, which keeps all.
[[nodiscard]] std::optional<std::vector<std::size_t>> stock_columns(const BlockPart& place, const StockShape& shape,
                                                                    const std::vector<LayerKeep>& keep);
// Each unit's values, ascending: {1, 3} of 2 values each are 2, 3, 6, 7.
[[nodiscard]] std::vector<std::size_t> spread(const std::vector<std::size_t>& units, std::size_t values);
// Tensors of those types under the header's metadata. Invalid: rows that do not fit a type's blocks.
[[nodiscard]] Result<void> add_stock_tensors(const WeightFile& source, const StockShape& shape,
                                             const std::vector<LayerKeep>& keep, const TensorTypes& types,
                                             const TensorFactors& factors, GgufHeader& header);

}  // namespace landauer
