// Several clamps of one model: one rise, a knee for each clamp.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "analysis/f_distribution.h"
#include "analysis/laws/hinge_design.h"
#include "analysis/laws/knee_prediction.h"
#include "analysis/laws/law1.h"
#include "analysis/laws/law2.h"
#include "analysis/stats.h"

namespace landauer {
namespace {

constexpr double kKneeTolerance = 1e-8;  // part of the range of pixels
constexpr double kCurveMargin = 4.0;     // of AICc, as for one ladder

struct Joint {
    SegmentedData data;  // all ladders, one after the other
    std::vector<std::size_t> group;
    std::size_t n_groups = 0;
};

void append(SegmentedData& all, const SegmentedData& one) {
    const auto add = [](std::vector<double>& to, const std::vector<double>& from) {
        to.insert(to.end(), from.begin(), from.end());
    };
    add(all.x, one.x);
    add(all.y, one.y);
    add(all.weight, one.weight);
    add(all.shared, one.shared);
    add(all.gain, one.gain);
    add(all.tilt, one.tilt);
    all.n_trials += one.n_trials;
    all.n_sizes += one.n_sizes;
}

Result<std::vector<SegmentedData>> prepare_all(std::span<const ClampLadder> ladders, std::optional<double> evidence) {
    std::vector<SegmentedData> out;
    for (const ClampLadder& ladder : ladders) {
        auto one = prepare(segmented_cases(ladder.cases, ImageVariable::nominal_px), evidence);
        if (!one) {
            return fail(one.error().kind, fmt::format("{}: {}", ladder.clamp, one.error().sentence),
                        one.error().remedy);
        }
        out.push_back(std::move(*one));
    }
    return out;
}

// Ladders are weighted alike, and sizes merged in all of them where they deviate together in one.
Result<Joint> join(std::span<const ClampLadder> ladders) {
    auto each = prepare_all(ladders, std::nullopt);
    if (!each) {
        return tl::unexpected(each.error());
    }
    double evidence = 0.0;
    for (const SegmentedData& one : *each) {
        evidence += one.evidence_relative;
    }
    each = prepare_all(ladders, evidence);
    Joint out;
    out.n_groups = each->size();
    out.data.weighting = each->front().weighting;
    out.data.by_size = std::any_of(each->begin(), each->end(), [](const SegmentedData& d) { return d.by_size; });
    for (std::size_t g = 0; g < each->size(); ++g) {
        SegmentedData& one = (*each)[g];
        if (out.data.by_size && !one.by_size) {
            one = merged_sizes(one);
        }
        append(out.data, one);
        out.group.insert(out.group.end(), one.size(), g);
    }
    return out;
}

HingeProfile profile_of(const Joint& joint, bool curved, bool one_knee) {
    std::vector<HingePoint> points;
    points.reserve(joint.data.size());
    for (std::size_t i = 0; i < joint.data.size(); ++i) {
        points.push_back({joint.data.x[i], joint.data.y[i], joint.data.weight[i], one_knee ? 0 : joint.group[i]});
    }
    return {std::move(points), one_knee ? 1 : joint.n_groups, {curved, false}};
}

struct Candidate {
    bool curved = false;
    HingeMinimum best;
    FormSquares fit;
    double df = 0.0;
    double aicc = 0.0;
};

// 1, min(x, k_g), min(x, k_g)^2, and the derivative by each knee.
Result<Candidate> fit_candidate(const Joint& joint, bool curved) {
    Candidate out;
    out.curved = curved;
    out.best = profile_of(joint, curved, false).minimise(kKneeTolerance);
    const std::size_t n_coefficients = curved ? 3 : 2;
    const std::size_t n_parameters = n_coefficients + joint.n_groups;
    if (out.best.knees.empty() || joint.data.size() <= n_parameters) {
        return fail(ErrorKind::Invalid, "The ladders have too few sizes to place a knee for each clamp.",
                    "Run more resolutions on both sides of each clamp's knee.");
    }
    out.fit.knees = out.best.knees;
    std::vector<std::vector<double>>& columns = out.fit.tangent_columns;
    columns.resize(n_coefficients);
    for (std::size_t i = 0; i < joint.data.size(); ++i) {
        const double low = std::min(joint.data.x[i], out.best.knees[joint.group[i]]);
        for (std::size_t power = 0; power < n_coefficients; ++power) {
            columns[power].push_back(std::pow(low, power));
        }
    }
    auto squares = least_squares(columns, joint.data.y, joint.data.weight);
    if (!squares) {
        return tl::unexpected(squares.error());
    }
    for (std::size_t g = 0; g < joint.n_groups; ++g) {
        const double k = out.best.knees[g];
        const double slope = squares->coefficients[1] + (curved ? 2.0 * squares->coefficients[2] * k : 0.0);
        columns.emplace_back();
        for (std::size_t i = 0; i < joint.data.size(); ++i) {
            columns.back().push_back(joint.group[i] == g && joint.data.x[i] > k ? slope : 0.0);
        }
    }
    auto tangent = least_squares(columns, joint.data.y, joint.data.weight);
    if (!tangent) {
        return fail(ErrorKind::Invalid, "The cost does not rise with the image under any clamp, so it has no knees.",
                    "Fit each clamp by itself to see its flat law.");
    }
    out.fit.squares = std::move(*squares);
    out.fit.tangent = std::move(*tangent);
    out.df = static_cast<double>(joint.data.size() - n_parameters);
    const double floor = 1e-24 * (out.fit.squares.tss + out.fit.squares.rss);
    out.aicc = aicc(joint.data.size(), n_parameters, out.fit.squares.rss, floor);
    return out;
}

// The wider of the profile's interval and the tangent's, which holds noise of any pattern.
Interval knee_interval(const HingeProfile& profile, const Candidate& chosen, const Parameters& parameters,
                       const SegmentedData& data, std::size_t g) {
    const FormSquares& fit = chosen.fit;
    const double t = student_t95(chosen.df);
    const auto bounds = profile.within(chosen.best, g, chosen.best.rss * (1.0 + t * t / chosen.df));
    const std::size_t i = fit.squares.coefficients.size() + g;
    const Estimate& tangent = parameters.estimates[i];
    const double shared = shared_half_width(data, fit, i);
    const double k = tangent.value;
    const Interval wide = {k - std::hypot(k - bounds.low, shared), k + std::hypot(bounds.high - k, shared)};
    return wide.high - wide.low >= tangent.ci95.high - tangent.ci95.low ? wide : tangent.ci95;
}

ClampKnee describe(const ClampLadder& ladder, double knee, const Interval& ci95) {
    ClampKnee out;
    out.clamp = ladder.clamp;
    out.knee_px = {knee, ci95};
    out.predicted_px = ladder.predicted_knee_px;
    if (const auto tokens = knee_of_tokens(ladder.cases); tokens && out.predicted_px) {
        out.predicted_px = tokens;
    }
    if (out.predicted_px) {
        out.ratio = knee / *out.predicted_px;
        out.inside = ci95.low <= *out.predicted_px && *out.predicted_px <= ci95.high;
    }
    return out;
}

void test_common_knee(const Joint& joint, const Candidate& chosen, JointLaw2& out) {
    const double common = profile_of(joint, chosen.curved, true).minimise(kKneeTolerance).rss;
    const auto more = static_cast<double>(joint.n_groups - 1);
    const double rest = chosen.best.rss / chosen.df;
    const double excess = std::max(0.0, common - chosen.best.rss) / more;
    out.common_knee_f = rest > 0.0 ? excess / rest : (excess > 0.0 ? std::numeric_limits<double>::infinity() : 0.0);
    out.common_knee_p = f_upper_tail(out.common_knee_f, more, chosen.df);
}

void add_caveats(JointLaw2& out) {
    for (const ClampKnee& knee : out.knees) {
        if (!std::isfinite(knee.knee_px.ci95.low) || !std::isfinite(knee.knee_px.ci95.high)) {
            out.caveats.push_back(
                {"knee-not-reached", Severity::note,
                 fmt::format("The ladder under {} sets no bound to its knee on one side.", knee.clamp),
                 "Run resolutions from well below to well above its knee."});
        }
    }
}

}  // namespace

Result<JointLaw2> fit_joint(const Law2Request& request, std::span<const ClampLadder> ladders) {
    if (ladders.size() < 2) {
        return fail(ErrorKind::Invalid, "A joint fit of clamps was given fewer than two ladders.",
                    "Run the ladder under at least two clamps, or fit the one by itself.");
    }
    const auto joint = join(ladders);
    if (!joint) {
        return tl::unexpected(joint.error());
    }
    auto chosen = fit_candidate(*joint, false);
    if (!chosen) {
        return tl::unexpected(chosen.error());
    }
    if (auto curve = fit_candidate(*joint, true); curve && curve->aicc < chosen->aicc - kCurveMargin) {
        chosen = std::move(curve);
    }
    JointLaw2 out;
    out.y = request.y;
    out.form = chosen->curved ? SegmentedForm::hinge_curve : SegmentedForm::hinge;
    out.weighting = joint->data.weighting;
    out.by_size = joint->data.by_size;
    out.n_trials = static_cast<int>(joint->data.n_trials);
    out.r2 = chosen->fit.squares.tss > 0.0 ? 1.0 - chosen->fit.squares.rss / chosen->fit.squares.tss : 0.0;
    const Parameters all = parameters_of(joint->data, chosen->fit);
    const std::size_t n_coefficients = chosen->fit.squares.coefficients.size();
    out.coefficients.assign(all.estimates.begin(), all.estimates.begin() + static_cast<std::ptrdiff_t>(n_coefficients));
    const HingeProfile profile = profile_of(*joint, chosen->curved, false);
    for (std::size_t g = 0; g < ladders.size(); ++g) {
        const Interval ci95 = knee_interval(profile, *chosen, all, joint->data, g);
        out.knees.push_back(describe(ladders[g], chosen->best.knees[g], ci95));
    }
    test_common_knee(*joint, *chosen, out);
    add_caveats(out);
    return out;
}

}  // namespace landauer
