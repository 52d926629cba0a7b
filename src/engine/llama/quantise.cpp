#include "engine/quantise.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <map>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "engine/llama/checks.h"
#include "engine/llama/load.h"
#include "engine/log.h"
#include "gguf/summary.h"
#include "gguf/types.h"
#include "gguf/writer.h"
#include "llama.h"

namespace landauer {
namespace {

struct Quantisation {
    std::string_view name;
    llama_ftype type;
};

// Those that need no importance matrix.
constexpr std::array kTypes = {
    Quantisation{"TQ1_0", LLAMA_FTYPE_MOSTLY_TQ1_0},   Quantisation{"TQ2_0", LLAMA_FTYPE_MOSTLY_TQ2_0},
    Quantisation{"Q2_K", LLAMA_FTYPE_MOSTLY_Q2_K},     Quantisation{"IQ3_S", LLAMA_FTYPE_MOSTLY_IQ3_S},
    Quantisation{"IQ3_M", LLAMA_FTYPE_MOSTLY_IQ3_M},   Quantisation{"Q3_K_S", LLAMA_FTYPE_MOSTLY_Q3_K_S},
    Quantisation{"Q3_K_M", LLAMA_FTYPE_MOSTLY_Q3_K_M}, Quantisation{"Q3_K_L", LLAMA_FTYPE_MOSTLY_Q3_K_L},
    Quantisation{"IQ4_XS", LLAMA_FTYPE_MOSTLY_IQ4_XS}, Quantisation{"IQ4_NL", LLAMA_FTYPE_MOSTLY_IQ4_NL},
    Quantisation{"Q4_0", LLAMA_FTYPE_MOSTLY_Q4_0},     Quantisation{"Q4_1", LLAMA_FTYPE_MOSTLY_Q4_1},
    Quantisation{"Q4_K_S", LLAMA_FTYPE_MOSTLY_Q4_K_S}, Quantisation{"Q4_K_M", LLAMA_FTYPE_MOSTLY_Q4_K_M},
    Quantisation{"Q5_0", LLAMA_FTYPE_MOSTLY_Q5_0},     Quantisation{"Q5_1", LLAMA_FTYPE_MOSTLY_Q5_1},
    Quantisation{"Q5_K_S", LLAMA_FTYPE_MOSTLY_Q5_K_S}, Quantisation{"Q5_K_M", LLAMA_FTYPE_MOSTLY_Q5_K_M},
    Quantisation{"Q6_K", LLAMA_FTYPE_MOSTLY_Q6_K},     Quantisation{"Q8_0", LLAMA_FTYPE_MOSTLY_Q8_0},
    Quantisation{"F16", LLAMA_FTYPE_MOSTLY_F16},       Quantisation{"BF16", LLAMA_FTYPE_MOSTLY_BF16},
    Quantisation{"F32", LLAMA_FTYPE_ALL_F32},
};
// Those that do.
constexpr std::array kWeightedTypes = {
    Quantisation{"IQ1_S", LLAMA_FTYPE_MOSTLY_IQ1_S},     Quantisation{"IQ1_M", LLAMA_FTYPE_MOSTLY_IQ1_M},
    Quantisation{"IQ2_XXS", LLAMA_FTYPE_MOSTLY_IQ2_XXS}, Quantisation{"IQ2_XS", LLAMA_FTYPE_MOSTLY_IQ2_XS},
    Quantisation{"IQ2_S", LLAMA_FTYPE_MOSTLY_IQ2_S},     Quantisation{"IQ2_M", LLAMA_FTYPE_MOSTLY_IQ2_M},
    Quantisation{"Q2_K_S", LLAMA_FTYPE_MOSTLY_Q2_K_S},   Quantisation{"IQ3_XXS", LLAMA_FTYPE_MOSTLY_IQ3_XXS},
    Quantisation{"IQ3_XS", LLAMA_FTYPE_MOSTLY_IQ3_XS},
};
constexpr double kNear = 0.1;  // of a size: further away no type is named for it

// Made for models trained with weights of -1, 0 and 1; any other model is noise in them, and no control for anything.
bool is_ternary(const Quantisation& type) { return type.name.starts_with("TQ"); }

Result<llama_ftype> type_named(const std::string& name, bool weighted) {
    for (const Quantisation& known : kTypes) {
        if (known.name == name) return known.type;
    }
    for (const Quantisation& known : kWeightedTypes) {
        if (weighted && known.name == name) return known.type;
    }
    return fail(ErrorKind::Invalid,
                fmt::format("The quantisation \"{}\" is not known, or needs an importance matrix.", name),
                fmt::format("Use one of {}.", fmt::join(quantisation_names(), ", ")));
}

Result<GgufSummary> inspect(const std::filesystem::path& model) {
    start_backend();
    auto summary = inspect_gguf(model);
    if (!summary) return summary;
    if (auto sane = check_plausible(*summary); !sane) return tl::unexpected(sane.error());
    return summary;
}

// As libllama takes them: a list that ends with a nameless one, which points into `importance`.
std::vector<llama_model_imatrix_data> imatrix_of(const std::vector<TensorImportance>& importance) {
    std::vector<llama_model_imatrix_data> list;
    if (importance.empty()) return list;
    list.reserve(importance.size() + 1);
    for (const TensorImportance& one : importance) {
        list.push_back({one.tensor.c_str(), one.weights.data(), one.weights.size()});
    }
    list.push_back({nullptr, nullptr, 0});
    return list;
}

Result<void> check_importance(const GgufSummary& summary, const std::vector<TensorImportance>& importance) {
    for (const TensorImportance& one : importance) {
        const bool sane = std::all_of(one.weights.begin(), one.weights.end(),
                                      [](float weight) { return std::isfinite(weight) && weight >= 0.0F; });
        const auto tensor = std::find_if(summary.tensors.begin(), summary.tensors.end(),
                                         [&](const GgufTensor& known) { return known.name == one.tensor; });
        const bool fits =
            tensor == summary.tensors.end() ||
            (!tensor->shape.empty() && one.weights.size() == static_cast<std::size_t>(tensor->shape.front()));
        if (sane && fits) continue;
        return fail(ErrorKind::Invalid,
                    fits ? fmt::format("The importance of {} is negative or not a number.", one.tensor)
                         : fmt::format("{} importances were given for {}.", one.weights.size(), one.tensor),
                    "Collect the statistics of this very model again.");
    }
    return {};
}

llama_model_quantize_params params_for(llama_ftype type, std::int32_t n_threads,
                                       const std::vector<llama_model_imatrix_data>& imatrix) {
    auto params = llama_model_quantize_default_params();
    params.nthread = n_threads;
    params.ftype = type;
    params.allow_requantize = true;
    params.imatrix = imatrix.empty() ? nullptr : imatrix.data();
    return params;
}

Error refused(const std::filesystem::path& model, const std::string& type) {
    const std::string lines = recent_engine_errors();
    return {ErrorKind::Failed,
            fmt::format("llama.cpp could not quantise {} to {}{}.", model.string(), type,
                        lines.empty() ? "" : fmt::format(" ({})", lines)),
            "Run with -v for the whole log; try another type."};
}

// "[  3/272] blk.0.ffn_up.weight - [576, 1536, 1, 1], type = f16, size = 1.69 MiB -> 0.47 MiB (q4_K)": the tensor's
// name and the type that it would have, none where it stays as it is.
struct DryLine {
    std::string name;
    std::optional<std::string> type;
};
std::optional<DryLine> parse_dry_line(std::string_view line) {
    const auto name_at = line.find("] ");
    const auto shape_at = line.find(" - [");
    if (!line.starts_with('[') || name_at == std::string_view::npos || shape_at == std::string_view::npos ||
        shape_at < name_at) {
        return std::nullopt;
    }
    std::string_view name = line.substr(name_at + 2, shape_at - name_at - 2);
    name = name.substr(0, name.find_last_not_of(' ') + 1);
    DryLine parsed{std::string(name), std::nullopt};
    const auto open = line.rfind('(');
    if (line.find(" -> ") != std::string_view::npos && open != std::string_view::npos && line.ends_with(')')) {
        parsed.type = std::string(line.substr(open + 1, line.size() - open - 2));
    }
    return parsed;
}

std::uint64_t bytes_as(const GgufTensor& tensor, const std::string& type) {
    const auto known = tensor_type(type);
    if (!known || tensor.shape.empty()) return tensor.bytes;
    const auto columns = static_cast<std::uint64_t>(tensor.shape.front());
    return tensor.elements / columns * ggml_row_size(*known, tensor.shape.front());
}

// libllama's own choice of a type for each tensor, which only its log tells.
Result<std::uint64_t> dry_run(const GgufSummary& summary, const Quantisation& quantisation,
                              const std::vector<llama_model_imatrix_data>& imatrix) {
    auto params = params_for(quantisation.type, 1, imatrix);
    params.dry_run = true;
    clear_engine_log();
    EngineLogTap tap;
    if (llama_model_quantize(summary.path.c_str(), "", &params) != 0) {
        return tl::unexpected(refused(summary.path, std::string(quantisation.name)));
    }
    std::map<std::string, std::string> types;
    std::size_t n_lines = 0;
    for (const std::string& line : tap.take()) {
        const auto parsed = parse_dry_line(line);
        if (!parsed) continue;
        ++n_lines;
        if (parsed->type) types[parsed->name] = *parsed->type;
    }
    if (n_lines != summary.n_tensors) {
        return fail(ErrorKind::Failed,
                    fmt::format("llama.cpp told the types of {} tensors of {}, which has {}.", n_lines,
                                summary.path.string(), summary.n_tensors),
                    "Build landauer with the pinned llama.cpp (tools/llama.sh).");
    }
    std::uint64_t bytes = 0;
    for (const GgufTensor& tensor : summary.tensors) {
        const auto type = types.find(tensor.name);
        bytes += type == types.end() ? tensor.bytes : bytes_as(tensor, type->second);
    }
    return bytes;
}

Result<void> check_out(const std::filesystem::path& model, const std::filesystem::path& out) {
    std::error_code ignored;
    if (!std::filesystem::equivalent(model, out, ignored)) return {};
    return fail(ErrorKind::Invalid, fmt::format("{} cannot be quantised onto itself.", model.string()),
                "Write to another file.");
}

}  // namespace

const std::vector<std::string>& quantisation_names() {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> all;
        all.reserve(std::size(kTypes));
        for (const Quantisation& known : kTypes) all.emplace_back(known.name);
        return all;
    }();
    return names;
}

