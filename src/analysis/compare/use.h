// What a measured cost a prompt means for a stated use: kilowatt-hours, money, carbon, battery.
#pragma once

#include <landauer/law_card.h>

#include <optional>
#include <string>

namespace landauer {

struct Use {
    double prompts_per_day = 0.0;
    std::optional<double> price_per_kwh;
    std::optional<double> battery_wh;
    std::optional<double> co2_g_per_kwh;
    std::string co2_source;  // said wherever the figure is
};

struct YearOfUse {
    Estimate kwh;
    std::optional<Estimate> price;
    std::optional<Estimate> co2_kg;
    std::optional<Estimate> prompts_per_charge;
};
[[nodiscard]] YearOfUse year_of_use(const Estimate& wh_per_prompt, const Use& use);

}  // namespace landauer
