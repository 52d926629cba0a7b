#include "compress/collect.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "compress/grams.h"
#include "compress/moments.h"
#include "compress/own_products.h"
#include "compress/parallel.h"
#include "grad/head.h"
#include "platform/sha256.h"
#include "tensor/products.h"

namespace landauer {
namespace {

using Windows = std::vector<std::vector<std::int32_t>>;

// Sum over the positions of 1 - cos(before, after).
double turned_by(const MatrixF& before, const MatrixF& after) {
    double sum = 0.0;
    for (std::size_t t = 0; t < before.rows(); ++t) {
        double both = 0.0;
        double one = 0.0;
        double other = 0.0;
        for (std::size_t i = 0; i < before.cols(); ++i) {
            const auto a = static_cast<double>(before(t, i));
            const auto b = static_cast<double>(after(t, i));
            both += a * b;
            one += a * a;
            other += b * b;
        }
        if (one > 0.0 && other > 0.0) sum += 1.0 - both / std::sqrt(one * other);
    }
    return sum;
}

std::size_t tokens_of(const Windows& windows, std::size_t n_windows) {
    std::size_t n = 0;
    for (std::size_t w = 0; w < n_windows; ++w) n += windows[w].size();
    return n;
}

std::string hash_of(const Windows& windows) {
    std::string bytes;
    for (const auto& window : windows) {
        const auto n = static_cast<std::int32_t>(window.size());
        bytes.append(reinterpret_cast<const char*>(&n), sizeof(n));
        bytes.append(reinterpret_cast<const char*>(window.data()), window.size() * sizeof(window[0]));
    }
    return sha256_text(bytes);
}

Result<void> check_input(const Windows& windows, const CollectSettings& settings) {
    const auto invalid = [](const std::string& sentence, const std::string& remedy) {
        return fail(ErrorKind::Invalid, sentence, remedy);
    };
    if (settings.n_threads < 1) {
        return invalid(fmt::format("Statistics cannot be collected on {} threads.", settings.n_threads),
                       "Use 1 or more.");
    }
    if (windows.empty()) return invalid("There is no text to collect statistics from.", "Give a text.");
    if (settings.n_gradient_windows == 0) {
        return invalid("Statistics need at least one window with gradients.", "Ask for 1 or more, or -1 for all.");
    }
    for (std::size_t w = 0; w < windows.size(); ++w) {
        if (windows[w].size() < 2) {
            return invalid(fmt::format("Window {} of the text has {} tokens.", w, windows[w].size()),
                           "Give windows of at least two tokens.");
        }
    }
    return {};
}

StatisticsInfo info_of(const DecoderShape& shape, const Windows& windows, const CollectSettings& settings,
                       std::size_t n_gradient_windows) {
    StatisticsInfo info;
    info.model_sha256 = settings.model_sha256;
    info.text_sha256 = hash_of(windows);
    info.n_layer = static_cast<std::int64_t>(shape.n_layer);
    info.n_tokens = static_cast<std::int64_t>(tokens_of(windows, windows.size()));
    info.n_gradient_tokens = static_cast<std::int64_t>(tokens_of(windows, n_gradient_windows));
    info.n_text_tokens = settings.n_text_tokens;
    info.seed = settings.seed;
    info.all_gradients = settings.all_gradients;
    return info;
}

// One thread's room for a window.
struct Desk {
    BlockTape tape;
    BlockGradients gradients;
    MatrixF out;
    double attn_turn = 0.0;
    double ffn_turn = 0.0;

    // In the order of input_moments() and gradient_moments().
    [[nodiscard]] std::vector<const MatrixF*> inputs() const {
        return {&tape.attn_in, &tape.attn_out, &tape.ffn_in, &tape.hidden};
    }
    [[nodiscard]] std::vector<const MatrixF*> outputs() const {
        return {&gradients.o, &gradients.down, &gradients.q, &gradients.k,
                &gradients.v, &gradients.gate, &gradients.up};
    }
};

class Collector {
   public:
    Collector(const WeightFile& file, const DecoderShape& shape, const Windows& windows,
              const CollectSettings& settings, std::size_t n_gradient_windows, GgufWriter& writer)
        : file_(file),
          shape_(shape),
          windows_(windows),
          settings_(settings),
          n_threads_(static_cast<std::size_t>(settings.n_threads)),
          n_gradient_windows_(n_gradient_windows),
          writer_(writer),
          desks_(std::min(n_threads_, windows.size())) {}

