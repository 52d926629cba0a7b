// How far a command of several stages is, on stderr.
#pragma once

#include <cstdint>
#include <string>

namespace landauer {

// One live line on a terminal; elsewhere a line a stage when it is done.
class StageLine {
   public:
    StageLine();
    StageLine(const StageLine&) = delete;
    StageLine& operator=(const StageLine&) = delete;
    StageLine(StageLine&&) = delete;
    StageLine& operator=(StageLine&&) = delete;
    ~StageLine();
    void show(const std::string& stage, double fraction);
    void end();

   private:
    [[nodiscard]] std::string left_words(std::int64_t now_ns, double fraction) const;
    bool live_;
    std::int64_t begin_ns_ = 0;
    std::int64_t shown_ns_ = 0;
    std::string stage_;
};

}  // namespace landauer
