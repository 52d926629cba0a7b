// HID reports of the FNIRSI testers one after another, each with the time since the last. The first
// byte of a record says whether its checksum is put right, so that the samples behind it are reached.
#include <algorithm>

#include "fuzz/fuzz.h"
#include "meters/wire/fnirsi.h"

using namespace landauer;
using fuzz::must;

namespace {

constexpr std::size_t kRecord = kFnirsiReportBytes + 2;

// CRC-8 with polynomial 0x39, started at 0x42, over all bytes but the first and the last.
void put_checksum_right(FnirsiReport& report) {
    unsigned crc = 0x42;
    for (std::size_t i = 1; i + 1 < report.size(); ++i) {
        crc ^= report[i];
        for (int bit = 0; bit < 8; ++bit) {
            crc = (crc & 0x80U) != 0 ? ((crc << 1U) ^ 0x39U) & 0xFFU : crc << 1U;
        }
    }
    report.back() = static_cast<std::uint8_t>(crc);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    (void)parse_fnirsi({data, size});
    FnirsiEnergy energy;
    std::int64_t now_ns = 1'000'000'000;
    std::int64_t last_uj = -1;
    bool gap = true;
    for (std::size_t at = 0; at + kRecord <= size; at += kRecord) {
        FnirsiReport report{};
        std::copy_n(data + at + 2, report.size(), report.begin());
        if ((data[at] & 1U) != 0) {
            report[0] = 0xAA;
            report[1] = 0x04;
            put_checksum_right(report);
        }
        now_ns += std::int64_t{data[at + 1]} * 2'000'000;
        if (const auto samples = parse_fnirsi(report)) {
            must(std::all_of(samples->begin(), samples->end(), [](const DcReading& s) { return is_plausible(s); }));
            energy.add(*samples, now_ns);
        }
        if ((data[at] & 0x80U) != 0) {
            energy.interrupt();
        }
        const auto counter = energy.counter_uj(now_ns);
        must(!counter || (*counter >= 0 && (gap || *counter >= last_uj)));  // it only falls behind a gap
        gap = !counter;
        last_uj = counter.value_or(last_uj);
    }
    return 0;
}
