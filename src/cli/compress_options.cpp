#include "cli/compress_options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "cli/command.h"
#include "cli/compress_quantise.h"
#include "cli/compress_target.h"
#include "cli/compress_ways.h"
#include "cli/heal_options.h"
#include "cli/texts.h"
#include "compress/quantise_model.h"
#include "engine/quantise.h"
#include "platform/topology.h"

namespace landauer {
namespace {

// The number at the beginning, and what follows it.
std::optional<std::pair<double, std::string>> number_and_unit(const std::string& word) {
    double value = 0.0;
    const auto [end, problem] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (problem != std::errc{} || !std::isfinite(value)) return std::nullopt;
    return std::pair{value, std::string(end, word.data() + word.size())};
}

}  // namespace

void add_compress_options(CLI::App& command, CompressFlags& flags) {
    command.add_option("-m,--model", flags.model, "The model to make smaller: a GGUF file, or a Hugging Face folder")
        ->required();
    command.add_option("-o,--out", flags.out, "The smaller model's file");
    command.add_option("--remove", flags.remove, "Share of the blocks' parameters to take away: 20%")->group("Size");
    command.add_option("--target-bytes", flags.target_bytes, "The smaller file's size: 80M, 1.5G")->group("Size");
    command
        .add_option("--target", flags.target,
                    "What it should cost on this machine: decode:1.5x, prefill:1.3x, prompt:1.3x or joules:-30%, "
                    "measured here")
        ->group("Size");
    command.add_option("--mix", flags.mix, "Of --target: tokens in and out of a typical prompt")
        ->capture_default_str()
        ->group("Size");
    command.add_flag("--measure-again", flags.measure_again, "Of --target: measure the costs although some are kept")
        ->group("Size");
    add_meter_option(command, flags.meters);
    command.add_option("--format", flags.format, "stock: shapes that llama.cpp runs; factors: matrices of lower rank")
        ->check(CLI::IsMember({"stock", "factors"}))
        ->capture_default_str()
        ->group("Format");
    command
        .add_flag("--expand", flags.expand,
                  "Write the factors (of -m, where it has some) multiplied out: a dense file of equal function")
        ->group("Format");
    command.add_option("--expand-type", flags.expand_type, "How multiplied-out matrices are stored")
        ->check(CLI::IsMember({"f16", "f32"}))
        ->capture_default_str()
        ->group("Format");
    command
        .add_option("--quantise", flags.quantise,
                    "Take nothing away: the same shapes in this type (Q4_0, IQ4_NL, Q3_K_M, ...)")
        ->group("Size");
    command
        .add_option("--method", flags.method,
                    "Of --quantise: feedback (each column makes up for the errors before it), imatrix (libllama's own, "
                    "weighted by the statistics) or plain")
        ->capture_default_str()
        ->group("Size");
    command.add_option("--ways", flags.ways, "What may be taken away: some of neurons, heads, layers")
        ->capture_default_str()
        ->group("Size");
    command
        .add_option("--types", flags.types,
                    "Types that a layer, or with --format factors a matrix, may be stored in instead of its own, where "
                    "that saves more for what it loses: Q4_0,IQ4_NL; with --target-bytes or --target")
        ->group("Size");
    command
        .add_option("--type", flags.type,
                    "Type that all layers are stored in: Q4_0, Q8_0, Q3_K_M, ...; default: their own. With --format "
                    "factors the type of the factors; default: Q8_0")
        ->group("Size");
    command.add_option("--text", flags.texts, "Text to calibrate on; several are read one after the other")
        ->group("Calibration");
    command.add_flag("--no-self", flags.no_self, "Calibrate on the text alone, not on what the model writes as well")
        ->group("Calibration");
    command.add_option("--windows", flags.n_windows, "Windows of text, half of them written by the model")
        ->capture_default_str()
        ->group("Calibration");
    command
        .add_option("--gradient-windows", flags.n_gradient_windows,
                    "The first so many of them also give the gradients, which cost twice as much")
        ->capture_default_str()
        ->group("Calibration");
    command.add_option("--window-tokens", flags.window_tokens, "Tokens of a window")
        ->capture_default_str()
        ->group("Calibration");
    command.add_option("--statistics", flags.statistics, "Use these statistics of an earlier run")
        ->group("Calibration");
    command.add_option("--seed", flags.seed, "Of what is drawn")->capture_default_str()->group("Calibration");
    command.add_option("-t,--threads", flags.n_threads, "Threads; default: all physical cores");
    command.add_option("--work", flags.work,
                       "Folder of the stages, kept; default: beside the output, removed at the end");
    command.add_flag("--profile", flags.profile,
                     "Only show what each part of each layer is worth, and the ranks it would keep");
    command.add_flag("--dry-run", flags.dry_run, "Only say what it would take, from the header alone");
    command.add_flag("--force", flags.force, "Replace the output file");
    command.add_option("--heal", flags.heal,
                       "Train what is left for so long (5m, 20m) to say what the model said: where something goes, "
                       "floats before they are quantised, and in the end the scales");
    add_verdict_options(command, "the model and its stock quantisation", flags.verdict);
    command.add_option("--report", flags.report,
                       "Also write an HTML page: sensitivity, sizes, what was chosen, the verdict");
    command.add_flag("--json", flags.json, "Print JSON");
    command
        .add_option("--import-type", flags.import_type, "Store the folder's matrices as F32, F16, BF16 or Q8_0 first")
        ->group("Hugging Face folder");
    command
        .add_option("--pre", flags.import_pre, "How its tokenizer cuts text, by llama.cpp's name, if that is not known")
        ->group("Hugging Face folder");
    command.add_flag("--allow-synthetic", flags.allow_synthetic, "Compress random weights too, for costs")
        ->group("Checks");
    command.add_flag("--allow-compressed", flags.allow_compressed, "Compress a compressed model again")
        ->group("Checks");
}

Result<double> read_share(const std::string& word) {
    const auto parts = number_and_unit(word);
    if (parts && parts->second == "%") return parts->first / 100.0;
    if (parts && parts->second.empty() && parts->first < 1.0) return parts->first;
    return fail(ErrorKind::Invalid, fmt::format("\"{}\" is no share.", word), "Write it like 20%.");
}

Result<std::uint64_t> read_bytes(const std::string& word) {
    constexpr std::array kUnits = {std::pair{"", 1.0},          std::pair{"B", 1.0},           std::pair{"k", 1e3},
                                   std::pair{"kB", 1e3},        std::pair{"M", 1e6},           std::pair{"MB", 1e6},
                                   std::pair{"G", 1e9},         std::pair{"GB", 1e9},          std::pair{"KiB", 1024.0},
                                   std::pair{"MiB", 1048576.0}, std::pair{"GiB", 1073741824.0}};
    const auto parts = number_and_unit(word);
    for (const auto& [unit, factor] : kUnits) {
        if (parts && parts->second == unit && parts->first > 0.0 && parts->first * factor < 1e18) {
            return static_cast<std::uint64_t>(parts->first * factor);
        }
    }
    return fail(ErrorKind::Invalid, fmt::format("\"{}\" is no size of a file.", word), "Write it like 80M or 1.5G.");
}

std::filesystem::path work_folder(const CompressFlags& flags) {
    if (!flags.work.empty()) return flags.work;
    if (!flags.out.empty()) return flags.out.string() + ".work";
    return flags.model.stem().string() + ".compress.work";
}

namespace {

// Words that mean nothing are said before any work is done.
Result<void> check_size_words(const CompressFlags& flags) {
    if (!flags.remove.empty()) {
        if (const auto share = read_share(flags.remove); !share) return tl::unexpected(share.error());
    }
    if (!flags.target_bytes.empty()) {
        if (const auto bytes = read_bytes(flags.target_bytes); !bytes) return tl::unexpected(bytes.error());
    }
    return {};
}

Result<void> check_size(const CompressFlags& flags) {
    int n_sizes = 0;
    for (const std::string* size : {&flags.remove, &flags.target_bytes, &flags.target})
        n_sizes += size->empty() ? 0 : 1;
    if (n_sizes == 1) return {};
    return fail(ErrorKind::Invalid, n_sizes == 0 ? "How small it should be is not said." : "Two sizes are asked for.",
                "Give one of --remove 20%, --target-bytes 80M and --target decode:1.5x.");
}

Result<void> check_type(const CompressFlags& flags) {
    if (flags.type.empty() || fed_back_type(flags.type)) return {};
    const auto& names = quantisation_names();
    if (std::find(names.begin(), names.end(), flags.type) == names.end()) {
        return fail(ErrorKind::Invalid, fmt::format("\"{}\" is no type that llama.cpp writes.", flags.type),
                    fmt::format("Use one of {}.", fmt::join(names, ", ")));
    }
    if (flags.target_bytes.empty() && flags.types.empty() && flags.target.empty()) return {};
    return fail(ErrorKind::Invalid,
                fmt::format("What {} takes is known only when libllama has written it.", flags.type),
                fmt::format("Say how much goes (--remove 20%), or take one of {}.", fmt::join(fed_back_names(), ", ")));
}

Result<void> check_factor_type(const CompressFlags& flags) {
    if (flags.expand || row_bytes(factor_type(flags), 256) > 0) return {};
    return fail(ErrorKind::Invalid, fmt::format("\"{}\" is no type that a factor is stored in.", flags.type),
                "Use one type for all: F16, Q8_0, Q4_0, IQ4_NL, ...");
}

Result<void> check_format(const CompressFlags& flags) {
    if (flags.format == "stock") {
        if (auto good = check_type(flags); !good) return good;
        if (!flags.types.empty() && !flags.remove.empty()) {
            return fail(ErrorKind::Invalid,
                        "A type of fewer bits takes no parameters away, so --types does nothing here.",
                        "Say the size in bytes: --target-bytes 80M.");
        }
        if (!flags.expand) return {};
        return fail(ErrorKind::Invalid, "Stock shapes have nothing to multiply out.",
                    "Leave --expand out, or say --format factors.");
    }
    const bool aims = !flags.target_bytes.empty() || !flags.target.empty();
    if (flags.expand && (aims || !flags.types.empty() || !flags.type.empty())) {
        return fail(ErrorKind::Invalid, "Matrices multiplied out are as large and as slow as they were.",
                    "Say how much goes in parameters (--remove 20%, in --expand-type), or leave --expand out.");
    }
    if (!flags.types.empty() && !flags.remove.empty()) {
        return fail(ErrorKind::Invalid, "A type of fewer bits takes no parameters away, so --types does nothing here.",
                    "Say the size in bytes: --target-bytes 80M.");
    }
    return check_factor_type(flags);
}

}  // namespace

std::string factor_type(const CompressFlags& flags) {
    if (flags.type.empty()) return "q8_0";
    if (const auto type = fed_back_type(flags.type)) return *type;
    for (const char* type : {"f32", "f16", "bf16"}) {
        if (CLI::detail::to_lower(flags.type) == type) return type;
    }
    return {};
}

Result<void> check_flags(const CompressFlags& flags) {
    if (auto good = check_size_words(flags); !good) return good;
    if (auto good = check_target_flags(flags); !good) return good;
    if (!flags.heal.empty()) {
        if (const auto budget = read_budget(flags.heal); !budget) return tl::unexpected(budget.error());
    }
    if (flags.profile || flags.dry_run) return {};
    if (flags.out.empty()) {
        return fail(ErrorKind::Invalid, "No file to write is named.",
                    "landauer compress -m MODEL -o SMALL.gguf --remove 20%, or --profile to look first.");
    }
    if (!flags.quantise.empty()) {
        if (auto good = check_quantise_flags(flags); !good) return good;
    } else if (auto good = check_size(flags); !good) {
        return good;
    }
    if (auto good = check_format(flags); !good) return good;
    std::error_code ignored;
    if (std::filesystem::equivalent(flags.model, flags.out, ignored)) {
        return fail(ErrorKind::Invalid, fmt::format("{} cannot be written onto itself.", flags.model.string()),
                    "Write to another file.");
    }
    if (std::filesystem::exists(flags.out, ignored) && !flags.force) {
        return fail(ErrorKind::Invalid, fmt::format("{} is there already.", flags.out.string()),
                    "Choose another name, or say --force.");
    }
    return {};
}

Result<CompressSettings> compress_settings(const CompressFlags& flags) {
    CompressSettings settings;
    settings.model = flags.model;
    settings.work = work_folder(flags);
    settings.statistics = flags.statistics;
    settings.price = flags.target_bytes.empty() ? parameter_price() : byte_price();
    settings.factor_price = flags.target_bytes.empty() ? parameter_price_of_factors() : byte_price_of_factors();
    const bool factorised = flags.format == "factors" && !flags.profile;  // a profile knows both
    settings.format = factorised ? CompressFormat::Factors : CompressFormat::Stock;
    settings.ranks = flags.profile;
    settings.allow_synthetic = flags.allow_synthetic;
    settings.allow_compressed = flags.allow_compressed;
    const auto ways = read_ways(flags.ways);
    if (!ways) return tl::unexpected(ways.error());
    settings.ways = *ways;
    auto types = read_types(flags.types);
    if (!types) return tl::unexpected(types.error());
    settings.types = std::move(*types);
    if (factorised) {
        settings.factor_type = flags.expand ? flags.expand_type : factor_type(flags);
    } else if (const auto type = fed_back_type(flags.type)) {
        settings.types.push_back(*type);
        settings.ways.own_types = false;
    }
    CalibrationSettings& calibration = settings.calibration;
    auto text = read_texts(flags.texts);
    if (!text) return tl::unexpected(text.error());
    calibration.text = std::move(*text);
    calibration.self = !flags.no_self;
    settings.n_gradient_windows = flags.n_gradient_windows;
    calibration.n_windows = flags.n_windows;
    calibration.n_tokens = flags.window_tokens;
    calibration.n_threads = flags.n_threads > 0 ? flags.n_threads : read_topology().usable_cores();
    calibration.seed = flags.seed;
    return settings;
}

}  // namespace landauer
