// Whose memory a buffer is: pooled and used again only when nobody sees it, or lent and left as it was.
#include <algorithm>
#include <atomic>
#include <set>

#include "check.h"
#include "frame/buffer_pool.h"
#include "frames.h"
#include "gated_pipeline.h"
#include "lane/raw_caps.h"
#include "pipeline/app_source.h"

using namespace skyline;

namespace {

const std::uint8_t* address_of(GstBuffer* buffer) {
  GstMapInfo map;
  if (gst_buffer_map(buffer, &map, GST_MAP_READ) == 0) return nullptr;
  const std::uint8_t* data = map.data;
  gst_buffer_unmap(buffer, &map);
  return data;
}

struct Runtime {
  Runtime() { ensure_runtime(); }
};

BufferPtr lent_buffer(const std::shared_ptr<Array>& array, Format format, std::shared_ptr<LoanState>* state = nullptr,
                      FrameSize size = {}) {
  auto lent = std::make_unique<LentFrame<Array>>(array);
  if (state != nullptr) *state = lent->state();
  return wrap_frame(FrameLayout(array->strided(), format, size), std::move(lent));
}

}  // namespace

TEST("no two buffers that are out share memory, and one that came back is used again") {
  const Runtime runtime;
  for (const auto rows : {BufferPool::Rows::padded, BufferPool::Rows::tight}) {
    BufferPool pool(Format::BGR, 37, 5, rows, 3);
    std::set<const std::uint8_t*> seen;
    std::vector<BufferPtr> out;
    for (int n = 0; n < 8; ++n) {
      out.push_back(pool.acquire());
      const MutableFrameView view = pool.view_of(out.back().get());
      CHECK(seen.insert(view.plane[0]).second);
      CHECK_EQ(reinterpret_cast<std::uintptr_t>(view.plane[0]) % 64, std::uintptr_t{0});
      CHECK_EQ(view.stride[0], rows == BufferPool::Rows::tight ? std::ptrdiff_t{111} : std::ptrdiff_t{112});
      const GstVideoMeta* meta = gst_buffer_get_video_meta(out.back().get());
      CHECK_EQ(meta != nullptr, rows == BufferPool::Rows::tight);
      if (meta != nullptr) CHECK_EQ(meta->stride[0], 111);
    }
    out.clear();
    for (int n = 0; n < 8; ++n) {
      out.push_back(pool.acquire());
      CHECK(seen.count(pool.view_of(out.back().get()).plane[0]) == 1);  // and it has its meta again
      CHECK_EQ(gst_buffer_get_video_meta(out.back().get()) != nullptr, rows == BufferPool::Rows::tight);
    }
  }
}

TEST("memory that a copy of its buffer still shows is not given out again") {
  const Runtime runtime;
  BufferPool pool(Format::GRAY8, 64, 64, BufferPool::Rows::padded, 0);
  BufferPtr buffer = pool.acquire();
  const std::uint8_t* shown = address_of(buffer.get());
  const BufferPtr copy = BufferPtr::adopt(gst_buffer_copy(buffer.get()));  // shares the memory
  CHECK_EQ(address_of(copy.get()), shown);
  buffer.reset();
  std::vector<BufferPtr> out;
  for (int n = 0; n < 4; ++n) {
    out.push_back(pool.acquire());
    CHECK(pool.view_of(out.back().get()).plane[0] != shown);
  }
}

TEST("a buffer outlives its pool") {
  const Runtime runtime;
  BufferPtr buffer;
  {
    BufferPool pool(Format::I420, 16, 16, BufferPool::Rows::padded, 2);
    buffer = pool.acquire();
  }
  gst_buffer_memset(buffer.get(), 0, 7, 384);
  CHECK_EQ(gst_buffer_get_size(buffer.get()), gsize{384});
}

