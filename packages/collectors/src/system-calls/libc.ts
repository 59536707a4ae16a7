import { NoData } from "../collector.ts";

/** Arguments and results as koffi passes them: numbers, 64-bit integers, bytes for pointers. */
export type CValue = number | bigint | string | Uint8Array | null;

/** A function of the C library: its result, and what it left in errno. */
export type CFunction = (...args: readonly CValue[]) => { readonly result: number; readonly errno: number };

/**
 * A function of the C library by its declaration, such as `int adjtimex(void *buf)`. Called on this thread: only for
 * calls that answer at once. Loaded when first needed. Throws NoData where koffi or the function cannot be loaded.
 */
export async function libcFunction(declaration: string): Promise<CFunction> {
  try {
    const { default: koffi } = await import("koffi");
    const call = koffi.load("libc.so.6").func(declaration);
    return (...args) => {
      // What an earlier call left behind must not pass for this one's.
      koffi.errno(0);
      const result = Number(call(...args));
      return { result, errno: koffi.errno() };
    };
  } catch (cause) {
    throw new NoData(`${declaration} cannot be called on this host`, { cause });
  }
}
