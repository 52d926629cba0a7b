// One budget over everything that may shrink: the lower convex hulls of all choices under one Lagrange multiplier.
#pragma once

#include <landauer/error.h>

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace landauer {

// One way of keeping a unit: what it costs (bytes, parameters, seconds, joules) and what it loses.
struct Choice {
    double cost = 0.0;
    double loss = 0.0;       // nats a token
    std::size_t option = 0;  // the caller's: which method
    std::size_t size = 0;    // the caller's: neurons or groups kept, rank, ...
};

// A part of the model for which one choice is made.
struct Unit {
    std::string name;             // "blk.3.ffn"
    std::vector<Choice> choices;  // the untouched one (loss 0) among them
};

struct Allocation {
    std::vector<std::size_t> chosen;  // index into each unit's choices
    double cost = 0.0;
    double loss = 0.0;
    double multiplier = 0.0;  // nats saved for one more unit of cost
};

// The cheapest loss at a total cost of at most `budget`: bisection of the multiplier over the hulls, then what is
// left of the budget goes to the best steps that still fit. Invalid: no unit, a unit without choices, values that are
// not numbers; a budget below the sum of the smallest choices (says what the least is).
[[nodiscard]] Result<Allocation> allocate(std::span<const Unit> units, double budget);

// Indices of the choices on the lower convex hull of loss over cost, cost falling.
[[nodiscard]] std::vector<std::size_t> hull(std::span<const Choice> choices);

}  // namespace landauer
