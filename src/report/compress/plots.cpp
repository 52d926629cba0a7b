// The series behind the compression page's pictures.
#include <cmath>

#include "report/compress/document.h"
#include "report/plain_text.h"
#include "report/plot_data.h"

namespace landauer {
namespace {

using Json = nlohmann::json;

Json file_of(const PredictedSize& size) { return size.file_mb ? drawn(*size.file_mb) : Json(nullptr); }

Json predicted(const CompressReport& report, const PredictedSize& size) {
    return {{"removed", drawn(100.0 * size.removed)},
            {"mb", file_of(size)},
            {"loss", drawn(size.loss)},
            {"low", drawn(std::exp(size.loss * report.measured_low))},
            {"mid", drawn(std::exp(size.loss))},
            {"high", drawn(std::exp(size.loss * report.measured_high))}};
}

Json measured(const MeasuredSize& size) {
    return {{"name", clean_text(size.name)},
            {"control", size.is_control},
            {"removed", size.removed ? drawn(100.0 * *size.removed) : Json(nullptr)},
            {"mb", drawn(size.file_mb)},
            {"low", drawn(size.perplexity_ratio.ci95.low)},
            {"ratio", drawn(size.perplexity_ratio.value)},
            {"high", drawn(size.perplexity_ratio.ci95.high)}};
}

}  // namespace

Json compress_plots(const CompressReport& report) {
    Json curve = Json::array();
    for (const PredictedSize& size : report.curve) curve.push_back(predicted(report, size));
    Json points = Json::array();
    for (const MeasuredSize& size : report.measured) points.push_back(measured(size));
    return {{"axis", clean_text(report.axis)},
            {"curve", std::move(curve)},
            {"chosen", report.chosen ? predicted(report, *report.chosen) : Json(nullptr)},
            {"measured", std::move(points)}};
}

}  // namespace landauer
