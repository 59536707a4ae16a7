import { closeSync, readSync } from "node:fs";
import { endianness } from "node:os";
import { getSystemErrorMap } from "node:util";
import { NoDataError } from "../no-data-error.ts";
import { libcFunction } from "./libc.ts";
import { putUint32, uint64 } from "./netlink-message.ts";

/** A hardware or software event to count, by type and number. */
export interface PerfEvent {
  readonly type: number;
  readonly config: number;
}

/** Events of perf (the kernel's performance counters) that are opened and read together. */
export interface PerfGroup {
  /** Returns the counts since the group was opened, in the order of its events. Throws Node's error. */
  read(): number[];
  /** Stops counting, and closes the counters of the group. */
  close(): void;
}

/** Starts counting events of all processes on a CPU. Throws PerfError if the kernel refuses. */
export type OpenPerfGroup = (events: readonly PerfEvent[], cpu: number) => PerfGroup;

/**
 * Error that the kernel refused to count events. `code` is ENOENT if the machine does not support the event, EACCES if
 * this process has no permission.
 */
export class PerfError extends Error {
  override readonly name = "PerfError";
  readonly code: string;

  constructor(errno: number) {
    const [code, text] = getSystemErrorMap().get(-errno) ?? [`E${errno}`, `error ${errno}`];
    super(`perf_event_open: ${text}`);
    this.code = code;
  }
}

/** System call numbers of perf_event_open(2), for which the C library has no function. */
const CALL_NUMBERS: Readonly<Record<string, number>> = {
  arm: 364,
  arm64: 241,
  ia32: 336,
  loong64: 241,
  ppc64: 319,
  riscv64: 241,
  s390x: 331,
  x64: 298,
};

const PERF_FLAG_FD_CLOEXEC = 8;
/** Size in bytes of `struct perf_event_attr` in Linux 4.1. Newer kernels assume zeros for later fields. */
const ATTRIBUTE_BYTES = 112;
const READ_FORMAT_AT = 32;
/** Read format flags: the counts of the whole group, time enabled and time running. */
const READ_FORMAT = 1 + 2 + 8;
const EXCLUDE_AT = 40;
/** Value of the flag `exclude_hv` in a bit field whose layout depends on the byte order. */
const EXCLUDE_HYPERVISOR = endianness() === "LE" ? 1 << 6 : 1 << 1;
/** Size in bytes of an answer before the counts: number of counts, time enabled, time running. */
const ANSWER_HEADER_BYTES = 24;
const ALL_PROCESSES = -1;

function attributeOf({ type, config }: PerfEvent): Buffer {
  const bytes = Buffer.alloc(ATTRIBUTE_BYTES);
  putUint32(bytes, 0, type);
  putUint32(bytes, 4, ATTRIBUTE_BYTES);
  putUint32(bytes, endianness() === "LE" ? 8 : 12, config);
  bytes[endianness() === "LE" ? READ_FORMAT_AT : READ_FORMAT_AT + 7] = READ_FORMAT;
  bytes[EXCLUDE_AT] = EXCLUDE_HYPERVISOR;
  return bytes;
}

/** Opens the kernel's event counters. Throws NoDataError if the host has none. */
export async function perfCounters(): Promise<OpenPerfGroup> {
  const number = CALL_NUMBERS[process.arch];
  if (number === undefined) throw new NoDataError(`perf_event_open(2) is not supported on ${process.arch}`);
  const syscall = await libcFunction(
    "long syscall(long number, void *attributes, int process, int cpu, int group, unsigned long flags)",
  );
  return (events, cpu) => {
    const descriptors: number[] = [];
    for (const event of events) {
      const leader = descriptors[0] ?? -1;
      const opened = syscall(number, attributeOf(event), ALL_PROCESSES, cpu, leader, PERF_FLAG_FD_CLOEXEC);
      if (opened.result < 0) {
        for (const fd of descriptors) closeSync(fd);
        throw new PerfError(opened.errno);
      }
      descriptors.push(opened.result);
    }
    const answer = Buffer.alloc(ANSWER_HEADER_BYTES + 8 * events.length);
    return {
      close: () => descriptors.forEach(closeSync),
      read() {
        answer.fill(0);
        readSync(descriptors[0]!, answer);
        return events.map((_, i) => uint64(answer, ANSWER_HEADER_BYTES + 8 * i));
      },
    };
  };
}
