#include "platform/vcio.h"

#include <gmock/gmock.h>

#include <cstring>
#include <string>

#include "support/machine_tree.h"

namespace landauer {
namespace {

using namespace landauer::testing;

// Word positions of the message as the driver and the firmware know them.
constexpr std::size_t kState = 1;
constexpr std::size_t kRefusal = 5;
constexpr std::size_t kText = FirmwareMessage::kHeader;
constexpr std::uint32_t kAnswered = 0x80000000;

void answer(FirmwareMessage& message, const std::string& text) {
    message.words()[kState] = kAnswered;
    std::memcpy(message.words() + kText, text.data(), std::min(text.size(), FirmwareMessage::kMostText));
}

TEST(FirmwareMessage, IsLaidOutAsTheFirmwareReadsIt) {
    FirmwareMessage message;
    message.ask("pmic_read_adc");
    const std::uint32_t* const words = message.words();
    EXPECT_EQ(words[0], 4U * (6 + 1024 + 1)) << "header, text, end tag";
    EXPECT_EQ(words[kState], 0U);
    EXPECT_EQ(words[2], 0x00030080U);
    EXPECT_EQ(words[3], 4096U);
    EXPECT_EQ(words[4], 0U);
    EXPECT_STREQ(static_cast<const char*>(static_cast<const void*>(words + kText)), "pmic_read_adc");
    EXPECT_EQ(words[kText + 1024], 0U);
}

TEST(FirmwareMessage, OnlyAnAnswerThatWasGivenIsShown) {
    FirmwareMessage message;
    message.ask("x");
    EXPECT_EQ(message.answer(), "") << "the question is no answer";
    answer(message, "volt=1");
    EXPECT_EQ(message.answer(), "volt=1");
    message.words()[kRefusal] = 1;
    EXPECT_EQ(message.answer(), "");
    message.words()[kRefusal] = 0;
    message.words()[kState] = 0x80000001;
    EXPECT_EQ(message.answer(), "") << "the firmware could not parse the request";
}

TEST(FirmwareMessage, TextThatFillsTheRoomEndsThere) {
    FirmwareMessage message;
    message.ask(std::string(10'000, 'q'));
    EXPECT_EQ(message.words()[kText + 1024], 0U);
    answer(message, std::string(5'000, 'a'));
    EXPECT_EQ(message.answer().size(), FirmwareMessage::kMostText);
    message.ask("again");
    answer(message, "");
    EXPECT_EQ(message.answer(), "again") << "nothing of the longer text is left";
}

TEST(Vcio, AFileInTheDevicesPlaceHoldsTheAnswer) {
    const MachineTree tree;
    tree.write("dev/vcio", "first\n");
    auto device = Vcio::open(tree.root() / "dev/vcio");
    ASSERT_TRUE(device);
    FirmwareMessage message;
    EXPECT_EQ(device->ask("pmic_read_adc", message), "first\n");
    tree.write("dev/vcio", "");
    EXPECT_EQ(device->ask("pmic_read_adc", message), "");
    tree.write("dev/vcio", std::string(9'000, 'z'));
    EXPECT_EQ(device->ask("pmic_read_adc", message).size(), FirmwareMessage::kMostText);
    const Vcio moved = std::move(*device);
    EXPECT_EQ(moved.ask("x", message).size(), FirmwareMessage::kMostText);
}

TEST(Vcio, AbsentAndDeniedAreDifferentAnswers) {
    const MachineTree tree;
    EXPECT_EQ(Vcio::open(tree.root() / "dev/vcio").error().kind, ErrorKind::Absent);
    tree.write("dev/vcio", "x");
    tree.deny("dev/vcio");
    const auto denied = as_nobody([&] { return Vcio::open(tree.root() / "dev/vcio"); });
    ASSERT_FALSE(denied);
    EXPECT_EQ(denied.error().kind, ErrorKind::Denied);
}

TEST(Vcio, AnotherDeviceGivesNoAnswer) {
    auto device = Vcio::open("/dev/null");
    ASSERT_TRUE(device);
    FirmwareMessage message;
    EXPECT_EQ(device->ask("pmic_read_adc", message), "");
}

}  // namespace
}  // namespace landauer
