#include "gguf/header.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "gguf/open.h"
#include "gguf/types.h"
#include "gguf/values.h"

namespace landauer {
namespace {

constexpr std::size_t kLongestKey = 65535;  // bytes, by the format

struct FreeGgml {
    void operator()(ggml_context* context) const { ggml_free(context); }
};

template <class T>
void set_list(gguf_context* header, const char* key, gguf_type type, const std::vector<T>& values) {
    // An empty list still wants an address.
    const T none{};
    gguf_set_arr_data(header, key, type, values.empty() ? &none : values.data(), values.size());
}

// Writes a value under `key` into gguf's own store.
struct Setter {
    gguf_context* header;
    const char* key;

    void operator()(std::uint8_t value) const { gguf_set_val_u8(header, key, value); }
    void operator()(std::int8_t value) const { gguf_set_val_i8(header, key, value); }
    void operator()(std::uint16_t value) const { gguf_set_val_u16(header, key, value); }
    void operator()(std::int16_t value) const { gguf_set_val_i16(header, key, value); }
    void operator()(std::uint32_t value) const { gguf_set_val_u32(header, key, value); }
    void operator()(std::int32_t value) const { gguf_set_val_i32(header, key, value); }
    void operator()(float value) const { gguf_set_val_f32(header, key, value); }
    void operator()(bool value) const { gguf_set_val_bool(header, key, value); }
    void operator()(const std::string& value) const { gguf_set_val_str(header, key, value.c_str()); }
    void operator()(std::uint64_t value) const { gguf_set_val_u64(header, key, value); }
    void operator()(std::int64_t value) const { gguf_set_val_i64(header, key, value); }
    void operator()(double value) const { gguf_set_val_f64(header, key, value); }
    void operator()(const std::vector<std::uint8_t>& v) const { set_list(header, key, GGUF_TYPE_UINT8, v); }
    void operator()(const std::vector<std::int8_t>& v) const { set_list(header, key, GGUF_TYPE_INT8, v); }
    void operator()(const std::vector<std::uint16_t>& v) const { set_list(header, key, GGUF_TYPE_UINT16, v); }
    void operator()(const std::vector<std::int16_t>& v) const { set_list(header, key, GGUF_TYPE_INT16, v); }
    void operator()(const std::vector<std::uint32_t>& v) const { set_list(header, key, GGUF_TYPE_UINT32, v); }
    void operator()(const std::vector<std::int32_t>& v) const { set_list(header, key, GGUF_TYPE_INT32, v); }
    void operator()(const std::vector<float>& v) const { set_list(header, key, GGUF_TYPE_FLOAT32, v); }
    void operator()(const std::vector<std::uint64_t>& v) const { set_list(header, key, GGUF_TYPE_UINT64, v); }
    void operator()(const std::vector<std::int64_t>& v) const { set_list(header, key, GGUF_TYPE_INT64, v); }
    void operator()(const std::vector<double>& v) const { set_list(header, key, GGUF_TYPE_FLOAT64, v); }
    void operator()(const std::vector<bool>& values) const {
        const std::vector<std::int8_t> bytes(values.begin(), values.end());
        set_list(header, key, GGUF_TYPE_BOOL, bytes);
    }
    void operator()(const std::vector<std::string>& values) const {
        std::vector<const char*> texts(values.size());
        std::transform(values.begin(), values.end(), texts.begin(),
                       [](const std::string& text) { return text.c_str(); });
        gguf_set_arr_str(header, key, texts.data(), texts.size());
    }
};

bool has_nul(const GgufValue& value) {
    const auto holds = [](const std::string& text) { return text.find('\0') != std::string::npos; };
    if (const auto* text = std::get_if<std::string>(&value)) return holds(*text);
    const auto* texts = std::get_if<std::vector<std::string>>(&value);
    return texts != nullptr && std::any_of(texts->begin(), texts->end(), holds);
}

// ggml lays new files out in steps of 32 bytes, whatever their metadata say.
bool is_alignment(const GgufValue& value) {
    const auto* bytes = std::get_if<std::uint32_t>(&value);
    return bytes != nullptr && *bytes == GGUF_DEFAULT_ALIGNMENT;
}

Result<void> check_key(const std::string& key, const GgufValue& value) {
    if (key.empty() || key.size() > kLongestKey || key.find('\0') != std::string::npos) {
        return fail(ErrorKind::Invalid, fmt::format("A metadata key of {} bytes is not possible in GGUF.", key.size()),
                    fmt::format("Use 1 to {} bytes, none of them NUL.", kLongestKey));
    }
    if (has_nul(value)) {
        return fail(ErrorKind::Invalid, fmt::format("The metadata text {} holds a NUL byte.", key),
                    "Leave it out: llama.cpp would read the text only up to there.");
    }
    if (key == GGUF_KEY_GENERAL_ALIGNMENT && !is_alignment(value)) {
        return fail(ErrorKind::Invalid, fmt::format("{} is not {} in a uint32.", key, GGUF_DEFAULT_ALIGNMENT),
                    "Leave it out: that is what readers assume.");
    }
    return {};
}

Result<void> check_shape(const GgufTensorSpec& spec, ggml_type type) {
    const bool has_rank = !spec.shape.empty() && spec.shape.size() <= GGML_MAX_DIMS;
    if (!has_rank || *std::min_element(spec.shape.begin(), spec.shape.end()) < 1) {
        return fail(ErrorKind::Invalid,
                    fmt::format("The tensor {} has the shape ({}).", spec.name, fmt::join(spec.shape, ", ")),
                    fmt::format("Use one to {} dimensions of at least 1.", GGML_MAX_DIMS));
    }
    if (spec.shape.front() % ggml_blck_size(type) != 0) {
        return fail(ErrorKind::Invalid,
                    fmt::format("Rows of {} values of the tensor {} do not divide into {}'s blocks of {}.",
                                spec.shape.front(), spec.name, spec.type, ggml_blck_size(type)),
                    "Use a type with smaller blocks.");
    }
    std::int64_t room = std::numeric_limits<std::int64_t>::max() / 8;  // bytes of the widest value
    for (const std::int64_t size : spec.shape) room /= size;
    if (room < 1) {
        return fail(ErrorKind::Invalid, fmt::format("The tensor {} is larger than any file.", spec.name),
                    "Use smaller dimensions.");
    }
    return {};
}

std::uint64_t aligned(std::uint64_t bytes) {
    return (bytes + GGUF_DEFAULT_ALIGNMENT - 1) / GGUF_DEFAULT_ALIGNMENT * GGUF_DEFAULT_ALIGNMENT;
}

}  // namespace

struct GgufHeader::State {
    GgufPtr gguf{gguf_init_empty()};
};

GgufHeader::GgufHeader() : state_(std::make_unique<State>()) {}
GgufHeader::~GgufHeader() = default;
GgufHeader::GgufHeader(GgufHeader&& other) noexcept = default;
GgufHeader& GgufHeader::operator=(GgufHeader&& other) noexcept = default;

Result<GgufHeader> GgufHeader::with_metadata_of(const std::filesystem::path& file) {
    const auto opened = open_gguf(file);
    if (!opened) return tl::unexpected(opened.error());
    GgufHeader header;
    gguf_set_kv(header.state_->gguf.get(), opened->header.get());
    header.remove(GGUF_KEY_GENERAL_ALIGNMENT);
    return header;
}

Result<void> GgufHeader::set(const std::string& key, const GgufValue& value) {
    if (auto good = check_key(key, value); !good) return good;
    std::visit(Setter{state_->gguf.get(), key.c_str()}, value);
    return {};
}

void GgufHeader::remove(const std::string& key) { gguf_remove_key(state_->gguf.get(), key.c_str()); }

std::optional<GgufValue> GgufHeader::get(const std::string& key) const {
    return any_value(state_->gguf.get(), gguf_find_key(state_->gguf.get(), key.c_str()));
}

Result<void> GgufHeader::add_tensor(const GgufTensorSpec& spec) {
    const auto type = tensor_type(spec.type);
    if (!type) {
        return fail(ErrorKind::Invalid, fmt::format("The tensor {} has the unknown type {}.", spec.name, spec.type),
                    "Use one of ggml's types: f32, f16, q8_0, q4_K.");
    }
    const bool is_taken = gguf_find_tensor(state_->gguf.get(), spec.name.c_str()) >= 0;
    if (spec.name.empty() || spec.name.size() >= GGML_MAX_NAME || is_taken) {
        return fail(ErrorKind::Invalid,
                    fmt::format("The tensor's name \"{}\" is {}.", spec.name,
                                is_taken            ? "given twice"
                                : spec.name.empty() ? "empty"
                                                    : "too long"),
                    fmt::format("Use a name of its own with 1 to {} bytes.", GGML_MAX_NAME - 1));
    }
    if (auto good = check_shape(spec, *type); !good) return good;
    const std::unique_ptr<ggml_context, FreeGgml> context(
        ggml_init({2 * ggml_tensor_overhead(), nullptr, /*no_alloc=*/true}));
    ggml_tensor* tensor = ggml_new_tensor(context.get(), *type, static_cast<int>(spec.shape.size()), spec.shape.data());
    ggml_set_name(tensor, spec.name.c_str());
    gguf_add_tensor(state_->gguf.get(), tensor);
    return {};
}

std::uint64_t GgufHeader::header_bytes() const { return gguf_get_meta_size(state_->gguf.get()); }

std::vector<GgufPlace> GgufHeader::places() const {
    const gguf_context* gguf = state_->gguf.get();
    const std::uint64_t begin = header_bytes();
    std::vector<GgufPlace> places;
    places.reserve(static_cast<std::size_t>(gguf_get_n_tensors(gguf)));
    for (std::int64_t id = 0; id < gguf_get_n_tensors(gguf); ++id) {
        places.push_back(
            {gguf_get_tensor_name(gguf, id), begin + gguf_get_tensor_offset(gguf, id), gguf_get_tensor_size(gguf, id)});
    }
    return places;
}

std::uint64_t GgufHeader::file_bytes() const {
    const auto all = places();
    if (all.empty()) return header_bytes();
    return aligned(all.back().offset + all.back().bytes);
}

std::string GgufHeader::bytes() const {
    std::string bytes(header_bytes(), '\0');
    gguf_get_meta_data(state_->gguf.get(), bytes.data());
    return bytes;
}

}  // namespace landauer
