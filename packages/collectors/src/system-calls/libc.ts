import { NoDataError } from "../no-data-error.ts";

/** Arguments and results as koffi passes them: numbers, 64-bit integers, bytes for pointers. */
export type CValue = number | bigint | string | Uint8Array | null;

/** What a function of the C library returned, and what it left in errno. */
export interface CResult {
  readonly result: number;
  readonly errno: number;
}

/** A function of the C library. */
export type CFunction = (...args: readonly CValue[]) => CResult;

/** One that may wait for a device. Memory it was given belongs to it until the promise settles. */
export type WaitingCFunction = (...args: readonly CValue[]) => Promise<CResult>;

/**
 * A function of the C library by its declaration, such as `int adjtimex(void *buf)`. Called on this thread: only for
 * calls that answer at once. Loaded when first needed. Throws NoDataError if koffi or the function cannot be loaded.
 */
export async function libcFunction(declaration: string): Promise<CFunction> {
  const { koffi, call } = await load(declaration);
  return (...args) => {
    // What an earlier call left behind must not pass for this one's.
    koffi.errno(0);
    const result = Number(call(...args));
    return { result, errno: koffi.errno() };
  };
}

/** The same, called on a thread of koffi's, so that a call that hangs delays no one else. */
export async function waitingLibcFunction(declaration: string): Promise<WaitingCFunction> {
  const { koffi, call } = await load(declaration);
  return (...args) =>
    new Promise((resolve, reject) => {
      call.async(...args, (error: Error | null, result: number | bigint) => {
        if (error === null) resolve({ result: Number(result), errno: koffi.errno() });
        else reject(error);
      });
    });
}

async function load(declaration: string) {
  try {
    const { default: koffi } = await import("koffi");
    return { koffi, call: koffi.load("libc.so.6").func(declaration) };
  } catch (cause) {
    throw new NoDataError(`${declaration} cannot be called on this host`, { cause });
  }
}

/**
 * Where bytes lie in memory, for structures that point to others: whoever asks holds the bytes while the address is
 * used. Throws NoDataError if koffi cannot be loaded.
 */
export async function memoryAddresses(): Promise<(bytes: Uint8Array) => bigint> {
  try {
    const { default: koffi } = await import("koffi");
    return (bytes) => koffi.address(bytes);
  } catch (cause) {
    throw new NoDataError("memory has no addresses on this host", { cause });
  }
}
