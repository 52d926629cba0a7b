// The flags about pictures of `landauer bench`, and what they mean for its plan.
#pragma once

#include <landauer/error.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "plan/plan.h"
#include "run/image_shelf.h"

namespace landauer {

struct ImageOptions {
    std::vector<std::string> mmproj;  // one for all models, or one each
    std::filesystem::path image;      // empty: the traffic scene
    std::uint32_t scene_seed = 1;
    std::string question;
    std::string resolutions;
    std::optional<int> n_resolutions;
    std::int32_t min_tokens = 0;
    std::vector<std::string> max_tokens;
    std::vector<std::string> max_pixels;
    bool reload = false;
    bool no_reload = false;
    [[nodiscard]] bool given() const { return !mmproj.empty() || !image.empty(); }
};

void add_image_options(CLI::App& command, ImageOptions& options);

// One model with its projector.
struct Seeing {
    std::filesystem::path model;
    std::filesystem::path mmproj;  // empty for a fake model
};

// What a model is run with: the projector's part of the settings, once a clamp.
struct Clamp {
    ImageLimits limits;
    std::map<std::string, std::string> fields;  // of the run record: limits, predicted knee, projector
};

struct ImageLadder {
    ImageSource source;
    std::vector<ImageSize> sizes;
    Prompt question;
    bool reload = false;
    std::map<std::string, std::string> fields;  // of every run record: the picture, how it is shown
    std::vector<std::vector<Clamp>> clamps;     // by model
};

// From headers alone. Invalid: files that are no pictures or projectors, limits that cannot be, sizes.
[[nodiscard]] Result<ImageLadder> image_ladder_of(const ImageOptions& options, const Protocol& protocol,
                                                  const std::vector<std::filesystem::path>& models);

// The projector of each model. Invalid: neither one nor as many as models.
[[nodiscard]] Result<std::vector<Seeing>> pair_up(const ImageOptions& options,
                                                  const std::vector<std::filesystem::path>& models);

}  // namespace landauer
