// Strong types for the quantities landauer reports. Plain doubles with the unit in
// their name (`energy_j`, `t_ns`) are for the edges: files, columns, JSON.
#pragma once

#include <compare>

namespace landauer {

template <class Tag>
class Quantity {
   public:
    constexpr Quantity() = default;
    constexpr explicit Quantity(double value) : value_(value) {}

    [[nodiscard]] constexpr double value() const { return value_; }

    constexpr Quantity& operator+=(Quantity other) {
        value_ += other.value_;
        return *this;
    }
    constexpr Quantity& operator-=(Quantity other) {
        value_ -= other.value_;
        return *this;
    }
    friend constexpr Quantity operator+(Quantity a, Quantity b) { return a += b; }
    friend constexpr Quantity operator-(Quantity a, Quantity b) { return a -= b; }
    friend constexpr Quantity operator*(Quantity a, double k) { return Quantity(a.value_ * k); }
    friend constexpr Quantity operator*(double k, Quantity a) { return a * k; }
    friend constexpr Quantity operator/(Quantity a, double k) { return Quantity(a.value_ / k); }
    friend constexpr double operator/(Quantity a, Quantity b) { return a.value_ / b.value_; }
    friend constexpr auto operator<=>(Quantity, Quantity) = default;

   private:
    double value_ = 0.0;
};

using Seconds = Quantity<struct SecondsTag>;
using Joules = Quantity<struct JoulesTag>;
using Watts = Quantity<struct WattsTag>;
using Bytes = Quantity<struct BytesTag>;

constexpr Joules operator*(Watts power, Seconds time) { return Joules(power.value() * time.value()); }
constexpr Joules operator*(Seconds time, Watts power) { return power * time; }
constexpr Watts operator/(Joules energy, Seconds time) { return Watts(energy.value() / time.value()); }

constexpr double watt_hours(Joules energy) { return energy.value() / 3600.0; }
constexpr double gibibytes(Bytes size) { return size.value() / (1024.0 * 1024.0 * 1024.0); }
constexpr Seconds seconds_from_ns(long long t_ns) { return Seconds(static_cast<double>(t_ns) * 1e-9); }

}  // namespace landauer
