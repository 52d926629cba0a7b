#include "meters/grants.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace landauer {
namespace {

using Lines = std::vector<std::string>;

constexpr std::string_view kSideChannel =
    "fine energy readings are a side channel: a program that reads them can learn about the work and the secrets "
    "of other programs on the same processor (PLATYPUS, CVE-2020-8694)";

// As one word of a shell, whatever it holds.
std::string shell_word(std::string_view text) {
    std::string out = "'";
    for (const char c : text) {
        out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    }
    return out + "'";
}

// The command that a remedy's sentence leads up to.
std::string command_in(std::string_view remedy) {
    const std::size_t at = remedy.find("sudo ");
    return at == std::string_view::npos ? fmt::format("# {}", remedy) : std::string(remedy.substr(at));
}

constexpr std::string_view kForGood = "/etc/udev/rules.d";
constexpr std::string_view kUntilReboot = "/run/udev/rules.d";  // a folder in memory

// Rules that hand a device to the user at the screen (uaccess) must come before number 73.
Lines udev_rules(std::string_view folder, std::string_view meter, const Lines& rules, std::string_view match) {
    std::string words;
    for (const std::string& rule : rules) {
        words += " " + shell_word(rule);
    }
    return {fmt::format("sudo mkdir -p {}", folder),
            fmt::format("printf '%s\\n'{} | sudo tee {}/70-landauer-{}.rules", words, folder, meter),
            fmt::format("sudo udevadm control --reload && sudo udevadm trigger --action=add --{}", match)};
}

Lines with_group(std::string_view group, const Lines& rest) {
    Lines out = {fmt::format("sudo groupadd -f {}", group),
                 fmt::format("sudo usermod -aG {} \"$USER\" # then log in again", group)};
    out.insert(out.end(), rest.begin(), rest.end());
    return out;
}

void powercap(const MeterProbe& probe, Grant& grant) {
    grant.exposes = fmt::format(
        "the energy counters, until the next boot to every user, for good to the group energy; and {}. Leave them "
        "closed where you do not trust every program and user.",
        kSideChannel);
    if (probe.meter.error().remedy.find(kShowHiddenPaths) != std::string::npos) {
        grant.until_reboot = {
            fmt::format("docker run {} IMAGE  # a new container; no command inside this one helps", kShowHiddenPaths)};
        grant.lasting = {"# the same option each time the container is started"};
        grant.exposes =
            fmt::format("all of /proc and /sys that the runtime hides, to that container; also, {}.", kSideChannel);
        return;
    }
    grant.until_reboot = {"sudo chmod a+r /sys/class/powercap/intel-rapl*:*/energy_uj"};
    grant.lasting = with_group(
        "energy", udev_rules(kForGood, "powercap",
                             {R"(SUBSYSTEM=="powercap", KERNEL=="intel-rapl*:*", ACTION!="remove", )"
                              R"(RUN+="/bin/chgrp energy /sys%p/energy_uj", RUN+="/bin/chmod g+r /sys%p/energy_uj")"},
                             "subsystem-match=powercap"));
}

void perf_rapl(const MeterProbe& /*probe*/, Grant& grant) {
    grant.until_reboot = {"sudo sysctl kernel.perf_event_paranoid=0",
                          "# in a container, instead: docker run --cap-add PERFMON IMAGE"};
    grant.lasting = {
        "# for landauer alone (Linux 5.8 or newer); again after each installation:",
        R"x(sudo setcap cap_perfmon+ep "$(readlink -f "$(command -v landauer)")")x",
        "# or for every program:",
        "echo 'kernel.perf_event_paranoid = 0' | sudo tee /etc/sysctl.d/90-landauer-perf.conf && sudo sysctl --system",
    };
    grant.exposes = fmt::format(
        "counters of whole CPUs, energy among them, to every program (sysctl) or to landauer alone, whoever runs it "
        "(setcap): {}.",
        kSideChannel);
}

void rpi_pmic(const MeterProbe& /*probe*/, Grant& grant) {
    const Lines rules = {R"(KERNEL=="vcio|vcio_gencmd", GROUP="video", MODE="0660")"};
    grant.until_reboot = {"test -e /dev/vcio_gencmd && sudo chmod a+r /dev/vcio_gencmd || sudo chmod a+r /dev/vcio"};
    grant.lasting = with_group("video", udev_rules(kForGood, "vcio", rules, "sysname-match='vcio*'"));
    grant.exposes =
        "the firmware's mailbox: besides readings it takes commands that change clocks and settings or stop the "
        "machine. Where there is /dev/vcio_gencmd, that device alone is enough.";
}

void hwmon(const MeterProbe& probe, Grant& grant) {
    grant.until_reboot = {command_in(probe.meter.error().remedy)};
    grant.lasting =
        udev_rules(kForGood, "hwmon",
                   {R"(SUBSYSTEM=="hwmon", ACTION!="remove", RUN+="/bin/sh -c 'chmod a+r /sys%p/power*_input )"
                    R"(/sys%p/power*_average /sys%p/energy*_input'")"},
                   "subsystem-match=hwmon");
    grant.exposes = fmt::format("power and energy sensors to every user: {}.", kSideChannel);
}

struct UsbId {
    std::string_view vendor;
    std::string_view product;
};

// FNB48 and C1; FNB48S and FNB58.
constexpr std::array kFnirsi = {UsbId{"0483", "003a|003b"}, UsbId{"2e3c", "0049|5558"}};
constexpr std::array kKm003c = {UsbId{"5fc9", "0063"}};

Lines usb_rules(std::string_view subsystem, std::span<const UsbId> devices) {
    Lines rules;
    rules.reserve(devices.size());
    for (const UsbId& id : devices) {
        rules.push_back(fmt::format(
            R"(SUBSYSTEM=="{}", ATTRS{{idVendor}}=="{}", ATTRS{{idProduct}}=="{}", GROUP="plugdev", MODE="0660", )"
            R"(TAG+="uaccess")",
            subsystem, id.vendor, id.product));
    }
    return rules;
}

void usb(std::string_view meter, std::string_view subsystem, std::span<const UsbId> devices, Grant& grant) {
    const Lines rules = usb_rules(subsystem, devices);
    const std::string match = fmt::format("subsystem-match={}", subsystem);
    grant.until_reboot = udev_rules(kUntilReboot, meter, rules, match);
    grant.lasting = udev_rules(kForGood, meter, rules, match);
    grant.exposes =
        "this USB meter, and no other device, to whoever sits at the machine and to the group plugdev: its readings, "
        "and its settings.";
}

void fnirsi(const MeterProbe& /*probe*/, Grant& grant) { usb("fnirsi", "hidraw", kFnirsi, grant); }
void km003c(const MeterProbe& /*probe*/, Grant& grant) { usb("km003c", "usb", kKm003c, grant); }

void serial(const MeterProbe& probe, Grant& grant) {
    const std::string device = probe.argument.empty() ? "/dev/ttyACM0" : probe.argument;
    grant.until_reboot = {fmt::format("sudo chmod a+rw {}", shell_word(device))};
    grant.lasting = {"# the group that owns serial devices: dialout; uucp on Arch",
                     "sudo usermod -aG dialout \"$USER\" # then log in again"};
    grant.exposes =
        "until the next boot this device to every user; for good every serial device to you, modems and boards being "
        "programmed included.";
}

// A meter without a rule of its own: its probe's remedy is the command.
void other(const MeterProbe& probe, Grant& grant) {
    grant.until_reboot = {command_in(probe.meter.error().remedy)};
    grant.lasting = {"# a udev rule or a group that gives the same right to the same file"};
    grant.exposes = "this meter's readings, which tell when the machine works, to every user.";
}

struct Rule {
    std::string_view meter;
    void (*fill)(const MeterProbe& probe, Grant& grant);
};

constexpr std::array kRules = {
    Rule{"powercap", powercap}, Rule{"perf-rapl", perf_rapl}, Rule{"rpi-pmic", rpi_pmic}, Rule{"hwmon", hwmon},
    Rule{"usb-fnirsi", fnirsi}, Rule{"usb-km003c", km003c},   Rule{"usb-tc66c", serial},  Rule{"usb-um25c", serial},
};

bool is_denied(const MeterProbe& probe) { return !probe.meter && probe.meter.error().kind == ErrorKind::Denied; }

// Two meters read the same counters: opening one of them is enough.
bool has_denied_twin(const MeterProbe& probe, std::span<const MeterProbe> probes) {
    return probe.name == "powercap" && std::any_of(probes.begin(), probes.end(), [](const MeterProbe& other) {
               return other.name == "perf-rapl" && is_denied(other);
           });
}

}  // namespace

std::vector<Grant> grants_for(std::span<const MeterProbe> probes) {
    std::vector<Grant> grants;
    for (const MeterProbe& probe : probes) {
        if (!is_denied(probe)) {
            continue;
        }
        Grant grant;
        grant.meter = probe.name;
        grant.what_is_missing = probe.meter.error().sentence;
        if (has_denied_twin(probe, probes)) {
            grant.what_is_missing += " perf-rapl shows the same joules: one of the two is enough.";
        }
        const auto* const rule = std::find_if(kRules.begin(), kRules.end(),
                                              [&](const Rule& candidate) { return candidate.meter == probe.name; });
        (rule == kRules.end() ? other : rule->fill)(probe, grant);
        grants.push_back(std::move(grant));
    }
    return grants;
}

}  // namespace landauer