Result<std::uint64_t> quantised_bytes(const std::filesystem::path& model, const std::string& type) {
    const auto known = type_named(type, false);
    if (!known) return tl::unexpected(known.error());
    const auto summary = inspect(model);
    if (!summary) return tl::unexpected(summary.error());
    return dry_run(*summary, {type, *known}, {});
}

Result<void> quantise(const std::filesystem::path& model, const std::string& type, const std::filesystem::path& out,
                      std::int32_t n_threads) {
    return quantise(model, type, out, n_threads, {});
}

Result<void> quantise(const std::filesystem::path& model, const std::string& type, const std::filesystem::path& out,
                      std::int32_t n_threads, const std::vector<TensorImportance>& importance) {
    const auto known = type_named(type, !importance.empty());
    if (!known) return tl::unexpected(known.error());
    if (n_threads < 1) {
        return fail(ErrorKind::Invalid, fmt::format("{} threads cannot be used.", n_threads), "Ask for 1 or more.");
    }
    const auto summary = inspect(model);
    if (!summary) return tl::unexpected(summary.error());
    if (auto other = check_out(model, out); !other) return other;
    if (auto sane = check_importance(*summary, importance); !sane) return sane;
    const auto imatrix = imatrix_of(importance);
    const auto bytes = dry_run(*summary, {type, *known}, imatrix);
    if (!bytes) return tl::unexpected(bytes.error());
    if (auto fits = check_target(out, *bytes, true); !fits) return fits;
    const std::filesystem::path partial = out.string() + ".part";
    const auto params = params_for(*known, n_threads, imatrix);
    clear_engine_log();
    const auto status = llama_model_quantize(model.c_str(), partial.c_str(), &params);
    std::error_code problem;
    if (status == 0) std::filesystem::rename(partial, out, problem);
    if (status == 0 && !problem) return {};
    Error error = status == 0
                      ? Error{ErrorKind::Failed,
                              fmt::format("{} could not be put in its place: {}.", out.string(), problem.message()),
                              "Check the folder's permissions."}
                      : refused(model, type);
    std::filesystem::remove(partial, problem);
    return tl::unexpected(std::move(error));
}

