import { endianness } from "node:os";
import { NoDataError } from "../no-data-error.ts";
import { type CFunction, libcFunction } from "../system-calls/libc.ts";

/** Size in bytes of `struct timex` if `long` has 64 bits. */
const STRUCT_BYTES = 208;
/** Return value of adjtimex(2) if the clock is not synchronized. */
const TIME_ERROR = 5;
const EPERM = 1;
const EACCES = 13;
const MICROSECONDS = 1e6;
/** Byte offset of `maxerror` in `struct timex`. */
const MAX_ERROR_AT = 24;

/** Processors with a 32-bit `long`, for which `struct timex` has a different layout. */
const NARROW: ReadonlySet<string> = new Set(["arm", "ia32", "mips", "mipsel", "ppc", "s390"]);

/** A `struct timex` that the kernel has filled in. */
export interface TimexReading {
  readonly isSynchronized: boolean;
  /** Returns the 64-bit field at an offset. */
  readonly long: (at: number) => number;
  /** Returns the 32-bit field at an offset. */
  readonly int: (at: number) => number;
}

/** State of the kernel's clock. */
export interface ClockDiscipline {
  /** Whether a program such as an NTP client synchronizes the clock. */
  readonly isSynchronized: boolean;
  readonly maxErrorSeconds: number;
}

/**
 * Returns a function that calls adjtimex(2) without setting anything. It rejects with NoDataError if that is not
 * permitted, or not supported on the processor.
 */
export function timexReader(architecture: string = process.arch): () => Promise<TimexReading> {
  let call: Promise<CFunction> | undefined;
  return async () => {
    if (NARROW.has(architecture)) throw new NoDataError(`adjtimex(2) is not supported on ${architecture}`);
    const adjtimex = await (call ??= libcFunction("int adjtimex(void *buf)"));
    const struct = Buffer.alloc(STRUCT_BYTES);
    const { result: state, errno } = adjtimex(struct);
    if (state < 0 && (errno === EPERM || errno === EACCES)) throw new NoDataError("adjtimex(2) is not permitted");
    if (state < 0) throw new Error(`adjtimex(2) failed with error number ${errno}`);
    const isLittle = endianness() === "LE";
    return {
      isSynchronized: state !== TIME_ERROR,
      long: (at) => Number(isLittle ? struct.readBigInt64LE(at) : struct.readBigInt64BE(at)),
      int: (at) => (isLittle ? struct.readInt32LE(at) : struct.readInt32BE(at)),
    };
  };
}

/** Reads the state of the kernel's clock once. Rejects with NoDataError if it cannot be read. */
export async function clockDiscipline(): Promise<ClockDiscipline> {
  const { isSynchronized, long } = await timexReader()();
  return { isSynchronized, maxErrorSeconds: long(MAX_ERROR_AT) / MICROSECONDS };
}
