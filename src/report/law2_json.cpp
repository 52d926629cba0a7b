#include "report/law2_json.h"

#include <cmath>

#include "core/utf8.h"

namespace landauer {
namespace {

using Json = nlohmann::ordered_json;

Json interval_json(const Interval& interval) {
    return Json::array({number_json(interval.low), number_json(interval.high)});
}

void add_estimate(Json& out, const std::string& key, const std::optional<Estimate>& estimate) {
    out[key] = estimate ? number_json(estimate->value) : Json(nullptr);
    out[key + "_ci95"] = estimate ? interval_json(estimate->ci95) : Json(nullptr);
}

}  // namespace

Json number_json(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json image_law_json(const Law2& law) {
    Json out = {{"metric", to_valid_utf8(law.y)}, {"x", to_valid_utf8(law.card.x)}, {"form", law.card.formula}};
    const KneeFit* const knee = law.on_nominal_px && law.on_nominal_px->knee ? &*law.on_nominal_px->knee : nullptr;
    out["no_knee_p"] = law.on_nominal_px ? number_json(law.on_nominal_px->test.p) : Json(nullptr);
    add_estimate(out, "knee_px", knee == nullptr ? std::nullopt : std::optional(knee->knee));
    out["predicted_knee_px"] = law.check ? number_json(law.check->predicted_px) : Json(nullptr);
    out["inside"] = law.check ? Json(law.check->inside) : Json(nullptr);
    add_estimate(out, "slope_below_per_px", knee == nullptr ? std::nullopt : std::optional(knee->slope_below));
    add_estimate(out, "slope_above_per_px", knee == nullptr ? std::nullopt : knee->slope_above);
    return out;
}

Json clamp_json(const JointLaw2& law, const ClampKnee& knee) {
    Json out = {{"metric", to_valid_utf8(law.y)}, {"clamp", to_valid_utf8(knee.clamp)}};
    add_estimate(out, "knee_px", knee.knee_px);
    out["predicted_knee_px"] = knee.predicted_px ? number_json(*knee.predicted_px) : Json(nullptr);
    out["ratio"] = knee.predicted_px ? number_json(knee.ratio) : Json(nullptr);
    out["inside"] = knee.predicted_px ? Json(knee.inside) : Json(nullptr);
    out["common_knee_p"] = number_json(law.common_knee_p);
    return out;
}

}  // namespace landauer
