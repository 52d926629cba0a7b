// How fast a synthetic model is written, against dd writing as many zeros to the same disk: both until the
// bytes are on it (fsync), in turns. And the peak memory of the program that writes it.
//   bench_synth LANDAUER SHAPE [FOLDER]
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

constexpr int kRounds = 3;
constexpr double kMiB = 1024.0 * 1024.0;
constexpr double kLimitMiB = 200.0;

struct Outcome {
    double seconds = -1.0;  // below 0: it failed
    double peak_mib = 0.0;
};

bool on_disk(const fs::path& file) {
    const int descriptor = open(file.c_str(), O_RDONLY);
    const bool synced = descriptor >= 0 && fsync(descriptor) == 0;
    if (descriptor >= 0) {
        close(descriptor);
    }
    return synced;
}

// A shell command that writes `file`, from its start until the file is on the disk.
Outcome timed(const std::string& command, const fs::path& file) {
    const auto begin = std::chrono::steady_clock::now();
    const pid_t child = fork();
    if (child == 0) {
        execl("/bin/sh", "sh", "-c", ("exec " + command + " >/dev/null 2>&1").c_str(), nullptr);
        _exit(127);
    }
    int status = 0;
    rusage usage{};
    if (child < 0 || wait4(child, &status, 0, &usage) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0 ||
        !on_disk(file)) {
        return {};
    }
    return {std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(),
            static_cast<double>(usage.ru_maxrss) * 1024.0 / kMiB};
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

int measure(const std::string& program, const std::string& shape, const fs::path& folder) {
    const fs::path file = folder / fmt::format("landauer-bench-synth-{}.bin", getpid());
    std::vector<double> synth_s;
    std::vector<double> dd_s;
    double bytes = 0.0;
    double peak_mib = 0.0;
    for (int round = 0; round < kRounds; ++round) {
        const Outcome made = timed(fmt::format("'{}' synth '{}' -o '{}'", program, shape, file.string()), file);
        std::error_code problem;
        bytes = static_cast<double>(fs::file_size(file, problem));
        fs::remove(file, problem);
        if (made.seconds < 0.0) {
            fmt::print(stderr, "synth {} failed; is the disk full?\n", shape);
            return 1;
        }
        const auto n_mib = static_cast<long long>(bytes / kMiB);
        const Outcome zeros = timed(fmt::format("dd if=/dev/zero of='{}' bs=1M count={}", file.string(), n_mib), file);
        fs::remove(file, problem);
        if (zeros.seconds < 0.0) {
            fmt::print(stderr, "dd failed; is the disk full?\n");
            return 1;
        }
        synth_s.push_back(made.seconds);
        dd_s.push_back(zeros.seconds);
        peak_mib = std::max(peak_mib, made.peak_mib);
    }
    const double ratio = median(synth_s) / median(dd_s);
    fmt::print("| shape | GB | synth s | dd s | ratio | synth MB/s | peak MiB |\n|---|---|---|---|---|---|---|\n");
    fmt::print("| {} | {:.2f} | {:.2f} | {:.2f} | {:.2f} | {:.0f} | {:.0f} |\n", shape, bytes / 1e9, median(synth_s),
               median(dd_s), ratio, bytes / 1e6 / median(synth_s), peak_mib);
    if (peak_mib >= kLimitMiB) {
        fmt::print(stderr, "peak memory is above {:.0f} MiB\n", kLimitMiB);
        return 1;
    }
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) {
        fmt::print(stderr, "usage: bench_synth LANDAUER SHAPE [FOLDER]\n");
        return 2;
    }
    return measure(argv[1], argv[2], argc > 3 ? fs::path(argv[3]) : fs::temp_directory_path());
}
