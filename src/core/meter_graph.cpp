#include <fmt/format.h>
#include <landauer/meter_graph.h>

#include <algorithm>
#include <array>
#include <numeric>

namespace landauer {
namespace {

// psys must read at least this part of what its packages read, or it does not hold them.
constexpr double kHolds = 0.98;

using Indices = std::vector<std::size_t>;

bool is_supply(RailKind kind) {
    return kind == RailKind::wall || kind == RailKind::battery || kind == RailKind::dc_input;
}

// How wide a rail is; a rail holds every narrower one, but for what stands in holds().
int width(RailKind kind) {
    switch (kind) {
        case RailKind::wall:
            return 6;
        case RailKind::battery:
        case RailKind::dc_input:
            return 5;
        case RailKind::board:
            return 4;
        case RailKind::psys:
            return 3;
        case RailKind::package:
            return 2;
        case RailKind::core:
        case RailKind::uncore:
        case RailKind::dram:
        case RailKind::device:
        case RailKind::part:
        case RailKind::none:
            return 1;
    }
    return 1;
}

bool holds(const Rail& outer, const Rail& inner) {
    if (outer.kind != RailKind::package) {
        return width(outer.kind) > width(inner.kind);
    }
    const bool is_inner = inner.kind == RailKind::core || inner.kind == RailKind::uncore;
    return is_inner && outer.index == inner.index;
}

bool is_unplaced(const Rail& a, const Rail& b) {
    const bool part =
        (a.kind == RailKind::part && !is_supply(b.kind)) || (b.kind == RailKind::part && !is_supply(a.kind));
    const bool device_in_psys = (a.kind == RailKind::device && b.kind == RailKind::psys) ||
                                (a.kind == RailKind::psys && b.kind == RailKind::device);
    return part || device_in_psys;
}

// What makes a rail too slow to tell prompts apart, as one clause; empty when nothing does.
std::string slowness(const RailCandidate& candidate) {
    const Rail& rail = candidate.channel.rail;
    if (rail.averaging_s > kTypicalPrompt_s) {
        return fmt::format("a value is the mean over {:.3g} s, longer than most prompts", rail.averaging_s);
    }
    const double period_s = std::max(rail.period_s, candidate.observed_period_s);
    return period_s > kTypicalPrompt_s
               ? fmt::format("a value comes every {:.3g} s, more seldom than most prompts", period_s)
               : std::string();
}

std::string title(const Channel& channel) { return fmt::format("{} ({})", channel.name, channel.meter); }

class Chooser {
   public:
    Chooser(std::span<const RailCandidate> candidates, std::span<const std::string> meters)
        : candidates_(candidates), meters_(meters) {}

    MeterChoice choose() {
        out_.verdicts.resize(candidates_.size());
        for (const std::string& meter : meters_) {
            if (out_.empty()) {
                choose_from(usable(meter), true);
            }
        }
        if (meters_.empty()) {
            choose_from(usable({}), false);
        }
        describe();
        judge_all();
        return std::move(out_);
    }

   private:
    [[nodiscard]] const Rail& rail(std::size_t i) const { return candidates_[i].channel.rail; }

    [[nodiscard]] Indices usable(std::string_view meter) const {
        Indices out;
        for (std::size_t i = 0; i < candidates_.size(); ++i) {
            const RailCandidate& c = candidates_[i];
            const bool asked = meter.empty() || c.channel.meter == meter;
            const bool quick = !meter.empty() || slowness(c).empty();
            if (asked && quick && rail(i).kind != RailKind::none && c.fault.empty() && !c.mirrors) {
                out.push_back(i);
            }
        }
        return out;
    }

    // Of one kind and provenance, each index once; all of the meter that comes first.
    [[nodiscard]] Indices of_kind(const Indices& from, RailKind kind, Provenance provenance) const {
        Indices out;
        for (const std::size_t i : from) {
            const bool fits = rail(i).kind == kind && rail(i).provenance == provenance;
            const bool same_meter =
                out.empty() || candidates_[out.front()].channel.meter == candidates_[i].channel.meter;
            const bool fresh = std::none_of(out.begin(), out.end(),
                                            [&](std::size_t j) { return overlap(rail(i), rail(j)) != Overlap::none; });
            if (fits && same_meter && fresh) {
                out.push_back(i);
            }
        }
        return out;
    }

