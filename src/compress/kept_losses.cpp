#include "compress/kept_losses.h"

#include <cstdint>
#include <fstream>
#include <nlohmann/json.hpp>

#include "platform/files.h"

namespace landauer {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::size_t kMostFileBytes = 64U << 20U;

json document_of(const fs::path& file, const std::string& key) {
    const auto text = file_exists(file) ? read_text(file, kMostFileBytes) : Result<std::string>(std::string());
    if (!text || text->empty()) return {};
    json document = json::parse(*text, nullptr, false);
    return document.is_object() && document.value("key", "") == key ? document : json();
}

// make(document), unless a part of it is missing or of another kind.
template <class Make>
auto unless_damaged(const fs::path& file, const std::string& key, const Make& make)
    -> std::optional<decltype(make(json()))> {
    const json document = document_of(file, key);
    if (document.is_null()) return std::nullopt;
    try {
        return make(document);
    } catch (const json::exception&) {
        return std::nullopt;
    }
}

void keep(const fs::path& file, const json& document) {
    const fs::path made = file.string() + ".new";
    std::error_code problem;
    {
        std::ofstream out(made, std::ios::binary | std::ios::trunc);
        out << document.dump() << '\n';
        out.flush();
        if (!out) problem = std::make_error_code(std::errc::io_error);
    }
    if (!problem) fs::rename(made, file, problem);
    if (problem) fs::remove(made, problem);
}

}  // namespace

std::optional<TypeLosses> kept_type_losses(const fs::path& file, const std::string& key) {
    return unless_damaged(file, key, [](const json& document) {
        TypeLosses losses;
        losses.types = document.at("types").get<std::vector<std::string>>();
        for (const json& entry : document.at("layers")) {
            LayerTypeLoss layer;
            layer.ffn = entry.at("ffn").get<std::vector<double>>();
            layer.attention = entry.at("attention").get<std::vector<double>>();
            layer.parts = entry.at("parts").get<decltype(layer.parts)>();
            losses.layers.push_back(std::move(layer));
        }
        return losses;
    });
}

std::optional<std::vector<PartLosses>> kept_factor_losses(const fs::path& file, const std::string& key) {
    return unless_damaged(file, key, [](const json& document) {
        std::vector<PartLosses> losses;
        for (const json& entry : document.at("layers")) {
            PartLosses& layer = losses.emplace_back();
            for (std::size_t part = 0; part < layer.size(); ++part) {
                const json& own = entry.at(part);
                layer[part] = {own.at("ranks").get<std::vector<std::size_t>>(),
                               own.at("extra").get<std::vector<double>>()};
            }
        }
        return losses;
    });
}

void keep_losses(const fs::path& file, const std::string& key, const TypeLosses& losses) {
    json layers = json::array();
    for (const LayerTypeLoss& layer : losses.layers) {
        layers.push_back({{"ffn", layer.ffn}, {"attention", layer.attention}, {"parts", layer.parts}});
    }
    keep(file, {{"key", key}, {"types", losses.types}, {"layers", std::move(layers)}});
}

void keep_losses(const fs::path& file, const std::string& key, const std::vector<PartLosses>& losses) {
    json layers = json::array();
    for (const PartLosses& layer : losses) {
        json parts = json::array();
        for (const FactorLoss& part : layer) parts.push_back({{"ranks", part.ranks}, {"extra", part.extra}});
        layers.push_back(std::move(parts));
    }
    keep(file, {{"key", key}, {"layers", std::move(layers)}});
}

}  // namespace landauer
