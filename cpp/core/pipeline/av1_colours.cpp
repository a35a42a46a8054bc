#include "pipeline/av1_colours.h"

#include <stdexcept>

namespace skyline {
namespace {

constexpr unsigned kSequenceHeader = 1;  // OBU type

class BitReader {
 public:
  BitReader(const std::uint8_t* data, std::size_t bytes) : data_(data), bits_(bytes * 8) {}

  std::uint64_t take(unsigned count) {
    std::uint64_t value = 0;
    for (; count > 0; --count) {
      if (at_ >= bits_) throw std::out_of_range("AV1 sequence header ends early");
      value = value << 1 | static_cast<std::uint64_t>(data_[at_ / 8] >> (7 - at_ % 8) & 1);
      ++at_;
    }
    return value;
  }
  bool flag() { return take(1) != 0; }
  void skip(unsigned count) { take(count); }
  void skip_uvlc() {
    unsigned zeros = 0;
    while (!flag()) ++zeros;
    if (zeros < 32) skip(zeros);
  }
  std::size_t at() const { return at_; }

 private:
  const std::uint8_t* data_;
  std::size_t bits_;
  std::size_t at_ = 0;
};

class BitWriter {
 public:
  void put(std::uint64_t value, unsigned count) {
    for (; count > 0; --count) {
      if (used_ == 0) bytes_.push_back(0);
      bytes_.back() = static_cast<std::uint8_t>(bytes_.back() | (value >> (count - 1) & 1) << (7 - used_));
      used_ = (used_ + 1) % 8;
    }
  }
  std::vector<std::uint8_t> take() { return std::move(bytes_); }

 private:
  std::vector<std::uint8_t> bytes_;
  unsigned used_ = 0;
};

// AV1 specification 5.5.1 and 5.5.2, up to color_description_present_flag.
void skip_to_colours(BitReader& bits) {
  const auto profile = bits.take(3);
  bits.skip(1);  // still_picture
  const bool is_reduced = bits.flag();
  if (is_reduced) {
    bits.skip(5);
  } else {
    bool has_decoder_model = false;
    unsigned delay_bits = 0;
    if (bits.flag()) {  // timing_info
      bits.skip(64);
      if (bits.flag()) bits.skip_uvlc();
      has_decoder_model = bits.flag();
      if (has_decoder_model) {
        delay_bits = static_cast<unsigned>(bits.take(5)) + 1;
        bits.skip(42);
      }
    }
    const bool has_display_delay = bits.flag();
    const auto operating_points = bits.take(5) + 1;
    for (std::uint64_t point = 0; point < operating_points; ++point) {
      bits.skip(12);
      if (bits.take(5) > 7) bits.skip(1);
      if (has_decoder_model && bits.flag()) bits.skip(2 * delay_bits + 1);
      if (has_display_delay && bits.flag()) bits.skip(4);
    }
  }
  const auto width_bits = static_cast<unsigned>(bits.take(4)) + 1;
  const auto height_bits = static_cast<unsigned>(bits.take(4)) + 1;
  bits.skip(width_bits + height_bits);
  if (!is_reduced && bits.flag()) bits.skip(7);  // frame ids
  bits.skip(3);
  if (!is_reduced) {
    bits.skip(4);
    const bool has_order_hint = bits.flag();
    if (has_order_hint) bits.skip(2);
    const bool chooses_screen_tools = bits.flag();
    if (chooses_screen_tools || bits.flag()) {
      if (!bits.flag()) bits.skip(1);  // integer motion vectors
    }
    if (has_order_hint) bits.skip(3);
  }
  bits.skip(3);
  const bool is_deep = bits.flag();
  if (profile == 2 && is_deep) bits.skip(1);
  if (profile != 1) bits.skip(1);  // mono_chrome
}

std::optional<std::vector<std::uint8_t>> header_with_colours(const std::uint8_t* payload, std::size_t bytes,
                                                             const Av1Colours& colours) {
  while (bytes > 0 && payload[bytes - 1] == 0) --bytes;
  if (bytes == 0) return std::nullopt;
  BitReader bits(payload, bytes);
  skip_to_colours(bits);
  const std::size_t before = bits.at();
  if (bits.flag()) return std::nullopt;  // it speaks for itself
  bits.skip(1);                          // color_range
  BitReader copied(payload, bytes);
  BitWriter out;
  for (std::size_t bit = 0; bit < before; ++bit) out.put(copied.take(1), 1);
  out.put(1, 1);
  out.put(colours.primaries, 8);
  out.put(colours.transfer, 8);
  out.put(colours.matrix, 8);
  out.put(colours.is_full_range ? 1 : 0, 1);
  copied.skip(2);
  // With the one that ends it; what fills up the byte is new.
  const std::size_t end = bytes * 8 - static_cast<std::size_t>(__builtin_ctz(payload[bytes - 1]));
  while (copied.at() < end) out.put(copied.take(1), 1);
  return out.take();
}

void put_leb128(std::vector<std::uint8_t>& out, std::size_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<std::uint8_t>(value & 0x7f) | 0x80);
  out.push_back(static_cast<std::uint8_t>(value));
}

Av1Colours colours_of_caps(GstPad* pad) {
  Av1Colours colours;
  const CapsPtr caps = CapsPtr::adopt(gst_pad_get_current_caps(pad));
  GstVideoInfo info;
  if (!caps || gst_video_info_from_caps(&info, caps.get()) == 0) return colours;
  colours.primaries = gst_video_color_primaries_to_iso(info.colorimetry.primaries);
  colours.transfer = gst_video_transfer_function_to_iso(info.colorimetry.transfer);
  colours.matrix = gst_video_color_matrix_to_iso(info.colorimetry.matrix);
  colours.is_full_range = info.colorimetry.range == GST_VIDEO_COLOR_RANGE_0_255;
  return colours;
}

GstPadProbeReturn rewrite(GstPad* pad, GstPadProbeInfo* info, gpointer /*data*/) {
  GstBuffer* unit = GST_PAD_PROBE_INFO_BUFFER(info);
  const ElementPtr encoder = ElementPtr::adopt(gst_pad_get_parent_element(pad));
  GstMapInfo map;
  if (!encoder || GST_BUFFER_FLAG_IS_SET(unit, GST_BUFFER_FLAG_DELTA_UNIT) ||
      gst_buffer_map(unit, &map, GST_MAP_READ) == 0) {
    return GST_PAD_PROBE_OK;
  }
  const PadPtr input = PadPtr::adopt(gst_element_get_static_pad(encoder.get(), "sink"));
  const auto rewritten = av1_with_colours(map.data, map.size, colours_of_caps(input.get()));
  gst_buffer_unmap(unit, &map);
  if (!rewritten) return GST_PAD_PROBE_OK;
  BufferPtr replacement = BufferPtr::adopt(gst_buffer_new_memdup(rewritten->data(), rewritten->size()));
  gst_buffer_copy_into(replacement.get(), unit, GST_BUFFER_COPY_METADATA, 0, static_cast<gsize>(-1));
  const BufferPtr old = BufferPtr::adopt(unit);  // the probe's reference is ours to replace
  GST_PAD_PROBE_INFO_DATA(info) = replacement.release();
  return GST_PAD_PROBE_OK;
}

}  // namespace

