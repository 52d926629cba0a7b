#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "score/endpoint_reply.h"
#include "score/endpoint_source.h"
#include "support/liar.h"

namespace landauer::test {
namespace {

using ::testing::AllOf;
using testing::Caller;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::HasSubstr;
using testing::Liar;
using ::testing::Not;
using ::testing::SizeIs;

constexpr int kTimeout_ms = 400;
const Prompt kQuestion = {"P1", "Ines keeps it.", "Who?", ""};

std::string reply(const std::string& text, const std::string& finish = "stop") {
    return nlohmann::json{{"choices", {{{"message", {{"content", text}}}, {"finish_reason", finish}}}},
                          {"model", "big-2026"},
                          {"usage", {{"prompt_tokens", 12}, {"completion_tokens", 3}}}}
        .dump();
}

// Answers in turn, the last again and again; what was asked and how long was waited is kept.
class EndpointTest : public ::testing::Test {
   protected:
    Result<MadeAnswer> ask(std::vector<Liar::Script> scripts, const std::string& key = "sk-secret",
                           const std::function<bool()>& abort = nullptr) {
        scripts_ = std::move(scripts);
        const Liar liar([this](Caller& caller) {
            requests.push_back(caller.request());
            const Liar::Script script = scripts_.front();
            if (scripts_.size() > 1) {
                scripts_.erase(scripts_.begin());
            }
            script(caller);
        });
        EndpointSettings settings;
        settings.url = chat_url(http_url_from(liar.address()).value());
        settings.model = "big";
        settings.key = key;
        settings.key_name = "SOME_KEY";
        settings.timeout_ms = kTimeout_ms;
        const auto source = make_endpoint_source(
            std::move(settings),
            [this](double seconds) {
                waits.push_back(seconds);
                return !interrupts;
            },
            [this](const std::string& why, double) { notes.push_back(why); });
        return source->ask(kQuestion, abort);
    }

    void expect_error(const Result<MadeAnswer>& made, ErrorKind kind, const std::string& words) {
        ASSERT_FALSE(made);
        EXPECT_EQ(made.error().kind, kind) << made.error().sentence;
        EXPECT_THAT(made.error().sentence, HasSubstr(words));
        EXPECT_FALSE(made.error().remedy.empty());
        EXPECT_THAT(made.error().sentence + made.error().remedy, Not(HasSubstr("sk-secret")));
        for (const std::string& note : notes) {
            EXPECT_THAT(note, Not(HasSubstr("sk-secret")));
        }
    }

    std::vector<std::string> requests;
    std::vector<double> waits;
    std::vector<std::string> notes;
    bool interrupts = false;

