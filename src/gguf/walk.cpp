#include "gguf/walk.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <type_traits>

#include "gguf.h"

namespace landauer {
namespace {

static_assert(std::endian::native == std::endian::little, "GGUF files are little-endian");

constexpr std::uint64_t kMostTensors = 1U << 20U;
constexpr std::uint64_t kMostKeys = 1U << 16U;
constexpr std::uint64_t kLongestKey = 1U << 16U;

// Bytes of one value of a fixed-size type; 0: string, array or unknown.
std::uint64_t size_of(std::uint32_t type) {
    switch (type) {
        case GGUF_TYPE_UINT8:
        case GGUF_TYPE_INT8:
        case GGUF_TYPE_BOOL:
            return 1;
        case GGUF_TYPE_UINT16:
        case GGUF_TYPE_INT16:
            return 2;
        case GGUF_TYPE_UINT32:
        case GGUF_TYPE_INT32:
        case GGUF_TYPE_FLOAT32:
            return 4;
        case GGUF_TYPE_UINT64:
        case GGUF_TYPE_INT64:
        case GGUF_TYPE_FLOAT64:
            return 8;
        default:
            return 0;
    }
}

// Reads forward through a window, so that a vocabulary's many short strings cost no seeks.
class Bytes {
   public:
    Bytes(std::FILE* file, std::uint64_t size) : file_(file), size_(size) {}

    [[nodiscard]] std::uint64_t at() const { return at_; }
    [[nodiscard]] std::uint64_t left() const { return size_ - at_; }

    template <class T>
    bool read(T& value) {
        static_assert(std::is_trivially_copyable_v<T>);
        if (left() < sizeof(T)) return false;
        for (std::size_t i = 0; i < sizeof(T); ++i) {
            if (!fill()) return false;
            std::memcpy(reinterpret_cast<char*>(&value) + i, &window_[at_ - begin_], 1);
            ++at_;
        }
        return true;
    }

    bool skip(std::uint64_t n) {
        if (n > left()) return false;
        at_ += n;
        return true;
    }

   private:
    // Makes the byte at at_ present.
    bool fill() {
        if (at_ >= begin_ && at_ < begin_ + held_) return true;
        if (fseeko(file_, static_cast<off_t>(at_), SEEK_SET) != 0) return false;
        held_ = std::fread(window_.data(), 1, window_.size(), file_);
        begin_ = at_;
        return held_ > 0;
    }

    std::FILE* file_;
    std::uint64_t size_;
    std::uint64_t at_ = 0;
    std::uint64_t begin_ = 0;
    std::uint64_t held_ = 0;
    std::array<char, 1U << 14U> window_{};
};

using Walked = tl::expected<void, Damage>;

tl::unexpected<Damage> damage(const Bytes& bytes, std::string what) {
    return tl::unexpected(Damage{std::move(what), bytes.at()});
}

Walked skip_string(Bytes& bytes, const char* what, std::uint64_t most) {
    std::uint64_t length = 0;
    if (!bytes.read(length)) return damage(bytes, fmt::format("the file ends before {}", what));
    if (length > most || !bytes.skip(length)) {
        return damage(bytes, fmt::format("{} claims {} bytes", what, length));
    }
    return {};
}

Walked skip_array(Bytes& bytes) {
    std::uint32_t type = 0;
    std::uint64_t n = 0;
    if (!bytes.read(type) || !bytes.read(n)) return damage(bytes, "the file ends within a list");
    if (type == GGUF_TYPE_STRING) {
        for (std::uint64_t i = 0; i < n; ++i) {
            if (auto walked = skip_string(bytes, "a string in a list", bytes.left()); !walked) return walked;
        }
        return {};
    }
    const std::uint64_t size = size_of(type);
    if (size == 0) return damage(bytes, fmt::format("a list has the unknown type {}", type));
    if (n > bytes.left() / size || !bytes.skip(n * size)) {
        return damage(bytes, fmt::format("a list claims {} values", n));
    }
    return {};
}

Walked skip_value(Bytes& bytes) {
    std::uint32_t type = 0;
    if (!bytes.read(type)) return damage(bytes, "the file ends within its metadata");
    if (type == GGUF_TYPE_STRING) return skip_string(bytes, "a text", bytes.left());
    if (type == GGUF_TYPE_ARRAY) return skip_array(bytes);
    const std::uint64_t size = size_of(type);
    if (size == 0) return damage(bytes, fmt::format("a value has the unknown type {}", type));
    if (!bytes.skip(size)) return damage(bytes, "the file ends within its metadata");
    return {};
}

Walked skip_tensor_info(Bytes& bytes) {
    if (auto walked = skip_string(bytes, "a tensor's name", GGML_MAX_NAME - 1); !walked) return walked;
    std::uint32_t n_dims = 0;
    if (!bytes.read(n_dims)) return damage(bytes, "the file ends within its list of tensors");
    if (n_dims > GGML_MAX_DIMS) return damage(bytes, fmt::format("a tensor claims {} dimensions", n_dims));
    // Sizes, type and offset are the stock reader's to judge.
    if (!bytes.skip(std::uint64_t{n_dims} * 8 + 4 + 8))
        return damage(bytes, "the file ends within its list of tensors");
    return {};
}

tl::expected<HeaderExtent, Damage> read_counts(Bytes& bytes) {
    HeaderExtent extent;
    std::uint32_t version = 0;
    if (!bytes.skip(4) || !bytes.read(version)) return damage(bytes, "the file ends after its first bytes");
    if (version < 2 || version > GGUF_VERSION) {
        return damage(bytes, fmt::format("it says version {}, known are 2 and {}", version, GGUF_VERSION));
    }
    if (!bytes.read(extent.n_tensors) || !bytes.read(extent.n_kv))
        return damage(bytes, "the file ends in its first line");
    if (extent.n_tensors > kMostTensors) return damage(bytes, fmt::format("it claims {} tensors", extent.n_tensors));
    if (extent.n_kv > kMostKeys) return damage(bytes, fmt::format("it claims {} metadata entries", extent.n_kv));
    return extent;
}

}  // namespace

tl::expected<HeaderExtent, Damage> walk_header(std::FILE* file, std::uint64_t file_bytes) {
    Bytes bytes(file, file_bytes);
    auto extent = read_counts(bytes);
    if (!extent) return extent;
    for (std::uint64_t i = 0; i < extent->n_kv; ++i) {
        if (auto walked = skip_string(bytes, "a key", kLongestKey); !walked) return tl::unexpected(walked.error());
        if (auto walked = skip_value(bytes); !walked) return tl::unexpected(walked.error());
    }
    for (std::uint64_t i = 0; i < extent->n_tensors; ++i) {
        if (auto walked = skip_tensor_info(bytes); !walked) return tl::unexpected(walked.error());
    }
    extent->end = bytes.at();
    return extent;
}

}  // namespace landauer
