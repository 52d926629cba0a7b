#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <string>

#include "core/utf8.h"
#include "gguf/open.h"
#include "gguf/parts.h"
#include "gguf/summary.h"
#include "gguf/values.h"

namespace landauer {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kMostParts = 99999;  // five digits in a part's name
constexpr std::size_t kLongestList = 1024;  // values; vocabularies and their like are longer

std::vector<std::int64_t> shape_of(const std::int64_t* ne) {
    std::size_t n = GGML_MAX_DIMS;
    while (n > 1 && ne[n - 1] == 1) --n;
    return {ne, ne + n};
}

std::vector<GgufTensor> tensors_of(const gguf_context* header, int part) {
    std::vector<GgufTensor> tensors;
    for (std::int64_t id = 0; id < gguf_get_n_tensors(header); ++id) {
        GgufTensor tensor;
        tensor.name = to_valid_utf8(gguf_get_tensor_name(header, id));
        tensor.type = ggml_type_name(gguf_get_tensor_type(header, id));
        tensor.shape = shape_of(gguf_get_tensor_ne(header, id));
        tensor.offset = gguf_get_data_offset(header) + gguf_get_tensor_offset(header, id);
        tensor.bytes = gguf_get_tensor_size(header, id);
        tensor.part = part;
        tensor.elements = 1;
        // The reader has made sure that the product fits.
        for (const std::int64_t size : tensor.shape) tensor.elements *= static_cast<std::uint64_t>(size);
        tensors.push_back(std::move(tensor));
    }
    return tensors;
}

// The file must reach to the end of its last tensor.
Result<void> check_length(const fs::path& file, std::uint64_t file_bytes, const std::vector<GgufTensor>& tensors) {
    std::uint64_t needed = 0;
    for (const GgufTensor& tensor : tensors) {
        const bool overflows = tensor.bytes > std::numeric_limits<std::uint64_t>::max() - tensor.offset;
        needed = overflows ? std::numeric_limits<std::uint64_t>::max() : std::max(needed, tensor.offset + tensor.bytes);
    }
    if (needed <= file_bytes) return {};
    return fail(ErrorKind::Invalid,
                fmt::format("{} is cut short: its header asks for {} bytes, but the file has {}.", file.string(),
                            needed, file_bytes),
                "Finish the download, or download the model again.");
}

void read_numbers(const gguf_context* header, GgufSummary& summary) {
    const std::string arch = summary.architecture + ".";
    summary.context_length = int_value(header, arch + "context_length");
    summary.n_layer = int_value(header, arch + "block_count");
    summary.n_embd = int_value(header, arch + "embedding_length");
    summary.n_ff = int_value(header, arch + "feed_forward_length");
    summary.n_head = int_value(header, arch + "attention.head_count");
    summary.n_head_kv = int_value(header, arch + "attention.head_count_kv");
    if (summary.n_head_kv == 0) summary.n_head_kv = summary.n_head;
    const std::int64_t head_dim = summary.n_head > 0 ? summary.n_embd / summary.n_head : 0;
    const std::int64_t key_length = int_value(header, arch + "attention.key_length");
    const std::int64_t value_length = int_value(header, arch + "attention.value_length");
    summary.head_dim_k = key_length > 0 ? key_length : head_dim;
    summary.head_dim_v = value_length > 0 ? value_length : head_dim;
    summary.sliding_window = int_value(header, arch + "attention.sliding_window");
    summary.n_vocab = list_length(header, "tokenizer.ggml.tokens");
    if (summary.n_vocab == 0) summary.n_vocab = int_value(header, arch + "vocab_size");
}

GgufSummary summarise(const gguf_context* header, const fs::path& file) {
    GgufSummary summary;
    summary.path = file;
    summary.version = gguf_get_version(header);
    summary.architecture = text_value(header, "general.architecture");
    summary.name = text_value(header, "general.name");
    if (summary.name.empty()) summary.name = to_valid_utf8(file.stem().string());
    summary.has_chat_template = !text_value(header, "tokenizer.chat_template").empty();
    summary.synthetic = any_value(header, gguf_find_key(header, "landauer.synthetic")) == GgufValue(true);
    read_numbers(header, summary);
    for (std::int64_t id = 0; id < gguf_get_n_kv(header); ++id) {
        const std::string key = to_valid_utf8(gguf_get_key(header, id));
        summary.metadata[key] = value_as_text(header, id);
        summary.types[key] = gguf_type_name(gguf_get_kv_type(header, id));
        if (auto list = int_list(header, id, kLongestList); !list.empty()) summary.lists[key] = std::move(list);
    }
    return summary;
}

void add_part(GgufSummary& summary, std::vector<GgufTensor> tensors, std::uint64_t file_bytes) {
    summary.file_bytes += file_bytes;
    for (GgufTensor& tensor : tensors) {
        summary.tensor_bytes += tensor.bytes;
        summary.n_params += tensor.elements;
        summary.tensors.push_back(std::move(tensor));
    }
    summary.n_tensors = summary.tensors.size();
}

std::string dominant_type(const std::vector<GgufTensor>& tensors) {
    std::map<std::string, std::uint64_t> bytes;
    for (const GgufTensor& tensor : tensors) bytes[tensor.type] += tensor.bytes;
    const auto most =
        std::max_element(bytes.begin(), bytes.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
    return most == bytes.end() ? std::string() : most->first;
}

Result<void> add_other_parts(GgufSummary& summary, std::int64_t n_parts) {
    for (std::int64_t part = 2; part <= n_parts; ++part) {
        const fs::path path = part_path(summary.path, part, n_parts);
        if (path.empty()) {
            return fail(ErrorKind::Invalid,
                        fmt::format("{} is part 1 of {}, but its name does not end in -00001-of-{:05}.gguf.",
                                    summary.path.string(), n_parts, n_parts),
                        "Give the parts the names under which they were published.");
        }
        const auto opened = open_gguf(path);
        if (!opened) {
            Error error = opened.error();
            error.sentence = fmt::format("Part {} of {} of the model: {}", part, n_parts, error.sentence);
            error.remedy = "Put all parts of the model, whole, into one folder.";
            return tl::unexpected(error);
        }
        auto tensors = tensors_of(opened->header.get(), static_cast<int>(part - 1));
        if (auto whole = check_length(path, opened->file_bytes, tensors); !whole) return whole;
        add_part(summary, std::move(tensors), opened->file_bytes);
    }
    return {};
}

}  // namespace

Result<GgufSummary> inspect_gguf(const std::filesystem::path& file) {
    const auto opened = open_gguf(file);
    if (!opened) return tl::unexpected(opened.error());
    const gguf_context* header = opened->header.get();
    GgufSummary summary = summarise(header, file);
    auto tensors = tensors_of(header, 0);
    if (auto whole = check_length(file, opened->file_bytes, tensors); !whole) return tl::unexpected(whole.error());
    add_part(summary, std::move(tensors), opened->file_bytes);
    const std::int64_t n_parts = int_value(header, "split.count");
    const std::int64_t part = int_value(header, "split.no");
    if (part > 0) {
        return fail(ErrorKind::Invalid,
                    fmt::format("{} is part {} of {} of a split model.", file.string(), part + 1, n_parts),
                    "Give the first part (-00001-of-); the others are found beside it.");
    }
    if (n_parts > kMostParts) {
        return fail(ErrorKind::Invalid, fmt::format("{} claims to have {} parts.", file.string(), n_parts),
                    "Download the model again.");
    }
    if (n_parts > 1) {
        if (auto added = add_other_parts(summary, n_parts); !added) return tl::unexpected(added.error());
        summary.n_parts = static_cast<int>(n_parts);
    }
    summary.file_type = dominant_type(summary.tensors);
    return summary;
}

}  // namespace landauer
