// Law 2 in words: what a picture costs by its size, and the knee that was predicted against the one found.
#pragma once

#include <string>
#include <vector>

#include "analysis/laws/law2.h"
#include "report/law_sentence.h"

namespace landauer {

struct RunAnalysis;

// Width over height of the run's pictures; 0 without one.
[[nodiscard]] double image_aspect(const RunAnalysis& run);
// "1024x720": the picture of this aspect with so many pixels; empty without an aspect.
[[nodiscard]] std::string size_text(double pixels, double aspect);
// "0.73 [0.71, 0.75]", in megapixels; a side without a bound says so.
[[nodiscard]] std::string megapixels_text(const Estimate& pixels);
// "p = 0.0020", "p < 0.0001".
[[nodiscard]] std::string p_text(double p);

// "encode_s = 0.10 [0.09, 0.11] + 0.0005 [0.0004, 0.0006] image_tokens"
[[nodiscard]] std::string law2_formula(const LawCard& card);
// "R² 0.998, leave-one-out error 2.1 %, 40 trials of 16 to 256 image tokens"
[[nodiscard]] std::string law2_quality(const Law2& law);
// "Over image tokens the form is linear (AICc weight 0.82; quadratic 0.15, constant 0.03)."
[[nodiscard]] std::string law2_choice(const Law2& law);
// Over nominal pixels: the knee predicted and found, slopes on either side, the test against no knee.
[[nodiscard]] std::string law2_knee(const Law2& law, double aspect);

[[nodiscard]] std::vector<LawText> law2_texts(const std::vector<Law2>& laws, double aspect);

}  // namespace landauer
