// What an array is taken for: shapes, strides and sizes, and the words of every refusal.
#include <algorithm>
#include <limits>

#include "array.h"
#include "check.h"
#include "report/errors.h"

using namespace skyline;

namespace {

std::string refusal(const StridedArray& array, Format format, FrameSize expected = {}) {
  try {
    const FrameLayout layout(array, format, expected);
    return "accepted";
  } catch (const FrameError& error) {
    return error.what();
  }
}

bool says(const std::string& message, const std::vector<std::string>& parts) {
  return std::all_of(parts.begin(), parts.end(),
                     [&](const auto& part) { return message.find(part) != std::string::npos; });
}

// The frame's bytes by whichever road put would take.
std::vector<std::uint8_t> pixels_of(const FrameLayout& layout) {
  std::vector<std::uint8_t> out(frame_bytes(layout.view().format, layout.width(), layout.height()));
  layout.gather(out.data());
  return out;
}

// A packed view must show the same bytes that gather() writes.
bool view_agrees(const FrameLayout& layout) {
  const FrameView& view = layout.view();
  const std::vector<std::uint8_t> gathered = pixels_of(layout);
  const std::uint8_t* expected = gathered.data();
  for (int plane = 0; plane < plane_count(view.format); ++plane) {
    const auto at = static_cast<std::size_t>(plane);
    const std::size_t bytes = plane_row_bytes(view.format, plane, view.width);
    for (int row = 0; row < plane_rows(view.format, plane, view.height); ++row, expected += bytes) {
      if (!std::equal(expected, expected + bytes, view.plane[at] + row * view.stride[at])) return false;
    }
  }
  return true;
}

}  // namespace

TEST("every packed format is taken in its own shape") {
  struct Row {
    Format format;
    std::vector<std::ptrdiff_t> shape;
    std::ptrdiff_t item;
    const char* dtype;
  };
  const std::vector<Row> rows = {{Format::BGR, {5, 7, 3}, 1, "uint8"},     {Format::RGB, {5, 7, 3}, 1, "uint8"},
                                 {Format::BGRA, {5, 7, 4}, 1, "uint8"},    {Format::RGBA, {5, 7, 4}, 1, "uint8"},
                                 {Format::BGRx, {5, 7, 4}, 1, "uint8"},    {Format::RGBx, {5, 7, 4}, 1, "uint8"},
                                 {Format::GRAY8, {5, 7}, 1, "uint8"},      {Format::GRAY8, {5, 7, 1}, 1, "uint8"},
                                 {Format::GRAY16_LE, {5, 7}, 2, "uint16"}, {Format::GRAY16_LE, {5, 7, 1}, 2, "uint16"}};
  for (const Row& row : rows) {
    const Array array(row.shape, row.item, row.dtype);
    const FrameLayout layout(array.strided(), row.format, {});
    CHECK_EQ(layout.width(), 7);
    CHECK_EQ(layout.height(), 5);
    CHECK(layout.is_packed() && layout.is_lendable());
    CHECK_EQ(layout.extent_bytes(), array.memory.size());
    CHECK(pixels_of(layout) == array.in_order());
    CHECK(view_agrees(layout));
  }
}

TEST("planar formats: two dimensions with even sides, or flat with a size") {
  for (const Format format : {Format::I420, Format::NV12}) {
    const Array tall({9, 8});
    const FrameLayout layout(tall.strided(), format, {});
    CHECK_EQ(layout.width(), 8);
    CHECK_EQ(layout.height(), 6);
    CHECK(layout.is_packed() && layout.is_lendable() && view_agrees(layout));
    CHECK_EQ(layout.extent_bytes(), std::size_t{72});

    const auto bytes = static_cast<std::ptrdiff_t>(frame_bytes(format, 7, 5));
    const Array flat({bytes});
    const FrameLayout odd(flat.strided(), format, {7, 5});
    CHECK_EQ(odd.width(), 7);
    CHECK_EQ(odd.height(), 5);
    CHECK(odd.is_packed() && view_agrees(odd));
    CHECK(says(refusal(flat.strided(), format), {"(" + std::to_string(bytes) + ",)", "width= and height="}));
    CHECK(says(refusal(flat.strided(), format, {9, 5}),
               {"9x5 has " + std::to_string(frame_bytes(format, 9, 5)) + " bytes"}));
    CHECK(says(refusal(described({9, 7}), format), {"(9, 7)", "even sides"}));
    CHECK(says(refusal(described({10, 8}), format), {"(10, 8)", "height * 3 / 2"}));
    CHECK(says(refusal(described({0, 8}), format), {"(0, 8)"}));
    CHECK(says(refusal(described({9, 8, 1}), format), {"(9, 8, 1)"}));
  }
}

