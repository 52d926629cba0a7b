#include "compress/heal/write_healed.h"

#include <cstddef>
#include <optional>
#include <span>

#include "compress/copy_tensor.h"
#include "compress/stock_header.h"
#include "gguf/writer.h"

namespace landauer {
namespace {

Result<GgufHeader> healed_header(const Student& student, const std::filesystem::path& source,
                                 const std::vector<std::pair<std::string, GgufValue>>& making) {
    auto header = GgufHeader::with_metadata_of(source);
    if (!header) return header;
    for (const char* key : {"split.no", "split.count", "split.tensors.count"}) header->remove(key);
    if (auto set = header->set(kHealedKey, kHealedVersion); !set) return tl::unexpected(set.error());
    for (const auto& [key, value] : making) {
        if (auto set = header->set(key, value); !set) return tl::unexpected(set.error());
    }
    for (const GgufTensor& tensor : student.file().summary().tensors) {
        if (auto added = header->add_tensor({tensor.name, tensor.type, tensor.shape}); !added) {
            return tl::unexpected(added.error());
        }
    }
    return header;
}

// The gains of a norm that is trained; nothing: another tensor.
std::optional<std::vector<float>> gains_of(const Student& student, const GgufTensor& tensor) {
    if (tensor.type != "f32") return std::nullopt;
    if (tensor.name == "output_norm.weight") return student.head_norm();
    const auto place = block_part(tensor.name);
    if (!place || place->layer >= student.shape().n_layer) return std::nullopt;
    if (place->part == "attn_norm.weight") return student.attn_norm(place->layer);
    if (place->part == "ffn_norm.weight") return student.ffn_norm(place->layer);
    return std::nullopt;
}

Result<void> write_tensor(const Student& student, const GgufTensor& tensor, GgufWriter& writer) {
    if (const auto gains = gains_of(student, tensor)) {
        return writer.write(tensor.name, std::as_bytes(std::span(*gains)));
    }
    const auto bytes = student.bytes_of(tensor);
    if (!bytes) return tl::unexpected(bytes.error());
    const std::optional<std::vector<std::byte>>& changed = *bytes;
    return changed ? writer.write(tensor.name, *changed) : copy_tensor(student.file(), tensor, tensor.name, writer);
}

}  // namespace

Result<std::uint64_t> write_healed(const Student& student, const std::filesystem::path& source,
                                   const std::vector<std::pair<std::string, GgufValue>>& making,
                                   const std::filesystem::path& out, const std::function<bool()>& abort,
                                   const std::function<void(double)>& done) {
    const auto header = healed_header(student, source, making);
    if (!header) return tl::unexpected(header.error());
    if (auto fits = check_target(out, header->file_bytes(), true); !fits) return tl::unexpected(fits.error());
    auto writer = GgufWriter::create(out, *header, true);
    if (!writer) return tl::unexpected(writer.error());
    const auto& tensors = student.file().summary().tensors;
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        if (abort && abort()) return fail(ErrorKind::Interrupted, "Healing was interrupted.", "");
        if (auto written = write_tensor(student, tensors[i], *writer); !written) return tl::unexpected(written.error());
        if (done) done(static_cast<double>(i + 1) / static_cast<double>(tensors.size()));
    }
    if (auto finished = writer->finish(); !finished) return tl::unexpected(finished.error());
    return header->file_bytes();
}

}  // namespace landauer
