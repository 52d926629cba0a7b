// A store that cannot be had, and what the user is told.
#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "sample_data.h"
#include "store/migrations.h"
#include "store/store.h"

namespace landauer::test {
namespace {

using ::testing::HasSubstr;

void expect_error(const Result<Store>& result, ErrorKind kind, const std::string& words) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, kind) << result.error().sentence;
    EXPECT_THAT(result.error().sentence, HasSubstr(words));
    EXPECT_FALSE(result.error().remedy.empty());
}

// An ordinary user for the length of a test, where the test runs as root.
class OrdinaryUser {
   public:
    OrdinaryUser() : was_root_(geteuid() == 0) {
        if (was_root_ && seteuid(65534) != 0) {
            ADD_FAILURE() << "cannot become an ordinary user";
        }
    }
    OrdinaryUser(const OrdinaryUser&) = delete;
    OrdinaryUser& operator=(const OrdinaryUser&) = delete;
    OrdinaryUser(OrdinaryUser&&) = delete;
    OrdinaryUser& operator=(OrdinaryUser&&) = delete;
    ~OrdinaryUser() {
        if (was_root_ && seteuid(0) != 0) {
            ADD_FAILURE() << "cannot become root again";
        }
    }

   private:
    bool was_root_;
};

// A disk of a megabyte on a folder; needs root.
class SmallDisk {
   public:
    explicit SmallDisk(const std::filesystem::path& folder)
        : folder_(folder), there_(mount("tmpfs", folder.c_str(), "tmpfs", 0, "size=1m") == 0) {}
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;
    SmallDisk(SmallDisk&&) = delete;
    SmallDisk& operator=(SmallDisk&&) = delete;
    ~SmallDisk() {
        if (there_) {
            umount2(folder_.c_str(), MNT_DETACH);
        }
    }
    [[nodiscard]] bool there() const { return there_; }
    [[nodiscard]] bool grow() const { return mount("tmpfs", folder_.c_str(), "tmpfs", MS_REMOUNT, "size=16m") == 0; }

   private:
    std::filesystem::path folder_;
    bool there_;
};

TEST(StoreFaults, MissingFileIsAbsent) {
    const TemporaryFolder folder;
    expect_error(Store::open_existing(folder / "none.db"), ErrorKind::Absent, "There is no store");
    EXPECT_FALSE(std::filesystem::exists(folder / "none.db"));
}

TEST(StoreFaults, MissingFolderAndFolderAsFile) {
    const TemporaryFolder folder;
    expect_error(Store::open(folder / "no" / "a.db"), ErrorKind::Absent, "does not exist");
    expect_error(Store::open(folder.path()), ErrorKind::Invalid, "is a folder");
}

TEST(StoreFaults, TextFileIsNoStoreAndIsLeftAlone) {
    const TemporaryFolder folder;
    const std::string text(5000, 'x');
    write_file(folder / "a.txt", text);
    expect_error(Store::open(folder / "a.txt"), ErrorKind::Invalid, "not a landauer store");
    EXPECT_EQ(read_file(folder / "a.txt"), text);
}

