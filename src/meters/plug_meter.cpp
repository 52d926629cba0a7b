#include "meters/plug_meter.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <utility>

#include "platform/http_get.h"

namespace landauer {
namespace {

constexpr int kTimeout_ms = 800;
constexpr double kPeriod_s = 1.0;  // plugs refresh about once a second
constexpr double kMilliwattHour_j = 3.6;

class PlugMeter final : public Meter {
   public:
    PlugMeter(MeterInfo info, std::unique_ptr<HttpGet> http, PlugDialect dialect)
        : info_(std::move(info)), http_(std::move(http)), dialect_(std::move(dialect)) {}

    [[nodiscard]] const MeterInfo& info() const noexcept override { return info_; }

    int read(std::span<std::int64_t> values) noexcept override {
        std::fill(values.begin(), values.end(), kMissing);
        const auto reading = ask();
        if (!reading || values.size() < 2) {
            return 0;
        }
        values[0] = reading->milliwatts;
        values[1] = reading->energy_mwh.value_or(kMissing);
        return reading->energy_mwh ? 2 : 1;
    }

   private:
    std::optional<PlugReading> ask() noexcept {
        const auto body = http_->get(dialect_.path, kTimeout_ms);
        if (!body) {
            return std::nullopt;
        }
        try {
            return dialect_.parse(*body);
        } catch (const std::exception&) {
            return std::nullopt;  // out of memory
        }
    }

    MeterInfo info_;
    std::unique_ptr<HttpGet> http_;
    PlugDialect dialect_;
};

MeterInfo describe(const PlugKind& kind) {
    Rail rail;
    rail.kind = RailKind::wall;
    rail.accuracy = kind.accuracy;
    rail.period_s = kPeriod_s;
    rail.averaging_s = kPeriod_s;
    MeterInfo info;
    info.name = kind.name;
    info.covers = "everything that is plugged into the socket, losses of the power supply included";
    info.channels = {{kind.name, "power", "W", ChannelKind::gauge, 1e-3, 0, rail},
                     {kind.name, "energy", "J", ChannelKind::counter, kMilliwattHour_j, 0, {}}};
    info.blocks = true;
    info.period_s = kPeriod_s;
    info.notes = kind.notes;
    return info;
}

Error not_a_plug(const PlugKind& kind, const std::string& argument, const std::string& why) {
    if (why == "status 401" || why == "status 403") {
        return {ErrorKind::Denied, fmt::format("{} answers, but wants a password.", argument),
                "Turn authentication off in the plug's settings while you measure; landauer keeps no passwords."};
    }
    if (why.empty() || why.starts_with("status")) {
        return {ErrorKind::Failed, fmt::format("{} answers, but not like {} that meters power.", argument, kind.title),
                "Check the address, and that this model has a power meter."};
    }
    return {ErrorKind::Absent, fmt::format("Nobody answers at {}: {}.", argument, why),
            "Check the address, and that the plug is in the same network."};
}

}  // namespace

MeterResult make_plug_meter(const PlugKind& kind, const std::string& argument) {
    if (argument.empty()) {
        return fail(ErrorKind::Invalid, fmt::format("The meter {} was not told the plug's address.", kind.name),
                    fmt::format("Name it: --meter {}:192.168.1.20", kind.name));
    }
    const auto peer = http_peer_from(argument);
    if (!peer) {
        return tl::unexpected(peer.error());
    }
    auto http = HttpGet::open(*peer);
    if (!http) {
        return tl::unexpected(http.error());
    }
    std::string why;
    for (const PlugDialect& dialect : kind.dialects) {
        const auto body = (*http)->get(dialect.path, kTimeout_ms);
        if (body && dialect.parse(*body)) {
            return std::make_unique<PlugMeter>(describe(kind), std::move(*http), dialect);
        }
        why = (*http)->why();
        if (!body && !why.starts_with("status")) {
            break;  // nobody there: other questions will not be answered either
        }
    }
    return tl::unexpected(not_a_plug(kind, argument, why));
}

}  // namespace landauer
