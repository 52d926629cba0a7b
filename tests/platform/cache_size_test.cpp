#include "platform/cache_size.h"

#include <gtest/gtest.h>

#include "support/machine_tree.h"

namespace landauer {
namespace {

using landauer::testing::MachineTree;

TEST(CacheSize, TheLargestCacheOfTheFirstCpu) {
    const MachineTree tree;
    const std::string folder = "sys/devices/system/cpu/cpu0/cache/";
    tree.write(folder + "index0/size", "32K\n");
    tree.write(folder + "index2/size", "512K\n");
    tree.write(folder + "index3/size", "24M\n");
    EXPECT_EQ(last_level_cache_bytes(tree.root()), 24U << 20U);
    tree.write(folder + "index3/size", "lots\n");
    EXPECT_EQ(last_level_cache_bytes(tree.root()), 512U << 10U);
}

TEST(CacheSize, IsGuessedWhereTheSystemDoesNotSay) {
    const MachineTree tree;
    EXPECT_EQ(last_level_cache_bytes(tree.root()), 32U << 20U);
}

}  // namespace
}  // namespace landauer
