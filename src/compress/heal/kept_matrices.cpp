#include "compress/heal/kept_matrices.h"

#include <fmt/format.h>

#include <cstdint>
#include <variant>

#include "gguf/header.h"
#include "gguf/weights.h"
#include "gguf/writer.h"

namespace landauer {
namespace {

constexpr const char* kKey = "landauer.kept.key";
constexpr const char* kText = "landauer.kept.text";

std::string name_of(std::size_t i) { return fmt::format("m.{}", i); }

std::string text_at(const GgufHeader& header, const char* key) {
    const auto value = header.get(key);
    const auto* text = value ? std::get_if<std::string>(&*value) : nullptr;
    return text == nullptr ? std::string{} : *text;
}

}  // namespace

Result<void> keep_matrices(const std::filesystem::path& file, const std::string& key, const std::string& text,
                           std::span<const MatrixF* const> matrices) {
    GgufHeader header;
    for (const auto& [name, value] : {std::pair{"general.architecture", std::string("landauer-kept")},
                                      std::pair{kKey, key}, std::pair{kText, text}}) {
        if (auto set = header.set(name, value); !set) return set;
    }
    for (std::size_t i = 0; i < matrices.size(); ++i) {
        const auto columns = static_cast<std::int64_t>(matrices[i]->cols());
        const auto rows = static_cast<std::int64_t>(matrices[i]->rows());
        if (auto added = header.add_tensor({name_of(i), "f32", {columns, rows}}); !added) return added;
    }
    auto writer = GgufWriter::create(file, header, true);
    if (!writer) return tl::unexpected(writer.error());
    for (std::size_t i = 0; i < matrices.size(); ++i) {
        if (auto done = writer->write(name_of(i), std::as_bytes(matrices[i]->values())); !done) return done;
    }
    return writer->finish();
}

std::optional<KeptMatrices> kept_matrices(const std::filesystem::path& file, const std::string& key) {
    std::error_code ignored;
    if (!std::filesystem::exists(file, ignored)) return std::nullopt;
    const auto header = GgufHeader::with_metadata_of(file);
    if (!header || text_at(*header, kKey) != key) return std::nullopt;
    const auto weights = WeightFile::open(file);
    if (!weights) return std::nullopt;
    KeptMatrices kept;
    kept.text = text_at(*header, kText);
    const std::size_t n = weights->summary().tensors.size();
    for (std::size_t i = 0; i < n; ++i) {
        const GgufTensor* tensor = weights->find(name_of(i));
        if (tensor == nullptr) return std::nullopt;
        const auto columns = static_cast<std::size_t>(tensor->shape.front());
        MatrixF matrix(tensor->elements / columns, columns);
        if (!weights->read(tensor->name, 0, matrix.values())) return std::nullopt;
        kept.matrices.push_back(std::move(matrix));
    }
    return kept;
}

}  // namespace landauer
