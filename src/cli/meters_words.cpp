// `landauer meters` in words.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/meters_view.h"
#include "meters/grants.h"
#include "meters/table.h"
#include "report/plain_text.h"

namespace landauer {
namespace {

constexpr std::size_t kNameWidth = 12;

constexpr int kWidth = 100;

// Lines of at most kWidth columns, all but the first pushed in by `hang` more.
std::string indent(const std::string& text, std::size_t by = kNameWidth + 2, std::size_t hang = 0) {
    std::string out;
    for (const std::string& line : wrapped(text, kWidth - static_cast<int>(by + hang))) {
        out += std::string(out.empty() ? by : by + hang, ' ') + line + "\n";
    }
    return out;
}

// "powercap      energy of ...": a name, and what is said of it beside it.
std::string entry(const std::string& name, const std::string& text) {
    std::string out = indent(text);
    return out.replace(0, kNameWidth, fmt::format("{:<{}}", name, kNameWidth));
}

// "1 uJ", "61 uJ", "0.1 W".
std::string resolution(const Channel& channel) {
    struct Prefix {
        double factor;
        const char* name;
    };
    for (const Prefix& prefix : {Prefix{1.0, ""}, Prefix{1e-3, "m"}, Prefix{1e-6, "u"}}) {
        if (channel.scale >= 0.999 * prefix.factor) {
            return fmt::format("{:.3g} {}{}", channel.scale / prefix.factor, prefix.name, channel.unit);
        }
    }
    return fmt::format("{:.3g} n{}", channel.scale * 1e9, channel.unit);
}

// "0.98 ms", "1 s".
std::string duration(double seconds) {
    if (seconds < 1e-3) {
        return fmt::format("{:.3g} us", seconds * 1e6);
    }
    return seconds < 1.0 ? fmt::format("{:.3g} ms", seconds * 1e3) : fmt::format("{:.3g} s", seconds);
}

std::string rhythm(const Channel& channel, const ChannelWatch& watch) {
    std::string out = channel.kind == ChannelKind::counter ? "counter" : "gauge";
    if (channel.rail.averaging_s > 0.0 && channel.rail.averaging_s != channel.rail.period_s) {
        out += fmt::format(", mean over {}", duration(channel.rail.averaging_s));
    }
    if (channel.rail.period_s > 0.0) {
        out += fmt::format(", said to update every {}", duration(channel.rail.period_s));
    }
    if (watch.period_s > 0.0) {
        out += fmt::format(", seen to update every {}", duration(watch.period_s));
    }
    out += ", resolution " + resolution(channel);
    if (channel.rail.accuracy > 0.0) {
        out += fmt::format(", good to {:.2g} %", 100.0 * channel.rail.accuracy);
    }
    if (channel.rail.provenance != Provenance::measured) {
        out += fmt::format(", {}", name(channel.rail.provenance));
    }
    return out;
}

// A rail's line: its name, what it covers, what became of it.
std::string rail_line(const MetersView& view, std::size_t candidate, bool explain) {
    const RailCandidate& c = view.candidates[candidate];
    const RailVerdict& verdict = view.choice.verdicts[candidate];
    const std::string power = c.mean_w ? fmt::format("{:8.2f} W", *c.mean_w) : std::string(10, ' ');
    const std::string why = verdict.role == RailRole::counted ? "" : ": " + verdict.why;
    std::string out = std::string(kNameWidth + 2, ' ') + fmt::format("{:<22} {:<8} {} {}{}\n", c.channel.name,
                                                                     name(c.channel.rail.kind), power,
                                                                     name(verdict.role), explain ? why : "");
    if (explain) {
        const auto [probe, channel] = view.sources[candidate];
        out += indent(rhythm(c.channel, view.watches.at(probe).channels[channel]), kNameWidth + 4);
    }
    return out;
}

std::string energy_meter(const MetersView& view, std::size_t p, bool explain) {
    const MeterInfo& info = (*view.probes[p].meter)->info();
    const MeterWatch& watch = view.watches.at(p);
    std::string out = entry(info.name, info.covers);
    for (std::size_t c = 0; c < view.candidates.size(); ++c) {
        if (view.sources[c].first == p) {
            out += rail_line(view, c, explain);
        }
    }
    if (explain && watch.n_reads > 1) {
        out +=
            indent(fmt::format("a reading takes {} (p99 {})", duration(watch.read_p50_s), duration(watch.read_p99_s)));
    }
    if (explain && !info.permission.empty()) {
        out += indent("permission: " + info.permission, kNameWidth + 2, 2);
    }
    if (explain) {
        for (const std::string& note : info.notes) {
            out += indent("note: " + note, kNameWidth + 2, 2);
        }
    }
    return out;
}

std::string energy_section(const MetersView& view, bool explain) {
    std::string out;
    for (std::size_t p = 0; p < view.probes.size(); ++p) {
        if (view.watches.contains(p)) {
            out += energy_meter(view, p, explain);
        }
    }
    return out.empty() ? "No energy meter can be read here.\n" : "Energy\n" + out;
}

std::string choice_section(const MetersView& view) {
    if (view.choice.empty()) {
        std::string out = "\nA bench reports time, CPU and memory, and no joules. What would help:\n";
        const bool denied = std::any_of(view.probes.begin(), view.probes.end(), [](const MeterProbe& probe) {
            return !probe.meter && probe.meter.error().kind == ErrorKind::Denied;
        });
        out += denied ? "  a permission: landauer meters --grant prints the command\n" : "";
        out +=
            "  a smart plug or USB meter: --meter plug-shelly:HOST, plug-tasmota:HOST, usb-tc66c:DEVICE\n"
            "  a recording by any other meter, joined to a run afterwards: landauer runs attach RUN FILE.csv\n"
            "  a stated model, marked as an estimate everywhere: --meter estimate:idle=WATTS,load=WATTS\n";
        return view.candidates.empty() ? out : "\n" + view.choice.reason + out;
    }
    return "\n" + indent(fmt::format("The joules of a bench: {}, {}. {}", view.choice.covers,
                                     name(view.choice.provenance), view.choice.reason),
                         0);
}

std::string other_section(const MetersView& view) {
    std::string out;
    for (std::size_t p = 0; p < view.probes.size(); ++p) {
        if (view.probes[p].meter && !view.watches.contains(p)) {
            const MeterInfo& info = (*view.probes[p].meter)->info();
            out += entry(info.name, info.covers);
        }
    }
    return "\nAlso read\n" + out;
}

std::string missing_section(const MetersView& view, bool explain) {
    std::string denied;
    std::string reasons;
    std::string names;
    for (const MeterProbe& probe : view.probes) {
        if (probe.meter) {
            continue;
        }
        const Error& why = probe.meter.error();
        const std::string said =
            entry(probe.name, fmt::format("{}: {}", name(why.kind), why.sentence)) + indent(why.remedy);
        if (why.kind == ErrorKind::Absent) {
            reasons += said;
            names += fmt::format("{}{}", names.empty() ? "" : ", ", probe.name);
        } else {
            denied += said;
        }
    }
    std::string out = denied.empty() ? "" : "\nHere, but not readable\n" + denied;
    if (explain) {
        out += reasons.empty() ? "" : "\nNot here\n" + reasons;
    } else if (!names.empty()) {
        out += "\n" + indent(fmt::format("Not here: {}. (--explain says why)", names), 0);
    }
    return out;
}

std::string request_section() {
    std::string out = "\nOnly when named\n";
    for (const MeterEntry& meter : meter_table()) {
        if (meter.use == MeterUse::on_request) {
            out += fmt::format("  --meter {}:{}\n", meter.name, meter.argument);
        }
    }
    return out;
}

nlohmann::json rail_json(const MetersView& view, std::size_t c) {
    const RailCandidate& candidate = view.candidates[c];
    const auto [probe, channel] = view.sources[c];
    const ChannelWatch& watch = view.watches.at(probe).channels[channel];
    const Rail& rail = candidate.channel.rail;
    nlohmann::json out = {{"meter", candidate.channel.meter},
                          {"name", candidate.channel.name},
                          {"kind", candidate.channel.kind == ChannelKind::counter ? "counter" : "gauge"},
                          {"unit", candidate.channel.unit},
                          {"resolution", candidate.channel.scale},
                          {"rail", name(rail.kind)},
                          {"index", rail.index},
                          {"provenance", name(rail.provenance)},
                          {"accuracy", rail.accuracy},
                          {"nominal_period_s", rail.period_s},
                          {"role", name(view.choice.verdicts[c].role)},
                          {"why", view.choice.verdicts[c].why}};
    out["observed_period_s"] = watch.period_s > 0.0 ? nlohmann::json(watch.period_s) : nlohmann::json();
    out["mean_w"] = candidate.mean_w ? nlohmann::json(*candidate.mean_w) : nlohmann::json();
    return out;
}

}  // namespace

std::string meters_text(const MetersView& view, const MetersWords& words) {
    return energy_section(view, words.explain) + choice_section(view) + other_section(view) +
           missing_section(view, words.explain) + (words.explain ? request_section() : std::string());
}

std::string meters_json(const MetersView& view) {
    nlohmann::json rails = nlohmann::json::array();
    for (std::size_t c = 0; c < view.candidates.size(); ++c) {
        rails.push_back(rail_json(view, c));
    }
    nlohmann::json meters = nlohmann::json::array();
    for (const MeterProbe& probe : view.probes) {
        nlohmann::json meter = {{"name", probe.name}, {"readable", probe.meter.has_value()}};
        if (!probe.meter) {
            meter["kind"] = name(probe.meter.error().kind);
            meter["why"] = probe.meter.error().sentence;
            meter["remedy"] = probe.meter.error().remedy;
        }
        meters.push_back(std::move(meter));
    }
    return nlohmann::json({{"covers", view.choice.covers},
                           {"provenance", view.choice.empty() ? "" : name(view.choice.provenance)},
                           {"reason", view.choice.reason},
                           {"rails", rails},
                           {"meters", meters}})
               .dump(2) +
           "\n";
}

std::string grants_text(const MetersView& view) {
    const std::vector<Grant> grants = grants_for(view.probes);
    if (grants.empty()) {
        return "No meter here waits for a permission.\n";
    }
    std::string out = "landauer runs none of these; read what each opens, then choose.\n";
    for (const Grant& grant : grants) {
        out += "\n" + indent(fmt::format("{}: {}", grant.meter, grant.what_is_missing), 0, 2);
        out += "  until the next boot\n";
        for (const std::string& line : grant.until_reboot) {
            out += "    " + line + "\n";
        }
        out += "  for good\n";
        for (const std::string& line : grant.lasting) {
            out += "    " + line + "\n";
        }
        out += indent("what it opens: " + grant.exposes, 2, 2);
    }
    return out;
}

}  // namespace landauer
