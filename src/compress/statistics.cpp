#include "compress/statistics.h"

#include <fmt/format.h>

#include <cmath>

#include "compress/moments.h"
#include "gguf/weights.h"

namespace landauer {
namespace {

tl::unexpected<Error> invalid(const std::filesystem::path& file, const std::string& what) {
    return fail(ErrorKind::Invalid, fmt::format("{} {}.", file.string(), what),
                "Give a file that landauer collected as statistics, or collect them again.");
}

// The metadata of this kind of file; the first value that is missing or of another type is remembered.
class InfoReader {
   public:
    explicit InfoReader(const GgufHeader& header) : header_(header) {}

    template <class T>
    void read(const char* key, T& into) {
        const auto value = header_.get(std::string(kStatisticsPrefix) + key);
        const T* found = value ? std::get_if<T>(&*value) : nullptr;
        if (found != nullptr) into = *found;
        if (found == nullptr && missing_.empty()) missing_ = key;
    }
    [[nodiscard]] const std::string& missing() const { return missing_; }

   private:
    const GgufHeader& header_;
    std::string missing_;
};

Result<StatisticsInfo> read_info(const std::filesystem::path& file) {
    const auto header = GgufHeader::with_metadata_of(file);
    if (!header) return tl::unexpected(header.error());
    InfoReader reader(*header);
    std::uint32_t version = 0;
    reader.read("version", version);
    if (!reader.missing().empty()) return invalid(file, "holds no statistics");
    if (version != kStatisticsVersion) {
        return fail(ErrorKind::Invalid,
                    fmt::format("{} holds statistics of version {}, but this landauer reads version {}.", file.string(),
                                version, kStatisticsVersion),
                    "Use the landauer that wrote it, or collect the statistics again.");
    }
    StatisticsInfo info;
    reader.read("model_sha256", info.model_sha256);
    reader.read("text_sha256", info.text_sha256);
    reader.read("n_layer", info.n_layer);
    reader.read("n_tokens", info.n_tokens);
    reader.read("n_gradient_tokens", info.n_gradient_tokens);
    reader.read("n_text_tokens", info.n_text_tokens);
    reader.read("seed", info.seed);
    reader.read("all_gradients", info.all_gradients);
    if (!reader.missing().empty()) {
        return invalid(file, fmt::format("lacks {}{} in its header", kStatisticsPrefix, reader.missing()));
    }
    if (info.n_layer < 1 || info.n_tokens < 1 || info.n_gradient_tokens < 1) {
        return invalid(file, "claims to hold statistics of nothing");
    }
    return info;
}

// n of a packed triangle of n (n + 1) / 2 values; 0: it is none.
std::size_t width_of(std::uint64_t values) {
    const auto n =
        static_cast<std::uint64_t>(std::llround((std::sqrt(8.0 * static_cast<double>(values) + 1.0) - 1.0) / 2.0));
    return triangle(n) == values ? n : 0;
}

// Whether the file has the tensor, and has it well.
Result<bool> has_moment(const WeightFile& file, const std::string& name) {
    const GgufTensor* found = file.find(name);
    if (found == nullptr) return false;
    if (found->type == "f32" && found->shape.size() == 1 && width_of(found->elements) > 0) return true;
    return invalid(file.summary().path, fmt::format("holds {} in another form than a triangle", name));
}

Result<void> check_layer(const WeightFile& file, const StatisticsInfo& info, std::size_t layer) {
    const auto attention = has_moment(file, moment_tensor(layer, "attn_in"));
    if (!attention) return tl::unexpected(attention.error());
    const auto needed = [&](const Moment& moment) {
        return (moment.always || info.all_gradients) && (!moment.of_attention || *attention);
    };
    for (const auto* moments : {&input_moments(), &gradient_moments()}) {
        for (const Moment& moment : *moments) {
            const std::string name = moment_tensor(layer, moment.name);
            const auto there = has_moment(file, name);
            if (!there) return tl::unexpected(there.error());
            if (!*there && needed(moment)) return invalid(file.summary().path, "lacks " + name);
        }
    }
    const GgufTensor* influence = file.find(moment_tensor(layer, kInfluence));
    if (influence == nullptr || influence->elements != 2) {
        return invalid(file.summary().path, "lacks " + moment_tensor(layer, kInfluence));
    }
    return {};
}

Result<MatrixD> read_moment(const WeightFile& file, const std::string& name) {
    const auto packed = file.read(name);
    if (!packed) return tl::unexpected(packed.error());
    MatrixD whole(width_of(packed->size()), width_of(packed->size()));
    std::size_t at = 0;
    for (std::size_t i = 0; i < whole.rows(); ++i) {
        for (std::size_t j = 0; j <= i; ++j) whole(j, i) = whole(i, j) = static_cast<double>((*packed)[at++]);
    }
    return whole;
}

}  // namespace

struct StatisticsFile::State {
    StatisticsInfo info;
    WeightFile file;
    State(StatisticsInfo about, WeightFile opened) : info(std::move(about)), file(std::move(opened)) {}
};

StatisticsFile::StatisticsFile(std::unique_ptr<State> state) : state_(std::move(state)) {}
StatisticsFile::StatisticsFile(StatisticsFile&& other) noexcept = default;
StatisticsFile& StatisticsFile::operator=(StatisticsFile&& other) noexcept = default;
StatisticsFile::~StatisticsFile() = default;

Result<StatisticsFile> StatisticsFile::open(const std::filesystem::path& file) {
    std::error_code ignored;
    if (!std::filesystem::exists(file, ignored)) return invalid(file, "does not exist");
    auto opened = WeightFile::open(file);
    if (!opened) return tl::unexpected(opened.error());
    auto info = read_info(file);
    if (!info) return tl::unexpected(info.error());
    if (static_cast<std::uint64_t>(info->n_layer) > opened->summary().n_tensors) {
        return invalid(file,
                       fmt::format("claims {} layers, but has {} tensors", info->n_layer, opened->summary().n_tensors));
    }
    for (std::size_t layer = 0; layer < static_cast<std::size_t>(info->n_layer); ++layer) {
        if (auto good = check_layer(*opened, *info, layer); !good) return tl::unexpected(good.error());
    }
    return StatisticsFile(std::make_unique<State>(std::move(*info), std::move(*opened)));
}

const StatisticsInfo& StatisticsFile::info() const { return state_->info; }

Result<LayerStatistics> StatisticsFile::layer(std::size_t index) const {
    if (index >= static_cast<std::size_t>(state_->info.n_layer)) {
        return invalid(state_->file.summary().path, fmt::format("has no layer {}", index));
    }
    LayerStatistics statistics;
    for (const auto* moments : {&input_moments(), &gradient_moments()}) {
        for (const Moment& moment : *moments) {
            const std::string name = moment_tensor(index, moment.name);
            if (state_->file.find(name) == nullptr) continue;
            auto matrix = read_moment(state_->file, name);
            if (!matrix) return tl::unexpected(matrix.error());
            statistics.*moment.matrix = std::move(*matrix);
        }
    }
    const auto influence = state_->file.read(moment_tensor(index, kInfluence));
    if (!influence) return tl::unexpected(influence.error());
    statistics.attn_influence = static_cast<double>((*influence)[0]);
    statistics.ffn_influence = static_cast<double>((*influence)[1]);
    return statistics;
}

}  // namespace landauer
