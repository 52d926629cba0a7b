// Another project's program: the meters of this machine, a third of a second of samples, and a law card.
#include <landauer/law_card.h>
#include <landauer/meter.h>
#include <landauer/sampler.h>

#include <chrono>
#include <iostream>
#include <thread>

int main(int, char** argv) {
    std::vector<std::unique_ptr<landauer::Meter>> meters;
    for (landauer::MeterProbe& probe : landauer::probe_meters()) {
        std::cout << probe.name << ": " << (probe.meter ? (*probe.meter)->info().covers : probe.meter.error().sentence)
                  << '\n';
        if (probe.meter) meters.push_back(std::move(*probe.meter));
    }
    auto sampler = landauer::Sampler::start(std::move(meters), {.rate_hz = 20.0});
    if (!sampler) return std::cerr << sampler.error().sentence << '\n', 1;
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    (*sampler)->stop();
    landauer::Trace trace;
    (*sampler)->drain(trace);
    const auto card = landauer::read_law_card(argv[1]);
    if (!card) return std::cerr << card.error().sentence << '\n', 1;
    std::cout << trace.series.size() << " series, " << (*sampler)->stats().ticks
              << " ticks, law(100, 10) = " << card->predict(100, 10).value << ' ' << card->y_unit << '\n';
    return trace.series.empty() || (*sampler)->stats().ticks == 0 ? 1 : 0;
}
