#include "vision/header.h"

#include <fmt/format.h>

#include <charconv>

namespace landauer {

Header::Header(const GgufSummary& summary) : summary_(&summary) {
    for (const GgufTensor& tensor : summary.tensors) tensors_.emplace(tensor.name, &tensor);
}

std::string Header::text(std::string_view key) const {
    const auto found = summary_->metadata.find(std::string(key));
    return found == summary_->metadata.end() ? std::string() : found->second;
}

std::int32_t Header::number(std::string_view key, std::int32_t otherwise) const {
    const std::string shown = text(key);
    std::int32_t value = otherwise;
    std::from_chars(shown.data(), shown.data() + shown.size(), value);
    return value;
}

bool Header::has(std::string_view key) const { return summary_->metadata.contains(std::string(key)); }

const GgufTensor* Header::tensor(std::string_view name) const {
    const auto found = tensors_.find(name);
    return found == tensors_.end() ? nullptr : found->second;
}

Result<void> Header::check_key(std::string_view key, std::string_view type, bool is_optional) const {
    const auto found = summary_->types.find(std::string(key));
    if (found == summary_->types.end()) {
        if (is_optional) return {};
        return unfit(fmt::format("lacks the key {}", key));
    }
    if (found->second == type) return {};
    return unfit(
        fmt::format("has the key {} as {}, where llama.cpp reads {} and aborts on another", key, found->second, type));
}

Result<void> Header::check_tensor(std::string_view name) const {
    if (tensor(name) != nullptr) return {};
    return unfit(fmt::format("lacks the tensor {}, without which llama.cpp crashes or computes another model", name));
}

tl::unexpected<Error> Header::unfit(const std::string& what) const {
    return fail(ErrorKind::Invalid, fmt::format("{} {}.", summary_->path.string(), what),
                "Fetch the mmproj again, one made by convert_hf_to_gguf.py --mmproj of this llama.cpp version.");
}

std::int64_t dimension(const GgufTensor& tensor, std::size_t axis) {
    return axis < tensor.shape.size() ? tensor.shape[axis] : 1;
}

}  // namespace landauer