TEST("a wrapped frame is read-only, at its own address, and comes home once") {
  const Runtime runtime;
  const auto array = std::make_shared<Array>(std::vector<std::ptrdiff_t>{4, 8, 3});
  std::shared_ptr<LoanState> state;
  const std::size_t live = ReleaseQueue::live();
  BufferPtr buffer = lent_buffer(array, Format::BGR, &state);
  CHECK_EQ(address_of(buffer.get()), static_cast<const std::uint8_t*>(array->memory.data()));
  CHECK_EQ(gst_buffer_get_size(buffer.get()), array->memory.size());
  CHECK(gst_buffer_get_video_meta(buffer.get()) == nullptr);  // 24 bytes a row is what the caps say anyway
  GstMapInfo map;
  CHECK(GST_MEMORY_IS_READONLY(gst_buffer_peek_memory(buffer.get(), 0)));
  // Mapped for writing GStreamer makes a copy; the array stays as it is.
  if (gst_buffer_map(buffer.get(), &map, GST_MAP_WRITE) != 0) {
    CHECK(map.data != array->memory.data());
    gst_buffer_unmap(buffer.get(), &map);
  }
  const BufferPtr second = lent_buffer(array, Format::BGR);
  CHECK_EQ(array.use_count(), 3L);
  buffer.reset();
  CHECK(state->done());
  CHECK_EQ(array.use_count(), 3L);  // freed by whoever drains, not by who dropped the buffer
  CHECK_EQ(ReleaseQueue::instance().drain(), std::size_t{1});
  CHECK_EQ(array.use_count(), 2L);
  CHECK_EQ(ReleaseQueue::live(), live + 1);
}

TEST("rows that are not GStreamer's own are described") {
  const Runtime runtime;
  const auto narrow = std::make_shared<Array>(std::vector<std::ptrdiff_t>{4, 5, 3});
  const BufferPtr odd = lent_buffer(narrow, Format::BGR);
  const GstVideoMeta* meta = gst_buffer_get_video_meta(odd.get());
  CHECK(meta != nullptr && meta->stride[0] == 15 && meta->width == 5 && meta->height == 4 && meta->n_planes == 1);

  const auto crop = std::make_shared<Array>(std::vector<std::ptrdiff_t>{10, 20, 3});
  crop->shape = {4, 8, 3};
  const BufferPtr cropped = lent_buffer(crop, Format::BGR);
  meta = gst_buffer_get_video_meta(cropped.get());
  CHECK(meta != nullptr && meta->stride[0] == 60 && gst_buffer_get_size(cropped.get()) == 3 * 60 + 24);

  const auto flat = std::make_shared<Array>(
      std::vector<std::ptrdiff_t>{static_cast<std::ptrdiff_t>(frame_bytes(Format::I420, 6, 4))});
  const BufferPtr planes = lent_buffer(flat, Format::I420, nullptr, {6, 4});
  meta = gst_buffer_get_video_meta(planes.get());
  CHECK(meta != nullptr && meta->n_planes == 3 && meta->stride[0] == 6 && meta->stride[1] == 3 &&
        meta->offset[1] == 24 && meta->offset[2] == 30);
  for (const auto& buffer : {odd, cropped, planes}) {
    GstVideoInfo info;
    GstVideoFrame frame;
    const GstVideoMeta* of = gst_buffer_get_video_meta(buffer.get());
    gst_video_info_init(&info);
    gst_video_info_set_format(&info, of->format, of->width, of->height);
    const bool mapped = gst_video_frame_map(&frame, &info, buffer.get(), GST_MAP_READ) != 0;
    CHECK(mapped);
    if (mapped) gst_video_frame_unmap(&frame);
  }
}

TEST("the pipeline reads the lent memory itself, and an element that writes gets a copy") {
  ReleaseQueue::instance().drain();
  for (const bool writes : {false, true}) {
    const std::string middle = writes ? "videobalance brightness=0.5" : "identity ! queue";
    GatedPipeline pipeline("appsrc name=source ! " + middle + " ! fakesink name=sink sync=false");
    std::atomic<const std::uint8_t*> came{nullptr};
    pipeline.on_buffer = [&](GstBuffer* buffer) { came = address_of(buffer); };
    AppSource source(pipeline.source(), false, {});
    const auto array = std::make_shared<Array>(std::vector<std::ptrdiff_t>{16, 16, 3});
    const std::vector<std::uint8_t> before = array->memory;
    source.set_caps(raw_caps(Format::BGR, 16, 16, {30, 1}, {}).get());
    pipeline.play();
    std::shared_ptr<LoanState> state;
    BufferPtr buffer = lent_buffer(array, Format::BGR, &state);
    GST_BUFFER_PTS(buffer.get()) = 0;
    CHECK(source.push(std::move(buffer)));
    source.end_of_stream();
    CHECK(pipeline.wait_eos());
    pipeline.stop();
    CHECK_EQ(came.load() == array->memory.data(), !writes);
    CHECK(array->memory == before);
    CHECK(state->done());
    CHECK_EQ(ReleaseQueue::instance().drain(), std::size_t{1});
    CHECK_EQ(array.use_count(), 1L);
  }
}
