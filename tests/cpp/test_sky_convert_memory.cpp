// Where pixels lie: strides and crops of both sides, pools, metas that go on, and buffers that lie about themselves.
#include <gst/video/gstvideometa.h>
#include <sys/resource.h>

#include <algorithm>

#include <fstream>

#include "converting.h"
#include "gst/address_sanitizer.h"
#include "gst/thread_sanitizer.h"

using namespace skyline;

namespace {

constexpr int kWidth = 32, kHeight = 20;

// A picture inside a larger one: GstVideoMeta of the whole, a crop meta where it lies.
BufferPtr cropped(const Picture& whole, guint x, guint y, guint width, guint height) {
  BufferPtr buffer = buffer_of(whole, true);
  GstVideoCropMeta* crop = gst_buffer_add_video_crop_meta(buffer.get());
  crop->x = x;
  crop->y = y;
  crop->width = width;
  crop->height = height;
  return buffer;
}

void copy_part(const Picture& whole, int left, int top, const Picture& part) {
  const Format format = whole.source().format;
  for (int plane = 0; plane < plane_count(format); ++plane) {
    const int halves = plane == 0 ? 1 : 2;
    const std::size_t skipped = plane_row_bytes(format, plane, left);
    for (int y = 0; y < plane_rows(format, plane, part.source().height); ++y) {
      std::memcpy(part.row(plane, y), whole.row(plane, y + top / halves) + skipped,
                  plane_row_bytes(format, plane, part.source().width));
    }
  }
}

QueryPtr ask_for_allocation(const Running& running, const std::string& caps, const char* element) {
  const PadPtr pad = PadPtr::adopt(gst_element_get_static_pad(running.element(element).get(), "sink"));
  QueryPtr query = QueryPtr::adopt(gst_query_new_allocation(caps_of(caps).get(), TRUE));
  CHECK(gst_pad_query(pad.get(), query.get()) != FALSE);
  return query;
}

}  // namespace

TEST("a crop meta is obeyed, by kernels and by the converter, and does not go on") {
  start_gstreamer();
  for (const Format from : {Format::BGR, Format::GRAY8, Format::I420, Format::NV12}) {
    const Picture whole(from, 64, 40, Strides::padded), part(from, kWidth, kHeight);
    whole.fill(Content::random, 5);
    copy_part(whole, 6, 4, part);
    for (const char* to : {"NV12", "I420", "Y444"}) {
      if (to == std::string(format_name(from))) continue;
      const std::string downstream = std::string("video/x-raw,format=") + to + ",colorimetry=bt601";
      const Running running(raw_caps(from, kWidth, kHeight), downstream),
          plain(raw_caps(from, kWidth, kHeight), downstream);
      running.push(cropped(whole, 6, 4, kWidth, kHeight));
      plain.push(buffer_of(part, false));
      const SamplePtr one = running.pull(), other = plain.pull();
      CHECK_SAY(one && other, running.error());
      if (!one || !other) continue;
      GstBuffer* buffer = gst_sample_get_buffer(one.get());
      CHECK(gst_buffer_get_video_crop_meta(buffer) == nullptr);
      GstMapInfo map;
      gst_buffer_map(buffer, &map, GST_MAP_READ);
      CHECK_SAY(gst_buffer_memcmp(gst_sample_get_buffer(other.get()), 0, map.data, map.size) == 0, downstream);
      gst_buffer_unmap(buffer, &map);
    }
  }
}

TEST("a buffer that is not what it says is an error, and never read") {
  start_gstreamer();
  const Picture picture(Format::I420, kWidth, kHeight), larger(Format::I420, 64, 40);
  struct Case {
    const char* said;
    BufferPtr buffer;
  };
  std::vector<Case> cases;
  cases.push_back({"which is not one frame", BufferPtr::adopt(gst_buffer_new_allocate(nullptr, 10, nullptr))});
  BufferPtr truncated = buffer_of(picture, true);
  gst_buffer_set_size(truncated.get(), 300);
  cases.push_back({"", truncated});
  truncated = buffer_of(picture, true);
  gst_buffer_set_size(truncated.get(), static_cast<gssize>(gst_buffer_get_size(truncated.get())) - 200);
  cases.push_back({"with the rows of its GstVideoMeta", truncated});
  BufferPtr upward = buffer_of(picture, true);
  gst_buffer_get_video_meta(upward.get())->stride[0] *= -1;
  cases.push_back({"with the rows of its GstVideoMeta", upward});
  cases.push_back({"GstVideoMeta, the caps say", buffer_of(Picture(Format::NV12, kWidth, kHeight), true)});
  cases.push_back({"GstVideoMeta, the caps say", buffer_of(Picture(Format::I420, 16, kHeight), true)});
  cases.push_back({"a crop has the size", cropped(larger, 0, 0, 16, 16)});
  cases.push_back({"lies inside the frame", cropped(larger, 40, 0, kWidth, kHeight)});
  cases.push_back({"whole sample", cropped(larger, 5, 0, kWidth, kHeight)});
  for (const auto& [said, buffer] : cases) {
    for (const char* to : {"NV12", "Y444"}) {
      const Running running(raw_caps(Format::I420, kWidth, kHeight), std::string("video/x-raw,format=") + to);
      running.push(BufferPtr::adopt(gst_buffer_copy(buffer.get())));
      const std::string error = running.error();
      CHECK_SAY(!error.empty() && error.find(said) != std::string::npos, std::string(said) + ": " + error);
      CHECK(!running.pull(50 * kMillisecond));
    }
  }
}

