// The sentences of the compression page.
#include <fmt/format.h>

#include <cmath>

#include "report/compress/document.h"
#include "report/numbers.h"
#include "report/plain_text.h"

namespace landauer {
namespace {

Estimate whole(const Estimate& prompts) {
    return {std::ceil(prompts.value), {std::ceil(prompts.ci95.low), std::ceil(prompts.ci95.high)}};
}

std::string spent_words(const Payback& payback) {
    return fmt::format("Compressing took {} {}{}", number_text(payback.spent, 3), payback.unit,
                       payback.estimated ? " (an estimate)" : "");
}

}  // namespace

std::string payback_sentence(const Payback& payback) {
    const std::string saved = fmt::format("{} {}", estimate_text(payback.saved, 2), payback.unit);
    if (payback.prompts) {
        return fmt::format("{}; a prompt saves {}: paid back after {} prompts.", spent_words(payback), saved,
                           estimate_text(whole(*payback.prompts), 3));
    }
    if (payback.saved.ci95.high < 0.0) {
        return fmt::format("{}; a prompt saves {}, which is a loss: never paid back.", spent_words(payback), saved);
    }
    return fmt::format("{}; a prompt saves {}, which may be nothing: not seen to be paid back.", spent_words(payback),
                       saved);
}

std::string expected_words(const CompressReport& report, double loss) {
    return fmt::format("{:.2f} to {:.2f}", std::exp(loss * report.measured_low), std::exp(loss * report.measured_high));
}

std::string compress_headline(const CompressReport& report) {
    if (!report.chosen && report.sensitivity.empty()) {
        return "The same shapes in a smaller type.";
    }
    if (!report.chosen) {
        return "What each part of each layer would lose by being smaller, in nats a token.";
    }
    return fmt::format(
        "{:.1f} % of the blocks' {} go. The predicted loss is {} nats a token; expect a perplexity {} times the "
        "original's.",
        100.0 * report.chosen->removed, clean_text(report.axis), number_text(report.chosen->loss, 3),
        expected_words(report, report.chosen->loss));
}

std::string outcome_words(const CompressReport& report) {
    std::string out;
    if (report.files) {
        out = fmt::format("The file has {} MB, the original {} MB.", fixed_text(report.files->after, 1),
                          fixed_text(report.files->before, 1));
    }
    if (!report.healed) return out;
    return out +
           fmt::format("{}Healing took its divergence from the original on held-out text from {} to {} nats a token.",
                       out.empty() ? "" : " ", number_text(report.healed->before, 3),
                       number_text(report.healed->after, 3));
}

std::string curve_words(const CompressReport& report) {
    return fmt::format(
        "The least loss at each size{}{}. The line is the second-order prediction, the band what measuring makes of "
        "it: {:g} to {:g} times as many nats, on text like the calibration's and on other text.",
        report.ways.empty() ? "" : ", by ", clean_text(report.ways), report.measured_low, report.measured_high);
}

std::string making_words(const MakingCost& making) {
    std::string out = fmt::format("{} CPU s in {} s", number_text(making.cpu_s, 3), number_text(making.wall_s, 3));
    if (making.energy_wh) {
        out += fmt::format(", {} net of idle ({}{})", quantity_text(*making.energy_wh, "Wh", 3),
                           making.estimated ? "an estimate, not measured: " : "", clean_text(making.covers));
    }
    return out + ".";
}

}  // namespace landauer
