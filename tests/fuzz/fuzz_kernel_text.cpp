// The small parsers of text that /proc and /sys hold.
#include <array>
#include <cmath>

#include "fuzz/fuzz.h"
#include "platform/proc_files.h"
#include "platform/text.h"

using namespace landauer;
using fuzz::must;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = fuzz::text_of(data, size);
    (void)parse_integer(text);
    (void)parse_hexadecimal(text);
    const auto real = parse_real(text);
    must(!real || std::isfinite(*real));
    must(value_of_key(text, "MemTotal").size() <= text.size());
    const std::vector<int> cpus = parse_cpu_list(text);
    must(cpus.empty() || parse_cpu_list(format_cpu_list(cpus)) == cpus);
    std::array<CpuTimes, 8> times{};
    CpuTimes total;
    must(parse_proc_stat(text, total, times) >= 0 && count_cpus(text) >= 0);
    must(total.busy == kMissing || total.busy >= 0);
    (void)parse_statm(text);
    (void)parse_meminfo(text);
    return 0;
}
