// The energy group of macOS's IOReport, as text: one channel a line, its group, subgroup, name,
// unit and value separated by tabs. Built on macOS only.
#pragma once

#include <landauer/error.h>

#include <memory>
#include <string>

namespace landauer {

class IoReport {
   public:
    // Absent where macOS has no energy channels. Needs no privilege.
    [[nodiscard]] static Result<std::shared_ptr<IoReport>> open();
    IoReport(const IoReport&) = delete;
    IoReport& operator=(const IoReport&) = delete;
    IoReport(IoReport&&) = delete;
    IoReport& operator=(IoReport&&) = delete;
    ~IoReport();

    // The channels as they stand; empty when they cannot be fetched.
    [[nodiscard]] std::string read() const;

   private:
    struct Subscription;
    explicit IoReport(std::unique_ptr<Subscription> subscription);
    std::unique_ptr<Subscription> subscription_;
};

}  // namespace landauer
