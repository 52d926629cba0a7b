#include "compress/copy_tensor.h"

#include <algorithm>

namespace landauer {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{8} << 20U;

}  // namespace

std::uint64_t n_rows(const GgufTensor& tensor) {
    return tensor.elements / static_cast<std::uint64_t>(tensor.shape.front());
}

Result<void> copy_tensor(const WeightFile& source, const GgufTensor& tensor, const std::string& name,
                         GgufWriter& writer) {
    const std::uint64_t rows = n_rows(tensor);
    const std::uint64_t each = tensor.bytes / std::max<std::uint64_t>(rows, 1);
    const std::uint64_t at_once = std::max<std::uint64_t>(1, kPieceBytes / std::max<std::uint64_t>(each, 1));
    std::vector<std::byte> piece;
    for (std::uint64_t first = 0; first < rows; first += at_once) {
        const std::uint64_t n = std::min(at_once, rows - first);
        piece.resize(n * each);
        if (auto read = source.read_rows(tensor.name, first, n, piece); !read) return read;
        if (auto written = writer.write(name, piece); !written) return written;
    }
    return {};
}

}  // namespace landauer
