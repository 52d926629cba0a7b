#include "gguf/values.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <string_view>

#include "core/utf8.h"

namespace landauer {
namespace {

constexpr std::size_t kLongest = 200;  // bytes of a text that is shown

// `size` bytes at `data` as an integer, if the type is one.
bool integer_at(gguf_type type, const void* data, std::size_t index, std::int64_t& value) {
    const auto load = [&]<class T>(T number) {
        std::memcpy(&number, static_cast<const char*>(data) + index * sizeof(T), sizeof(T));
        if constexpr (sizeof(T) == 8 && !std::numeric_limits<T>::is_signed) {
            number = std::min<T>(number, std::numeric_limits<std::int64_t>::max());
        }
        value = static_cast<std::int64_t>(+number);
        return true;
    };
    switch (type) {
        case GGUF_TYPE_UINT8:
            return load(std::uint8_t{});
        case GGUF_TYPE_INT8:
            return load(std::int8_t{});
        case GGUF_TYPE_UINT16:
            return load(std::uint16_t{});
        case GGUF_TYPE_INT16:
            return load(std::int16_t{});
        case GGUF_TYPE_UINT32:
            return load(std::uint32_t{});
        case GGUF_TYPE_INT32:
            return load(std::int32_t{});
        case GGUF_TYPE_UINT64:
            return load(std::uint64_t{});
        case GGUF_TYPE_INT64:
            return load(std::int64_t{});
        default:
            return false;
    }
}

std::string shortened(std::string_view text) {
    if (text.size() <= kLongest) return to_valid_utf8(text);
    return to_valid_utf8(text.substr(0, kLongest)) + fmt::format("... ({} bytes)", text.size());
}

}  // namespace

std::int64_t int_value(const gguf_context* header, const std::string& key) {
    const std::int64_t id = gguf_find_key(header, key.c_str());
    if (id < 0) return 0;
    const gguf_type type = gguf_get_kv_type(header, id);
    std::int64_t value = 0;
    if (type != GGUF_TYPE_ARRAY) {
        if (type == GGUF_TYPE_STRING) return 0;
        return integer_at(type, gguf_get_val_data(header, id), 0, value) ? value : 0;
    }
    const gguf_type element = gguf_get_arr_type(header, id);
    if (element == GGUF_TYPE_STRING) return 0;
    std::int64_t largest = 0;
    for (std::size_t i = 0; i < gguf_get_arr_n(header, id); ++i) {
        if (!integer_at(element, gguf_get_arr_data(header, id), i, value)) return 0;
        largest = std::max(largest, value);
    }
    return largest;
}

std::string text_value(const gguf_context* header, const std::string& key) {
    const std::int64_t id = gguf_find_key(header, key.c_str());
    if (id < 0 || gguf_get_kv_type(header, id) != GGUF_TYPE_STRING) return {};
    return to_valid_utf8(gguf_get_val_str(header, id));
}

std::int64_t list_length(const gguf_context* header, const std::string& key) {
    const std::int64_t id = gguf_find_key(header, key.c_str());
    if (id < 0 || gguf_get_kv_type(header, id) != GGUF_TYPE_ARRAY) return 0;
    return static_cast<std::int64_t>(gguf_get_arr_n(header, id));
}

std::vector<std::int64_t> int_list(const gguf_context* header, std::int64_t id, std::size_t most) {
    if (gguf_get_kv_type(header, id) != GGUF_TYPE_ARRAY || gguf_get_arr_n(header, id) > most) return {};
    const gguf_type element = gguf_get_arr_type(header, id);
    if (element == GGUF_TYPE_STRING) return {};
    std::vector<std::int64_t> values(gguf_get_arr_n(header, id));
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (!integer_at(element, gguf_get_arr_data(header, id), i, values[i])) return {};
    }
    return values;
}

std::string value_as_text(const gguf_context* header, std::int64_t id) {
    const gguf_type type = gguf_get_kv_type(header, id);
    switch (type) {
        case GGUF_TYPE_STRING:
            return shortened(gguf_get_val_str(header, id));
        case GGUF_TYPE_ARRAY:
            return fmt::format("[{} {}]", gguf_get_arr_n(header, id), gguf_type_name(gguf_get_arr_type(header, id)));
        case GGUF_TYPE_BOOL:
            return gguf_get_val_bool(header, id) ? "true" : "false";
        case GGUF_TYPE_FLOAT32:
            return fmt::format("{}", gguf_get_val_f32(header, id));
        case GGUF_TYPE_FLOAT64:
            return fmt::format("{}", gguf_get_val_f64(header, id));
        case GGUF_TYPE_UINT64:
            return fmt::format("{}", gguf_get_val_u64(header, id));
        default: {
            std::int64_t value = 0;
            return integer_at(type, gguf_get_val_data(header, id), 0, value) ? fmt::format("{}", value) : std::string();
        }
    }
}

}  // namespace landauer
