// The meter of the Raspberry Pi 5's power chip over any source of its replies.
#pragma once

#include <landauer/meter.h>

#include <functional>
#include <memory>
#include <string_view>

namespace landauer {

// Returns the reply to pmic_read_adc, valid until it is called again; empty when there is none.
using PmicSource = std::function<std::string_view()>;

[[nodiscard]] std::unique_ptr<Meter> make_pmic_meter(PmicSource ask);

}  // namespace landauer
