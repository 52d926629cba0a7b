#include "report/html_frame.h"

#include <fmt/format.h>

#include "report/html_text.h"

namespace landauer {
namespace {

std::string text_of(const Asset& asset) {
    std::string out;
    for (const std::string_view piece : asset.pieces) {
        out += piece;
    }
    return out;
}

// Scripts are known by their hashes, so that nothing else on the page can run.
std::string policy(std::span<const Asset> assets) {
    std::string scripts;
    for (const Asset& asset : assets) {
        if (asset.name.ends_with(".js")) {
            scripts += fmt::format(" 'sha256-{}'", base64_of_hex(asset.sha256));
        }
    }
    return fmt::format(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src{}; style-src "
        "'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'\">\n",
        scripts.empty() ? " 'none'" : scripts);
}

// Everything the browser must know before it draws: the theme script is first, so that
// a dark page is never white for a moment.
std::string head(const std::string& title, std::span<const Asset> assets) {
    std::string out = "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n" + policy(assets);
    out +=
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"generator\" content=\"landauer\">\n";
    out += element("title", title) + "\n";
    for (const Asset& asset : assets) {
        if (asset.name.ends_with(".css")) {
            out += "<style>" + text_of(asset) + "</style>\n";
        } else if (asset.name == "theme.js") {
            out += "<script>" + text_of(asset) + "</script>\n";
        }
    }
    return out + "</head>\n";
}

// Only the elements' text is escaped here: licences stand in comments, which "--" would end.
std::string licences(std::span<const Asset> assets) {
    std::string out;
    for (const Asset& asset : assets) {
        if (asset.name.ends_with(".txt")) {
            std::string text = text_of(asset);
            for (std::size_t at = 0; (at = text.find("--", at)) != std::string::npos; ++at) {
                text.insert(at + 1, " ");
            }
            out += fmt::format("<!-- {}\n{}-->\n", asset.name, text);
        }
    }
    return out;
}

std::string scripts(std::span<const Asset> assets) {
    std::string out;
    for (const Asset& asset : assets) {
        if (asset.name.ends_with(".js") && asset.name != "theme.js") {
            out += "<script>" + text_of(asset) + "</script>\n";
        }
    }
    return out;
}

}  // namespace

std::string html_opening(const std::string& title, std::span<const Asset> assets) {
    return head(title, assets) +
           "<body>\n<header class=\"page\"><p class=\"brand\">landauer<span> what a prompt costs on your own "
           "CPU</span></p>"
           "<button type=\"button\" id=\"theme\" class=\"needs-js\" aria-label=\"Switch between light and dark\">Dark"
           "</button></header>\n<noscript><p class=\"notice\">JavaScript is off, so the pictures are not drawn. Every "
           "figure is in the sentences and tables.</p></noscript>\n<main>\n";
}

std::string html_footer(const std::string& version) {
    return fmt::format(
        "<footer><p>Made by landauer{}. This file needs no network. Pictures drawn with Observable Plot and D3 (ISC) "
        "and "
        "uPlot (MIT); their licences stand in this file's source.</p></footer>\n",
        version.empty() ? "" : " " + html_escaped(version));
}

std::string html_closing(const nlohmann::json& data, std::span<const Asset> assets) {
    return "<script type=\"application/json\" id=\"data\">" + script_json(data) + "</script>\n" + licences(assets) +
           scripts(assets) + "</body>\n</html>\n";
}

}  // namespace landauer
