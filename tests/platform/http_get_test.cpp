#include "platform/http_get.h"

#include <gmock/gmock.h>

#include <chrono>
#include <string>

#include "support/liar.h"

namespace landauer {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using namespace landauer::testing;
using namespace std::chrono_literals;

constexpr int kTimeout_ms = 400;

std::unique_ptr<HttpGet> open(const Liar& liar) {
    auto http = HttpGet::open({"127.0.0.1", liar.port()});
    EXPECT_TRUE(http);
    return std::move(*http);
}

// Nothing comes of it; a peer that is waited for without end fails this by ctest's time limit.
void expect_no_answer(const Liar::Script& script) {
    const Liar liar(script);
    const auto http = open(liar);
    EXPECT_FALSE(http->get("/x", kTimeout_ms));
    EXPECT_THAT(http->why(), Not(IsEmpty()));
}

TEST(HttpGet, AsksForThePathAndGivesTheBody) {
    std::string request;
    {
        const Liar liar([&](Caller& caller) {
            request = caller.request();
            caller.answer("{\"a\":1}");
        });
        const auto http = open(liar);
        EXPECT_EQ(http->get("/cm?cmnd=Status%208", kTimeout_ms), "{\"a\":1}");
        EXPECT_THAT(http->why(), IsEmpty());
    }
    EXPECT_THAT(request, HasSubstr("GET /cm?cmnd=Status%208 HTTP/1.1\r\n"));
}

TEST(HttpGet, PiecesAreOneAnswer) {
    const Liar liar([](Caller& caller) {
        caller.send("HTTP/1.1 200 OK\r\nTransfer-");
        std::this_thread::sleep_for(10ms);
        caller.send("Encoding: chunked\r\n\r\n3\r\nabc\r\n");
        std::this_thread::sleep_for(10ms);
        caller.send("2\r\nde\r\n0\r\n\r\n");
    });
    EXPECT_EQ(open(liar)->get("/", kTimeout_ms), "abcde");
}

TEST(HttpGet, OtherAnswersSayTheirStatus) {
    Liar liar([](Caller& caller) { caller.answer("no", 401); });
    const auto http = open(liar);
    EXPECT_FALSE(http->get("/", kTimeout_ms));
    EXPECT_EQ(http->why(), "status 401");
    liar.now_do([](Caller& caller) { caller.send("HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n"); });
    EXPECT_FALSE(http->get("/", kTimeout_ms));
    EXPECT_EQ(http->why(), "status 302");
}

TEST(HttpGet, SilenceEndsInTime) {
    expect_no_answer([](Caller& caller) { caller.say_nothing(); });
}

TEST(HttpGet, ADrippingPeerEndsInTime) {
    expect_no_answer([](Caller& caller) {
        caller.send("HTTP/1.1 200 OK\r\nX: ");
        caller.drip('x');
    });
    expect_no_answer([](Caller& caller) {
        caller.send("HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n");
        caller.drip('x');
    });
    expect_no_answer([](Caller& caller) { caller.drip('\n'); });
}

TEST(HttpGet, WhatIsNoHttpIsNoAnswer) {
    expect_no_answer([](Caller& caller) { caller.send("SSH-2.0-OpenSSH_9.2\r\n"); });
    expect_no_answer([](Caller& caller) { caller.send(std::string(100'000, '\xff')); });
    expect_no_answer([](Caller& /*hangs up*/) {});
    expect_no_answer([](Caller& caller) { caller.send("HTTP/1.1 200 OK\r\nContent-Le"); });
    expect_no_answer([](Caller& caller) { caller.send("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf of it"); });
    expect_no_answer([](Caller& caller) {
        caller.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nabc");
    });
}

TEST(HttpGet, NobodyReadsABookToLearnTheWatts) {
    expect_no_answer([](Caller& caller) {
        caller.send("HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n");
        while (caller.send(std::string(65536, 'x'))) {
        }
    });
}

TEST(HttpGet, AClosedPortIsNoAnswer) {
    int port = 0;
    {
        const Liar gone([](Caller& /*caller*/) {});
        port = gone.port();
    }
    auto http = HttpGet::open({"127.0.0.1", port});
    ASSERT_TRUE(http);
    EXPECT_FALSE((*http)->get("/", kTimeout_ms));
    EXPECT_THAT((*http)->why(), Not(IsEmpty()));
}

TEST(HttpPeer, AddressesAsPeopleWriteThem) {
    const struct {
        const char* text;
        const char* host;
        int port;
    } good[] = {{"192.168.1.20", "192.168.1.20", 80}, {"plug.local:8080", "plug.local", 8080},
                {"http://plug/", "plug", 80},         {"[fe80::1%eth0]:81", "fe80::1%eth0", 81},
                {"fe80::1", "fe80::1", 80},           {" plug ", "plug", 80}};
    for (const auto& c : good) {
        const auto peer = http_peer_from(c.text);
        ASSERT_TRUE(peer) << c.text;
        EXPECT_EQ(peer->host, c.host);
        EXPECT_EQ(peer->port, c.port);
    }
    for (const char* const text : {"", ":80", "plug:", "plug:0", "plug:65536", "plug:abc", "https://plug", "a b",
                                   "plug/path", "user@plug", "[::1", "[::1]x80", "plug\r\nX: y"}) {
        const auto peer = http_peer_from(text);
        ASSERT_FALSE(peer) << text;
        EXPECT_EQ(peer.error().kind, ErrorKind::Invalid);
    }
}

}  // namespace
}  // namespace landauer