TEST("rows that run upwards are read as they are") {
  start_gstreamer();
  const Picture upward(Format::BGR, kWidth, kHeight, Strides::bottom_up);
  upward.fill(Content::random, 3);
  Picture expected(Format::I420, kWidth, kHeight);
  convert_frame_plain(upward.source(), expected.view(), {Matrix::bt601, Range::limited});
  const Running running(raw_caps(Format::BGR, kWidth, kHeight), "video/x-raw,format=I420");
  running.push(buffer_of(upward, true));
  const SamplePtr sample = running.pull();
  CHECK_SAY(sample && same_pixels(sample, expected), running.error());
}

TEST("buffers come back to one pool, written once before their first frame") {
  start_gstreamer();
  const Running running(raw_caps(Format::BGR, kWidth, kHeight), "video/x-raw,format=I420");
  std::vector<GstMemory*> seen;
  for (GstClockTime n = 0; n < 20; ++n) {
    running.push(buffer_of(Picture(Format::BGR, kWidth, kHeight), false), n * kMillisecond);
    const SamplePtr sample = running.pull();
    CHECK(sample);
    if (!sample) continue;
    GstBuffer* buffer = gst_sample_get_buffer(sample.get());
    CHECK(buffer->pool != nullptr);
    GstMemory* memory = gst_buffer_peek_memory(buffer, 0);
    if (std::find(seen.begin(), seen.end(), memory) == seen.end()) seen.push_back(memory);
  }
  CHECK_SAY(seen.size() <= 3, std::to_string(seen.size()));
}

TEST("upstream is told that rows may lie anywhere, and that crops are not passed on") {
  start_gstreamer();
  const std::string caps = raw_caps(Format::BGR, kWidth, kHeight);
  const Running running(caps, "video/x-raw,format=I420");
  running.push(buffer_of(Picture(Format::BGR, kWidth, kHeight), false));
  CHECK(running.pull());
  const QueryPtr query = ask_for_allocation(running, caps, "convert");
  CHECK(gst_query_find_allocation_meta(query.get(), GST_VIDEO_META_API_TYPE, nullptr) != FALSE);
  CHECK(gst_query_find_allocation_meta(query.get(), GST_VIDEO_CROP_META_API_TYPE, nullptr) == FALSE);
  CHECK(gst_query_get_n_allocation_pools(query.get()) > 0);
}

TEST("metas about the picture go on; those about memory do not") {
  start_gstreamer();
  for (const char* to : {"I420", "YUY2"}) {
    const Running running(raw_caps(Format::BGR, 33, 17), std::string("video/x-raw,format=") + to);
    const BufferPtr buffer = buffer_of(Picture(Format::BGR, 33, 17, Strides::padded), true);
    gst_buffer_add_video_region_of_interest_meta(buffer.get(), "face", 1, 2, 3, 4);
    GST_BUFFER_FLAG_SET(buffer.get(), GST_BUFFER_FLAG_DISCONT);
    running.push(buffer);
    const SamplePtr sample = running.pull();
    CHECK_SAY(sample, running.error());
    if (!sample) continue;
    GstBuffer* made = gst_sample_get_buffer(sample.get());
    CHECK(GST_BUFFER_FLAG_IS_SET(made, GST_BUFFER_FLAG_DISCONT));
    gpointer state = nullptr;
    int regions = 0;
    while (GstMeta* meta = gst_buffer_iterate_meta(made, &state)) {
      if (meta->info->api == GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE) {
        const auto* region = reinterpret_cast<GstVideoRegionOfInterestMeta*>(meta);
        CHECK(region->x == 1 && region->y == 2 && region->w == 3 && region->h == 4);
        ++regions;
      } else if (meta->info->api == GST_VIDEO_META_API_TYPE) {
        CHECK_EQ(gst_video_format_to_string(reinterpret_cast<GstVideoMeta*>(meta)->format), std::string(to));
      }
    }
    CHECK_EQ(regions, 1);
  }
}

TEST("no memory for the output is an error, and the end of nothing else") {
  start_gstreamer();
#if defined(SKYLINE_ADDRESS_SANITIZER) || defined(__SANITIZE_THREAD__)
  SKIP("a sanitizer needs the whole address space");
#endif
  constexpr int width = 32000, height = 20000;  // 960 MB of I420, from one row of BGR that is read again and again
  const BufferPtr buffer = BufferPtr::adopt(gst_buffer_new_allocate(nullptr, 3 * width, nullptr));
  gsize offset[GST_VIDEO_MAX_PLANES] = {};
  gint stride[GST_VIDEO_MAX_PLANES] = {};
  gst_buffer_add_video_meta_full(buffer.get(), GST_VIDEO_FRAME_FLAG_NONE, GST_VIDEO_FORMAT_BGR, width, height, 1,
                                 offset, stride);
  const Running running(raw_caps(Format::BGR, width, height), "video/x-raw,format=I420");
  rlimit before{};
  getrlimit(RLIMIT_AS, &before);
  unsigned long pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  rlimit tight = before;
  tight.rlim_cur = pages * 4096 + 400'000'000;
  CHECK_EQ(setrlimit(RLIMIT_AS, &tight), 0);
  running.push(buffer);
  const std::string error = running.error();
  setrlimit(RLIMIT_AS, &before);
  CHECK_SAY(error.find("bufferpool") != std::string::npos || error.find("memory") != std::string::npos, error);
}