TEST("crops are lent as they lie, other strides are gathered, all with the right pixels") {
  Array crop({20, 30, 3});
  crop.shape = {6, 5, 3};
  const std::ptrdiff_t offset = 4 * crop.strides[0] + 7 * crop.strides[1];
  const FrameLayout cropped(crop.strided(offset), Format::BGR, {});
  CHECK(cropped.is_packed() && cropped.is_lendable());
  CHECK_EQ(cropped.extent_bytes(), std::size_t{5 * 90 + 15});
  CHECK(pixels_of(cropped) == crop.in_order(offset) && view_agrees(cropped));

  Array flipped({6, 5, 3});
  const std::ptrdiff_t last_row = 5 * flipped.strides[0];
  flipped.strides[0] = -flipped.strides[0];
  const FrameLayout upside_down(flipped.strided(last_row), Format::BGR, {});
  CHECK(upside_down.is_packed() && !upside_down.is_lendable());
  CHECK(pixels_of(upside_down) == flipped.in_order(last_row) && view_agrees(upside_down));

  Array mirrored({6, 5, 3});
  const std::ptrdiff_t last_pixel = 4 * mirrored.strides[1];
  mirrored.strides[1] = -mirrored.strides[1];
  const FrameLayout left_right(mirrored.strided(last_pixel), Format::BGR, {});
  CHECK(!left_right.is_packed() && !left_right.is_lendable());
  CHECK(pixels_of(left_right) == mirrored.in_order(last_pixel));

  Array swapped({6, 5, 3});  // frame[..., ::-1]: BGR shown as RGB
  swapped.strides[2] = -1;
  const FrameLayout channels(swapped.strided(2), Format::RGB, {});
  CHECK(!channels.is_packed());
  CHECK(pixels_of(channels) == swapped.in_order(2));

  Array fortran({6, 5, 3});
  fortran.strides = {1, 6, 30};
  const FrameLayout columns(fortran.strided(), Format::BGR, {});
  CHECK(!columns.is_packed());
  CHECK(pixels_of(columns) == fortran.in_order());

  Array repeated({1, 5, 3});
  repeated.shape[0] = 6;
  repeated.strides[0] = 0;
  const FrameLayout rows(repeated.strided(), Format::BGR, {});
  CHECK(rows.is_packed() && !rows.is_lendable());
  CHECK(pixels_of(rows) == repeated.in_order() && view_agrees(rows));

  Array every_other({12, 10}, 2, "uint16");
  every_other.shape = {6, 5};
  every_other.strides = {40, 4};
  const FrameLayout sixteen(every_other.strided(), Format::GRAY16_LE, {});
  CHECK(!sixteen.is_packed());
  CHECK(pixels_of(sixteen) == every_other.in_order());

  Array planes({9, 16});
  planes.shape = {9, 8};
  const FrameLayout padded(planes.strided(), Format::I420, {});
  CHECK(!padded.is_packed() && !padded.is_lendable());
  CHECK(pixels_of(padded) == planes.in_order());
}

TEST("a single row or column is packed whatever its idle stride says") {
  Array column({6, 4, 3});
  column.shape = {6, 1, 3};
  column.strides[1] = 999;
  CHECK(FrameLayout(column.strided(), Format::BGR, {}).is_packed());
  Array row({1, 4, 3});
  row.strides[0] = -7;
  const FrameLayout layout(row.strided(), Format::BGR, {});
  CHECK(layout.is_lendable());
  CHECK_EQ(layout.extent_bytes(), std::size_t{12});
  const Array pixel({1, 1});
  CHECK(FrameLayout(pixel.strided(), Format::GRAY8, {}).is_lendable());
}

