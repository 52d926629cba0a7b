#include "gguf/safetensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <system_error>

#include "gguf/likeness.h"

namespace landauer {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::uint64_t kLengthBytes = 8;
constexpr std::uint64_t kLongestHeader = 100'000'000;  // by the format
constexpr std::size_t kMostDims = 8;
constexpr std::string_view kAgain = "Download the file again and compare its sha256 with the publisher's.";

struct TypeBits {
    std::string_view name;
    std::uint64_t bits;
};
constexpr std::array kTypes = {
    TypeBits{"F64", 64},    TypeBits{"F32", 32},    TypeBits{"F16", 16},        TypeBits{"BF16", 16},
    TypeBits{"F8_E4M3", 8}, TypeBits{"F8_E5M2", 8}, TypeBits{"F8_E8M0", 8},     TypeBits{"F8_E4M3FNUZ", 8},
    TypeBits{"F6_E2M3", 6}, TypeBits{"F6_E3M2", 6}, TypeBits{"F8_E5M2FNUZ", 8}, TypeBits{"F4", 4},
    TypeBits{"I64", 64},    TypeBits{"U64", 64},    TypeBits{"I32", 32},        TypeBits{"U32", 32},
    TypeBits{"I16", 16},    TypeBits{"U16", 16},    TypeBits{"I8", 8},          TypeBits{"U8", 8},
    TypeBits{"BOOL", 8},    TypeBits{"C64", 64},
};

using Problem = tl::unexpected<std::string>;

// A list of whole numbers that fit; nothing: something else.
std::optional<std::vector<std::uint64_t>> numbers_of(const json& entry, const char* key, std::size_t most) {
    const auto found = entry.find(key);
    if (found == entry.end() || !found->is_array() || found->size() > most) return std::nullopt;
    std::vector<std::uint64_t> numbers;
    for (const json& value : *found) {
        if (!value.is_number_unsigned()) return std::nullopt;
        numbers.push_back(value.get<std::uint64_t>());
    }
    return numbers;
}

// Bytes that a shape takes; nothing: more than any file, or no whole bytes.
std::optional<std::uint64_t> bytes_of(const std::vector<std::uint64_t>& shape, std::uint64_t bits) {
    constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max() / 64;
    std::uint64_t n = 1;
    for (const std::uint64_t size : shape) {
        if (size > kMost || (size > 0 && n > kMost / size)) return std::nullopt;
        n *= size;
    }
    if (n * bits % 8 != 0) return std::nullopt;
    return n * bits / 8;
}

tl::expected<SafeTensor, std::string> read_entry(const std::string& name, const json& entry, std::uint64_t data_bytes) {
    if (!entry.is_object()) return Problem(fmt::format("has something else than a tensor under {}", name));
    const auto type = entry.find("dtype");
    const std::string type_name = type != entry.end() && type->is_string() ? type->get<std::string>() : std::string();
    const std::uint64_t bits = safetensors_bits(type_name);
    if (bits == 0) return Problem(fmt::format("gives {} the unknown type \"{}\"", name, type_name));
    const auto shape = numbers_of(entry, "shape", kMostDims);
    if (!shape) return Problem(fmt::format("gives {} no shape", name));
    const auto ends = numbers_of(entry, "data_offsets", 2);
    if (!ends || ends->size() != 2 || (*ends)[0] > (*ends)[1]) {
        return Problem(fmt::format("does not say where {} lies", name));
    }
    if ((*ends)[1] > data_bytes) {
        return Problem(fmt::format("puts {} at bytes {} to {} of {}", name, (*ends)[0], (*ends)[1], data_bytes));
    }
    const auto bytes = bytes_of(*shape, bits);
    if (!bytes || *bytes != (*ends)[1] - (*ends)[0]) {
        return Problem(fmt::format("gives {} {} bytes, which its shape ({}) in {} does not take", name,
                                   (*ends)[1] - (*ends)[0], fmt::join(*shape, ", "), type_name));
    }
    return SafeTensor{name, type_name, {shape->begin(), shape->end()}, (*ends)[0], *bytes};
}

// Holds the order against the data: without gap or overlap, to the last byte.
tl::expected<void, std::string> check_places(const std::vector<SafeTensor>& sorted, std::uint64_t data_bytes) {
    std::uint64_t end = 0;
    const SafeTensor* before = nullptr;
    for (const SafeTensor& tensor : sorted) {
        if (tensor.offset < end) return Problem(fmt::format("lets {} and {} overlap", before->name, tensor.name));
        if (tensor.offset > end) return Problem(fmt::format("leaves a gap before {}", tensor.name));
        end += tensor.bytes;
        before = &tensor;
    }
    if (end != data_bytes) return Problem(fmt::format("accounts for {} of {} bytes of data", end, data_bytes));
    return {};
}

// Parses without exceptions; the error names a key that is given twice.
tl::expected<json, std::string> parse_unique(std::string_view text) {
    std::set<std::string> seen;
    std::string twice;
    const auto watch = [&](int depth, json::parse_event_t event, json& parsed) {
        if (depth == 1 && event == json::parse_event_t::key && !seen.insert(parsed.get<std::string>()).second) {
            twice = parsed.get<std::string>();
        }
        return true;
    };
    auto parsed = json::parse(text, watch, /*allow_exceptions=*/false);
    if (!parsed.is_object()) return Problem("is no JSON object");
    if (!twice.empty()) return Problem(fmt::format("has {} twice", twice));
    return parsed;
}

tl::unexpected<Error> unsound(const fs::path& file, const std::string& what) {
    return fail(ErrorKind::Invalid, fmt::format("{} is no sound safetensors file: {}.", file.string(), what),
                std::string(kAgain));
}

// What the data would have to hold by a header that reads beyond it; 0: unknown.
std::uint64_t furthest_end(std::string_view text) {
    const auto parsed = json::parse(text, nullptr, /*allow_exceptions=*/false);
    std::uint64_t end = 0;
    if (!parsed.is_object()) return end;
    for (const json& entry : parsed) {
        if (!entry.is_object()) continue;
        const auto ends = numbers_of(entry, "data_offsets", 2);
        if (ends && ends->size() == 2) end = std::max(end, (*ends)[1]);
    }
    return end;
}

Result<std::uint64_t> read_length(std::FILE* file, const fs::path& path, std::uint64_t file_bytes) {
    std::array<char, 512> head{};
    const std::size_t n = std::fread(head.data(), 1, head.size(), file);
    std::uint64_t length = 0;
    for (std::size_t i = kLengthBytes; i > 0; --i) length = length << 8U | static_cast<std::uint8_t>(head[i - 1]);
    if (n > kLengthBytes && head[kLengthBytes] == '{' && length > 1 && length <= kLongestHeader) {
        if (length <= file_bytes - kLengthBytes) return length;
        return unsound(path, fmt::format("it is cut short within its header of {} bytes", length));
    }
    const Likeness likeness = likeness_of({head.data(), n}, file_bytes);
    return unsound(path, likeness.what.empty() ? "it does not begin with a header" : "it " + likeness.what);
}

}  // namespace

