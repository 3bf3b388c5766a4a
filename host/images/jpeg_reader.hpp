// JPEG files through libjpeg-turbo.
#pragma once

#include <csetjmp>
#include <cstdint>
#include <cstdio>
// libjpeg's header needs std::FILE before it.
#include <jpeglib.h>

#include <array>
#include <filesystem>
#include <memory>

#include "host/images/image_reader.hpp"

namespace agon::host {

/// Baseline and progressive files of 8 bits: grey, YCbCr, RGB, CMYK and YCCK. What libjpeg calls a warning is
/// an error where pixels would be made up (data that end early or are damaged), and else a complaint that is
/// counted. Errors say "<path>: at byte <offset>: ...".
class JpegReader final : public ImageReader {
 public:
  explicit JpegReader(const std::filesystem::path& path);
  ~JpegReader() override;

  void read_row(std::uint8_t* row) override;
  void finish() override;

 private:
  struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  struct Errors {
    jpeg_error_mgr base;  // first: libjpeg's pointer to it is one to Errors
    std::jmp_buf jump;
    std::array<char, JMSG_LENGTH_MAX> message;
  };
  static Errors& errors_of(j_common_ptr jpeg) { return *reinterpret_cast<Errors*>(jpeg->err); }
  static void on_error(j_common_ptr jpeg);
  static void on_message(j_common_ptr jpeg, int level);
  static void on_progress(j_common_ptr jpeg);
  template <class Call>
  bool went_well(const Call& call);

  void read_header();
  void read_layout();
  [[noreturn]] void fail();

  std::filesystem::path path_;
  std::unique_ptr<std::FILE, CloseFile> file_;
  jpeg_decompress_struct jpeg_{};
  Errors errors_{};
  jpeg_progress_mgr progress_{};
  bool started_ = false;
};

}  // namespace agon::host