TEST(StoreFaults, AnotherProgramsDatabaseIsLeftAlone) {
    const TemporaryFolder folder;
    {
        SQLite::Database db((folder / "other.db").string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
        db.exec("CREATE TABLE theirs (x)");
    }
    const std::string before = read_file(folder / "other.db");
    expect_error(Store::open(folder / "other.db"), ErrorKind::Invalid, "another program");
    EXPECT_EQ(read_file(folder / "other.db"), before);
}

TEST(StoreFaults, EmptyFileBecomesAStore) {
    const TemporaryFolder folder;
    write_file(folder / "a.db", "");
    EXPECT_TRUE(Store::open(folder / "a.db"));
}

TEST(StoreFaults, NewerStoreIsRefusedAndLeftAlone) {
    const TemporaryFolder folder;
    {
        Store store = must(Store::open(folder / "a.db"));
        store_a_run(store, a_run(), 2);
    }
    {
        SQLite::Database db((folder / "a.db").string(), SQLite::OPEN_READWRITE);
        db.exec("PRAGMA user_version = 999");
    }
    const std::string before = read_file(folder / "a.db");
    expect_error(Store::open(folder / "a.db"), ErrorKind::Invalid, "newer landauer");
    EXPECT_EQ(read_file(folder / "a.db"), before);
}

TEST(StoreFaults, ReadOnlyFolder) {
    const TemporaryFolder folder;
    const std::filesystem::path store = folder / "ro/a.db";
    std::filesystem::create_directory(folder / "ro");
    std::int64_t id = 0;
    {
        Store filled = must(Store::open(store));
        id = store_a_run(filled, a_run(), 3);
    }
    using std::filesystem::perms;
    std::filesystem::permissions(store, perms::owner_read | perms::group_read | perms::others_read);
    std::filesystem::permissions(folder / "ro", perms::owner_all | perms::group_all | perms::others_all);
    std::filesystem::permissions(folder / "ro", perms::owner_write | perms::group_write | perms::others_write,
                                 std::filesystem::perm_options::remove);
    {
        const OrdinaryUser user;
        expect_error(Store::open(store), ErrorKind::Denied, "read-only");
        expect_error(Store::open(folder / "ro/new.db"), ErrorKind::Denied, "may not make");
        // What is in it can still be read.
        Result<Store> reader = Store::open_existing(store);
        ASSERT_TRUE(reader) << reader.error().sentence;
        EXPECT_EQ(must(reader->read_run(id)).trials.size(), 3U);
        const auto refused = reader->add_run(a_run());
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().kind, ErrorKind::Denied);
    }
    std::filesystem::permissions(folder / "ro", perms::none);
    {
        const OrdinaryUser user;
        expect_error(Store::open_existing(store), ErrorKind::Denied, "may not");
    }
    std::filesystem::permissions(folder / "ro", perms::owner_all);
}

// A killed program leaves trials in the journal beside the file: a reader must see them, or be told.
TEST(StoreFaults, ReadOnlyStoreIsReadWithItsJournal) {
    const TemporaryFolder folder;
    const std::filesystem::path store = folder / "ro/a.db";
    std::filesystem::create_directory(folder / "ro");
    const pid_t child = fork();
    if (child == 0) {
        Store unclosed = must(Store::open(store));
        store_a_run(unclosed, a_run(), 3);
        _exit(0);
    }
    waitpid(child, nullptr, 0);
    ASSERT_GT(std::filesystem::file_size(store.string() + "-wal"), 0U);
    using std::filesystem::perms;
    constexpr perms kRead = perms::owner_read | perms::group_read | perms::others_read;
    for (const char* end : {"", "-wal", "-shm"}) {
        std::filesystem::permissions(store.string() + end, kRead);
    }
    std::filesystem::permissions(folder / "ro", kRead | perms::owner_exec | perms::group_exec | perms::others_exec);
    {
        const OrdinaryUser user;
        expect_error(Store::open(store), ErrorKind::Denied, "read-only");
        Result<Store> reader = Store::open_existing(store);
        ASSERT_TRUE(reader) << reader.error().sentence;
        EXPECT_EQ(must(reader->list_runs()).at(0).n_trials, 3);
    }
    std::filesystem::permissions(store.string() + "-wal", perms::none);
    {
        const OrdinaryUser user;
        const Result<Store> reader = Store::open_existing(store);
        ASSERT_FALSE(reader) << "the journal cannot be read";
        EXPECT_EQ(reader.error().kind, ErrorKind::Denied) << reader.error().sentence;
    }
    std::filesystem::permissions(folder / "ro", perms::owner_all);
}

