import { NoDataError } from "../no-data-error.ts";

/** Arguments and results as koffi passes them: numbers, 64-bit integers, bytes for pointers. */
type CValue = number | bigint | string | Uint8Array | null;

/** Result of a function of the C library, and the value of errno after it. */
interface CResult {
  readonly result: number;
  readonly errno: number;
}

/** A function of the C library. */
export type CFunction = (...args: readonly CValue[]) => CResult;

/** A function that may wait for a device. It uses the memory passed to it until the promise settles. */
export type WaitingCFunction = (...args: readonly CValue[]) => Promise<CResult>;

/**
 * Returns a function of the C library by its declaration, such as `int adjtimex(void *buf)`. It runs on this thread, so
 * it is only for calls that return at once. Loaded on first use. Throws NoDataError if koffi or the function cannot be
 * loaded.
 */
export async function libcFunction(declaration: string): Promise<CFunction> {
  const { koffi, call } = await load(declaration);
  return (...args) => {
    // Clears errno, so that an earlier call's error is not reported for this one.
    koffi.errno(0);
    const result = Number(call(...args));
    return { result, errno: koffi.errno() };
  };
}

/** Returns the same function, but runs it on a thread of koffi, so that a call that hangs does not block others. */
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
 * Returns a function for the memory address of bytes, for structures that point to others. The caller must keep the
 * bytes referenced while the address is used. Throws NoDataError if koffi cannot be loaded.
 */
export async function memoryAddresses(): Promise<(bytes: Uint8Array) => bigint> {
  try {
    const { default: koffi } = await import("koffi");
    return (bytes) => koffi.address(bytes);
  } catch (cause) {
    throw new NoDataError("koffi, which returns addresses of memory, cannot be loaded on this host", { cause });
  }
}