Result<std::string> type_of_size(const std::filesystem::path& model, std::uint64_t bytes) {
    const auto summary = inspect(model);
    if (!summary) return tl::unexpected(summary.error());
    // What stands before the tensors is as long in every type.
    const std::uint64_t header = summary->file_bytes - std::min(summary->file_bytes, summary->tensor_bytes);
    const auto wanted = static_cast<double>(bytes);
    std::string best;
    double best_size = 0.0;
    for (const Quantisation& known : kTypes) {
        if (is_ternary(known)) continue;
        const auto tensors = dry_run(*summary, known, {});
        if (!tensors) return tl::unexpected(tensors.error());
        const auto size = static_cast<double>(*tensors + header);
        if (std::abs(size - wanted) > kNear * wanted) continue;
        const bool is_below = size <= wanted;
        const bool best_is_below = best_size <= wanted;
        const bool is_better =
            is_below != best_is_below ? is_below : std::abs(size - wanted) < std::abs(best_size - wanted);
        if (best.empty() || is_better) {
            best = known.name;
            best_size = size;
        }
    }
    if (best.empty()) {
        return fail(
            ErrorKind::Absent,
            fmt::format("No quantisation of {} is within {:.0f} % of {} bytes.", model.string(), 100.0 * kNear, bytes),
            "Compare with the base itself, or with a quantisation of your choice.");
    }
    return best;
}

}  // namespace landauer
