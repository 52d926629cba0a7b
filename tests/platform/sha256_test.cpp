#include "platform/sha256.h"

#include <gtest/gtest.h>

#include <string>

#include "support/machine_tree.h"

namespace landauer {
namespace {

using landauer::testing::MachineTree;

// FIPS 180-4 examples, published by NIST.
TEST(Sha256, KnownAnswers) {
    EXPECT_EQ(sha256_text(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(sha256_text("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(sha256_text("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
              "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    EXPECT_EQ(sha256_text(std::string(1'000'000, 'a')),
              "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, AFileReadInPiecesIsTheSame) {
    MachineTree tree;
    const std::string text(3'000'001, 'q');
    tree.write("file", text);
    EXPECT_EQ(sha256_file(tree.root() / "file"), sha256_text(text));
    tree.write("empty", "");
    EXPECT_EQ(sha256_file(tree.root() / "empty"), sha256_text(""));
}

TEST(Sha256, MissingFilesFoldersAndInterrupts) {
    MachineTree tree;
    tree.write("file", "x");
    EXPECT_EQ(sha256_file(tree.root() / "none").error().kind, ErrorKind::Absent);
    EXPECT_EQ(sha256_file(tree.root()).error().kind, ErrorKind::Failed);
    EXPECT_EQ(sha256_file(tree.root() / "file", [] { return true; }).error().kind, ErrorKind::Interrupted);
}

}  // namespace
}  // namespace landauer
