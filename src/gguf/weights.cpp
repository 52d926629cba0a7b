#include "gguf/weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <limits>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "gguf/open.h"
#include "gguf/parts.h"
#include "gguf/types.h"

namespace landauer {
namespace {

using FilePtr = std::unique_ptr<std::FILE, CloseFile>;

constexpr std::uint64_t kPieceBytes = 1U << 20U;  // stored bytes that are dequantised at once

// How a tensor's rows lie.
struct Rows {
    std::uint64_t columns = 0;
    std::uint64_t bytes = 0;  // of one row
    std::uint64_t n = 0;
};

Rows rows_of(const GgufTensor& tensor) {
    Rows rows;
    rows.columns = static_cast<std::uint64_t>(tensor.shape.front());
    rows.n = rows.columns > 0 ? tensor.elements / rows.columns : 0;
    rows.bytes = row_bytes(tensor.type, rows.columns);
    return rows;
}

// The first value that is infinite or no number; values.size(): none.
std::size_t first_bad(std::span<const float> values) {
    bool all_good = true;
    for (const float value : values) all_good &= std::fabs(value) <= std::numeric_limits<float>::max();
    if (all_good) return values.size();
    const auto bad = std::find_if(values.begin(), values.end(), [](float value) { return !std::isfinite(value); });
    return static_cast<std::size_t>(bad - values.begin());
}

bool can_decode(ggml_type type) { return type == GGML_TYPE_F32 || ggml_get_type_traits(type)->to_float != nullptr; }

void decode(ggml_type type, std::span<const std::byte> stored, std::span<float> into) {
    if (type == GGML_TYPE_F32) {
        std::memcpy(into.data(), stored.data(), into.size_bytes());
    } else {
        ggml_get_type_traits(type)->to_float(stored.data(), into.data(), static_cast<std::int64_t>(into.size()));
    }
}

tl::unexpected<Error> no_whole_rows(const GgufTensor& tensor) {
    return fail(ErrorKind::Bug, fmt::format("A part of {} was read that is not of whole rows.", tensor.name),
                "Read whole rows that the tensor has.");
}

}  // namespace

struct WeightFile::State {
    GgufSummary summary;
    std::unordered_map<std::string, std::size_t> index;
    std::vector<FilePtr> parts;
    mutable std::mutex reading;  // a file has one position

    [[nodiscard]] Result<void> read_bytes(const GgufTensor& tensor, std::uint64_t first,
                                          std::span<std::byte> into) const {
        const std::lock_guard lock(reading);
        std::FILE* file = parts[static_cast<std::size_t>(tensor.part)].get();
        errno = 0;
        if (fseeko(file, static_cast<off_t>(tensor.offset + first), SEEK_SET) == 0 &&
            std::fread(into.data(), 1, into.size(), file) == into.size()) {
            return {};
        }
        return fail(ErrorKind::Failed,
                    fmt::format("{} of {} cannot be read: {}.", tensor.name, summary.path.string(),
                                errno != 0 ? std::strerror(errno) : "the file became shorter"),
                    "Make sure that nothing changes the file meanwhile, and try again.");
    }

