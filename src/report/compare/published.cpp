#include "report/compare/published.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace landauer {

extern const char* const kPaperJson;

namespace {

using Json = nlohmann::json;

std::optional<double> number_of(const Json& figure, const char* name) {
    const auto found = figure.find(name);
    return found == figure.end() || !found->is_number() ? std::nullopt : std::optional(found->get<double>());
}

std::string text_of(const Json& object, const char* name) {
    const auto found = object.find(name);
    return found == object.end() || !found->is_string() ? std::string() : found->get<std::string>();
}

PublishedPair pair_of(const Json& json, const std::string& source) {
    PublishedPair pair;
    pair.name = text_of(json, "name");
    pair.source = source;
    pair.base = text_of(json, "base");
    pair.candidate = text_of(json, "candidate");
    pair.machine = text_of(json, "machine");
    pair.note = text_of(json, "note");
    for (const auto& [name, figure] : json.at("figures").items()) {
        if (figure.is_object()) {
            pair.figures.push_back({name, number_of(figure, "base"), number_of(figure, "candidate"),
                                    number_of(figure, "change_percent"), number_of(figure, "ratio"),
                                    text_of(figure, "where")});
        }
    }
    return pair;
}

std::vector<PublishedPair> read_pairs() {
    std::vector<PublishedPair> out;
    const Json json = Json::parse(kPaperJson, nullptr, false);
    if (json.is_object()) {
        for (const Json& pair : json.at("pairs")) {
            out.push_back(pair_of(pair, text_of(json, "source")));
        }
    }
    return out;
}

}  // namespace

const PublishedFigure* PublishedPair::find(std::string_view wanted) const {
    const auto found = std::find_if(figures.begin(), figures.end(),
                                    [&](const PublishedFigure& figure) { return figure.name == wanted; });
    return found == figures.end() ? nullptr : &*found;
}

const std::vector<PublishedPair>& published_pairs() {
    static const std::vector<PublishedPair> kPairs = read_pairs();
    return kPairs;
}

Result<PublishedPair> find_published_pair(std::string_view name) {
    std::string names;
    for (const PublishedPair& pair : published_pairs()) {
        if (pair.name == name) {
            return pair;
        }
        names += (names.empty() ? "" : ", ") + pair.name;
    }
    return fail(ErrorKind::Invalid, fmt::format("No published pair is called \"{}\".", name),
                fmt::format("Choose one of: {}.", names));
}

}  // namespace landauer
