#include "gguf/synth/synth.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "gguf/synth/metadata.h"
#include "gguf/synth/weights.h"
#include "gguf/writer.h"

namespace landauer {
namespace {

Result<SynthFile> file_of(const GgufMetadata& metadata, std::vector<SynthTensor> tensors) {
    SynthFile file;
    for (const auto& [key, value] : metadata) {
        if (auto set = file.header.set(key, value); !set) return tl::unexpected(set.error());
    }
    for (const SynthTensor& tensor : tensors) {
        if (auto added = file.header.add_tensor(tensor.spec); !added) return tl::unexpected(added.error());
    }
    file.tensors = std::move(tensors);
    return file;
}

void append(GgufMetadata& metadata, GgufMetadata more) {
    metadata.insert(metadata.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

Result<void> write_tensor(GgufWriter& writer, const SynthPlan& plan, const SynthTensor& tensor, std::uint64_t bytes,
                          const SynthProgress& progress) {
    auto source = open_weights(tensor, plan.shape.language, plan.seed);
    if (!source) return tl::unexpected(source.error());
    std::vector<std::byte> piece(std::min<std::uint64_t>((*source)->piece_bytes(), bytes));
    while (bytes > 0) {
        piece.resize(std::min<std::uint64_t>(piece.size(), bytes));
        (*source)->fill(piece);
        if (auto written = writer.write(tensor.spec.name, piece); !written) return written;
        bytes -= piece.size();
        if (progress && !progress(writer.bytes_written())) {
            return fail(ErrorKind::Interrupted, "Writing was interrupted; nothing half-written stays.", "");
        }
    }
    return {};
}

}  // namespace

std::uint64_t SynthFile::n_params() const {
    std::uint64_t n = 0;
    for (const SynthTensor& tensor : tensors) {
        std::uint64_t elements = 1;
        for (const std::int64_t size : tensor.spec.shape) elements *= static_cast<std::uint64_t>(size);
        n += elements;
    }
    return n;
}

Result<SynthPlan> plan_synth(const SynthRequest& request) {
    const auto shape = find_shape(request.shape);
    if (!shape) return tl::unexpected(shape.error());
    return plan_synth(*shape, request);
}

Result<SynthPlan> plan_synth(const SynthShape& shape, const SynthRequest& request) {
    const auto file_type = find_file_type(request.type.empty() ? shape.default_type : request.type);
    if (!file_type) return tl::unexpected(file_type.error());
    auto tokenizer = tokenizer_for(shape, request.tokenizer);
    if (!tokenizer) return tl::unexpected(tokenizer.error());

    GgufMetadata metadata = language_metadata(shape, tokenizer->n_tokens, *file_type);
    append(metadata, std::move(tokenizer->metadata));
    append(metadata, synthetic_marks(shape, request.seed, tokenizer->name));
    auto model = file_of(metadata, language_tensors(shape.language, tokenizer->n_tokens, *file_type));
    if (!model) return tl::unexpected(model.error());
    SynthPlan plan{shape, *file_type, request.seed, tokenizer->name, tokenizer->is_fallback, std::move(*model), {}};
    if (shape.tower) {
        GgufMetadata tower_keys = tower_metadata(shape);
        append(tower_keys, synthetic_marks(shape, request.seed, tokenizer->name));
        auto tower = file_of(tower_keys, tower_tensors(*shape.tower, shape.language.n_embd));
        if (!tower) return tl::unexpected(tower.error());
        plan.tower = std::move(*tower);
    }
    return plan;
}

Result<void> write_synth(const SynthPlan& plan, const SynthFile& part, const std::filesystem::path& file, bool replace,
                         const SynthProgress& progress) {
    auto writer = GgufWriter::create(file, part.header, replace);
    if (!writer) return tl::unexpected(writer.error());
    const auto places = part.header.places();
    for (std::size_t i = 0; i < part.tensors.size(); ++i) {
        if (auto written = write_tensor(*writer, plan, part.tensors[i], places[i].bytes, progress); !written) {
            return written;
        }
    }
    return writer->finish();
}

}  // namespace landauer
