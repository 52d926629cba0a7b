#include "analysis/publications.h"

#include <algorithm>
#include <cmath>

#include "analysis/stats.h"

namespace landauer {
namespace {

constexpr double kNs = 1e-9;
const double kUniform = 1.0 / std::sqrt(12.0);
constexpr std::size_t kFewest = 8;  // publications that make a beat

// The number of each publication, those that were missed counted in.
std::vector<double> numbers(const std::vector<double>& middles_s) {
    std::vector<double> spacing;
    spacing.reserve(middles_s.size());
    for (std::size_t i = 1; i < middles_s.size(); ++i) {
        spacing.push_back(middles_s[i] - middles_s[i - 1]);
    }
    // The mean, since readings stretch some spacings and shorten others; without the long silences.
    const double most_s = 2.5 * median(spacing);
    double sum_s = 0.0;
    double n = 0.0;
    for (const double length_s : spacing) {
        sum_s += length_s <= most_s ? length_s : 0.0;
        n += length_s <= most_s ? 1.0 : 0.0;
    }
    const double usual_s = sum_s / n;
    std::vector<double> out(middles_s.size(), 0.0);
    for (std::size_t i = 1; i < out.size(); ++i) {
        out[i] = out[i - 1] + std::round(spacing[i - 1] / usual_s);
    }
    return out;
}

struct Line {
    double period_s = 0.0;
    double first_s = 0.0;
    double stray_s = 0.0;  // standard deviation of the middles about it
};

Line fit_line(const std::vector<double>& number, const std::vector<double>& middle_s) {
    const double centre_n = mean(number);
    const double centre_s = mean(middle_s);
    double products = 0.0;
    double squares = 0.0;
    for (std::size_t i = 0; i < number.size(); ++i) {
        products += (number[i] - centre_n) * (middle_s[i] - centre_s);
        squares += (number[i] - centre_n) * (number[i] - centre_n);
    }
    Line beat;
    beat.period_s = squares > 0.0 ? products / squares : 0.0;
    beat.first_s = centre_s - beat.period_s * centre_n;
    double strays = 0.0;
    for (std::size_t i = 0; i < number.size(); ++i) {
        const double stray = middle_s[i] - beat.first_s - beat.period_s * number[i];
        strays += stray * stray;
    }
    beat.stray_s = std::sqrt(strays / std::max(1.0, static_cast<double>(number.size()) - 2.0));
    return beat;
}

double square(double x) { return x * x; }

double normal_below(double z) { return 0.5 * std::erfc(-z / std::sqrt(2.0)); }

// How unevenly the source publishes: the standard deviation about the beat that makes the readings, between
// two of which each publication lies, likeliest. From a fiftieth of the usual distance of readings upwards.
double unrest(const Line& beat, const std::vector<double>& number, const std::vector<double>& middle_s,
              const std::vector<PublicationTime>& times) {
    constexpr int kTried = 14;
    constexpr double kRatio = 1.4;
    double width_s = 0.0;
    for (const PublicationTime& time : times) {
        width_s += time.width_s / static_cast<double>(times.size());
    }
    double best_s = 0.0;
    double best = -1e300;
    double tried_s = width_s / 50.0;
    for (int k = 0; k < kTried; ++k, tried_s *= kRatio) {
        double likelihood = 0.0;
        for (std::size_t i = 0; i < times.size(); ++i) {
            const double stray_s = middle_s[i] - beat.first_s - beat.period_s * number[i];
            const double inside = normal_below((stray_s + 0.5 * times[i].width_s) / tried_s) -
                                  normal_below((stray_s - 0.5 * times[i].width_s) / tried_s);
            likelihood += std::log(std::max(inside, 1e-12));
        }
        if (likelihood > best) {
            best = likelihood;
            best_s = tried_s;
        }
    }
    return best_s;
}

}  // namespace

Beat place_publications(std::vector<PublicationTime>& times) {
    std::vector<double> middle_s;
    middle_s.reserve(times.size());
    double widths = 0.0;
    for (PublicationTime& time : times) {
        time.t_ns = time.seen_ns - std::llround(0.5e9 * time.width_s);
        time.u_s = kUniform * time.width_s;
        widths += time.u_s * time.u_s;
        middle_s.push_back(static_cast<double>(time.t_ns - times.front().seen_ns) * kNs);
    }
    if (times.size() < 2) {
        return {};
    }
    const std::vector<double> number = numbers(middle_s);
    const Line beat = fit_line(number, middle_s);
    if (times.size() < kFewest) {
        return {beat.period_s, beat.stray_s};
    }
    const double reading = widths / static_cast<double>(times.size());
    const double fit = reading / static_cast<double>(times.size());  // how well the beat itself is known
    const double own = square(unrest(beat, number, middle_s, times)) + fit;
    for (std::size_t i = 0; i < times.size(); ++i) {
        const double read = times[i].u_s * times[i].u_s;
        const double weight = read / (read + own);
        const double on_beat_s = beat.first_s + beat.period_s * number[i];
        const double shift_s =
            std::clamp(weight * (on_beat_s - middle_s[i]), -0.5 * times[i].width_s, 0.5 * times[i].width_s);
        times[i].t_ns += std::llround(1e9 * shift_s);
        times[i].u_s = std::sqrt(read * own / (read + own));
    }
    return {beat.period_s, std::sqrt(own)};
}

}  // namespace landauer
