// A student's gradients held against finite differences of its loss.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "heal_testing.h"

namespace landauer::healing {

inline double slope_along(const Student& student, const Class& all, const std::vector<MatrixF>& direction) {
    constexpr double kStep = 1e-3;
    const auto loss_at = [&](double away) {
        Student moved = student;
        for (std::size_t p = 0; p < direction.size(); ++p) {
            const auto values = moved.parameters()[p].values.values();
            for (std::size_t i = 0; i < values.size(); ++i) {
                values[i] += static_cast<float>(away) * direction[p].values()[i];
            }
        }
        return *moved.loss(all.teacher, all.lesson(), nullptr);
    };
    // Of the fourth order, so that the step may be large against what single precision leaves of a loss.
    return (8.0 * (loss_at(kStep) - loss_at(-kStep)) - (loss_at(2.0 * kStep) - loss_at(-2.0 * kStep))) / (12.0 * kStep);
}

// Of one kind of parameter alone, so that none hides behind another.
inline std::vector<MatrixF> direction_of(const Student& student, ParameterKind kind, unsigned seed) {
    std::mt19937 random(seed);
    std::normal_distribution<float> draw(0.0F, 1.0F);
    std::vector<MatrixF> direction;
    for (const Parameter& parameter : student.parameters()) {
        MatrixF& by = direction.emplace_back(parameter.values.rows(), parameter.values.cols());
        if (parameter.kind != kind) continue;
        const auto values = parameter.values.values();
        for (std::size_t i = 0; i < values.size(); ++i) by.values()[i] = draw(random) * std::fabs(values[i]);
    }
    return direction;
}

inline double dot(const Gradients& a, const std::vector<MatrixF>& b) {
    double sum = 0.0;
    for (std::size_t p = 0; p < a.size(); ++p) {
        for (std::size_t i = 0; i < a[p].values().size(); ++i) {
            sum += static_cast<double>(a[p].values()[i]) * static_cast<double>(b[p].values()[i]);
        }
    }
    return sum;
}

inline void expect_slopes(const Student& student, const Class& all, const std::vector<ParameterKind>& kinds,
                          const std::string& what) {
    Gradients gradients;
    ASSERT_TRUE(student.loss(all.teacher, all.lesson(), &gradients));
    for (const ParameterKind kind : kinds) {
        const auto direction = direction_of(student, kind, 11);
        const double wanted = slope_along(student, all, direction);
        EXPECT_NEAR(dot(gradients, direction), wanted, 0.01 * std::fabs(wanted) + 1.5e-3)
            << what << ", kind " << static_cast<int>(kind);
    }
}

// An update begins as none: half of it is zero.
inline void shake_updates(std::vector<Parameter>& parameters) {
    std::mt19937 random(3);
    std::normal_distribution<float> draw(0.0F, 0.1F);
    for (Parameter& parameter : parameters) {
        if (parameter.kind != ParameterKind::UpdateB) continue;
        for (float& value : parameter.values.values()) value = draw(random) * static_cast<float>(parameter.size);
    }
}

}  // namespace landauer::healing