   private:
    std::vector<Liar::Script> scripts_;
};

Liar::Script answers(const std::string& body, int status = 200) {
    return [=](Caller& caller) { caller.answer(body, status); };
}

Liar::Script error(int status, const std::string& message, const std::string& code = "",
                   const std::string& param = "") {
    return answers(nlohmann::json{{"error", {{"message", message}, {"code", code}, {"param", param}}}}.dump(), status);
}

TEST_F(EndpointTest, AnAnswerWithWhatItCost) {
    const auto made = ask({answers(reply("Ines keeps it."))});
    ASSERT_TRUE(made) << made.error().sentence;
    EXPECT_EQ(made->text, "Ines keeps it.");
    EXPECT_FALSE(made->is_cut_off);
    EXPECT_EQ(made->n_prompt, 12);
    EXPECT_EQ(made->n_gen, 3);
    EXPECT_EQ(made->settings.at("model"), "big-2026");
    ASSERT_THAT(requests, SizeIs(1));
    const auto body = nlohmann::json::parse(requests[0].substr(requests[0].find("\r\n\r\n")));
    EXPECT_EQ(body.at("model"), "big");
    EXPECT_EQ(body.at("temperature"), 0);
    EXPECT_EQ(body.at("messages").at(0).at("content"), "Ines keeps it.\n\nWho?");
    for (const auto& [name, value] : made->settings) {
        EXPECT_THAT(value, Not(HasSubstr("sk-secret"))) << name;
    }
}

TEST_F(EndpointTest, AKeyThatIsTheAnswerIsNotKept) {
    EXPECT_EQ(ask({answers(reply("You sent sk-secret."))})->text, "You sent (key).");
    expect_error(ask({error(404, std::string(195, 'x') + "sk-secret")}), ErrorKind::Failed, "xxx");
    expect_error(ask({error(404, std::string(195, 'x') + "sk-secret")}), ErrorKind::Failed, "(key");
}

TEST_F(EndpointTest, ACutAnswerIsMarked) { EXPECT_TRUE(ask({answers(reply("Ines", "length"))})->is_cut_off); }

TEST_F(EndpointTest, BusyServersAreAskedAgainWithDoublingPauses) {
    const auto made = ask({error(429, "slow"), error(503, ""), error(500, "x"), answers(reply("late"))});
    ASSERT_TRUE(made) << made.error().sentence;
    EXPECT_THAT(waits, ElementsAre(1.0, 2.0, 4.0));
    EXPECT_THAT(notes, SizeIs(3));
}

TEST_F(EndpointTest, RetryAfterIsHonoured) {
    const auto busy = [](const char* seconds) {
        return [=](Caller& caller) {
            caller.send(std::string("HTTP/1.1 429 Slow\r\nRetry-After: ") + seconds + "\r\nContent-Length: 0\r\n\r\n");
        };
    };
    ASSERT_TRUE(ask({busy("30"), answers(reply("x"))}));
    EXPECT_THAT(waits, ElementsAre(30.0));
    expect_error(ask({busy("3600")}), ErrorKind::Failed, "3600 s");
}

TEST_F(EndpointTest, SilenceAndHalfAnswersAreTriedAgain) {
    const auto made = ask({[](Caller& caller) { caller.say_nothing(); },
                           [](Caller& caller) { caller.send("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"ch"); },
                           answers(reply("at last"))});
    ASSERT_TRUE(made) << made.error().sentence;
    EXPECT_THAT(waits, SizeIs(2));
}

TEST_F(EndpointTest, NobodyThereIsGivenUp) {
    expect_error(ask({[](Caller& /*hangs up*/) {}}), ErrorKind::Failed, "gave no answer");
    EXPECT_THAT(requests, SizeIs(Ge(6U)));
    EXPECT_THAT(waits, SizeIs(5));
}

TEST_F(EndpointTest, ARefusedKeyIsSaidAtOnceAndNeverShown) {
    expect_error(ask({error(401, "Incorrect API key provided: sk-secret")}), ErrorKind::Denied, "SOME_KEY");
    EXPECT_THAT(requests, SizeIs(1));
    expect_error(ask({error(401, "no key")}, ""), ErrorKind::Denied, "wants a key");
    expect_error(ask({error(404, "no model for sk-secret")}), ErrorKind::Failed, "no model for (key)");
    expect_error(ask({error(429, "pay", "insufficient_quota")}), ErrorKind::Denied, "quota");
    EXPECT_THAT(waits, SizeIs(0));
}

TEST_F(EndpointTest, AnswersThatMakeNoSenseAreTriedThreeTimes) {
    const struct {
        std::string body;
        const char* words;
    } bad[] = {{"{\"choices\":[", "no JSON"},
               {"[]", "no JSON object"},
               {"{}", "no choices"},
               {"{\"choices\":[]}", "no choices"},
               {"{\"choices\":[7]}", "no choices"},
               {"{\"choices\":[{\"message\":{\"content\":null}}]}", "is empty"},
               {reply("", "length"), "used up"},
               {"{\"choices\":[{\"message\":{\"content\":\"\xff\xfe\"}}]}", "not UTF-8"}};
    for (const auto& c : bad) {
        requests.clear();
        expect_error(ask({answers(c.body)}), ErrorKind::Failed, c.words);
        EXPECT_THAT(requests, SizeIs(3)) << c.body;
    }
}

TEST_F(EndpointTest, NewerDialectsAreLearnt) {
    const auto made = ask({error(400, "Unsupported parameter: use 'max_completion_tokens'", "", "max_tokens"),
                           error(400, "only the default", "unsupported_value", "temperature"), answers(reply("x"))});
    ASSERT_TRUE(made) << made.error().sentence;
    ASSERT_THAT(requests, SizeIs(3));
    EXPECT_THAT(requests[2], AllOf(HasSubstr("\"max_completion_tokens\""), Not(HasSubstr("temperature"))));
    EXPECT_THAT(waits, SizeIs(0));
}

TEST_F(EndpointTest, ARedirectionDoesNotTakeTheKeyAlong) {
    expect_error(ask({answers("", 307)}), ErrorKind::Failed, "elsewhere");
    EXPECT_THAT(requests, SizeIs(1));
}

TEST_F(EndpointTest, InterruptsWhileAskingAndWhileWaiting) {
    expect_error(ask({[](Caller& caller) { caller.say_nothing(); }}, "sk-secret", [] { return true; }),
                 ErrorKind::Interrupted, "Interrupted");
    interrupts = true;
    expect_error(ask({error(503, "")}), ErrorKind::Interrupted, "Interrupted");
}

TEST(ChatUrl, FromWhatPeopleWrite) {
    for (const char* const text : {"http://h", "http://h/", "http://h/v1", "http://h/v1/chat/completions"}) {
        EXPECT_EQ(chat_url(http_url_from(text).value()).path, "/v1/chat/completions") << text;
    }
    EXPECT_EQ(chat_url(http_url_from("http://h/api/openai").value()).path, "/api/openai/chat/completions");
}

TEST(ChatReply, PartsAreJoined) {
    const auto made = parse_chat_reply(
        R"({"choices":[{"message":{"content":[{"type":"text","text":"one "},{"type":"text","text":"two"}]}}]})");
    ASSERT_TRUE(made);
    EXPECT_EQ(made->text, "one two");
}

}  // namespace
}  // namespace landauer::test
