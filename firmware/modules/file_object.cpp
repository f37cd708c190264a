#include "modules/file_object.h"

#include <algorithm>

namespace flashstore::firmware {

using lilotafs::Error;
using lilotafs::Volume;
using lilotafs::Whence;

namespace {

constexpr uint32_t kCopyBytes = 128;

Error copy_bytes(Volume& volume, int from, int to, uint32_t bytes) {
  std::array<uint8_t, kCopyBytes> piece;
  for (uint32_t rest = bytes; rest > 0;) {
    const auto got =
        volume.read(from, std::span(piece).first(std::min<uint32_t>(rest, piece.size())));
    if (!got) {
      return got.error();
    }
    if (got.value() == 0) {
      break;  // UINT32_MAX stands for all there is
    }
    if (const Error error = volume.write(to, std::span(piece).first(got.value()));
        error != Error::kOk) {
      return error;
    }
    rest -= got.value();
  }
  return Error::kOk;
}

// Commits what was written if there was no `error`; returns what went wrong first.
Error close_writer(Volume& volume, int writer, Error error) {
  if (error == Error::kOk) {
    return volume.close(writer);
  }
  volume.abandon(writer);
  return error;
}

// Of a file open for reading; its position is at the end then.
core::Result<uint32_t, Error> length_of(Volume& volume, int reader) {
  return volume.seek(reader, 0, Whence::kEnd);
}

}  // namespace

Error FileObject::open(Volume& volume, std::string_view name, Mode mode) {
  volume_ = &volume;
  mode_ = mode;
  name_bytes_ = static_cast<uint8_t>(std::min(name.size(), name_.size()));
  std::copy_n(name.begin(), name_bytes_, name_.begin());
  Error error = Error::kOk;
  if (mode == Mode::kWrite || mode == Mode::kRewrite) {
    error = begin_writing();
  } else {
    error = open_reader();
    if (error == Error::kNotFound && appends()) {
      error = begin_writing();
    }
  }
  if (error != Error::kOk) {
    volume_ = nullptr;
  }
  return error;
}

Error FileObject::open_reader() {
  const auto reader = volume_->Reader::open({name_.data(), name_bytes_});
  if (!reader) {
    return reader.error();
  }
  reader_ = reader.value();
  return Error::kOk;
}

Error FileObject::begin_writing() {
  uint32_t expected = 0;
  if (reader_ != kNone) {
    const auto length = length_of(*volume_, reader_);
    if (!length) {
      return length.error();
    }
    expected = length.value();
    position_ = appends() ? expected : position_;
  }
  const auto writer = volume_->open({name_.data(), name_bytes_}, Volume::Access::kCreate, expected);
  if (!writer) {
    return writer.error();
  }
  writer_ = writer.value();
  if (reader_ == kNone) {
    return Error::kOk;
  }
  const auto start = volume_->seek(reader_, 0, Whence::kSet);
  const Error error = start ? copy_bytes(*volume_, reader_, writer_, position_) : start.error();
  if (error != Error::kOk) {
    volume_->abandon(writer_);
    writer_ = kNone;
  }
  return error;
}

core::Result<uint32_t, Error> FileObject::read(std::span<uint8_t> into) {
  if (writer_ != kNone || mode_ == Mode::kAppend) {
    return Error::kNotReadable;
  }
  const auto got = volume_->read(reader_, into);
  if (got) {
    position_ += got.value();
  }
  return got;
}

void FileObject::step_back(uint32_t bytes) {
  (void)volume_->seek(reader_, -static_cast<int32_t>(bytes), Whence::kCurrent);
  position_ -= bytes;
}

Error FileObject::write(std::span<const uint8_t> bytes) {
  if (mode_ == Mode::kRead) {
    return Error::kNotWritable;
  }
  if (writer_ == kNone) {
    const uint32_t position = position_;
    if (const Error error = begin_writing(); error != Error::kOk) {
      (void)seek(static_cast<int32_t>(position), Whence::kSet);  // it can still be read
      return error;
    }
  }
  const Error error = volume_->write(writer_, bytes);
  if (error == Error::kOk) {
    position_ += static_cast<uint32_t>(bytes.size());
  }
  return error;
}

// The writer's part of close(); the reader stays open.
Error FileObject::commit() {
  Error error = Error::kOk;
  if (reader_ != kNone) {
    const auto length = length_of(*volume_, reader_);
    error = length ? Error::kOk : length.error();
    if (length && length.value() > position_) {
      (void)volume_->seek(reader_, static_cast<int32_t>(position_), Whence::kSet);
      error = copy_bytes(*volume_, reader_, writer_, length.value() - position_);
    }
  }
  error = close_writer(*volume_, writer_, error);
  writer_ = kNone;
  return error;
}

Error FileObject::flush() {
  if (writer_ == kNone) {
    return Error::kOk;
  }
  if (const Error error = commit(); error != Error::kOk) {
    (void)close();  // what is written from here on is not the file without what was lost
    return error;
  }
  // From here on it is a file that keeps its content.
  if (reader_ != kNone) {
    (void)volume_->close(reader_);
    reader_ = kNone;
  }
  if (mode_ == Mode::kWrite) {
    mode_ = Mode::kAppend;
  }
  if (const Error error = open_reader(); error != Error::kOk) {
    return error;
  }
  const auto position = seek(static_cast<int32_t>(position_), Whence::kSet);
  return position ? Error::kOk : position.error();
}

core::Result<uint32_t, Error> FileObject::seek(int32_t offset, Whence whence) {
  if (writer_ == kNone) {
    const auto position = volume_->seek(reader_, offset, whence);
    if (position) {
      position_ = position.value();
    }
    return position;
  }
  const bool stays = whence == Whence::kSet ? static_cast<uint32_t>(offset) == position_
                                            : whence == Whence::kCurrent && offset == 0;
  if (!stays) {
    return Error::kInvalidSeek;
  }
  return position_;
}

Error FileObject::close() {
  const Error error = writer_ == kNone ? Error::kOk : commit();
  if (reader_ != kNone) {
    (void)volume_->close(reader_);
    reader_ = kNone;
  }
  volume_ = nullptr;
  return error;
}

Error rename_file(Volume& volume, std::string_view from, std::string_view to) {
  if (volume.stat(to)) {
    return Error::kExists;
  }
  const auto reader = volume.Reader::open(from);
  if (!reader) {
    return reader.error();
  }
  const auto length = length_of(volume, reader.value());
  (void)volume.seek(reader.value(), 0, Whence::kSet);
  const auto writer = volume.open(to, Volume::Access::kCreate, length ? length.value() : 0);
  Error error = writer ? Error::kOk : writer.error();
  if (writer) {
    error = copy_bytes(volume, reader.value(), writer.value(), UINT32_MAX);
    error = close_writer(volume, writer.value(), error);
  }
  (void)volume.close(reader.value());
  return error == Error::kOk ? volume.remove(from) : error;
}

}  // namespace flashstore::firmware