    void choose_from(const Indices& from, bool named) {
        constexpr std::array kOrder = {RailKind::wall, RailKind::battery, RailKind::dc_input, RailKind::board,
                                       RailKind::psys, RailKind::package, RailKind::part};
        for (const Provenance provenance : {Provenance::measured, Provenance::calibrated, Provenance::modelled}) {
            for (const RailKind kind : kOrder) {
                if (take(from, kind, provenance)) {
                    return;
                }
            }
            if (named) {  // the user wants this meter, whatever it covers
                for (const RailKind kind : {RailKind::core, RailKind::dram, RailKind::device}) {
                    if (take(from, kind, provenance)) {
                        return;
                    }
                }
            }
        }
    }

    bool take(const Indices& from, RailKind kind, Provenance provenance) {
        Indices chosen = of_kind(from, kind, provenance);
        if (chosen.empty() || (kind == RailKind::part && count(from, RailKind::part) > 1) ||
            (kind == RailKind::psys && !psys_holds(chosen, from))) {
            return false;
        }
        if (kind == RailKind::package) {
            add_beside(chosen, of_kind(from, RailKind::dram, provenance));
        }
        out_.counted = std::move(chosen);
        return true;
    }

    void add_beside(Indices& chosen, const Indices& more) const {
        for (const std::size_t i : more) {
            if (candidates_[i].channel.meter == candidates_[chosen.front()].channel.meter) {
                chosen.push_back(i);
            }
        }
    }

    [[nodiscard]] std::ptrdiff_t count(const Indices& from, RailKind kind) const {
        return std::count_if(from.begin(), from.end(), [&](std::size_t i) { return rail(i).kind == kind; });
    }

    // Some firmwares fill psys with less than the packages it should hold, or with nothing.
    [[nodiscard]] bool psys_holds(const Indices& psys, const Indices& from) const {
        const std::optional<double> whole = watts(psys);
        Indices inner = of_kind(from, RailKind::package, rail(psys.front()).provenance);
        if (inner.empty()) {
            return true;
        }
        add_beside(inner, of_kind(from, RailKind::dram, rail(psys.front()).provenance));
        const std::optional<double> parts = watts(inner);
        return whole && parts && *whole >= kHolds * *parts;
    }

    [[nodiscard]] std::optional<double> watts(const Indices& rails) const {
        double sum = 0.0;
        for (const std::size_t i : rails) {
            const std::optional<double>& mean_w = candidates_[i].mean_w;
            if (!mean_w) {
                return std::nullopt;
            }
            sum += *mean_w;
        }
        return sum;
    }

    void describe() {
        for (const std::size_t i : out_.counted) {
            out_.covers += (out_.covers.empty() ? "" : " + ") + candidates_[i].channel.name;
            out_.provenance = std::max(out_.provenance, rail(i).provenance);
        }
        if (out_.empty()) {
            out_.reason = candidates_.empty() ? "Nothing here measures energy."
                                              : "None of the energy rails can be used; each says why.";
            return;
        }
        out_.covers += fmt::format(" ({})", candidates_[out_.counted.front()].channel.meter);
        const std::string_view kind = landauer::name(rail(out_.counted.front()).kind);
        if (!meters_.empty()) {
            out_.reason = fmt::format("You named the meter; the widest scope it has is {}.", kind);
        } else if (out_.provenance == Provenance::modelled) {
            out_.reason = "Nothing here measures energy, so these joules are an estimate from a model.";
        } else {
            out_.reason = fmt::format("The widest scope here that can be trusted is {}.", kind);
        }
    }

    void judge_all() {
        for (std::size_t i = 0; i < candidates_.size(); ++i) {
            out_.verdicts[i] = judge(i);
        }
    }