    Result<void> run(const std::function<bool()>& abort, const std::function<void(const CollectProgress&)>& progress) {
        abort_ = &abort;
        progress_ = &progress;
        if (auto good = embed(); !good) return good;
        for (std::size_t layer = 0; layer < shape_.n_layer; ++layer) {
            if (auto good = forward(layer); !good) return good;
        }
        desks_ = std::vector<Desk>(desks_.size());
        if (auto good = head(); !good) return good;
        for (std::size_t layer = shape_.n_layer; layer-- > 0;) {
            if (auto good = backward(layer); !good) return good;
        }
        return {};
    }

   private:
    // Says how far it is; Interrupted.
    Result<void> step(const char* stage, std::size_t round, std::size_t n_rounds, std::size_t window, std::size_t n) {
        const double part = static_cast<double>(window) / static_cast<double>(n);
        if (*progress_) (*progress_)({stage, (static_cast<double>(round) + part) / static_cast<double>(n_rounds)});
        if (*abort_ && (*abort_)()) return fail(ErrorKind::Interrupted, "Collecting statistics was interrupted.", "");
        return {};
    }

    // work(desk, window) for neighbouring windows at once, then after(how many desks were used).
    template <class Work, class After>
    Result<void> by_rounds(const char* stage, std::size_t round, std::size_t n_rounds, std::size_t n, const Work& work,
                           const After& after) {
        for (std::size_t first = 0; first < n; first += desks_.size()) {
            if (auto good = step(stage, round, n_rounds, first, n); !good) return good;
            const std::size_t used = std::min(desks_.size(), n - first);
            in_parallel(n_threads_, used, [&](std::size_t i) { work(desks_[i], first + i); });
            after(used);
        }
        return step(stage, round, n_rounds, n, n);
    }

    Result<void> embed() {
        inputs_.resize(shape_.n_layer);
        for (const auto& window : windows_) {
            auto stream = read_embeddings(file_, shape_, window);
            if (!stream) return tl::unexpected(stream.error());
            streams_.push_back(std::move(*stream));
        }
        return {};
    }

    Result<void> forward(std::size_t layer) {
        const auto weights = read_block(file_, shape_, layer);
        if (!weights) return tl::unexpected(weights.error());
        std::vector<MatrixD> sums = empty_sums(layer, input_moments());
        inputs_[layer].resize(n_gradient_windows_);
        double attn_turn = 0.0;
        double ffn_turn = 0.0;
        const auto work = [&](Desk& desk, std::size_t w) {
            block_forward(shape_, *weights, layer, streams_[w], desk.tape, desk.out);
            desk.attn_turn = turned_by(streams_[w], desk.tape.stream);
            desk.ffn_turn = turned_by(desk.tape.stream, desk.out);
            std::swap(streams_[w], desk.out);
            if (w < n_gradient_windows_) inputs_[layer][w] = std::exchange(desk.out, {});
        };
        auto good = by_rounds("forward", layer, shape_.n_layer, windows_.size(), work, [&](std::size_t used) {
            for (std::size_t i = 0; i < used; ++i) {
                attn_turn += desks_[i].attn_turn;
                ffn_turn += desks_[i].ffn_turn;
            }
            add(sums, used, &Desk::inputs);
        });
        const std::size_t n_tokens = tokens_of(windows_, windows_.size());
        if (good) good = write(layer, input_moments(), sums, n_tokens);
        if (!good) return good;
        const auto mean = [n_tokens](double sum) { return static_cast<float>(sum / static_cast<double>(n_tokens)); };
        const std::vector<float> influence = {mean(attn_turn), mean(ffn_turn)};
        return writer_.write(moment_tensor(layer, kInfluence), std::as_bytes(std::span(influence)));
    }

    Result<void> head() {
        const auto weights = read_head(file_, shape_);
        if (!weights) return tl::unexpected(weights.error());
        d_streams_.resize(n_gradient_windows_);
        const auto work = [&](Desk&, std::size_t w) {
            std::vector<std::int32_t> labels;
            own_cross_entropy(*weights, streams_[w], {settings_.seed, w}, &d_streams_[w], labels);
            streams_[w] = {};
        };
        return by_rounds("head", 0, 1, n_gradient_windows_, work, [](std::size_t) {});
    }

