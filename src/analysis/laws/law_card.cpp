#include <fmt/format.h>
#include <landauer/law_card.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string_view>

#include "analysis/laws/terms.h"
#include "analysis/stats.h"

namespace landauer {
namespace {

using Json = nlohmann::json;
constexpr int kVersion = 1;
constexpr const char* kImageLaw = "law2";
constexpr std::array<std::string_view, 3> kImageTerms = {"intercept", "x", "x^2"};
constexpr std::array<std::string_view, 3> kImageVariables = {"image_tokens", "effective_px", "nominal_px"};
constexpr const char* kRemedy = "Write the law card again with `landauer laws`.";

tl::unexpected<Error> invalid(std::string sentence) { return fail(ErrorKind::Invalid, std::move(sentence), kRemedy); }

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

// Null stands for a number that does not exist.
double read_number(const Json& json) {
    return json.is_null() ? std::numeric_limits<double>::quiet_NaN() : json.get<double>();
}

Json write_estimate(const Estimate& e) {
    return {{"value", number(e.value)}, {"ci95", Json::array({number(e.ci95.low), number(e.ci95.high)})}};
}

Estimate read_estimate(const Json& json) {
    const Json& ci = json.at("ci95");
    return {read_number(json.at("value")), {read_number(ci.at(0)), read_number(ci.at(1))}};
}

LawCard read_fields(const Json& json) {
    LawCard card;
    card.version = kVersion;
    card.law = json.at("law").get<std::string>();
    card.formula = json.at("formula").get<std::string>();
    card.y = json.at("y").get<std::string>();
    card.y_unit = json.at("y_unit").get<std::string>();
    for (const Json& term : json.at("terms")) {
        card.terms.push_back({term.at("name").get<std::string>(), read_estimate(term)});
    }
    card.r2 = read_number(json.at("r2"));
    card.residual_sd = read_number(json.at("residual_sd"));
    card.loo_mape = read_number(json.at("loo_mape"));
    card.aicc = read_number(json.at("aicc"));
    card.n_trials = json.at("n_trials").get<int>();
    card.x_min = read_number(json.at("x_min"));
    card.x_max = read_number(json.at("x_max"));
    for (const Json& row : json.at("covariance")) {
        std::vector<double> values;
        std::transform(row.begin(), row.end(), std::back_inserter(values), read_number);
        card.covariance.push_back(std::move(values));
    }
    card.scope = json.at("scope").get<std::map<std::string, std::string>>();
    if (card.law == kImageLaw) {
        card.x = json.at("x").get<std::string>();
        if (const Json& knee = json.at("knee"); !knee.is_null()) {
            card.knee = read_estimate(knee);
        }
    }
    return card;
}

// An image law's terms are powers of x, in order: what predict_image() and the covariance count on.
bool knows_term(const LawCard& card, std::size_t i) {
    if (card.law == kImageLaw) {
        return i < kImageTerms.size() && card.terms[i].name == kImageTerms[i];
    }
    return find_law_variable(card.terms[i].name) != nullptr;
}

Result<LawCard> checked(LawCard card) {
    if (card.terms.empty()) {
        return invalid("The law card has no terms.");
    }
    for (std::size_t i = 0; i < card.terms.size(); ++i) {
        if (!knows_term(card, i)) {
            return invalid(
                fmt::format("The law card has a term \"{}\" that this version does not know.", card.terms[i].name));
        }
    }
    if (card.law == kImageLaw &&
        std::find(kImageVariables.begin(), kImageVariables.end(), card.x) == kImageVariables.end()) {
        return invalid(fmt::format("The law card is over \"{}\", which is no measure of an image.", card.x));
    }
    const std::size_t n = card.terms.size() + (card.knee ? 1 : 0);
    if (card.covariance.size() != n || !std::all_of(card.covariance.begin(), card.covariance.end(),
                                                    [&](const auto& row) { return row.size() == n; })) {
        return invalid(fmt::format("The law card's covariance is not {0} by {0} as its terms ask.", n));
    }
    return card;
}

// Student's interval of a combination of parameters.
Interval interval_round(double value, const std::vector<double>& gradient,
                        const std::vector<std::vector<double>>& covariance, int n_trials) {
    double variance = 0.0;
    for (std::size_t i = 0; i < gradient.size(); ++i) {
        for (std::size_t j = 0; j < gradient.size() && i < covariance.size() && j < covariance[i].size(); ++j) {
            variance += gradient[i] * covariance[i][j] * gradient[j];
        }
    }
    const double df = n_trials - static_cast<double>(gradient.size());
    const double half = student_t95(df) * std::sqrt(std::max(variance, 0.0));
    return {value - half, value + half};
}

}  // namespace

Estimate LawCard::predict(double n_in, double n_out) const { return predict_total({{n_in, n_out, 1.0}}); }

Estimate LawCard::predict_total(const std::vector<TokenCounts>& requests) const {
    std::vector<double> sums;
    double value = 0.0;
    for (const LawTerm& term : terms) {
        const LawVariable* const variable = find_law_variable(term.name);
        double sum = 0.0;
        for (const TokenCounts& request : requests) {
            sum += variable == nullptr ? 0.0 : request.count * variable->at(request.n_in, request.n_out);
        }
        sums.push_back(sum);
        value += term.coefficient.value * sum;
    }
    return {value, interval_round(value, sums, covariance, n_trials)};
}

Estimate LawCard::predict_image(double size) const {
    if (law != kImageLaw) {
        const double none = std::numeric_limits<double>::quiet_NaN();
        return {none, {none, none}};
    }
    const bool beyond = knee && size > knee->value;
    const double at = beyond ? knee->value : size;
    std::vector<double> gradient;
    double value = 0.0;
    double slope = 0.0;  // at the knee
    for (std::size_t power = 0; power < terms.size(); ++power) {
        gradient.push_back(std::pow(at, power));
        value += terms[power].coefficient.value * gradient[power];
        slope += power == 0 ? 0.0 : static_cast<double>(power) * terms[power].coefficient.value * gradient[power - 1];
    }
    if (knee) {
        gradient.push_back(beyond ? slope : 0.0);
    }
    return {value, interval_round(value, gradient, covariance, n_trials)};
}

std::string to_json(const LawCard& card) {
    Json terms = Json::array();
    for (const LawTerm& term : card.terms) {
        Json entry = write_estimate(term.coefficient);
        entry["name"] = term.name;
        terms.push_back(std::move(entry));
    }
    Json covariance = Json::array();
    for (const auto& row : card.covariance) {
        Json values = Json::array();
        std::transform(row.begin(), row.end(), std::back_inserter(values), number);
        covariance.push_back(std::move(values));
    }
    Json json = {{"version", kVersion},
                 {"law", card.law},
                 {"formula", card.formula},
                 {"y", card.y},
                 {"y_unit", card.y_unit},
                 {"terms", terms},
                 {"r2", number(card.r2)},
                 {"residual_sd", number(card.residual_sd)},
                 {"loo_mape", number(card.loo_mape)},
                 {"aicc", number(card.aicc)},
                 {"n_trials", card.n_trials},
                 {"x_min", number(card.x_min)},
                 {"x_max", number(card.x_max)},
                 {"covariance", covariance},
                 {"scope", card.scope}};
    if (card.law == kImageLaw) {
        json["x"] = card.x;
        json["knee"] = card.knee ? write_estimate(*card.knee) : Json(nullptr);
    }
    return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

Result<LawCard> law_card_from_json(const std::string& text) {
    const Json json = Json::parse(text, nullptr, false);
    if (json.is_discarded() || !json.is_object()) {
        return invalid("The law card is not a JSON object.");
    }
    const auto version = json.find("version");
    if (version == json.end() || !version->is_number_integer()) {
        return invalid("The law card does not say its version.");
    }
    if (const auto number = version->get<std::int64_t>(); number != kVersion) {
        return fail(ErrorKind::Invalid,
                    fmt::format("The law card has version {}, and this program reads version {}.", number, kVersion),
                    "Use the landauer that wrote it, or a newer one.");
    }
    if (const auto trials = json.find("n_trials"); trials == json.end() || !trials->is_number_integer()) {
        return invalid("The law card does not say on how many trials it stands.");
    }
    try {
        return checked(read_fields(json));
    } catch (const Json::exception& error) {
        return invalid(fmt::format("The law card lacks a field or holds one of the wrong kind: {}.", error.what()));
    }
}

Result<LawCard> read_law_card(const std::filesystem::path& file) {
    const std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    if (in) {
        text << in.rdbuf();
    }
    if (!in || !text) {
        return fail(ErrorKind::Invalid, fmt::format("The law card {} could not be read.", file.string()),
                    "Check the path and that you may read the file.");
    }
    return law_card_from_json(text.str()).map_error([&](Error error) {
        error.sentence = fmt::format("{}: {}", file.string(), error.sentence);
        return error;
    });
}

}  // namespace landauer
