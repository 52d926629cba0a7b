#include "gguf/dense_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "gguf/header.h"

namespace landauer {
namespace {

// Bytes of the stream that come from the file; what lies between two of them is zero.
struct Piece {
    std::uint64_t at = 0;  // in the stream
    std::uint64_t bytes = 0;
    std::uint64_t source = 0;  // in the file
};

struct DenseView {
    std::string header;
    std::vector<Piece> pieces;  // by `at`
    std::uint64_t size = 0;
    std::uint64_t position = 0;
    std::ifstream file;
};

// The type of fewest bytes whose blocks fit: what stands there is read once, and counts for nothing.
std::string smallest_type(std::size_t columns) {
    if (columns % 256 == 0) return "iq1_s";
    return columns % 32 == 0 ? "q4_0" : "f16";
}

#if defined(__GLIBC__) || defined(__linux__)

// Fills [into, into + n) from `position`; false: the file could not be read.
bool fill(DenseView& view, char* into, std::size_t n) {
    std::memset(into, 0, n);
    const std::uint64_t begin = view.position;
    const std::uint64_t end = begin + n;
    if (begin < view.header.size()) {
        std::memcpy(into, view.header.data() + begin, std::min<std::uint64_t>(n, view.header.size() - begin));
    }
    auto piece = std::upper_bound(view.pieces.begin(), view.pieces.end(), begin,
                                  [](std::uint64_t at, const Piece& one) { return at < one.at + one.bytes; });
    for (; piece != view.pieces.end() && piece->at < end; ++piece) {
        const std::uint64_t at = std::max(begin, piece->at);
        const std::uint64_t until = std::min(end, piece->at + piece->bytes);
        view.file.seekg(static_cast<std::streamoff>(piece->source + (at - piece->at)));
        view.file.read(into + (at - begin), static_cast<std::streamsize>(until - at));
        if (!view.file) return false;
    }
    return true;
}

ssize_t read_view(void* cookie, char* into, std::size_t n) {
    auto& view = *static_cast<DenseView*>(cookie);
    n = static_cast<std::size_t>(std::min<std::uint64_t>(n, view.size - std::min(view.size, view.position)));
    if (!fill(view, into, n)) {
        errno = EIO;
        return -1;
    }
    view.position += n;
    return static_cast<ssize_t>(n);
}

int seek_view(void* cookie, off64_t* offset, int whence) {
    auto& view = *static_cast<DenseView*>(cookie);
    const auto from = whence == SEEK_SET ? 0 : static_cast<off64_t>(whence == SEEK_CUR ? view.position : view.size);
    if (from + *offset < 0) return -1;
    *offset += from;
    view.position = static_cast<std::uint64_t>(*offset);
    return 0;
}

int close_view(void* cookie) {
    delete static_cast<DenseView*>(cookie);
    return 0;
}

std::FILE* stream_of(DenseView* view) { return fopencookie(view, "rb", {read_view, nullptr, seek_view, close_view}); }

#else

std::FILE* stream_of(DenseView* /*view*/) { return nullptr; }

#endif

// Nothing: a tensor that only the file has.
std::optional<GgufTensorSpec> seen_as(const GgufTensor& tensor,
                                      const std::map<std::string, const FactorMatrix*>& by_r) {
    if (const auto factors = by_r.find(tensor.name); factors != by_r.end()) {
        const FactorMatrix& matrix = *factors->second;
        return GgufTensorSpec{matrix.name,
                              smallest_type(matrix.cols),
                              {static_cast<std::int64_t>(matrix.cols), static_cast<std::int64_t>(matrix.rows)}};
    }
    if (tensor.name.find(".factor_") != std::string::npos) return std::nullopt;
    return GgufTensorSpec{tensor.name, tensor.type, tensor.shape};
}

Result<void> lay_out(const GgufSummary& file, const std::vector<FactorMatrix>& matrices, DenseView& view) {
    auto header = GgufHeader::with_metadata_of(file.path);
    if (!header) return tl::unexpected(header.error());
    std::map<std::string, const FactorMatrix*> by_r;
    for (const FactorMatrix& matrix : matrices) by_r[matrix.r.name] = &matrix;
    std::map<std::string, std::uint64_t> sources;
    for (const GgufTensor& tensor : file.tensors) {
        const auto spec = seen_as(tensor, by_r);
        if (!spec) continue;
        if (auto added = header->add_tensor(*spec); !added) return added;
        if (!by_r.contains(tensor.name)) sources[tensor.name] = tensor.offset;
    }
    for (const GgufPlace& place : header->places()) {
        const auto source = sources.find(place.name);
        if (source != sources.end()) view.pieces.push_back({place.offset, place.bytes, source->second});
    }
    view.header = header->bytes();
    view.size = header->file_bytes();
    return {};
}

}  // namespace

Result<Stream> open_dense_view(const GgufSummary& file, const std::vector<FactorMatrix>& matrices) {
    auto view = std::make_unique<DenseView>();
    if (auto laid = lay_out(file, matrices, *view); !laid) return tl::unexpected(laid.error());
    view->file.open(file.path, std::ios::binary);
    if (!view->file) {
        return fail(ErrorKind::Failed, fmt::format("{} cannot be read: {}.", file.path.string(), std::strerror(errno)),
                    "Check the file and its folder.");
    }
    std::FILE* stream = stream_of(view.get());
    if (stream == nullptr) {
        return fail(ErrorKind::Absent, "This system has no streams of a program's own, which files of factors need.",
                    "Multiply the factors out (--expand) and run the dense file.");
    }
    view.release();  // the stream's, until it is closed
    return Stream(stream);
}

}  // namespace landauer