// A file that may not be written is said before anything is measured.
TEST(StoreFaults, ReadOnlyFileInAWritableFolder) {
    const TemporaryFolder folder;
    const std::filesystem::path store = folder / "a.db";
    using std::filesystem::perms;
    must(Store::open(store));
    std::filesystem::permissions(folder.path(), perms::all);
    std::filesystem::permissions(store, perms::owner_read | perms::group_read | perms::others_read);
    const OrdinaryUser user;
    expect_error(Store::open(store), ErrorKind::Denied, "read-only");
    EXPECT_TRUE(Store::open_existing(store));
}

TEST(StoreFaults, FullDiskKeepsWhatWasStored) {
    const TemporaryFolder folder;
    const SmallDisk disk(folder.path());
    if (!disk.there()) {
        GTEST_SKIP() << "mounting a small disk needs root";
    }
    int stored = 0;
    std::optional<Error> failure;
    {
        Store store = must(Store::open(folder / "a.db"));
        const RunRecord run = must(store.add_run(a_run()));
        const std::int64_t session = must(store.begin_session(a_session()));
        std::mt19937_64 random(1);
        for (; stored < 100'000 && !failure; ++stored) {
            const auto result =
                store.commit_trial(a_trial(run.id, session, stored), a_trace(random, stored * 30'000'000'000, 15));
            if (!result) {
                failure = result.error();
                --stored;
            }
        }
        ASSERT_TRUE(failure);
        EXPECT_EQ(failure->kind, ErrorKind::Failed) << failure->sentence;
        EXPECT_THAT(failure->sentence, HasSubstr("The disk under the store"));
        EXPECT_EQ(must(store.read_run(run.id)).trials.size(), static_cast<std::size_t>(stored));
    }
    // The same on a larger disk, after the program has ended.
    ASSERT_TRUE(disk.grow());
    {
        Store store = must(Store::open(folder / "a.db"));
        const std::int64_t id = must(store.find_run("last"));
        EXPECT_GT(stored, 0);
        EXPECT_EQ(must(store.read_run(id)).trials.size(), static_cast<std::size_t>(stored));
        const std::int64_t session = must(store.begin_session(a_session("2026-05-01T00:00:00Z")));
        EXPECT_TRUE(store.commit_trial(a_trial(id, session, stored), {}));
    }
}

TEST(StoreFaults, DamagedBlockIsSaidNotCrashed) {
    const TemporaryFolder folder;
    std::int64_t id = 0;
    {
        Store store = must(Store::open(folder / "a.db"));
        id = store_a_run(store, a_run(), 3);
    }
    {
        SQLite::Database db((folder / "a.db").string(), SQLite::OPEN_READWRITE);
        db.exec("UPDATE sample SET block = substr(block, 1, 20) WHERE id = 2");
    }
    Store store = must(Store::open(folder / "a.db"));
    const auto result = store.read_run(id);
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().sentence, HasSubstr("damaged"));
    EXPECT_EQ(must(store.list_runs()).size(), 1U);
}

TEST(StoreFaults, DamagedFilesNeverCrash) {
    const TemporaryFolder folder;
    std::int64_t id = 0;
    {
        Store store = must(Store::open(folder / "a.db"));
        id = store_a_run(store, a_run(), 10);
    }
    const std::string good = read_file(folder / "a.db");
    std::mt19937_64 random(7);
    int n_told = 0;
    for (int round = 0; round < 60; ++round) {
        std::string bad = good;
        if (round % 3 == 0) {
            bad.resize(random() % bad.size());
        } else {
            for (int i = 0; i < 200; ++i) {
                bad[random() % bad.size()] = static_cast<char>(random());
            }
        }
        const auto file = folder / (std::to_string(round) + ".db");
        write_file(file, bad);
        Result<Store> store = Store::open(file);
        if (!store) {
            EXPECT_FALSE(store.error().remedy.empty());
            ++n_told;
            continue;
        }
        const auto run = store->read_run(id);
        n_told += run ? 0 : 1;
        EXPECT_TRUE(run || !run.error().remedy.empty());
    }
    EXPECT_GT(n_told, 40);
}

TEST(StoreFaults, ALockedStoreIsSaidAfterTheWait) {
    const TemporaryFolder folder;
    Store store = must(Store::open(folder / "a.db", {.busy_timeout_ms = 50}));
    SQLite::Database other((folder / "a.db").string(), SQLite::OPEN_READWRITE);
    other.exec("BEGIN IMMEDIATE");
    const auto result = store.add_run(a_run());
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::Failed);
    EXPECT_THAT(result.error().sentence, HasSubstr("Another program kept"));
    EXPECT_TRUE(store.list_runs()) << "reading goes on";
    other.exec("COMMIT");
    EXPECT_TRUE(store.add_run(a_run()));
}

