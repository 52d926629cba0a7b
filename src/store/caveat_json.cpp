#include "store/caveat_json.h"

#include "store/impl.h"

namespace landauer {

nlohmann::json caveats_json(const std::vector<Caveat>& caveats) {
    nlohmann::json out = nlohmann::json::array();
    for (const Caveat& caveat : caveats) {
        out.push_back({{"code", caveat.code},
                       {"severity", name(caveat.severity)},
                       {"sentence", caveat.sentence},
                       {"remedy", caveat.remedy}});
    }
    return out;
}

std::vector<Caveat> caveats_of(const nlohmann::json& json) {
    std::vector<Caveat> caveats;
    for (const nlohmann::json& item : json) {
        caveats.push_back({item.at("code").get<std::string>(),
                           severity_from_name(item.at("severity").get_ref<const std::string&>()),
                           item.at("sentence").get<std::string>(), item.at("remedy").get<std::string>()});
    }
    return caveats;
}

}  // namespace landauer
