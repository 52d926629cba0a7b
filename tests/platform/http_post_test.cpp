#include "platform/http_post.h"

#include <gmock/gmock.h>

#include <string>

#include "support/liar.h"

namespace landauer {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using namespace landauer::testing;

constexpr int kTimeout_ms = 400;

HttpPostSettings to(const Liar& liar, const std::string& path = "/v1/chat/completions") {
    HttpUrl url;
    url.host = "127.0.0.1";
    url.port = liar.port();
    url.path = path;
    return {url, "", kTimeout_ms};
}

TEST(HttpPost, SendsTheBodyAndTheKeyAndGivesTheAnswer) {
    std::string request;
    {
        const Liar liar([&](Caller& caller) {
            request = caller.request();
            caller.answer("{\"ok\":1}");
        });
        HttpPostSettings settings = to(liar);
        settings.key = "sk-secret";
        const HttpAnswer answer = http_post_json(settings, "{\"a\":2}", nullptr);
        EXPECT_EQ(answer.end, HttpEnd::answered);
        EXPECT_EQ(answer.status, 200);
        EXPECT_EQ(answer.body, "{\"ok\":1}");
    }
    EXPECT_THAT(request, HasSubstr("POST /v1/chat/completions HTTP/1.1\r\n"));
    EXPECT_THAT(request, HasSubstr("Authorization: Bearer sk-secret\r\n"));
    EXPECT_THAT(request, HasSubstr("Content-Type: application/json\r\n"));
    EXPECT_THAT(request, HasSubstr("\r\n\r\n{\"a\":2}"));
}

TEST(HttpPost, WithoutAKeyNoneIsSent) {
    std::string request;
    {
        const Liar liar([&](Caller& caller) {
            request = caller.request();
            caller.answer("{}");
        });
        EXPECT_EQ(http_post_json(to(liar), "{}", nullptr).status, 200);
    }
    EXPECT_THAT(request, Not(HasSubstr("Authorization")));
}

TEST(HttpPost, OtherStatusesComeWithTheirBodyAndHowLongToWait) {
    const Liar liar(
        [](Caller& caller) { caller.send("HTTP/1.1 429 Slow\r\nRetry-After: 7\r\nContent-Length: 4\r\n\r\nslow"); });
    const HttpAnswer answer = http_post_json(to(liar), "{}", nullptr);
    EXPECT_EQ(answer.status, 429);
    EXPECT_EQ(answer.body, "slow");
    EXPECT_EQ(answer.retry_after_s, 7.0);
}

TEST(HttpPost, ARedirectionIsNotFollowed) {
    int calls = 0;
    {
        const Liar liar([&](Caller& caller) {
            ++calls;
            caller.send("HTTP/1.1 307 Elsewhere\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n");
        });
        EXPECT_EQ(http_post_json(to(liar), "{}", nullptr).status, 307);
    }
    EXPECT_EQ(calls, 1);
}

TEST(HttpPost, SilenceDripsAndHalfAnswersAreNoAnswer) {
    const Liar::Script scripts[] = {
        [](Caller& caller) { caller.say_nothing(); },
        [](Caller& caller) {
            caller.send("HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n");
            caller.drip('x');
        },
        [](Caller& caller) { caller.send("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf of it"); },
        [](Caller& /*hangs up*/) {}, [](Caller& caller) { caller.send("SSH-2.0-OpenSSH_9.2\r\n"); }};
    for (const auto& script : scripts) {
        const Liar liar(script);
        const HttpAnswer answer = http_post_json(to(liar), "{}", nullptr);
        EXPECT_EQ(answer.end, HttpEnd::no_answer);
        EXPECT_FALSE(answer.why.empty());
        EXPECT_TRUE(answer.body.empty());
    }
}

TEST(HttpPost, StopsWaitingWhenAsked) {
    const Liar liar([](Caller& caller) { caller.say_nothing(); });
    HttpPostSettings settings = to(liar);
    settings.timeout_ms = 600'000;
    EXPECT_EQ(http_post_json(settings, "{}", [] { return true; }).end, HttpEnd::interrupted);
}

TEST(HttpUrl, AsPeopleWriteThem) {
    const struct {
        const char* text;
        bool is_https;
        const char* host;
        int port;
        const char* path;
    } good[] = {{"http://127.0.0.1:8080", false, "127.0.0.1", 8080, ""},
                {"https://api.example.org/v1/", true, "api.example.org", 443, "/v1"},
                {"https://api.example.org:80", true, "api.example.org", 80, ""},
                {"localhost:1234", false, "localhost", 1234, ""},
                {"http://[::1]:81/x", false, "::1", 81, "/x"},
                {"https://[::1]/x", true, "::1", 443, "/x"}};
    for (const auto& c : good) {
        const auto url = http_url_from(c.text);
        ASSERT_TRUE(url) << c.text;
        EXPECT_EQ(url->is_https, c.is_https) << c.text;
        EXPECT_EQ(url->host, c.host);
        EXPECT_EQ(url->port, c.port) << c.text;
        EXPECT_EQ(url->path, c.path);
    }
    EXPECT_EQ(http_url_from("https://api.example.org")->host_words(), "api.example.org");
    EXPECT_EQ(http_url_from("http://h:8080/v1")->host_words(), "h:8080");
}

TEST(HttpUrl, APasswordInItIsRefusedAndNotRepeated) {
    for (const char* const text :
         {"", "https://", "ftp://host", "http://user:secret@host", "http://host/a@b", "http://host/v1?key=secret",
          "http://host/a b", "http://ho st", "http://host:99999"}) {
        const auto url = http_url_from(text);
        ASSERT_FALSE(url) << text;
        EXPECT_EQ(url.error().kind, ErrorKind::Invalid);
        EXPECT_THAT(url.error().sentence + url.error().remedy, Not(HasSubstr("secret")));
    }
}

TEST(RetryAfter, SecondsAndDates) {
    EXPECT_EQ(retry_after_s("120", 0), 120.0);
    EXPECT_EQ(retry_after_s("1.5", 0), 1.5);
    EXPECT_EQ(retry_after_s("Thu, 01 Jan 1970 00:01:40 GMT", 40), 60.0);
    EXPECT_EQ(retry_after_s("Thu, 01 Jan 1970 00:00:10 GMT", 40), 0.0);
    for (const char* const text : {"", "soon", "-5", "nan", "1e999", "Thu, 01 Foo 1970"}) {
        EXPECT_EQ(retry_after_s(text, 0), std::nullopt) << text;
    }
}

}  // namespace
}  // namespace landauer
