import { NoDataError } from "../no-data-error.ts";

/**
 * Types of arguments and results of C functions in koffi (a library for calling C functions). Pointers are passed as
 * bytes.
 */
type CValue = number | bigint | string | Uint8Array | null;

/** Result of a function of the C library, and the value of errno after it. */
interface CResult {
  readonly result: number;
  readonly errno: number;
}

export type CFunction = (...args: readonly CValue[]) => CResult;

/** A C function that may wait for a device. The function uses its arguments' memory until the promise settles. */
export type WaitingCFunction = (...args: readonly CValue[]) => Promise<CResult>;

/**
 * Returns a C library function by its declaration, for example `int adjtimex(void *buf)`. Calls run on this thread, so
 * the function must not block. Throws NoDataError if koffi or the function cannot be loaded.
 */
export async function libcFunction(declaration: string): Promise<CFunction> {
  const { koffi, call } = await load(declaration);
  return (...args) => {
    // Clears errno, so that an error of an earlier call is not reported.
    koffi.errno(0);
    const result = Number(call(...args));
    return { result, errno: koffi.errno() };
  };
}

/**
 * Returns a C library function whose calls run on a koffi thread, so that a call that hangs does not block this thread.
 */
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
 * Returns a function that returns the memory address of bytes. Structures with pointers need it. The caller must keep
 * the bytes referenced. Throws NoDataError if koffi cannot be loaded.
 */
export async function memoryAddresses(): Promise<(bytes: Uint8Array) => bigint> {
  try {
    const { default: koffi } = await import("koffi");
    return (bytes) => koffi.address(bytes);
  } catch (cause) {
    throw new NoDataError("koffi, which returns addresses of memory, cannot be loaded on this host", { cause });
  }
}
