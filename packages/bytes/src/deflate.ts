import { DEFLATE_WASM } from "./deflate.wasm.ts";

/**
 * Position of the input block in the WebAssembly kernel's memory. kernels/deflate.as describes the layout of the
 * memory.
 */
const BLOCK_AT = 65_536;
const BLOCK_BYTES = 32_768;
const OUT_AT = 147_584;
/**
 * Maximum size in bytes of the output buffer that is kept for the next call. A larger buffer is freed after the call.
 */
const MAX_KEPT = 256 * 1024;

interface Kernel {
  /**
   * Compresses the first `length` bytes of the WebAssembly kernel's input block. Returns the number of output bytes.
   */
  readonly block: (length: number, first: boolean, last: boolean) => number;
  readonly memory: Uint8Array;
}

/**
 * The WebAssembly kernel of this thread. The kernel is created at the first use, because many threads never compress.
 */
let made: Kernel | undefined;
/** Buffer for the compressed bytes of the current text. */
let scratch = new Uint8Array(0);

/** Returns the WebAssembly kernel of this thread, or undefined if WebAssembly is disabled. */
function kernelOfThread(): Kernel | undefined {
  return (made ??= typeof WebAssembly === "undefined" ? undefined : instantiate());
}

function instantiate(): Kernel {
  const bytes = Uint8Array.from(atob(DEFLATE_WASM), (character) => character.charCodeAt(0));
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
  const { buffer } = exports["memory"] as WebAssembly.Memory;
  const open = exports["open"] as () => void;
  open();
  return { block: exports["block"] as Kernel["block"], memory: new Uint8Array(buffer) };
}

/**
 * Compresses a text to raw DEFLATE (RFC 1951). Takes about half as long as zlib's fastest level and reaches the same
 * size. The output ends at a whole byte without a final block, so that outputs can be concatenated. `room` bytes before
 * the output are left free for the caller. Returns undefined if WebAssembly is disabled.
 */
export function deflate(text: Uint8Array, room = 0): Uint8Array<ArrayBuffer> | undefined {
  const kernel = kernelOfThread();
  if (kernel === undefined) return undefined;
  const blocks = Math.max(1, Math.ceil(text.length / BLOCK_BYTES));
  let end = room;
  for (let i = 0; i < blocks; i++) {
    const part = text.subarray(i * BLOCK_BYTES, (i + 1) * BLOCK_BYTES);
    kernel.memory.set(part, BLOCK_AT);
    const length = kernel.block(part.length, i === 0, i === blocks - 1);
    if (end + length > scratch.length) scratch = grown(scratch, end + length, end);
    scratch.set(kernel.memory.subarray(OUT_AT, OUT_AT + length), end);
    end += length;
  }
  const packed = scratch.slice(0, end);
  if (scratch.length > MAX_KEPT) scratch = new Uint8Array(MAX_KEPT);
  return packed;
}

function grown(bytes: Uint8Array<ArrayBuffer>, least: number, used: number): Uint8Array<ArrayBuffer> {
  const more = new Uint8Array(Math.max(least, bytes.length * 2));
  more.set(bytes.subarray(0, used));
  return more;
}
