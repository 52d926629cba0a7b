// Law 2: what an image costs as a function of its size. A clamp on image tokens makes a knee in pixels,
// which the preprocessor's arithmetic predicts before anything is run.
#pragma once

#include <landauer/caveat.h>
#include <landauer/error.h>
#include <landauer/law_card.h>

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/laws/segmented.h"

namespace landauer {

enum class ImageVariable : std::uint8_t { image_tokens, effective_px, nominal_px };
[[nodiscard]] std::string_view name(ImageVariable variable);  // "image_tokens", "effective_px", "nominal_px"

// One trial: what the preprocessor made of the image, and the cost.
struct ImageCase {
    double image_tokens = 0.0;
    double effective_px = 0.0;  // encoded, after the resize
    double nominal_px = 0.0;    // of the file
    double n_text = 0.0;        // text tokens beside it
    double n_out = 0.0;
    double y = 0.0;
    double shared = 0.0;  // as in LawCase
    double gain = 0.0;
    double tilt = 0.0;
};

[[nodiscard]] std::vector<SegmentedCase> segmented_cases(std::span<const ImageCase> cases, ImageVariable variable);

struct Law2Request {
    std::string y;  // metric name
    std::string y_unit;
    // What the cost is a function of: tokens, but nominal pixels for preprocessing.
    ImageVariable primary = ImageVariable::image_tokens;
    // Nominal pixels at which the clamp first binds; nothing: the family has no knee.
    std::optional<double> predicted_knee_px;
    int bootstrap = 1000;
    int simulations = 499;
    std::uint32_t seed = 1;
    std::map<std::string, std::string> scope;  // copied into each card; the clamp's limits belong in it
};

// The knee that was predicted, against the fitted one. Sides under a clamp are rounded down to whole patches, so
// the rise meets the plateau a little before the clamp binds: where the cases' tokens, which arithmetic gives
// before any run, have their own knee. Where they are not known, where the clamp binds.
struct KneeCheck {
    double clamp_px = 0.0;      // the request's
    double predicted_px = 0.0;  // where the tokens' rise meets their plateau
    Estimate fitted_px;
    double ratio = 0.0;   // fitted / predicted
    bool inside = false;  // the prediction lies in the interval
};

struct Law2 {
    std::string y;
    std::optional<Segmented> on_nominal_px;  // nothing: fewer than three different values
    std::optional<Segmented> on_effective_px;
    std::optional<Segmented> on_tokens;
    std::optional<KneeCheck> check;     // where a knee was predicted and one was found
    LawCard card;                       // on the primary variable; on nominal pixels where that one does not vary
    std::optional<LawCard> pixel_card;  // on nominal pixels, where the card is on tokens
    std::vector<Caveat> caveats;
    [[nodiscard]] const std::optional<Segmented>& on(ImageVariable variable) const;
    // "knee at 0.83 Mpx (0.79 to 0.87; predicted 0.80, inside)", or "no knee (p = 0.41); linear".
    [[nodiscard]] std::string headline() const;
};

// Cases are of one clamp. On nominal pixels a knee is expected where one was predicted; on tokens and
// effective pixels none, and one that is left there is a caveat ("knee-in-tokens"): the token count does not
// explain the cost. Invalid, with what to do, when no variable has three different values.
[[nodiscard]] Result<Law2> fit_law2(const Law2Request& request, std::span<const ImageCase> cases);

// A ladder of images under one clamp.
struct ClampLadder {
    std::string clamp;  // as shown: "--image-max-tokens 256"
    std::optional<double> predicted_knee_px;
    std::vector<ImageCase> cases;
};

struct ClampKnee {
    std::string clamp;
    Estimate knee_px;  // the wider of profile and robust tangent; infinite where the ladder sets no bound
    std::optional<double> predicted_px;  // as in KneeCheck
    double ratio = 0.0;                  // fitted / predicted; 0 without a prediction
    bool inside = false;                 // the prediction lies in the interval
};

// One model under several clamps: the cost below the knees is shared, each clamp has its own knee.
struct JointLaw2 {
    std::string y;
    SegmentedForm form = SegmentedForm::hinge;  // hinge or hinge_curve, by AICc
    Weighting weighting = Weighting::relative;
    bool by_size = false;                // as in Segmented
    std::vector<Estimate> coefficients;  // a, b, d: shared
    std::vector<ClampKnee> knees;        // order of the ladders
    double r2 = 0.0;
    double common_knee_f = 0.0;  // of one knee for all against one each
    double common_knee_p = 1.0;  // small: one common knee would not do
    int n_trials = 0;
    std::vector<Caveat> caveats;
};

// Invalid: fewer than two ladders, or too few sizes below the knees to see the rise.
[[nodiscard]] Result<JointLaw2> fit_joint(const Law2Request& request, std::span<const ClampLadder> ladders);

}  // namespace landauer
