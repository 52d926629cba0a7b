// Synthetic models made for a test.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "gguf/synth/synth.h"
#include "temp_folder.h"

namespace landauer::testing {

struct MadeModel {
    std::filesystem::path model;
    std::filesystem::path tower;  // empty: the shape has none
};

inline MadeModel make_model(const TempFolder& folder, const std::string& shape, const std::string& type = "") {
    SynthRequest request;
    request.shape = shape;
    request.type = type;
    MadeModel made{folder / (shape + type + ".gguf"), {}};
    const auto plan = plan_synth(request);
    EXPECT_TRUE(plan) << plan.error().sentence;
    const auto written = write_synth(*plan, plan->model, made.model, false, {});
    EXPECT_TRUE(written) << written.error().sentence;
    if (plan->tower) {
        made.tower = folder / (shape + "-mmproj.gguf");
        const auto also = write_synth(*plan, *plan->tower, made.tower, false, {});
        EXPECT_TRUE(also) << also.error().sentence;
    }
    return made;
}

}  // namespace landauer::testing