// Several programs that make one new store at the same moment and append to it.
TEST(StoreFaults, SeveralWritersAppendToOneStore) {
    constexpr int kWriters = 4;
    constexpr int kTrials = 20;
    for (int round = 0; round < 3; ++round) {
        const TemporaryFolder folder;
        std::vector<pid_t> children;
        for (int writer = 0; writer < kWriters; ++writer) {
            children.push_back(fork());
            if (children.back() == 0) {
                try {
                    Store store = must(Store::open(folder / "a.db"));
                    store_a_run(store, a_run("w" + std::to_string(writer)), kTrials,
                                static_cast<std::uint64_t>(writer));
                } catch (const std::exception& failure) {
                    fmt::print(stderr, "{}\n", failure.what());
                    _exit(1);
                }
                _exit(0);
            }
        }
        for (const pid_t child : children) {
            int status = 0;
            waitpid(child, &status, 0);
            EXPECT_EQ(status, 0);
        }
        Store store = must(Store::open(folder / "a.db"));
        const auto runs = must(store.list_runs());
        ASSERT_EQ(runs.size(), static_cast<std::size_t>(kWriters));
        for (const RunSummary& run : runs) {
            EXPECT_EQ(run.n_trials, kTrials);
            EXPECT_EQ(must(store.read_run(run.run.id)).trials.size(), static_cast<std::size_t>(kTrials));
        }
    }
}

// What a killed process had been told is stored, is stored.
TEST(StoreFaults, ACommittedTrialOutlivesAKill) {
    std::mt19937_64 random(11);
    for (int round = 0; round < 10; ++round) {
        const TemporaryFolder folder;
        int told[2];
        ASSERT_EQ(pipe(told), 0);
        const pid_t child = fork();
        if (child == 0) {
            auto store = Store::open(folder / "a.db");
            const RunRecord run = store->add_run(a_run()).value();
            const std::int64_t session = store->begin_session(a_session()).value();
            std::mt19937_64 walk(1);
            for (int i = 0;; ++i) {
                if (!store->commit_trial(a_trial(run.id, session, i), a_trace(walk, i * 3'000'000'000LL, 5)) ||
                    write(told[1], "x", 1) != 1) {
                    _exit(1);
                }
            }
        }
        close(told[1]);
        int n_told = 0;
        char byte = 0;
        for (const int wanted = 1 + static_cast<int>(random() % 30); n_told < wanted && read(told[0], &byte, 1) == 1;) {
            ++n_told;
        }
        kill(child, SIGKILL);
        while (read(told[0], &byte, 1) == 1) {
            ++n_told;
        }
        close(told[0]);
        waitpid(child, nullptr, 0);
        Store store = must(Store::open_existing(folder / "a.db"));
        const RunData data = must(store.read_run(must(store.find_run("last"))));
        EXPECT_GE(data.trials.size(), static_cast<std::size_t>(n_told));
        EXPECT_LE(data.trials.size(), static_cast<std::size_t>(n_told) + 1);
        EXPECT_EQ(data.sessions.at(0).trace.series.at(0).size(), data.trials.size() * 5);
    }
}

}  // namespace
}  // namespace landauer::test
