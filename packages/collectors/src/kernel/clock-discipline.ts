import { endianness } from "node:os";
import { NoDataError } from "../no-data-error.ts";
import { type CFunction, libcFunction } from "../system-calls/libc.ts";

/** Bytes of `struct timex` where `long` has 64 bits. */
const STRUCT_BYTES = 208;
/** adjtimex(2) answers this when the clock is not synchronized. */
const TIME_ERROR = 5;
const EPERM = 1;
const EACCES = 13;
const MICROSECONDS = 1e6;
/** Where `maxerror` stands in the structure. */
const MAX_ERROR_AT = 24;

/** `struct timex` as the kernel has filled it in. */
export interface TimexReading {
  readonly isSynchronized: boolean;
  /** A field of 64 bits at a place of the structure. */
  readonly long: (at: number) => number;
  /** One of 32 bits. */
  readonly int: (at: number) => number;
}

/** What the kernel says of its clock. */
export interface ClockDiscipline {
  /** Does something, such as an NTP client, keep the clock? */
  readonly isSynchronized: boolean;
  readonly maxErrorSeconds: number;
}

/** Asks adjtimex(2) without setting anything. The reading rejects with NoDataError if that is not permitted. */
export function timexReader(): () => Promise<TimexReading> {
  let call: Promise<CFunction> | undefined;
  return async () => {
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

/** The state of the kernel's clock, once. Rejects with NoDataError if it cannot be asked for. */
export async function clockDiscipline(): Promise<ClockDiscipline> {
  const { isSynchronized, long } = await timexReader()();
  return { isSynchronized, maxErrorSeconds: long(MAX_ERROR_AT) / MICROSECONDS };
}
