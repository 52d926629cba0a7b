#include "image/scene/words.h"

#include <fmt/format.h>

#include <cctype>

namespace landauer::scene {

std::string_view name(Body body) {
    switch (body) {
        case Body::Hatchback:
            return "hatchback";
        case Body::Saloon:
            return "saloon car";
        case Body::Estate:
            return "estate car";
        case Body::Suv:
            return "SUV";
        case Body::Taxi:
            return "taxi";
        case Body::Police:
            return "police car";
        case Body::Van:
            return "van";
        case Body::Lorry:
            return "lorry";
        case Body::Bus:
            return "bus";
        case Body::Tram:
            return "tram";
    }
    return "vehicle";
}

std::string_view name(Heading heading) {
    switch (heading) {
        case Heading::Left:
            return "left";
        case Heading::Right:
            return "right";
        case Heading::Towards:
            return "towards the viewer";
        case Heading::Away:
            return "away from the viewer";
    }
    return "";
}

std::string_view name(Ride ride) { return ride == Ride::Bicycle ? "bicycle" : "motorbike"; }

std::string_view name(SignKind kind) {
    switch (kind) {
        case SignKind::Stop:
            return "stop sign";
        case SignKind::SpeedLimit:
            return "speed limit";
        case SignKind::OneWay:
            return "one way sign";
        case SignKind::Crossing:
            return "pedestrian crossing sign";
        case SignKind::Parking:
            return "parking sign";
        case SignKind::Directions:
            return "direction board";
        case SignKind::NoEntry:
            return "no entry sign";
    }
    return "sign";
}

std::string with_words(const Person& person) {
    const std::string coloured = fmt::format("{} {}", article(person.carried.name), person.carried.name);
    switch (person.carries) {
        case Carries::Bag:
            return coloured + " bag";
        case Carries::Balloon:
            return coloured + " balloon";
        case Carries::Dog:
            return "a brown dog on a red lead";
        case Carries::Pram:
            return coloured + " pram";
        case Carries::Wheelchair:
            return "a wheelchair";
        case Carries::Umbrella:
            return coloured + " umbrella";
        case Carries::Suitcase:
            return coloured + " suitcase";
        case Carries::Nothing:
            break;
    }
    return "";
}

std::string text_of(const Sign& sign) {
    std::string text;
    for (const char c : sign.text) {
        if (c == '\n') {
            text += ", ";
        } else if (c != '<' && c != '>' && c != '^' && (c != ' ' || (!text.empty() && text.back() != ' '))) {
            text += c;
        }
    }
    return text;
}

std::string clock_words(const Lighting& light) {
    return fmt::format("{:02}:{:02}", light.clock_minutes / 60, light.clock_minutes % 60);
}

std::string_view article(std::string_view noun) {
    return std::string_view("aeiou").find(noun.front()) == std::string_view::npos || noun.starts_with("one ") ? "a"
                                                                                                              : "an";
}

std::string in_title_case(std::string_view capitals) {
    std::string text(capitals);
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i - 1] != ' ') {
            text[i] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[i])));
        }
    }
    return text;
}

std::string joined(const std::vector<std::string>& phrases) {
    std::string text;
    for (std::size_t i = 0; i < phrases.size(); ++i) {
        text += i == 0 ? "" : i + 1 == phrases.size() ? " and " : ", ";
        text += phrases[i];
    }
    return text;
}

}  // namespace landauer::scene