TEST("a refusal says what came, what is accepted and what to do") {
  CHECK(says(refusal(described({480, 640, 4}), Format::BGR),
             {"(480, 640, 4) uint8", "(height, width, 3) uint8", "format=\"BGRA\""}));
  CHECK(says(refusal(described({480, 640}), Format::BGR),
             {"(480, 640) uint8", "(height, width, 3)", "format=\"GRAY8\""}));
  CHECK(says(refusal(described({480, 640, 3}), Format::GRAY8), {"(480, 640, 3)", "format=\"BGR\""}));
  CHECK(says(refusal(described({480, 640, 3}, "float32"), Format::BGR),
             {"(480, 640, 3) float32", "astype(numpy.uint8)"}));
  CHECK(says(refusal(described({480, 640, 3}, "int32"), Format::BGR), {"int32", "astype(numpy.uint8)"}));
  CHECK(says(refusal(described({480, 640}, "uint16"), Format::GRAY8), {"uint16", "format=\"GRAY16_LE\""}));
  CHECK(
      says(refusal(described({480, 640}, ">u2"), Format::GRAY16_LE), {">u2", "little-endian", "astype(numpy.uint16)"}));
  CHECK(says(refusal(described({480, 640, 3}, "object"), Format::BGR), {"object"}));
  CHECK(says(refusal(described({}), Format::BGR), {"() uint8", "(height, width, 3)"}));
  CHECK(says(refusal(described({7}), Format::BGR), {"(7,) uint8"}));
  CHECK(says(refusal(described({2, 480, 640, 3}), Format::BGR), {"(2, 480, 640, 3)"}));
  CHECK(says(refusal(described({0, 640, 3}), Format::BGR), {"(0, 640, 3)", "at least one pixel"}));
  CHECK(says(refusal(described({480, 0, 3}), Format::BGR), {"at least one pixel"}));
  CHECK(says(refusal(described({480, 640, 3}), Format::BGR, {480, 640}), {"640x480", "480x640", "resize"}));
  CHECK(says(refusal(described({480, 640, 3}), Format::BGR, {640, 481}), {"640x480", "640x481"}));
}

TEST("sizes that overflow something are refused before anything is read or allocated") {
  const std::ptrdiff_t huge = std::numeric_limits<std::ptrdiff_t>::max();
  for (const auto& shape : std::vector<std::vector<std::ptrdiff_t>>{{60000, 60000, 3},
                                                                    {32768, 2, 3},
                                                                    {2, 32768, 3},
                                                                    {32767, 32767, 3},
                                                                    {huge, huge, 3},
                                                                    {1, huge, 3},
                                                                    {huge, 1, 3}}) {
    CHECK(says(refusal(described(shape), Format::BGR), {"32767", "2 GiB"}));
  }
  CHECK(says(refusal(described({huge / 3 * 3, 2}), Format::I420), {"32767"}));
  CHECK(says(refusal(described({49152, 2}), Format::I420), {"32767"}));
  CHECK(says(refusal(described({huge}), Format::I420, {640, 480}), {"640x480 has 460800 bytes"}));
  // As many bytes as a size near the limits has: the size itself is what is refused.
  const auto most = static_cast<std::ptrdiff_t>(frame_bytes(Format::I420, 2147483646, 2147483646));
  CHECK(says(refusal(described({most}), Format::I420, {2147483646, 2147483646}), {"32767"}));
  CHECK_EQ(refusal(described({32767, 21844, 3}), Format::BGR), std::string("accepted"));
}

TEST("rows further apart than GStreamer can count are not lent") {
  // (3, 640) of a stack of frames: the distance between rows does not fit the int of a GstVideoMeta.
  StridedArray far = described({3, 640});
  far.strides = {std::ptrdiff_t{1} << 32, 1};
  const FrameLayout layout(far, Format::GRAY8, {});
  CHECK(layout.is_packed() && !layout.is_lendable());
  // Each stride fits, but the last row starts beyond 2 GiB.
  far = described({4, 640});
  far.strides = {std::ptrdiff_t{1} << 30, 1};
  CHECK(!FrameLayout(far, Format::GRAY8, {}).is_lendable());
}
