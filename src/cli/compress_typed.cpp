#include "cli/compress_typed.h"

#include "compress/quantise_model.h"
#include "engine/quantise.h"

namespace landauer {

Result<std::uint64_t> write_typed(const CompressFlags& flags, const CompressSettings& settings,
                                  const WeightFile& source, const StockShape& shape, const std::vector<LayerKeep>& keep,
                                  const StatisticsFile& statistics, const Making& making, const WriteHooks& hooks) {
    if (flags.type.empty() || fed_back_type(flags.type)) {
        return write_stock(source, shape, keep, statistics, making, flags.out, hooks.abort, hooks.done);
    }
    const std::filesystem::path narrow = settings.work / "narrow.gguf";
    auto written = write_stock(source, shape, keep, statistics, making, narrow, hooks.abort, hooks.done);
    if (!written) return written;
    const auto importance = importance_of(source, shape, keep, statistics);
    if (!importance) return tl::unexpected(importance.error());
    const auto done = quantise(narrow, flags.type, flags.out, settings.calibration.n_threads, *importance);
    std::error_code problem;
    std::filesystem::remove(narrow, problem);
    if (!done) return tl::unexpected(done.error());
    return std::filesystem::file_size(flags.out, problem);
}

}  // namespace landauer
