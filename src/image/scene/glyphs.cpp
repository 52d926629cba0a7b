#include "image/scene/glyphs.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "image/scene/shapes.h"

namespace landauer::scene {
namespace {

// Strokes on a grid whose capitals are 8 high: M begins a stroke, L goes straight on, Q bends round its first point
// to its second; a point is two digits. < > ^ are arrows.
struct Glyph {
    char letter;
    int width;
    std::string_view strokes;
};

constexpr std::array kGlyphs{
    Glyph{'A', 6, "M00L38L60M13L53"},
    Glyph{'B', 5, "M04L34M00L08L38Q5856Q5434M34Q5452Q5030L00"},
    Glyph{'C', 6, "M66Q6838Q0805L03Q0030Q6062"},
    Glyph{'D', 6, "M00L08L28Q6864Q6020L00"},
    Glyph{'E', 5, "M50L00L08L58M04L44"},
    Glyph{'F', 5, "M00L08L58M04L44"},
    Glyph{'G', 6, "M66Q6838Q0805L03Q0030Q6062L64L34"},
    Glyph{'H', 6, "M00L08M60L68M04L64"},
    Glyph{'I', 0, "M00L08"},
    Glyph{'J', 4, "M48L42Q4020Q0002"},
    Glyph{'K', 5, "M00L08M03L58M25L50"},
    Glyph{'L', 4, "M08L00L40"},
    Glyph{'M', 6, "M00L08L33L68L60"},
    Glyph{'N', 6, "M00L08L60L68"},
    Glyph{'O', 6, "M30Q0003L05Q0838Q6865L63Q6030"},
    Glyph{'P', 5, "M00L08L38Q5856Q5434L04"},
    Glyph{'Q', 6, "M30Q0003L05Q0838Q6865L63Q6030M42L60"},
    Glyph{'R', 5, "M00L08L38Q5856Q5434L04M24L50"},
    Glyph{'S', 5, "M56Q5838L28Q0806Q0424L34Q5452Q5030L20Q0002"},
    Glyph{'T', 6, "M30L38M08L68"},
    Glyph{'U', 6, "M08L03Q0030Q6063L68"},
    Glyph{'V', 6, "M08L30L68"},
    Glyph{'W', 8, "M08L20L46L60L88"},
    Glyph{'X', 5, "M00L58M08L50"},
    Glyph{'Y', 6, "M08L34L68M34L30"},
    Glyph{'Z', 5, "M08L58L00L50"},
    Glyph{'0', 4, "M20Q0003L05Q0828Q4845L43Q4020"},
    Glyph{'1', 2, "M06L28L20"},
    Glyph{'2', 4, "M06Q0828Q4846Q4534L00L40"},
    Glyph{'3', 4, "M07Q1828Q4846Q4424M24Q4442Q4020Q1001"},
    Glyph{'4', 5, "M40L48L02L52"},
    Glyph{'5', 4, "M48L08L05L25Q4543L42Q4020Q0001"},
    Glyph{'6', 4, "M47Q3828Q0805L02Q0020Q4042L43Q4525Q0503"},
    Glyph{'7', 4, "M08L48L10"},
    Glyph{'8', 4, "M24Q0406Q0828Q4846Q4424Q0402Q0020Q4042Q4424"},
    Glyph{'9', 4, "M01Q1020Q4043L46Q4828Q0806L05Q0323Q4345"},
    Glyph{'-', 3, "M04L34"},
    Glyph{'.', 0, "M00L00"},
    Glyph{':', 0, "M01L01M05L05"},
    Glyph{'\'', 0, "M08L06"},
    Glyph{'/', 4, "M00L48"},
    Glyph{'+', 6, "M14L54M32L36"},
    Glyph{'!', 0, "M08L03M00L00"},
    Glyph{'>', 6, "M04L64M37L64L31"},
    Glyph{'<', 6, "M64L04M37L04L31"},
    Glyph{'^', 6, "M30L38M05L38L65"},
    Glyph{' ', 3, ""},
};
constexpr double kCapital = 8.0;
constexpr double kGap = 2.2;  // between letters

const Glyph& glyph_of(char letter) {
    const char capital = static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
    const auto* const found =
        std::find_if(kGlyphs.begin(), kGlyphs.end(), [capital](const Glyph& g) { return g.letter == capital; });
    return found == kGlyphs.end() ? kGlyphs.back() : *found;
}

void bend(Contour& line, Point guide, Point end) {
    constexpr int kSteps = 7;
    const Point start = line.back();
    for (int i = 1; i <= kSteps; ++i) {
        const double t = static_cast<double>(i) / kSteps;
        const double a = (1 - t) * (1 - t);
        const double b = 2 * t * (1 - t);
        const double c = t * t;
        line.push_back({a * start.x + b * guide.x + c * end.x, a * start.y + b * guide.y + c * end.y});
    }
}

std::vector<Contour> lines_of(std::string_view strokes) {
    std::vector<Contour> lines;
    const auto point = [&](std::size_t at) {
        return Point{static_cast<double>(strokes[at] - '0'), static_cast<double>(strokes[at + 1] - '0')};
    };
    for (std::size_t at = 0; at < strokes.size();) {
        const char command = strokes[at];
        if (command == 'M') {
            lines.push_back({point(at + 1)});
        } else if (command == 'L') {
            lines.back().push_back(point(at + 1));
        } else {
            bend(lines.back(), point(at + 1), point(at + 3));
        }
        at += command == 'Q' ? 5 : 3;
    }
    return lines;
}

}  // namespace

double text_width(std::string_view text, double height) {
    double width = text.empty() ? 0.0 : -kGap;
    for (const char letter : text) {
        width += glyph_of(letter).width + kGap;
    }
    return width * height / kCapital;
}

Shape glyph_shape(std::string_view text, double left, double bottom, double height, double weight) {
    const double unit = height / kCapital;
    Shape shape;
    for (const char letter : text) {
        const Glyph& glyph = glyph_of(letter);
        for (const Contour& line : lines_of(glyph.strokes)) {
            const Shape drawn = stroke(moved(scaled(line, unit, unit), left, bottom), height * weight);
            shape.insert(shape.end(), drawn.begin(), drawn.end());
        }
        left += (glyph.width + kGap) * unit;
    }
    return shape;
}

}  // namespace landauer::scene
