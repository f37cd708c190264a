// A plugin of the emulator that knows what it does not: mapped flash cannot be stored to, and is
// only read in whole words; below the stack there is no memory. What does otherwise ends the run.
// Counts instructions and reads of mapped flash, for the report.
//
//   -plugin FILE,report=DESCRIPTOR    of a file; lines "key value" are written there in the end
#include <unistd.h>

#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "board/exit_status.h"
#include "board/qemu-lx106/host/qemu_plugin.h"
#include "board/qemu-lx106/memory_map.h"

namespace {

uint64_t instructions;
uint64_t word_loads;
uint64_t sub_word_loads;
int report_file = -1;

void write_report() {
  char text[200];
  const int bytes = std::snprintf(text, sizeof text,
                                  "instructions %" PRIu64 "\nflash-word-loads %" PRIu64
                                  "\nflash-sub-word-loads %" PRIu64 "\n",
                                  instructions, word_loads, sub_word_loads);
  if (report_file >= 0 && write(report_file, text, static_cast<size_t>(bytes)) != bytes) {
    std::perror("report");
  }
}

void at_exit(qemu_plugin_id_t, void*) {
  write_report();
}

[[noreturn]] void end_run(flashstore::board::ExitStatus status, const char* what, uint64_t address,
                          void* pc) {
  std::fprintf(stderr, "%s 0x%08" PRIx64 " from pc 0x%08" PRIxPTR "\n", what, address,
               reinterpret_cast<uintptr_t>(pc));
  write_report();
  _exit(status);
}

void on_access(unsigned int, qemu_plugin_meminfo_t info, uint64_t address, void* pc) {
  using namespace flashstore::board;
  constexpr unsigned int kWordShift = 2;
  const bool is_store = qemu_plugin_mem_is_store(info);
  if (address >= LX106_NO_RAM && address < LX106_DRAM && is_store) {
    end_run(kStackOverflow, "stack: grew to", address, pc);
  }
  if (address < LX106_FLASH || address >= LX106_FLASH_END) {
    return;
  }
  if (is_store) {
    end_run(kFlashStore, "flash: store to", address, pc);
  }
  if (qemu_plugin_mem_size_shift(info) < kWordShift) {
    sub_word_loads++;
    end_run(kFlashStore, "flash: part of a word read at", address, pc);
  }
  word_loads++;
}

void on_translation(qemu_plugin_id_t, qemu_plugin_tb* block) {
  const size_t count = qemu_plugin_tb_n_insns(block);
  for (size_t i = 0; i < count; i++) {
    qemu_plugin_insn* instruction = qemu_plugin_tb_get_insn(block, i);
    const auto pc = static_cast<uintptr_t>(qemu_plugin_insn_vaddr(instruction));
    qemu_plugin_register_vcpu_insn_exec_inline(instruction, QEMU_PLUGIN_INLINE_ADD_U64,
                                               &instructions, 1);
    qemu_plugin_register_vcpu_mem_cb(instruction, on_access, QEMU_PLUGIN_CB_NO_REGS,
                                     QEMU_PLUGIN_MEM_RW, reinterpret_cast<void*>(pc));
  }
}

}  // namespace

extern "C" {

[[gnu::visibility("default")]] extern const int qemu_plugin_version;
const int qemu_plugin_version = 1;

[[gnu::visibility("default")]] int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t*,
                                                       int count, char** arguments) {
  constexpr char kReport[] = "report=";
  for (int i = 0; i < count; i++) {
    if (std::strncmp(arguments[i], kReport, sizeof kReport - 1) != 0) {
      std::fprintf(stderr, "watch-flash: unknown argument %s\n", arguments[i]);
      return 1;
    }
    report_file = std::atoi(arguments[i] + sizeof kReport - 1);
  }
  qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
  qemu_plugin_register_atexit_cb(id, at_exit, nullptr);
  return 0;
}

}  // extern "C"
