// What `landauer predict` found out, before it is put into words.
#pragma once

#include <landauer/error.h>
#include <landauer/law_card.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "analysis/compare/clamp_advice.h"
#include "vision/vision.h"

namespace landauer {

struct PredictRequest {
    std::filesystem::path mmproj;  // empty: text alone
    std::filesystem::path model;   // empty: not checked against the projector
    std::filesystem::path cards;   // a folder; empty: tokens alone
    std::vector<ImageSize> sizes;
    ImageLimits limits;
    std::int64_t n_prompt = 0;  // text tokens
    std::int64_t n_gen = 0;
    bool advise = false;
    std::filesystem::path store;   // with advise: scored answers under several clamps; may not exist
    double margin_accuracy = 2.0;  // points by which answers may be worse
};

// What the largest image would cost under a clamp.
struct ClampCost {
    std::string name;             // "1024x720", "yours", "none"
    std::int32_t max_tokens = 0;  // 0: the model's own
    std::int64_t n_tokens = 0;
    double saved = 0.0;                   // of the tokens without one, as a fraction
    std::optional<Estimate> seconds;      // of that image with text and answer; where law cards say so
    std::optional<ClampAnswers> answers;  // what they were worth, where they are stored and scored
    bool is_advised = false;              // the narrowest whose answers are not worse by the margin
};

struct AspectKnee {
    double aspect = 1.0;
    std::optional<Knee> knee;
};

// A cost that a law card states, over text tokens and answer tokens.
struct LawCost {
    std::string y;  // "seconds"
    std::string unit;
    Estimate value;
    std::string card;     // the file's name
    bool beyond = false;  // more tokens than the law was measured over
};

struct SizeCost {
    ImageSize size;
    ImageCost cost;
    std::vector<LawCost> laws;  // seconds, CPU s, GiB s, J, Wh of the image with text and answer
};

struct PredictView {
    std::optional<VisionModel> vision;
    ImageLimits limits;
    bool counted = false;  // by libmtmd, not predicted
    std::vector<SizeCost> images;
    std::vector<AspectKnee> knees;
    std::vector<ClampCost> clamps;
    std::int64_t n_prompt = 0;
    std::int64_t n_gen = 0;
    std::vector<LawCost> costs;
    std::vector<std::string> notes;  // what is missing, and which command makes it
};

// Errors as read_vision_model(), check_limits(), check_pair(), read_law_card(); Invalid: a family that only
// libmtmd can count, without its language model.
[[nodiscard]] Result<PredictView> predict_view(const PredictRequest& request);

struct NamedCard {
    std::string file;
    LawCard card;
};

// Law cards of a folder, one a metric: the named model's, of the latest run; of images, of the run that saw most.
struct LawCards {
    std::map<std::string, NamedCard> text;   // law 1
    std::map<std::string, NamedCard> image;  // law 2, over image tokens
    // Of all requests by a law of text. Where answers were all measured at one length the law has no term for it:
    // other lengths are told by the decode phase's law, whose time is proportional to its tokens, at the run's mean
    // power.
    [[nodiscard]] Estimate total_of(const LawCard& card, const std::vector<TokenCounts>& requests) const;
    // What must be said about the answers' lengths; empty: nothing.
    [[nodiscard]] std::string answers_note(const std::vector<TokenCounts>& requests) const;
    // Each metric's cost of a text prompt alone.
    [[nodiscard]] std::vector<LawCost> of_text(std::int64_t n_prompt, std::int64_t n_gen) const;
    // Of an image with text and answer. The image's law holds the question and answer that it was measured with;
    // the text's law, where there is one, tells the difference to these.
    [[nodiscard]] std::vector<LawCost> of_image(std::int64_t n_tokens, std::int64_t n_prompt, std::int64_t n_gen) const;
};
// Invalid: a folder that cannot be read, a damaged card, no card of that model.
[[nodiscard]] Result<LawCards> read_law_cards(const std::filesystem::path& folder, const std::string& model);

// Names of the models that the folder's cards are of, in order; the same errors.
[[nodiscard]] Result<std::vector<std::string>> models_with_cards(const std::filesystem::path& folder);

[[nodiscard]] std::string predict_text(const PredictView& view);
[[nodiscard]] std::string predict_markdown(const PredictView& view);
[[nodiscard]] std::string predict_json(const PredictView& view);

}  // namespace landauer