    Result<void> backward(std::size_t layer) {
        const auto weights = read_block(file_, shape_, layer);
        if (!weights) return tl::unexpected(weights.error());
        std::vector<MatrixD> sums = empty_sums(layer, gradient_moments());
        const auto work = [&](Desk& desk, std::size_t w) {
            const MatrixF& in = inputs_[layer][w];
            block_tape(shape_, *weights, layer, in, desk.tape);
            block_backward(shape_, *weights, layer, in, desk.tape, d_streams_[w], desk.gradients);
        };
        auto good = by_rounds("backward", shape_.n_layer - 1 - layer, shape_.n_layer, n_gradient_windows_, work,
                              [&](std::size_t used) { add(sums, used, &Desk::outputs); });
        inputs_[layer] = {};
        if (good) good = write(layer, gradient_moments(), sums, tokens_of(windows_, n_gradient_windows_));
        return good;
    }

    // A sum for each moment; empty where it is not wanted.
    [[nodiscard]] std::vector<MatrixD> empty_sums(std::size_t layer, const std::vector<Moment>& moments) const {
        std::vector<MatrixD> sums;
        for (const Moment& moment : moments) {
            const bool wanted = moment.always || settings_.all_gradients;
            const std::size_t width = wanted ? moment_width(shape_, layer, moment) : 0;
            sums.emplace_back(width, width);
        }
        return sums;
    }

    void add(std::vector<MatrixD>& sums, std::size_t used, std::vector<const MatrixF*> (Desk::*rows_of)() const) {
        std::vector<GramInput> inputs;
        for (std::size_t m = 0; m < sums.size(); ++m) {
            if (sums[m].empty()) continue;
            GramInput input{&sums[m], {}};
            for (std::size_t i = 0; i < used; ++i) input.windows.push_back((desks_[i].*rows_of)()[m]);
            inputs.push_back(std::move(input));
        }
        add_grams(n_threads_, inputs);
    }

    Result<void> write(std::size_t layer, const std::vector<Moment>& moments, const std::vector<MatrixD>& sums,
                       std::size_t n_tokens) {
        for (std::size_t m = 0; m < moments.size(); ++m) {
            if (sums[m].empty()) continue;
            auto good = write_moment(writer_, moment_tensor(layer, moments[m].name), sums[m], n_tokens);
            if (!good) return good;
        }
        return {};
    }

    const WeightFile& file_;
    const DecoderShape& shape_;
    const Windows& windows_;
    const CollectSettings& settings_;
    std::size_t n_threads_;
    std::size_t n_gradient_windows_;
    GgufWriter& writer_;
    const std::function<bool()>* abort_ = nullptr;
    const std::function<void(const CollectProgress&)>* progress_ = nullptr;
    std::vector<Desk> desks_;
    std::vector<MatrixF> streams_;              // of each window, as far as it is
    std::vector<std::vector<MatrixF>> inputs_;  // of each layer and window that comes back
    std::vector<MatrixF> d_streams_;
};

}  // namespace

Result<StatisticsInfo> collect_statistics(const std::filesystem::path& model, const Windows& windows,
                                          const CollectSettings& settings, const std::filesystem::path& out,
                                          const std::function<bool()>& abort,
                                          const std::function<void(const CollectProgress&)>& progress) {
    if (auto good = check_input(windows, settings); !good) return tl::unexpected(good.error());
    const auto file = WeightFile::open(model);
    if (!file) return tl::unexpected(file.error());
    const auto shape = decoder_shape(*file);
    if (!shape) return tl::unexpected(shape.error());
    const auto asked = static_cast<std::size_t>(std::max<std::int64_t>(settings.n_gradient_windows, 0));
    const std::size_t n_gradient_windows = asked == 0 ? windows.size() : std::min(asked, windows.size());
    StatisticsInfo info = info_of(*shape, windows, settings, n_gradient_windows);
    const auto header = statistics_header(*shape, info);
    if (!header) return tl::unexpected(header.error());
    if (auto good = check_target(out, header->file_bytes(), true); !good) return tl::unexpected(good.error());
    auto writer = GgufWriter::create(out, *header, true);
    if (!writer) return tl::unexpected(writer.error());
    const OwnProducts own(static_cast<std::size_t>(settings.n_threads));
    Collector collector(*file, *shape, windows, settings, n_gradient_windows, *writer);
    if (auto good = collector.run(abort, progress); !good) return tl::unexpected(good.error());
    if (auto good = writer->finish(); !good) return tl::unexpected(good.error());
    return info;
}

}  // namespace landauer
