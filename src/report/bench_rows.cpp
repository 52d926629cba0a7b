#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <numeric>
#include <unordered_map>

#include "report/fields.h"

namespace landauer {
namespace {

template <class T>
double mean_of(const std::vector<T>& values) {
    double sum = 0.0;
    for (const T value : values) {
        sum += static_cast<double>(value);
    }
    return values.empty() ? 0.0 : sum / static_cast<double>(values.size());
}

template <class T>
double sd_of(const std::vector<T>& values) {
    if (values.size() < 2) {
        return 0.0;
    }
    const double mean = mean_of(values);
    double sum = 0.0;
    for (const T value : values) {
        sum += (static_cast<double>(value) - mean) * (static_cast<double>(value) - mean);
    }
    return std::sqrt(sum / static_cast<double>(values.size() - 1));
}

// Reads a number of fixed width; false unless all of it is digits.
bool read_digits(std::string_view text, std::size_t at, std::size_t n, int& value) {
    if (at + n > text.size()) {
        return false;
    }
    const char* const first = text.data() + at;
    const auto [end, problem] = std::from_chars(first, first + n, value);
    return problem == std::errc() && end == first + n;
}

// "2026-01-31T12:34:56Z" some time later; the text itself when it is no such time.
std::string later(const std::string& utc, std::int64_t ns) {
    int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
    const bool good = read_digits(utc, 0, 4, year) && read_digits(utc, 5, 2, month) && read_digits(utc, 8, 2, day) &&
                      read_digits(utc, 11, 2, hour) && read_digits(utc, 14, 2, minute) &&
                      read_digits(utc, 17, 2, second);
    const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day))};
    if (!good || !date.ok()) {
        return utc;
    }
    const auto instant = std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
                         std::chrono::seconds(second) + std::chrono::seconds(ns / 1'000'000'000);
    const auto midnight = std::chrono::floor<std::chrono::days>(instant);
    const std::chrono::year_month_day on(midnight);
    const std::chrono::hh_mm_ss of_day(instant - midnight);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(on.year()),
                       static_cast<unsigned>(on.month()), static_cast<unsigned>(on.day()), of_day.hours().count(),
                       of_day.minutes().count(), of_day.seconds().count());
}

void add_trial(BenchRow& row, const TrialRecord& trial, double seconds) {
    const auto tokens = static_cast<double>(trial.n_prompt - trial.n_reused + trial.n_gen);
    row.samples_ns.push_back(std::llround(seconds * 1e9));
    row.samples_ts.push_back(seconds > 0.0 ? tokens / seconds : 0.0);
    if (row.samples_ns.size() > 1) {
        return;
    }
    for (const SessionData& session : row.run->data->sessions) {
        if (session.session.id == trial.session_id) {
            row.session = &session;
            row.test_time = later(session.session.started_utc, trial.begin_ns - session.session.started_ns);
        }
    }
}

}  // namespace

double BenchRow::mean_ns() const { return mean_of(samples_ns); }
double BenchRow::sd_ns() const { return sd_of(samples_ns); }
double BenchRow::mean_ts() const { return mean_of(samples_ts); }
double BenchRow::sd_ts() const { return sd_of(samples_ts); }

std::string BenchRow::fact(const std::string& name) const {
    if (session == nullptr) {
        return {};
    }
    const auto found = session->session.environment.find(name);
    return found == session->session.environment.end() ? std::string() : found->second;
}

std::string BenchRow::backend() const {
    const std::string name = fact("backend");
    return name.empty() ? "CPU" : name;
}

std::vector<BenchRow> bench_rows(const RunAnalysis& run) {
    std::unordered_map<std::string, std::vector<const TrialNet*>> trials;
    for (const TrialNet& net : run.trials) {
        trials[run.data->trials[net.index].prompt_id].push_back(&net);
    }
    std::vector<BenchRow> rows;
    for (const PromptFigures& prompt : run.prompts) {
        BenchRow row;
        row.run = &run;
        row.prompt = &prompt;
        for (const TrialNet* net : trials[prompt.prompt_id]) {
            if (const auto seconds = net->figures.find("seconds"); seconds != net->figures.end()) {
                add_trial(row, run.data->trials[net->index], seconds->second);
            }
        }
        if (!row.samples_ns.empty()) {
            rows.push_back(std::move(row));
        }
    }
    return rows;
}

}  // namespace landauer
