// What makes the media of a mount: the library's factory class, asking a mount of ours for the elements.
#pragma once

#include <memory>

#include "output/rtsp_handles.h"

namespace skyline {

// Called on threads of the library, which hold its locks.
class RtspMediaSource {
 public:
  virtual ~RtspMediaSource() = default;
  virtual bool is_primed() const = 0;                    // no media is made before
  virtual ElementPtr make_bin() = 0;                     // appsrc ! … ! pay0; empty where it cannot
  virtual void set_up(GstElement* pipeline) = 0;       // clock and base time of the stream
  virtual void media_made(GstRTSPMedia* media) = 0;
};

// One shared media for every client, whatever query a client adds to the path.
Owned<GstRTSPMediaFactory> make_rtsp_media_factory(std::weak_ptr<RtspMediaSource> source);

}  // namespace skyline