std::uint64_t safetensors_bits(std::string_view type) {
    const auto* found =
        std::find_if(kTypes.begin(), kTypes.end(), [&](const auto& known) { return known.name == type; });
    return found == kTypes.end() ? 0 : found->bits;
}

tl::expected<std::vector<SafeTensor>, std::string> read_safetensors_header(std::string_view text,
                                                                           std::uint64_t data_bytes) {
    const auto parsed = parse_unique(text);
    if (!parsed) return tl::unexpected(parsed.error());
    std::vector<SafeTensor> tensors;
    for (const auto& [name, entry] : parsed->items()) {
        if (name == "__metadata__") continue;
        auto tensor = read_entry(name, entry, data_bytes);
        if (!tensor) return tl::unexpected(tensor.error());
        tensors.push_back(std::move(*tensor));
    }
    const auto by_place = [](const SafeTensor& a, const SafeTensor& b) {
        return std::pair(a.offset, a.bytes) < std::pair(b.offset, b.bytes);
    };
    std::sort(tensors.begin(), tensors.end(), by_place);
    if (auto good = check_places(tensors, data_bytes); !good) return tl::unexpected(good.error());
    return tensors;
}

Result<SafetensorsFile> SafetensorsFile::open(const fs::path& path) {
    std::error_code problem;
    const std::uint64_t file_bytes = fs::file_size(path, problem);
    SafetensorsFile opened;
    opened.path_ = path;
    if (!problem) opened.file_.reset(std::fopen(path.c_str(), "rb"));
    if (!opened.file_) {
        return fail(problem == std::errc::no_such_file_or_directory ? ErrorKind::Invalid : ErrorKind::Failed,
                    fmt::format("{} cannot be read: {}.", path.string(),
                                problem ? problem.message() : std::string(std::strerror(errno))),
                    "Check the path and its permissions, and that the download is complete.");
    }
    if (file_bytes < kLengthBytes + 2) return unsound(path, fmt::format("it has {} bytes", file_bytes));
    const auto length = read_length(opened.file_.get(), path, file_bytes);
    if (!length) return tl::unexpected(length.error());
    std::string text(*length, '\0');
    const bool read = fseeko(opened.file_.get(), kLengthBytes, SEEK_SET) == 0 &&
                      std::fread(text.data(), 1, text.size(), opened.file_.get()) == text.size();
    if (!read) return unsound(path, "its header cannot be read");
    opened.data_begin_ = kLengthBytes + *length;
    const std::uint64_t data_bytes = file_bytes - opened.data_begin_;
    if (const std::uint64_t end = furthest_end(text); end > data_bytes) {
        return unsound(
            path, fmt::format("it is cut short: its header tells of {} bytes of data, {} are there", end, data_bytes));
    }
    auto tensors = read_safetensors_header(text, data_bytes);
    if (!tensors) return unsound(path, "its header " + tensors.error());
    opened.tensors_ = std::move(*tensors);
    return opened;
}

Result<void> SafetensorsFile::read(const SafeTensor& tensor, std::uint64_t first, std::span<std::byte> into) const {
    if (first > tensor.bytes || into.size() > tensor.bytes - first) {
        return fail(ErrorKind::Bug, fmt::format("More of {} was read than it has.", tensor.name), "Read what it has.");
    }
    errno = 0;
    const auto at = static_cast<off_t>(data_begin_ + tensor.offset + first);
    if (fseeko(file_.get(), at, SEEK_SET) == 0 && std::fread(into.data(), 1, into.size(), file_.get()) == into.size()) {
        return {};
    }
    return fail(ErrorKind::Failed,
                fmt::format("{} of {} cannot be read: {}.", tensor.name, path_.string(),
                            errno != 0 ? std::strerror(errno) : "the file became shorter"),
                "Make sure that nothing changes the file meanwhile, and try again.");
}

}  // namespace landauer
