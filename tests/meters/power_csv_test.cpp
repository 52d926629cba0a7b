#include "meters/wire/power_csv.h"

#include <gmock/gmock.h>

#include <cmath>
#include <string>

namespace landauer::wire {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pointwise;
using ::testing::SizeIs;

// What the text holds; its times from the first on.
PowerRecording recording_of(const std::string& text) {
    auto recording = parse_power_csv(text);
    EXPECT_TRUE(recording) << recording.error().sentence;
    return recording ? *recording : PowerRecording{};
}

std::vector<double> times_of(const std::string& text) {
    std::vector<double> t_s = recording_of(text).t_s;
    const double first = t_s.empty() ? 0.0 : t_s.front();
    for (double& t : t_s) {
        t -= first;
    }
    return t_s;
}

auto near(std::vector<double> wanted) { return Pointwise(::testing::DoubleNear(1e-6), std::move(wanted)); }

TEST(PowerCsv, TitlesTellTheColumnsInAnyOrder) {
    const auto r = recording_of("voltage,power_w,current,time_s\n5.1,12.5,2.4,0\n5.1,13.5,2.6,1\n");
    EXPECT_THAT(r.t_s, ElementsAre(0, 1));
    EXPECT_THAT(r.value, ElementsAre(12.5, 13.5));
    EXPECT_FALSE(r.is_energy);
    EXPECT_EQ(r.n_skipped, 0);
}

TEST(PowerCsv, WithoutTitlesTimeComesFirst) {
    for (const char* const text : {"0,1.5\n1,2.5\n", "0;1,5\n1;2,5\n", "0\t1.5\n1\t2.5\n", "0   1.5\n1 \t 2.5",
                                   "# made by hand\r\n\r\n0,1.5\r\n1,2.5\r\n",
                                   "\xef\xbb\xbf"
                                   "0,1.5\n1,2.5\n",
                                   "\"0\",\"1.5\"\n\"1\",\"2.5\"\n", "0,1.5 W\n1,2.5W\n", "0 1.5 W\n1 2.5 W\n"}) {
        const auto r = recording_of(text);
        EXPECT_THAT(r.t_s, ElementsAre(0, 1)) << text;
        EXPECT_THAT(r.value, ElementsAre(1.5, 2.5)) << text;
    }
}

TEST(PowerCsv, UnitsOfTheValue) {
    const struct {
        const char* title;
        double scale;
        bool is_energy;
    } cases[] = {{"power", 1, false},       {"Power (mW)", 1e-3, false},     {"P [kW]", 1e3, false},
                 {"Watts", 1, false},       {"power_uw", 1e-6, false},       {"Leistung (W)", 1, false},
                 {"energy_j", 1, true},     {"Energy (Wh)", 3600, true},     {"total kWh", 3.6e6, true},
                 {"Energy mWh", 3.6, true}, {"Energy (MJ)", 1e6, true},      {"Power (MW)", 1e6, false},
                 {"apower", 1, false},      {"power \xc2\xb5W", 1e-6, false}};
    for (const auto& c : cases) {
        const auto r = recording_of(std::string("t,") + c.title + "\n0,2\n1,4\n");
        EXPECT_THAT(r.value, near({2 * c.scale, 4 * c.scale})) << c.title;
        EXPECT_EQ(r.is_energy, c.is_energy) << c.title;
    }
}

TEST(PowerCsv, UnitsAndFormsOfTime) {
    EXPECT_THAT(times_of("time_ms,w\n1000,1\n1500,1\n"), near({0, 0.5}));
    EXPECT_THAT(times_of("Time (us),w\n1000,1\n1500,1\n"), near({0, 0.0005}));
    EXPECT_THAT(times_of("t_ns,w\n0,1\n250000000,1\n"), near({0, 0.25}));
    EXPECT_THAT(times_of("timestamp,w\n1769862896,1\n1769862897.5,1\n"), near({0, 1.5}));
    EXPECT_THAT(times_of("timestamp,w\n1769862896000,1\n1769862897500,1\n"), near({0, 1.5}));
    EXPECT_THAT(times_of("1769862896000000,1\n1769862897500000,1\n"), near({0, 1.5}));
    EXPECT_THAT(times_of("2026-01-31T12:34:56Z,1\n2026-01-31T13:34:57.250+01:00,1\n"), near({0, 1.25}));
    EXPECT_THAT(times_of("2026-01-31 12:34:56,1\n2026/01/31 12:34:58,1\n"), near({0, 2}));
    EXPECT_THAT(times_of("2026-01-31 12:34:56 1\n2026-01-31 12:34:58 2\n"), near({0, 2}));
    EXPECT_THAT(times_of("12:34:56.5;1\n12:34:57,25;1\n"), near({0, 0.75}));
}

TEST(PowerCsv, CalendarTimesCountFrom1970) {
    EXPECT_THAT(recording_of("2026-01-31T12:34:56Z,1\n2026-01-31T12:34:57Z,1\n").t_s, near({1769862896, 1769862897}));
}

TEST(PowerCsv, TheClockGoesOnPastMidnight) {
    EXPECT_THAT(times_of("23:59:59,1\n00:00:01,1\n12:00:00,1\n23:00:00,1\n00:30:00,1\n"),
                near({0, 2, 43201, 82801, 88201}));
}

TEST(PowerCsv, PowerIsTakenBeforeEnergyAndWhatIsNoPowerIsNot) {
    for (const char* const title :
         {"power (%)", "power [VA]", "Reactive power (var)", "power_dbm", "power limit (W)"}) {
        EXPECT_FALSE(parse_power_csv(std::string("time,") + title + "\n0,1\n1,2\n")) << title;
    }
    const auto r = recording_of("time,power factor,apparent power,energy_kwh,power\n0,0.9,20,1,18\n1,0.9,20,1,19\n");
    EXPECT_THAT(r.value, ElementsAre(18, 19));
    EXPECT_FALSE(r.is_energy);
}

TEST(PowerCsv, BadLinesAreCountedAndExplained) {
    const auto r = recording_of("time_s,power_w\n0,1\n1,abc\n2\n3,nan\n4,1e30\nnever,5\n6,6\n5,7\n6,8\n7,9\n8,inf\n");
    EXPECT_THAT(r.t_s, ElementsAre(0, 6, 7));
    EXPECT_THAT(r.value, ElementsAre(1, 6, 9));
    EXPECT_EQ(r.n_skipped, 8);
    ASSERT_THAT(r.skipped_reasons, SizeIs(5));
    EXPECT_EQ(r.skipped_reasons[0], "line 3: its value is no number ('1,abc')");
    EXPECT_THAT(r.skipped_reasons[1], HasSubstr("too few columns"));
    EXPECT_THAT(r.skipped_reasons[3], HasSubstr("absurd"));
    EXPECT_THAT(r.skipped_reasons[4], HasSubstr("time could not be read"));
}

TEST(PowerCsv, AnotherFormOfTimeInTheMiddleIsSkipped) {
    const auto r = recording_of("0,1\n1,1\n12:00:00,1\n2,1\n");
    EXPECT_THAT(r.t_s, ElementsAre(0, 1, 2));
    EXPECT_EQ(r.n_skipped, 1);
}

TEST(PowerCsv, NegativePowerIsKeptForWhoeverJudgesIt) {
    EXPECT_THAT(recording_of("0,-3\n1,4\n").value, ElementsAre(-3, 4));
}

TEST(PowerCsv, WhatCannotBeUsedSaysWhy) {
    const struct {
        const char* text;
        const char* why;
    } cases[] = {{"", "no lines of data"},
                 {"# only\n# comments\n", "no lines of data"},
                 {"time,volts\n0,1\n1,2\n", "no column is called a power"},
                 {"time,energy\n0,1\n1,2\n", "no column is called a power"},
                 {"1.5\n2.5\n", "no time"},
                 {"0,1\n", "no lines of data"},
                 {"\x01\x02\x03\n\x04", "not text"}};
    for (const auto& c : cases) {
        const auto r = parse_power_csv(c.text);
        ASSERT_FALSE(r) << c.text;
        EXPECT_EQ(r.error().kind, ErrorKind::Invalid);
        EXPECT_THAT(r.error().sentence, HasSubstr(c.why)) << c.text;
        EXPECT_THAT(r.error().remedy, HasSubstr("time_s,power_w"));
    }
}

TEST(PowerLines, ValuesWithoutTimesAreSamplesToo) {
    PowerLines lines;
    const auto sample = lines.read("12.5 W");
    ASSERT_TRUE(sample);
    EXPECT_FALSE(sample->t_s);
    EXPECT_DOUBLE_EQ(sample->value, 12.5);
    EXPECT_FALSE(lines.read("3 J"));
    EXPECT_THAT(std::string(lines.why()), HasSubstr("mixes"));
}

TEST(PowerLines, LongLinesWithManyColumnsAreCutNotOverrun) {
    std::string line = "0,1";
    for (int i = 0; i < 1000; ++i) {
        line += ",2";
    }
    PowerLines lines;
    ASSERT_TRUE(lines.read(line));
}

TEST(Fields, ABracketBehindAnEmptyFieldIsAFieldOfItsOwn) {
    const Fields fields("3 \r [x \"\" (y", kBlanks);
    ASSERT_EQ(fields.size(), 5U);
    EXPECT_EQ(fields[0], "3");
    EXPECT_EQ(fields[1], "");
    EXPECT_EQ(fields[2], "[x");
    EXPECT_EQ(fields[3], "");
    EXPECT_EQ(fields[4], "(y");
}

TEST(TimeText, RefusesWhatIsNoTime) {
    for (const char* const text : {"", "24:00:00", "12:60:00", "12:30:61", "2026-02-30", "1969-12-31", "2026-01-31T",
                                   "2026-01-31X12:00:00", "12:30:15.", "12:30 noon", "2026-01-31T12:00:00+99:00"}) {
        EXPECT_FALSE(parse_time(text)) << text;
    }
    EXPECT_TRUE(parse_time("2026-02-28"));
    EXPECT_TRUE(parse_time("7:05"));
}

TEST(TimeText, NumbersWithCommaOrPointButNotBoth) {
    EXPECT_EQ(parse_number("1,5"), 1.5);
    EXPECT_EQ(parse_number("+2.5"), 2.5);
    EXPECT_FALSE(parse_number("1.234,5"));
    EXPECT_FALSE(parse_number("1,2,3"));
    EXPECT_FALSE(parse_number("+-1"));
    EXPECT_FALSE(parse_number(std::string(100, '1') + ",5"));
}

}  // namespace
}  // namespace landauer::wire
