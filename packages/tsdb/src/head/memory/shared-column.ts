/** Typed array classes that a column can use. */
type ColumnKind = {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: SharedArrayBuffer, offset: number, length: number): ColumnView;
};
type ColumnView = Uint8Array | Uint16Array | Uint32Array | Float64Array;

/**
 * All memory buffers of a head, by name. Another thread attaches to the head with these buffers. They grow in place and
 * are never replaced.
 */
export type SharedHandles = Readonly<Record<string, SharedArrayBuffer>>;

/**
 * One column of a table in shared memory. Address space for `maxLength` values is reserved at the start, so the column
 * grows in place. Earlier array views stay valid but are shorter. Views have a fixed length, because V8 reads such
 * views as fast as ordinary arrays.
 */
export class SharedColumn<K extends ColumnKind> {
  readonly buffer: SharedArrayBuffer;
  readonly #kind: K;

  constructor(kind: K, buffer: SharedArrayBuffer) {
    this.#kind = kind;
    this.buffer = buffer;
  }

  /** Returns a view of the first `length` values. The column grows if needed. */
  view(length: number): InstanceType<K> {
    const bytes = length * this.#kind.BYTES_PER_ELEMENT;
    if (bytes > this.buffer.byteLength) this.buffer.grow(bytes);
    return new this.#kind(this.buffer, 0, length) as InstanceType<K>;
  }

  /** Returns a view of all current values, for a reader on another thread. */
  whole(): InstanceType<K> {
    const length = Math.floor(this.buffer.byteLength / this.#kind.BYTES_PER_ELEMENT);
    return new this.#kind(this.buffer, 0, length) as InstanceType<K>;
  }
}

/**
 * Provides the memory buffers for the parts of a head. The thread that writes creates new buffers; a reading thread
 * uses the buffers that were posted to it.
 */
export class SharedBuffers {
  readonly #handles: Record<string, SharedArrayBuffer>;
  /** Whether the buffers belong to another thread's head and must not be written. */
  readonly attached: boolean;

  constructor(handles?: SharedHandles) {
    this.attached = handles !== undefined;
    this.#handles = { ...handles };
  }

  get handles(): SharedHandles {
    return this.#handles;
  }

  /** Returns a column of `length` values that can grow to `maxLength` values. */
  column<K extends ColumnKind>(name: string, kind: K, length: number, maxLength: number): SharedColumn<K> {
    const size = kind.BYTES_PER_ELEMENT;
    return new SharedColumn(kind, this.buffer(name, length * size, maxLength * size));
  }

  /**
   * Returns 32-bit words of shared state. The view has a fixed length, because a view that follows the length of its
   * buffer is checked at each access. The buffer cannot grow, so no additional address space is reserved.
   */
  words(name: string, length: number): Int32Array {
    this.#handles[name] ??= new SharedArrayBuffer(length * 4);
    return new Int32Array(this.#handles[name], 0, length);
  }

  /** Returns a buffer of `bytes` bytes that can grow to `maxBytes`. */
  buffer(name: string, bytes: number, maxBytes: number): SharedArrayBuffer {
    return (this.#handles[name] ??= new SharedArrayBuffer(bytes, { maxByteLength: maxBytes }));
  }

  /** Total size of all buffers, bytes. The number changes whenever a buffer grows. */
  get byteLength(): number {
    let sum = 0;
    for (const name in this.#handles) sum += this.#handles[name]!.byteLength;
    return sum;
  }
}

/** Returns the new length of a table that grows to at least `length` rows. */
export const grownLength = (length: number, maxLength: number): number =>
  Math.min(maxLength, Math.max(1024, length + (length >>> 1)));
