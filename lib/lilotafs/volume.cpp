#include "lilotafs/volume.h"

#include <algorithm>
#include <new>

#include "lilotafs/check.h"

namespace flashstore::lilotafs {

static_assert(sizeof(void*) != 4 || sizeof(Volume) <= 768);

core::Result<MountReport, Error> Volume::mount(const MountOptions& options) {
  options_ = options;
  forget_writer();
  damaged_ = false;
  window_.recover();
  core::Result<MountReport, Error> result(MountReport{});
  MountReport& report = result.value();
  const uint32_t erases = window_.erases();
  Error error = locate(report);
  constexpr uint32_t kNoneYet = MountReport::kFormatted | MountReport::kFormatFinished;
  if (error == Error::kNoFileSystem && (report.cases & kNoneYet) != 0 && !options.read_only) {
    error = format(report);
  }
  checked_ = log_.tail;
  if (error == Error::kOk && !options.read_only) {
    error = recover(report);
  }
  if (error != Error::kOk) {
    result = error;
    return result;
  }
  mounted_ = true;
  report.head = log_.head;
  report.tail = log_.tail;
  report.erases = window_.erases() - erases;
  return result;
}

Error Volume::unmount() {
  Error error = Error::kOk;
  if (mounted_ && writer_.reserved) {
    const Descriptor& file = descriptors_[writer_.descriptor];
    error = give_up(file.record, file.data + file.length);
  }
  forget_writer();
  Reader::unmount();
  return error;
}

Error Volume::may_write() const {
  return !mounted_                  ? Error::kNotMounted
         : options_.read_only       ? Error::kReadOnly
         : window_.failed()         ? Error::kIo
         : damaged_                 ? Error::kDamaged
         : writer_.descriptor != -1 ? Error::kWriterOpen
                                    : Error::kOk;
}

core::Result<int, Error> Volume::open(std::string_view path, Access access, uint32_t expected) {
  if (access == Access::kRead) {
    return Reader::open(path);
  }
  if (const Error error = may_write(); error != Error::kOk) {
    return error;
  }
  const std::string_view name = without_leading_slashes(path);
  if (const Error error = look_up_file(name);
      error != Error::kOk && (error != Error::kNotFound || access != Access::kCreate)) {
    return error;
  }
  new (&new_) Record;
  new_.address = kNowhere;
  const core::Result<int, Error> descriptor = allocate(Use::kWrite, new_);
  if (descriptor) {
    forget_writer();
    writer_.descriptor = descriptor.value();
    new_name_ = name;
    Error error = plan(expected);
    if (error == Error::kOk) {
      error = begin(expected);
    }
    if (error != Error::kOk) {
      Reader::close(descriptor.value());
      forget_writer();
      return error;
    }
  }
  return descriptor;
}

// What the file to be written, which has been looked up, asks for, and the likely length of its
// data.
Error Volume::plan(uint32_t& expected) {
  const std::string_view name = new_name_;
  const bool executable = is_executable(name);
  const bool is_new = !found_.file.named();
  writer_.overhead = worst_size(name, 0);
  writer_.demand = {writer_.overhead, executable || !is_new ? writer_.overhead : 0,
                    found_.live_bytes, found_.largest};
  if (!is_new) {
    writer_.old = found_.file.address;
    writer_.demand.old += found_.file.length;
  }
  // Without a better guess, the new content is as long as the old one.
  expected = std::min(std::max(expected, found_.file.length), window_.size());
  return executable && !could_fit(window_.size(), {writer_.overhead, writer_.overhead, 0, 0})
             ? Error::kNoBinary
             : Error::kOk;
}

// The record of that file.
Error Volume::begin(uint32_t expected) {
  if (const Error error = make_room(writer_.demand, writer_.overhead + expected);
      error != Error::kOk) {
    return error;
  }
  start_record(expected);
  writer_.check = add_to_check(kCheckInitial, as_bytes(new_name_));
  return flash_error();
}

// Of the file being written, where `expected` bytes will fit if they can.
void Volume::start_record(uint32_t expected) {
  Demand wish = writer_.demand;
  wish.bytes = writer_.overhead + expected;
  reserve(new_name_, fits(wish) ? expected : 0);
  Descriptor& file = descriptors_[writer_.descriptor];
  file.record = new_.address;
  file.data = new_.data;
  writer_.reserved = true;
}

// Begins the file being written anew, where all that writer_.demand asks for will fit.
Error Volume::relocate() {
  const Descriptor& file = descriptors_[writer_.descriptor];
  const uint32_t data = file.data;
  const uint32_t length = writer_.demand.bytes - writer_.overhead;
  writer_.reserved = false;
  // What has been written stays readable in a dead record.
  if (const Error error = give_up(file.record, file.data + file.length); error != Error::kOk) {
    return error;
  }
  // With some to spare, lest every write come here.
  if (const Error error = make_room(writer_.demand, writer_.demand.bytes + length);
      error != Error::kOk) {
    return error;
  }
  start_record(length);
  copy_data(data, file.length, file.data);
  return flash_error();
}

// Whether `length` bytes of the file being written have room where it is.
bool Volume::has_place(uint32_t length) {
  const Descriptor& file = descriptors_[writer_.descriptor];
  const bool wrapped = file.record < log_.head;
  const uint32_t end = round_up(file.data + length, kAlignment);
  return (wrapped || end <= window_.size() - kOriginalTailBytes) &&
         leaves_room({end, wrapped}, writer_.demand);
}

Error Volume::write(int number, std::span<const uint8_t> bytes) {
  Descriptor* const file = descriptor(number);
  if (file == nullptr) {
    return Error::kBadDescriptor;
  }
  if (file->use != Use::kWrite) {
    return Error::kNotWritable;
  }
  Error& error = writer_.error;
  if (error != Error::kOk || bytes.empty()) {
    return error;
  }
  if (bytes.size() > window_.size() - file->length) {
    error = Error::kNoSpace;
    return error;
  }
  const uint32_t length = file->length + static_cast<uint32_t>(bytes.size());
  Demand& demand = writer_.demand;
  demand.bytes = writer_.overhead + length;
  if (demand.grows() && !could_fit(window_.size(), demand)) {
    error = Error::kNoSpace;
  } else if (!has_place(length)) {
    error = relocate();
  }
  if (error == Error::kOk) {
    const uint32_t at = file->data + file->length;
    file->length = length;
    prepare(file->data + file->length);
    window_.program(at, bytes);
    writer_.check = add_to_check(writer_.check, bytes);
    error = flash_error();
  }
  return error;
}

Error Volume::close(int number) {
  Descriptor* const file = descriptor(number);
  if (file == nullptr || file->use != Use::kWrite) {
    return Reader::close(number);
  }
  file->use = Use::kFree;
  Error error = writer_.error;
  if (error == Error::kOk) {
    new (&new_) Record(read_record(window_, file->record));
    new_.length = file->length;
    commit(new_, new_name_, final_check(writer_.check, new_.length), writer_.old, kStatusCommitted);
    error = flash_error();
  } else if (writer_.reserved) {
    give_up(file->record, file->data + file->length);  // or the next mount does
  }
  forget_writer();
  return error;
}

void Volume::forget_writer() {
  writer_ = {};
}

uint8_t Volume::final_check(uint8_t sum, uint32_t length) const {
  return options_.check_bytes ? stored_check(sum, length) : kCheckErased;
}

Error Volume::mkdir(std::string_view path) {
  if (const Error error = may_write(); error != Error::kOk) {
    return error;
  }
  const std::string_view bare = without_trailing_slash(without_leading_slashes(path));
  if (bare.size() == kMaxNameBytes) {
    return Error::kInvalidName;
  }
  if (const Error error = look_up_file(bare); error != Error::kNotFound) {
    return error == Error::kOk || error == Error::kIsDirectory ? Error::kExists : error;
  }
  new_name_ = bare;
  const std::string_view name = new_name_.with_slash();
  if (const Error error = make_room({worst_size(name, 0), 0, found_.live_bytes, found_.largest}, 0);
      error != Error::kOk) {
    return error;
  }
  reserve(name, 0);
  new_.length = 0;
  commit(new_, name, final_check(add_to_check(kCheckInitial, as_bytes(name)), 0), kNowhere, 0);
  return flash_error();
}

Error Volume::remove(std::string_view path) {
  if (const Error error = may_write(); error != Error::kOk) {
    return error;
  }
  const std::string_view given = without_leading_slashes(path);
  const std::string_view bare = without_trailing_slash(given);
  if (const Error error = look_up(bare); error != Error::kOk) {
    return error;
  }
  const bool is_file = found_.file.named() && bare.size() == given.size();
  const Record& last = is_file ? found_.file : found_.directory;
  if (!last.named()) {
    return Error::kNotFound;
  }
  // Older versions of the same name go first, lest one come to light.
  for (bool burying : {false, true}) {
    Cursor cursor{.address = log_.head};
    Record file;
    std::string_view name;
    while (next_file(cursor, file, name)) {
      if (!begins_with(name, bare) || name.size() < last.name_bytes ||
          (!is_file && name[bare.size()] != '/')) {
        continue;
      }
      if (name.size() > last.name_bytes) {
        if (!is_file) {
          return Error::kNotEmpty;
        }
      } else if (burying && file.address != last.address) {
        bury(file.address, file.status);
        index_.remove(file.address);
        cursor = {.address = log_.head};
      }
    }
    if (cursor.failed) {
      return Error::kIo;
    }
  }
  bury(last.address, last.status);
  index_.remove(last.address);
  return flash_error();
}

}  // namespace flashstore::lilotafs
