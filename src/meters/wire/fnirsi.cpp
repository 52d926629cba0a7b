#include "meters/wire/fnirsi.h"

#include <algorithm>

namespace landauer {
namespace {

constexpr std::uint8_t kStart = 0xAA;
constexpr std::uint8_t kDataReport = 0x04;
constexpr std::size_t kFirstSample = 2;
constexpr std::size_t kSampleBytes = 15;
// The host's USB stack bundles reports; later than this, some never came.
constexpr std::int64_t kLate_ns = 200'000'000;

// CRC-8 with polynomial 0x39, started at 0x42, over all bytes but the first and the last.
std::uint8_t checksum(Bytes report) noexcept {
    constexpr unsigned kPolynomial = 0x39;
    unsigned crc = 0x42;
    for (const std::uint8_t byte : report.subspan(1, kFnirsiReportBytes - 2)) {
        crc ^= byte;
        for (int bit = 0; bit < 8; ++bit) {
            crc = (crc & 0x80U) != 0 ? ((crc << 1U) ^ kPolynomial) : (crc << 1U);
        }
        crc &= 0xFFU;
    }
    return static_cast<std::uint8_t>(crc);
}

// Volts and amps in units of 10 micro; the product is in units of 1e-10 W.
DcReading sample_at(Bytes report, std::size_t at) noexcept {
    const std::int64_t volts_1e5 = u32_le(report, at);
    const std::int64_t amps_1e5 = u32_le(report, at + 4);
    return {volts_1e5 * 10, amps_1e5 * 10, (volts_1e5 * amps_1e5 + 5'000) / 10'000};
}

}  // namespace

FnirsiReport fnirsi_request(std::uint8_t command) noexcept {
    FnirsiReport report{};
    report[0] = kStart;
    report[1] = command;
    report.back() = checksum(report);
    return report;
}

std::optional<FnirsiSamples> parse_fnirsi(Bytes report) noexcept {
    if (report.size() != kFnirsiReportBytes || report[0] != kStart || report[1] != kDataReport ||
        report.back() != checksum(report)) {
        return std::nullopt;
    }
    FnirsiSamples samples;
    for (std::size_t i = 0; i < kFnirsiSamples; ++i) {
        const std::size_t at = kFirstSample + i * kSampleBytes;
        // Before the product, which could not be held for nonsense.
        if (u32_le(report, at) > 6'000'000 || u32_le(report, at + 4) > 1'200'000) {
            return std::nullopt;
        }
        samples[i] = sample_at(report, at);
    }
    return samples;
}

void FnirsiEnergy::add(const FnirsiSamples& samples, std::int64_t now_ns) noexcept {
    constexpr std::int64_t kReport_ns = kFnirsiSample_ns * static_cast<std::int64_t>(kFnirsiSamples);
    if (!running_) {
        running_ = true;
        told_ns_ = now_ns - kReport_ns;
    }
    // The tester's clock is not the host's: it may lag by a thousandth for ever, and cannot reach beyond now.
    told_ns_ = std::min(told_ns_ + kReport_ns + kReport_ns / 1000, now_ns);
    constexpr std::int64_t kPicoPerMicro = 1'000'000;
    for (const DcReading& sample : samples) {
        energy_pj_ += sample.microwatts * (kFnirsiSample_ns / 1000);  // uW x us = pJ
    }
    counter_uj_ += energy_pj_ / kPicoPerMicro;
    energy_pj_ %= kPicoPerMicro;
}

std::optional<std::int64_t> FnirsiEnergy::counter_uj(std::int64_t now_ns) noexcept {
    if (running_ && now_ns - told_ns_ > kLate_ns) {
        interrupt();
    }
    if (!running_ || interrupted_) {
        interrupted_ = interrupted_ && !running_;
        return std::nullopt;
    }
    return counter_uj_;
}

void FnirsiEnergy::interrupt() noexcept {
    if (!running_) {
        return;
    }
    running_ = false;
    interrupted_ = true;
    counter_uj_ = counter_uj_ > kStepBack_uj ? counter_uj_ - kStepBack_uj : 0;
}

}  // namespace landauer
