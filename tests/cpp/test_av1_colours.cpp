// Sequence headers of AV1: what is said of colours, and that nothing else of a unit changes.
#include "check.h"
#include "pipeline/av1_colours.h"

using namespace skyline;

namespace {

using Bytes = std::vector<std::uint8_t>;

// What libaom 3.6 writes for 64x48, 4:2:0, 8 bits, and the same as av1enc would write it if it said bt601.
const Bytes kHeader = {0x00, 0x00, 0x00, 0x02, 0xaf, 0xf7, 0xf0, 0x36, 0xbe, 0x40, 0x10};
const Bytes kBt601Header = {0x00, 0x00, 0x00, 0x02, 0xaf, 0xf7, 0xf0, 0x36, 0xbe, 0x44, 0x18, 0x18, 0x18, 0x10};

// In a temporal unit: delimiter, header, and a frame of two bytes.
Bytes unit_with(const Bytes& header, bool has_extension = false) {
  Bytes unit = {0x12, 0x00};
  if (has_extension) {
    unit.insert(unit.end(), {0x0e, 0x00});
  } else {
    unit.push_back(0x0a);
  }
  unit.push_back(static_cast<std::uint8_t>(header.size()));
  unit.insert(unit.end(), header.begin(), header.end());
  unit.insert(unit.end(), {0x32, 0x02, 0xab, 0xcd});
  return unit;
}

const Av1Colours kBt709Full{1, 1, 1, true};

std::optional<Bytes> rewritten(const Bytes& unit, const Av1Colours& colours = kBt709Full) {
  return av1_with_colours(unit.data(), unit.size(), colours);
}

}  // namespace

TEST("the header says its colours, three bytes longer, and the rest is as it was") {
  const auto found = rewritten(unit_with(kHeader));
  CHECK(found.has_value());
  if (!found) return;
  CHECK_EQ(found->size(), unit_with(kHeader).size() + 3);
  CHECK_EQ(static_cast<int>((*found)[3]), 14);
  CHECK((Bytes(found->end() - 4, found->end()) == Bytes{0x32, 0x02, 0xab, 0xcd}));
  CHECK((Bytes(found->begin(), found->begin() + 3) == Bytes{0x12, 0x00, 0x0a}));
  CHECK(!rewritten(*found).has_value());  // it speaks for itself now
  CHECK(rewritten(unit_with(kHeader), {6, 6, 6, false}) == unit_with(kBt601Header));
}

TEST("an extension of the OBU's header is kept") {
  const auto found = rewritten(unit_with(kHeader, true));
  CHECK(found.has_value());
  if (found) CHECK((Bytes(found->begin(), found->begin() + 5) == Bytes{0x12, 0x00, 0x0e, 0x00, 0x0e}));
}

TEST("units without a header, cut short, or of noise are left as they are") {
  CHECK(!rewritten({}).has_value());
  CHECK(!rewritten({0x12, 0x00, 0x32, 0x02, 0xab, 0xcd}).has_value());
  const Bytes whole = unit_with(kHeader);
  for (std::size_t bytes = 0; bytes < 4 + kHeader.size(); ++bytes)
    CHECK(!av1_with_colours(whole.data(), bytes, kBt709Full).has_value());
  unsigned state = 1;
  for (int turn = 0; turn < 20'000; ++turn) {
    Bytes noise(static_cast<std::size_t>(turn % 40));
    for (auto& byte : noise) byte = static_cast<std::uint8_t>((state = state * 1664525U + 1013904223U) >> 24);
    if (noise.size() > 1) noise[0] = 0x0a;
    const auto found = rewritten(noise);  // whatever it is: no crash, nothing lost
    if (found) CHECK(found->size() >= noise.size());
  }
}
