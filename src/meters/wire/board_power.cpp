#include "meters/wire/board_power.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "meters/wire/time_text.h"
#include "platform/text.h"

namespace landauer {
namespace {

// Another board of the model, its supply, its cooling and what is plugged in differ by this much easily.
constexpr double kTableAccuracy = 0.5;
// The two ends are then right; the line between them is not.
constexpr double kOwnAccuracy = 0.3;
constexpr double kMost_w = 10'000.0;

struct Board {
    std::string_view name;  // as users write it
    std::string_view title;
    std::string_view model;  // how the device tree's model begins; empty: it has none
    double idle_w;
    double load_w;
    std::string_view source;
};
constexpr std::array kBoards = {
    Board{"pi5", "Raspberry Pi 5", "Raspberry Pi 5", 3.3, 9.8,
          "J. Geerling, August 2024: Raspberry Pi 5 of 4 GB, at the wall, idle and under stress-ng"},
    Board{"pi4", "Raspberry Pi 4", "Raspberry Pi 4", 2.7, 6.4,
          "pidramble.com, power consumption benchmarks: Raspberry Pi 4 B, idle and with four cores under stress"},
    Board{"mac-mini-m1", "Mac mini (M1, 2020)", "", 6.8, 39.0,
          "Apple, Mac mini power consumption and thermal output: idle and CPU maximum"},
    Board{"mac-mini-m2", "Mac mini (M2, 2023)", "Apple Mac mini (M2, 2023)", 7.0, 50.0,
          "Apple, Mac mini power consumption and thermal output: idle and CPU maximum"},
    Board{"mac-mini-m2-pro", "Mac mini (M2 Pro, 2023)", "Apple Mac mini (M2 Pro, 2023)", 7.0, 100.0,
          "Apple, Mac mini power consumption and thermal output: idle and CPU maximum"},
};

BoardPower of(const Board& board) {
    return {std::string(board.title), board.idle_w, board.load_w, kTableAccuracy, std::string(board.source)};
}

std::string board_names() {
    std::string names;
    for (const Board& board : kBoards) {
        names += fmt::format("{}{}", names.empty() ? "" : ", ", board.name);
    }
    return names;
}

std::string remedy() {
    return fmt::format(
        "Read its watts off a socket meter, idle and under full load: --meter estimate:idle=W,load=W. Known boards: "
        "{}.",
        board_names());
}

// "idle=2.5" or "load=8" into its place; false when it is neither, or there already.
bool take_watts(std::string_view part, std::optional<double>& idle, std::optional<double>& load) {
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos) {
        return false;
    }
    const std::string_view key = trim(part.substr(0, equals));
    std::optional<double>& into = key == "idle" ? idle : load;
    const auto watts = wire::parse_number(part.substr(equals + 1));
    if ((key != "idle" && key != "load") || into || !watts || !(*watts >= 0.0 && *watts <= kMost_w)) {
        return false;
    }
    into = watts;
    return true;
}

}  // namespace

Result<BoardPower> board_power_from(std::string_view argument) {
    const auto* const known =
        std::find_if(kBoards.begin(), kBoards.end(), [&](const Board& board) { return board.name == argument; });
    if (known != kBoards.end()) {
        return of(*known);
    }
    std::optional<double> idle;
    std::optional<double> load;
    const std::size_t comma = argument.find(',');
    const bool good = comma != std::string_view::npos && take_watts(argument.substr(0, comma), idle, load) &&
                      take_watts(argument.substr(comma + 1), idle, load);
    if (!good || !idle || !load) {
        return fail(
            ErrorKind::Invalid,
            fmt::format("'{}' gives the estimate neither a known board nor idle and full-load watts.", argument),
            remedy());
    }
    if (!(*load > *idle)) {
        return fail(ErrorKind::Invalid, fmt::format("Full load at {} W is no more than idle at {} W.", *load, *idle),
                    remedy());
    }
    return BoardPower{"", *idle, *load, kOwnAccuracy, "figures given by the user"};
}

Result<BoardPower> board_power_of_model(std::string_view model) {
    for (const Board& board : kBoards) {
        if (!board.model.empty() && model.starts_with(board.model)) {
            return of(board);
        }
    }
    return fail(ErrorKind::Invalid, "There are no published idle and full-load watts of this machine to estimate from.",
                remedy());
}

}  // namespace landauer
