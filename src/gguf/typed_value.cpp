#include <cstring>

#include "gguf/values.h"

namespace landauer {
namespace {

template <class T>
GgufValue list_of(const gguf_context* header, std::int64_t id) {
    std::vector<T> values(gguf_get_arr_n(header, id));
    if (!values.empty()) std::memcpy(values.data(), gguf_get_arr_data(header, id), values.size() * sizeof(T));
    return values;
}

GgufValue flags_of(const gguf_context* header, std::int64_t id) {
    const auto* bytes = static_cast<const std::int8_t*>(gguf_get_arr_data(header, id));
    std::vector<bool> flags(gguf_get_arr_n(header, id));
    for (std::size_t i = 0; i < flags.size(); ++i) flags[i] = bytes[i] != 0;
    return flags;
}

GgufValue texts_of(const gguf_context* header, std::int64_t id) {
    std::vector<std::string> texts(gguf_get_arr_n(header, id));
    for (std::size_t i = 0; i < texts.size(); ++i) texts[i] = gguf_get_arr_str(header, id, i);
    return texts;
}

std::optional<GgufValue> any_list(const gguf_context* header, std::int64_t id) {
    switch (gguf_get_arr_type(header, id)) {
        case GGUF_TYPE_UINT8:
            return list_of<std::uint8_t>(header, id);
        case GGUF_TYPE_INT8:
            return list_of<std::int8_t>(header, id);
        case GGUF_TYPE_UINT16:
            return list_of<std::uint16_t>(header, id);
        case GGUF_TYPE_INT16:
            return list_of<std::int16_t>(header, id);
        case GGUF_TYPE_UINT32:
            return list_of<std::uint32_t>(header, id);
        case GGUF_TYPE_INT32:
            return list_of<std::int32_t>(header, id);
        case GGUF_TYPE_FLOAT32:
            return list_of<float>(header, id);
        case GGUF_TYPE_UINT64:
            return list_of<std::uint64_t>(header, id);
        case GGUF_TYPE_INT64:
            return list_of<std::int64_t>(header, id);
        case GGUF_TYPE_FLOAT64:
            return list_of<double>(header, id);
        case GGUF_TYPE_BOOL:
            return flags_of(header, id);
        case GGUF_TYPE_STRING:
            return texts_of(header, id);
        default:
            return std::nullopt;
    }
}

}  // namespace

std::optional<GgufValue> any_value(const gguf_context* header, std::int64_t id) {
    if (id < 0) return std::nullopt;
    switch (gguf_get_kv_type(header, id)) {
        case GGUF_TYPE_UINT8:
            return gguf_get_val_u8(header, id);
        case GGUF_TYPE_INT8:
            return gguf_get_val_i8(header, id);
        case GGUF_TYPE_UINT16:
            return gguf_get_val_u16(header, id);
        case GGUF_TYPE_INT16:
            return gguf_get_val_i16(header, id);
        case GGUF_TYPE_UINT32:
            return gguf_get_val_u32(header, id);
        case GGUF_TYPE_INT32:
            return gguf_get_val_i32(header, id);
        case GGUF_TYPE_FLOAT32:
            return gguf_get_val_f32(header, id);
        case GGUF_TYPE_UINT64:
            return gguf_get_val_u64(header, id);
        case GGUF_TYPE_INT64:
            return gguf_get_val_i64(header, id);
        case GGUF_TYPE_FLOAT64:
            return gguf_get_val_f64(header, id);
        case GGUF_TYPE_BOOL:
            return gguf_get_val_bool(header, id);
        case GGUF_TYPE_STRING:
            return std::string(gguf_get_val_str(header, id));
        case GGUF_TYPE_ARRAY:
            return any_list(header, id);
        default:
            return std::nullopt;
    }
}

}  // namespace landauer
