// A file system that fills up, for tests that may mount one.
#pragma once

#include <sys/mount.h>

#include <filesystem>
#include <string>

namespace landauer::testing {

// So many bytes on a folder; needs root.
class SmallDisk {
   public:
    SmallDisk(std::filesystem::path folder, const std::string& size)
        : folder_(std::move(folder)),
          there_(mount("tmpfs", folder_.c_str(), "tmpfs", 0, ("size=" + size).c_str()) == 0) {}
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;
    SmallDisk(SmallDisk&&) = delete;
    SmallDisk& operator=(SmallDisk&&) = delete;
    ~SmallDisk() {
        if (there_) umount2(folder_.c_str(), MNT_DETACH);
    }
    [[nodiscard]] bool there() const { return there_; }

   private:
    std::filesystem::path folder_;
    bool there_;
};

}  // namespace landauer::testing
