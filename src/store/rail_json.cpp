#include "store/rail_json.h"

#include <stdexcept>

namespace landauer {

nlohmann::json rail_to_json(const Rail& rail) {
    return {{"kind", name(rail.kind)},
            {"index", rail.index},
            {"provenance", name(rail.provenance)},
            {"accuracy", rail.accuracy},
            {"period_s", rail.period_s},
            {"averaging_s", rail.averaging_s},
            {"clock_error_s", rail.clock_error_s}};
}

Rail rail_from_json(const nlohmann::json& json) {
    Rail rail;
    const auto& kind = json.at("kind").get_ref<const std::string&>();
    const auto& provenance = json.at("provenance").get_ref<const std::string&>();
    if (!rail_kind_from_name(kind, rail.kind) || !provenance_from_name(provenance, rail.provenance)) {
        throw std::invalid_argument("a rail of kind '" + kind + "', " + provenance + ", is not known");
    }
    json.at("index").get_to(rail.index);
    json.at("accuracy").get_to(rail.accuracy);
    json.at("period_s").get_to(rail.period_s);
    json.at("averaging_s").get_to(rail.averaging_s);
    json.at("clock_error_s").get_to(rail.clock_error_s);
    return rail;
}

std::string rail_text(const Rail& rail) {
    return rail.kind == RailKind::none ? std::string() : rail_to_json(rail).dump();
}

Rail rail_from_text(const std::string& text) {
    return text.empty() ? Rail{} : rail_from_json(nlohmann::json::parse(text));
}

}  // namespace landauer
