#include "plan/workload.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace landauer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Workload, ReadsAHistogram) {
    const Workload day =
        parse_workload("n_prompt, n_gen, count\r\n100,20,5\r\n100,20,1\n\n50,10,2\n", "day.csv").value();
    EXPECT_THAT(day.requests, ElementsAre(TokenCounts{50, 10, 2}, TokenCounts{100, 20, 6}));
    EXPECT_EQ(day.n_requests(), 8.0);
    EXPECT_EQ(day.kind, "histogram");
    const Workload each_once = parse_workload("model,n_gen,n_prompt\nx,1,2\nx,1,2\n", "h").value();
    EXPECT_THAT(each_once.requests, ElementsAre(TokenCounts{2, 1, 2}));
}

TEST(Workload, ReadsLogsOfServers) {
    const Workload log = parse_workload(R"(
{"response":{"body":{"usage":{"prompt_tokens":12,"completion_tokens":34,"total_tokens":46}}}}
{"usage":{"input_tokens":7,"output_tokens":8}}
2026-11-27 INFO done {"timings":{"prompt_n":12,"prompt_ms":5.0,"predicted_n":34}}
{"event":"start"}
plain words
)",
                                        "log")
                             .value();
    EXPECT_THAT(log.requests, ElementsAre(TokenCounts{7, 8, 1}, TokenCounts{12, 34, 2}));
    EXPECT_EQ(log.n_skipped, 2);
    EXPECT_EQ(log.kind, "log");
}

TEST(Workload, SaysWhatIsWrongAndWhere) {
    for (const auto& [text, what] :
         {std::pair{"", "is empty"}, std::pair{"\n \n", "is empty"}, std::pair{"a,b\n1,2\n", "line 1: no columns"},
          std::pair{"n_prompt,n_gen\n1\n", "line 2: 1 cells"}, std::pair{"n_prompt,n_gen\n1,-2\n", "line 2: a number"},
          std::pair{"n_prompt,n_gen\n1,nan\n", "line 2: a number"}, std::pair{"n_prompt,n_gen\n", "no token counts"},
          std::pair{"n_prompt,n_gen,count\n1,2,0\n", "no token counts"}, std::pair{"{\"a\":1}\n", "no token counts"},
          std::pair{"{\"usage\":{\"prompt_tokens\":-1,\"completion_tokens\":2}}",
                    "line 1: a count of tokens below 0"}}) {
        const auto result = parse_workload(text, "w");
        ASSERT_FALSE(result) << text;
        EXPECT_EQ(result.error().kind, ErrorKind::Invalid);
        EXPECT_THAT(result.error().sentence, HasSubstr(what)) << text;
    }
    EXPECT_THAT(read_workload("/no/such/file").error().sentence, HasSubstr("cannot be read"));
}

TEST(Workload, DeepOrHugeJsonIsNoTrouble) {
    const std::string deep(100000, '[');
    const auto result = parse_workload("{\"x\":" + deep, "w");
    EXPECT_FALSE(result);
}

}  // namespace
}  // namespace landauer