std::optional<std::vector<std::uint8_t>> av1_with_colours(const std::uint8_t* unit, std::size_t bytes,
                                                          const Av1Colours& colours) {
  try {
    for (std::size_t at = 0; at < bytes;) {
      const unsigned header = unit[at];
      if ((header & 0x02U) == 0) return std::nullopt;  // no size: the rest of the unit
      BitReader sizes(unit + at, bytes - at);
      sizes.skip((header & 0x04U) != 0 ? 16 : 8);
      std::uint64_t size = 0;
      for (unsigned shift = 0; shift < 56; shift += 7) {
        const auto part = sizes.take(8);
        size |= (part & 0x7f) << shift;
        if (part < 0x80) break;
      }
      const std::size_t begin = at + sizes.at() / 8;
      if (size > bytes - begin) return std::nullopt;
      const std::size_t end = begin + static_cast<std::size_t>(size);
      if ((header >> 3 & 0x0fU) == kSequenceHeader) {
        const auto payload = header_with_colours(unit + begin, end - begin, colours);
        if (!payload) return std::nullopt;
        std::vector<std::uint8_t> out(unit, unit + at + ((header & 0x04U) != 0 ? 2 : 1));
        put_leb128(out, payload->size());
        out.insert(out.end(), payload->begin(), payload->end());
        out.insert(out.end(), unit + end, unit + bytes);
        return out;
      }
      at = end;
    }
  } catch (const std::out_of_range&) {  // cut short: left as it is
  }
  return std::nullopt;
}

void say_av1_colours(GstElement* encoder) {
  const PadPtr pad = PadPtr::adopt(gst_element_get_static_pad(encoder, "src"));
  if (pad) gst_pad_add_probe(pad.get(), GST_PAD_PROBE_TYPE_BUFFER, &rewrite, nullptr, nullptr);
}

}  // namespace skyline