    [[nodiscard]] RailVerdict judge(std::size_t i) const {
        const RailCandidate& c = candidates_[i];
        if (std::find(out_.counted.begin(), out_.counted.end(), i) != out_.counted.end()) {
            return {RailRole::counted, "in the sum"};
        }
        if (!c.fault.empty()) {
            return {RailRole::faulty, c.fault};
        }
        if (c.mirrors) {
            return {RailRole::duplicate, "shows the same counter as " + title(candidates_[*c.mirrors].channel)};
        }
        if (const std::string why = slowness(c); meters_.empty() && !why.empty()) {
            return {RailRole::too_slow, fmt::format("{} (--meter {} uses it)", why, c.channel.meter)};
        }
        for (const std::size_t j : out_.counted) {
            const std::string other = title(candidates_[j].channel);
            switch (overlap(rail(i), rail(j))) {
                case Overlap::inside:
                    return {RailRole::inside, "part of " + other};
                case Overlap::contains:
                    return wider(i, other);
                case Overlap::same:
                    return rail(i).provenance == Provenance::modelled
                               ? RailVerdict{RailRole::modelled, "an estimate, and " + other + " measures"}
                               : RailVerdict{RailRole::duplicate, "the same joules as " + other};
                case Overlap::unknown:
                    return {RailRole::unplaced, "nobody states whether it is part of " + other};
                case Overlap::none:
                    break;
            }
        }
        if (!meters_.empty() && std::find(meters_.begin(), meters_.end(), c.channel.meter) == meters_.end()) {
            return {RailRole::not_asked, "you named other meters"};
        }
        return {RailRole::unplaced, rail(i).kind == RailKind::device ? "a device of its own, not the processor's"
                                                                     : "not known to make up a whole"};
    }

    [[nodiscard]] RailVerdict wider(std::size_t i, const std::string& other) const {
        if (rail(i).provenance != Provenance::measured) {
            return {RailRole::modelled,
                    fmt::format("wider than {}, but {}", other, landauer::name(rail(i).provenance))};
        }
        if (rail(i).kind == RailKind::psys && meters_.empty()) {
            return {RailRole::faulty, candidates_[i].mean_w ? "reads less than the packages it should hold"
                                                            : "not yet watched, and some firmwares fill it wrongly"};
        }
        return {meters_.empty() ? RailRole::wider : RailRole::not_asked, "holds " + other};
    }

    std::span<const RailCandidate> candidates_;
    std::span<const std::string> meters_;
    MeterChoice out_;
};

}  // namespace

std::string_view name(RailRole role) {
    switch (role) {
        case RailRole::counted:
            return "counted";
        case RailRole::inside:
            return "inside";
        case RailRole::wider:
            return "wider";
        case RailRole::duplicate:
            return "duplicate";
        case RailRole::unplaced:
            return "unplaced";
        case RailRole::faulty:
            return "not trusted";
        case RailRole::too_slow:
            return "too slow";
        case RailRole::not_asked:
            return "not asked";
        case RailRole::modelled:
            return "estimate";
    }
    return "unplaced";
}

Overlap overlap(const Rail& a, const Rail& b) {
    if (a.kind == RailKind::none || b.kind == RailKind::none) {
        return Overlap::none;
    }
    if (a.kind == b.kind) {
        if (a.kind == RailKind::part) {
            return Overlap::unknown;
        }
        return a.index == b.index ? Overlap::same : Overlap::none;
    }
    if (is_unplaced(a, b)) {
        return Overlap::unknown;
    }
    if (width(a.kind) == 5 && width(b.kind) == 5) {
        return Overlap::same;
    }
    if (holds(a, b)) {
        return Overlap::contains;
    }
    return holds(b, a) ? Overlap::inside : Overlap::none;
}

MeterChoice choose_rails(std::span<const RailCandidate> candidates, std::span<const std::string> meters) {
    return Chooser(candidates, meters).choose();
}

}  // namespace landauer
