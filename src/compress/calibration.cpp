#include "compress/calibration.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>

#include "platform/sha256.h"

namespace landauer {
namespace {

using nlohmann::json;

constexpr int kCacheVersion = 1;

Result<void> check(const CalibrationSettings& settings) {
    if (settings.text.empty() && !settings.self) {
        return fail(ErrorKind::Invalid,
                    "There is neither a text to calibrate with nor leave to let the model write one.",
                    "Give --text FILE, or leave --no-self out.");
    }
    if (settings.text.find('\0') != std::string::npos) {
        return fail(ErrorKind::Invalid, "The calibration text holds NUL bytes, so it is no text.",
                    "Give plain text in UTF-8.");
    }
    if (!settings.text.empty() && settings.text.find_first_not_of(" \t\r\n") == std::string::npos) {
        return fail(ErrorKind::Invalid, "The calibration text is empty.", "Give a text of some thousand words.");
    }
    if (settings.n_windows < 1 || settings.n_tokens < 16) {
        return fail(
            ErrorKind::Invalid,
            fmt::format("{} windows of {} tokens cannot be calibrated with.", settings.n_windows, settings.n_tokens),
            "Use one window or more, of 16 tokens or more.");
    }
    return {};
}

std::string key_of(const std::string& model_sha256, const CalibrationSettings& settings) {
    return sha256_text(fmt::format("{} {} {} {} {} {} {}", kCacheVersion, model_sha256, sha256_text(settings.text),
                                   settings.self, settings.n_windows, settings.n_tokens, settings.seed));
}

// Whatever is wrong with a cache, the windows are simply made again.
std::optional<Calibration> from_cache(const std::filesystem::path& cache, const std::string& key) {
    std::ifstream file(cache);
    const json kept = json::parse(file, nullptr, false);
    if (!kept.is_object() || kept.value("key", "") != key) return std::nullopt;
    try {
        Calibration calibration;
        calibration.windows = kept.at("windows").get<std::vector<TokenWindow>>();
        calibration.n_text_tokens = kept.at("n_text_tokens").get<std::int64_t>();
        calibration.n_self_tokens = kept.at("n_self_tokens").get<std::int64_t>();
        calibration.caveats = kept.at("caveats").get<std::vector<std::string>>();
        calibration.sha256 = key;
        return calibration;
    } catch (const json::exception&) {
        return std::nullopt;
    }
}

Result<void> to_cache(const std::filesystem::path& cache, const Calibration& calibration) {
    const json kept = {{"key", calibration.sha256},
                       {"n_text_tokens", calibration.n_text_tokens},
                       {"n_self_tokens", calibration.n_self_tokens},
                       {"caveats", calibration.caveats},
                       {"windows", calibration.windows}};
    const std::filesystem::path partial = cache.string() + ".part";
    std::error_code problem;
    {
        std::ofstream file(partial);
        file << kept.dump() << '\n';
        if (!file.flush()) problem = std::make_error_code(std::errc::io_error);
    }
    if (!problem) std::filesystem::rename(partial, cache, problem);
    if (!problem) return {};
    return fail(ErrorKind::Failed, fmt::format("{} could not be written: {}.", cache.string(), problem.message()),
                "Free some space, or put the stages elsewhere (--work).");
}

std::int64_t tokens_in(const std::vector<TokenWindow>& windows) {
    std::int64_t n = 0;
    for (const TokenWindow& window : windows) n += static_cast<std::int64_t>(window.size());
    return n;
}

// In turns, so that any first part of them has both.
std::vector<TokenWindow> in_turns(std::vector<TokenWindow> a, std::vector<TokenWindow> b) {
    std::vector<TokenWindow> all;
    for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
        if (i < a.size()) all.push_back(std::move(a[i]));
        if (i < b.size()) all.push_back(std::move(b[i]));
    }
    return all;
}

Result<std::vector<TokenWindow>> from_text(const std::filesystem::path& model, const CalibrationSettings& settings,
                                           Calibration& calibration) {
    if (settings.text.empty()) {
        calibration.caveats.emplace_back(
            "No text was given: calibrated on what the model writes by itself, which serves its own domain less than a "
            "text of it would (--text FILE).");
        return std::vector<TokenWindow>{};
    }
    const std::int32_t share = settings.self ? std::max(settings.n_windows / 2, 1) : settings.n_windows;
    auto windows = text_windows(model, settings.text, share, settings.n_tokens);
    if (windows && windows->size() < static_cast<std::size_t>(share)) {
        calibration.caveats.push_back(
            fmt::format("The text fills {} of the {} windows meant for it.", windows->size(), share));
    }
    return windows;
}

}  // namespace

Result<Calibration> calibration_windows(const std::filesystem::path& model, const std::string& model_sha256,
                                        const CalibrationSettings& settings, const std::filesystem::path& cache,
                                        const std::function<bool()>& abort,
                                        const std::function<void(double)>& progress) {
    if (auto fit = check(settings); !fit) return tl::unexpected(fit.error());
    const std::string key = key_of(model_sha256, settings);
    if (auto kept = from_cache(cache, key); kept) return std::move(*kept);
    Calibration calibration;
    calibration.sha256 = key;
    auto text = from_text(model, settings, calibration);
    if (!text) return tl::unexpected(text.error());
    std::vector<TokenWindow> self;
    if (settings.self) {
        SelfTextSettings writing;
        writing.n_windows =
            settings.text.empty() ? settings.n_windows : std::max(settings.n_windows - settings.n_windows / 2, 1);
        writing.n_tokens = settings.n_tokens;
        writing.n_threads = settings.n_threads;
        writing.seed = settings.seed;
        auto written = self_windows(model, writing, abort, progress);
        if (!written) return tl::unexpected(written.error());
        self = std::move(*written);
    }
    calibration.n_text_tokens = tokens_in(*text);
    calibration.n_self_tokens = tokens_in(self);
    calibration.windows = in_turns(std::move(*text), std::move(self));
    if (auto kept = to_cache(cache, calibration); !kept) return tl::unexpected(kept.error());
    return calibration;
}

}  // namespace landauer