    [[nodiscard]] Result<const GgufTensor*> known(const std::string& name) const {
        if (const auto found = index.find(name); found != index.end()) return &summary.tensors[found->second];
        return fail(ErrorKind::Invalid, fmt::format("{} has no tensor {}.", summary.path.string(), name),
                    "Give a model of the architecture that its header names.");
    }
};

WeightFile::WeightFile(std::unique_ptr<State> state) : state_(std::move(state)) {}
WeightFile::WeightFile(WeightFile&& other) noexcept = default;
WeightFile& WeightFile::operator=(WeightFile&& other) noexcept = default;
WeightFile::~WeightFile() = default;

Result<WeightFile> WeightFile::open(const std::filesystem::path& file) {
    auto summary = inspect_gguf(file);
    if (!summary) return tl::unexpected(summary.error());
    auto state = std::make_unique<State>();
    state->summary = std::move(*summary);
    for (std::size_t i = 0; i < state->summary.tensors.size(); ++i) state->index[state->summary.tensors[i].name] = i;
    for (int part = 0; part < state->summary.n_parts; ++part) {
        const auto path = part == 0 ? file : part_path(file, part + 1, state->summary.n_parts);
        FilePtr opened(std::fopen(path.c_str(), "rb"));
        if (!opened) {
            return fail(ErrorKind::Failed, fmt::format("{} cannot be opened: {}.", path.string(), std::strerror(errno)),
                        "Check the path and its permissions.");
        }
        state->parts.push_back(std::move(opened));
    }
    return WeightFile(std::move(state));
}

const GgufSummary& WeightFile::summary() const { return state_->summary; }

const GgufTensor* WeightFile::find(const std::string& tensor) const {
    const auto found = state_->index.find(tensor);
    return found == state_->index.end() ? nullptr : &state_->summary.tensors[found->second];
}

Result<void> WeightFile::read(const std::string& tensor, std::uint64_t first, std::span<float> into) const {
    const auto known = state_->known(tensor);
    if (!known) return tl::unexpected(known.error());
    const GgufTensor& found = **known;
    const auto type = tensor_type(found.type);
    const Rows rows = rows_of(found);
    if (!type || !can_decode(*type) || rows.bytes == 0) {
        return fail(ErrorKind::Invalid,
                    fmt::format("{} of {} is of type {}, which is not a type of weights.", tensor,
                                state_->summary.path.string(), found.type),
                    "Give a model with float or quantised weights.");
    }
    if (first % rows.columns != 0 || into.size() % rows.columns != 0 || first > found.elements ||
        into.size() > found.elements - first) {
        return no_whole_rows(found);
    }
    const std::uint64_t rows_at_once = std::max<std::uint64_t>(1, kPieceBytes / rows.bytes);
    std::vector<std::byte> stored(std::min<std::uint64_t>(rows_at_once, into.size() / rows.columns) * rows.bytes);
    for (std::uint64_t done = 0; done < into.size();) {
        const std::uint64_t n = std::min<std::uint64_t>(rows_at_once, (into.size() - done) / rows.columns);
        const auto piece = std::span(stored).first(n * rows.bytes);
        const std::uint64_t row = (first + done) / rows.columns;
        if (auto good = state_->read_bytes(found, row * rows.bytes, piece); !good) return good;
        const auto values = into.subspan(done, n * rows.columns);
        decode(*type, piece, values);
        if (const std::size_t bad = first_bad(values); bad < values.size()) {
            return fail(ErrorKind::Invalid,
                        fmt::format("{} of {} is {} in row {}, column {}.", tensor, state_->summary.path.string(),
                                    values[bad], row + bad / rows.columns, bad % rows.columns),
                        "The weights are damaged: download or convert the model again.");
        }
        done += values.size();
    }
    return {};
}

Result<std::vector<float>> WeightFile::read(const std::string& tensor) const {
    const auto known = state_->known(tensor);
    if (!known) return tl::unexpected(known.error());
    std::vector<float> values((*known)->elements);
    if (auto good = read(tensor, 0, values); !good) return tl::unexpected(good.error());
    return values;
}

Result<void> WeightFile::read_rows(const std::string& tensor, std::uint64_t first_row, std::uint64_t n_rows,
                                   std::span<std::byte> into) const {
    const auto known = state_->known(tensor);
    if (!known) return tl::unexpected(known.error());
    const Rows rows = rows_of(**known);
    if (first_row > rows.n || n_rows > rows.n - first_row || into.size() != n_rows * rows.bytes) {
        return no_whole_rows(**known);
    }
    return state_->read_bytes(**known, first_row * rows.bytes, into);
}

std::uint64_t row_bytes(const std::string& type, std::uint64_t n_values) {
    const auto known = tensor_type(type);
    if (!known || n_values % static_cast<std::uint64_t>(ggml_blck_size(*known)) != 0) return 0;
    return ggml_row_size(*known, static_cast<std::int64_t>(n_values));
}

Result<void> decode_rows(const std::string& type, std::span<const std::byte> bytes, std::uint64_t n_columns,
                         std::span<float> into) {
    const auto known = tensor_type(type);
    const std::uint64_t row = row_bytes(type, n_columns);
    if (!known || !can_decode(*known) || row == 0 || into.size() % n_columns != 0 ||
        into.size() / n_columns * row != bytes.size()) {
        return fail(ErrorKind::Bug,
                    fmt::format("{} bytes of {} were to be read as {} values.", bytes.size(), type, into.size()),
                    "Give the bytes of whole rows.");
    }
    decode(*known, bytes, into);
    return {};
}

}  // namespace landauer
