#include "score/scene_references.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <string_view>

#include "image/image.h"

namespace landauer {
namespace {

using Json = nlohmann::json;
using Is = std::function<bool(const Json&)>;

constexpr std::size_t kVehiclesNamed = 6;

std::string text_of(const Json& object, const char* key) { return object.value(key, std::string()); }

std::string with_article(const std::string& noun) {
    const bool vowel = std::string_view("aeiou").find(noun.front()) != std::string_view::npos;
    return (vowel ? "an " : "a ") + noun;
}

std::string joined(const std::vector<std::string>& phrases) {
    std::string text;
    for (std::size_t i = 0; i < phrases.size(); ++i) {
        text += i == 0 ? "" : i + 1 == phrases.size() ? " and " : ", ";
        text += phrases[i];
    }
    return text;
}

// What the truth says, sorted by what people ask for.
class Scene {
   public:
    explicit Scene(std::uint32_t seed) : truth_(Json::parse(traffic_scene_json(seed))) {}

    [[nodiscard]] std::string when() const {
        return fmt::format("{}, {}", text_of(truth_, "time"), text_of(truth_, "weather"));
    }
    [[nodiscard]] std::string signal() const {
        for (const Json& object : truth_.at("objects")) {
            if (text_of(object, "kind") == "traffic light") {
                return text_of(object, "state");
            }
        }
        return {};
    }
    // "a yellow bus", of vehicles in that state.
    [[nodiscard]] std::vector<std::string> vehicles(std::string_view state) const {
        return phrases([&](const Json& o) { return o.contains("heading") && text_of(o, "state") == state; },
                       [](const Json& o) { return with_article(text_of(o, "colour") + " " + text_of(o, "kind")); });
    }
    [[nodiscard]] std::vector<std::string> riders() const {
        return phrases([](const Json& o) { return o.contains("rider"); },
                       [](const Json& o) { return "a rider on " + with_article(text_of(o, "kind")); });
    }
    // Each kind of vehicle once.
    [[nodiscard]] std::vector<std::string> vehicle_kinds() const {
        return distinct(phrases([](const Json& o) { return o.contains("heading"); },
                                [](const Json& o) { return with_article(text_of(o, "kind")); }));
    }
    [[nodiscard]] std::vector<std::string> people(std::string_view state) const {
        return phrases([&](const Json& o) { return o.contains("clothes") && text_of(o, "state") == state; },
                       person_phrase);
    }
    [[nodiscard]] std::vector<std::string> signs() const {
        return distinct(phrases(
            [](const Json& o) {
                const std::string kind = text_of(o, "kind");
                return kind.ends_with("sign") || kind == "speed limit" || kind == "direction board";
            },
            [](const Json& o) {
                const std::string kind = text_of(o, "kind");
                return kind == "speed limit" ? fmt::format("a speed limit sign of {}", text_of(o, "text"))
                                             : with_article(kind);
            }));
    }

   private:
    static std::string person_phrase(const Json& person) {
        const Json& clothes = person.at("clothes");
        const bool dress = clothes.contains("dress");
        std::string phrase =
            fmt::format("a {} in {} {}", text_of(person, "kind"),
                        with_article(text_of(clothes, dress ? "dress" : "top")), dress ? "dress" : "top");
        const std::string with = text_of(person, "with");
        return with.empty() ? phrase : fmt::format("{} with {}", phrase, with);
    }
    static std::vector<std::string> distinct(std::vector<std::string> phrases) {
        std::vector<std::string> once;
        for (std::string& phrase : phrases) {
            if (std::find(once.begin(), once.end(), phrase) == once.end()) {
                once.push_back(std::move(phrase));
            }
        }
        return once;
    }
    [[nodiscard]] std::vector<std::string> phrases(const Is& wanted,
                                                   const std::function<std::string(const Json&)>& phrase) const {
        std::vector<std::string> found;
        for (const Json& object : truth_.at("objects")) {
            if (wanted(object)) {
                found.push_back(phrase(object));
            }
        }
        return found;
    }

    Json truth_;
};

std::string if_any(const std::string& format, const std::vector<std::string>& phrases) {
    return phrases.empty() ? std::string() : fmt::format(fmt::runtime(format), joined(phrases));
}

std::string in_short(const Scene& scene) {
    std::vector<std::string> kinds = scene.vehicle_kinds();
    kinds.resize(std::min(kinds.size(), kVehiclesNamed));
    return fmt::format(
        "The image shows a busy street junction in a city with {}. People are walking over a zebra crossing, and "
        "the traffic light facing the viewer is {}.",
        joined(kinds), scene.signal());
}

std::string in_a_paragraph(const Scene& scene) {
    std::string text = fmt::format("This is a city junction in the {}.", scene.when());
    text += if_any(" On the road {} are driving.", scene.vehicles("driving"));
    text += if_any(" Waiting at the light are {}.", scene.vehicles("waiting"));
    text += if_any(" There is also {}.", scene.riders());
    text += if_any(" Pedestrians cross in front: {}.", scene.people("crossing"));
    text += if_any(" Others wait at the pavement: {}.", scene.people("waiting"));
    text += if_any(" The signs are {}.", scene.signs());
    return text + fmt::format(" The traffic lights are {} for the viewer.", scene.signal());
}

std::string in_full(std::uint32_t seed) {
    std::string text = traffic_scene_description(seed);
    std::replace(text.begin(), text.end(), '\n', ' ');
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
}

}  // namespace

std::vector<Reference> scene_references(std::uint32_t seed, const std::string& prompt_id) {
    const Scene scene(seed);
    std::vector<Reference> references;
    for (const std::string& answer : {in_short(scene), in_a_paragraph(scene), in_full(seed)}) {
        references.push_back({prompt_id, answer, fmt::format("description of traffic scene {}", seed), "", {}});
    }
    return references;
}

}  // namespace landauer
