/** The typed arrays a column may be made of. */
type ColumnKind = {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: SharedArrayBuffer, offset: number, length: number): ColumnView;
};
type ColumnView = Uint8Array | Uint16Array | Uint32Array | Float64Array;

/**
 * One column of a struct of arrays in shared memory that grows in place: the address space for `maxLength` values is
 * reserved at once, pages are taken as it grows, and views made earlier stay valid (they are only shorter). Views have
 * a fixed length, because V8 reads those as fast as any other array.
 */
export class SharedColumn<K extends ColumnKind> {
  readonly buffer: SharedArrayBuffer;
  readonly #kind: K;

  constructor(kind: K, length: number, maxLength: number) {
    this.#kind = kind;
    const size = kind.BYTES_PER_ELEMENT;
    this.buffer = new SharedArrayBuffer(length * size, { maxByteLength: maxLength * size });
  }

  /** A view of the first `length` values; the memory grows to hold them. */
  view(length: number): InstanceType<K> {
    const bytes = length * this.#kind.BYTES_PER_ELEMENT;
    if (bytes > this.buffer.byteLength) this.buffer.grow(bytes);
    return new this.#kind(this.buffer, 0, length) as InstanceType<K>;
  }
}

/** The next length of a table that must hold at least `length` rows. */
export const grownLength = (length: number, maxLength: number): number =>
  Math.min(maxLength, Math.max(1024, length + (length >>> 1)));

/** Zeroed words in shared memory, for hash tables (which are replaced when they grow). */
export const sharedWords = (length: number): Uint32Array => new Uint32Array(new SharedArrayBuffer(length * 4));
