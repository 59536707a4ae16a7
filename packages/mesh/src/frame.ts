/** Numbers of the message kinds in the cluster protocol. Readers skip unknown kinds. */
export const KIND = {
  hello: 1,
  welcome: 2,
  refuse: 3,
  ping: 4,
  pong: 5,
  update: 6,
  sync: 7,
  state: 8,
  synced: 9,
  leave: 10,
} as const;

/**
 * Maximum size of a message in bytes before both instances have sent their greetings. Later the limit is
 * MAX_FRAME_BYTES.
 */
export const GREETING_BYTES = 65_536;
export const MAX_FRAME_BYTES = 16 * 1024 * 1024;

const HEAD_BYTES = 5;

/** Error for received bytes that are not a message of the cluster protocol. */
export class FrameError extends Error {
  override readonly name = "FrameError";
}

/** Encodes a message as a frame: length of the payload (32 bits, big endian), kind (8 bits), payload. */
export function encodeFrame(kind: number, payload: Uint8Array): Uint8Array {
  const frame = Buffer.allocUnsafe(HEAD_BYTES + payload.length);
  frame.writeUInt32BE(payload.length, 0);
  frame[4] = kind;
  frame.set(payload, HEAD_BYTES);
  return frame;
}

export interface Frame {
  readonly kind: number;
  readonly payload: Uint8Array;
}

/**
 * Splits a stream of bytes into frames. Keeps at most one frame in memory, and the bytes that follow the frame in the
 * last received chunk.
 */
export class FrameReader {
  #chunks: Uint8Array[] = [];
  #buffered = 0;
  #limit = GREETING_BYTES;

  /** Raises the limit for frames to MAX_FRAME_BYTES. Must be called after both instances have sent their greetings. */
  allowLargeFrames(): void {
    this.#limit = MAX_FRAME_BYTES;
  }

  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
  }

  /**
   * Returns the next complete frame, or undefined. Throws FrameError as soon as the length of a frame is known to be
   * too large.
   */
  next(): Frame | undefined {
    if (this.#buffered < HEAD_BYTES) return undefined;
    const head = this.#gather(HEAD_BYTES);
    const length = head.readUInt32BE(0);
    if (length > this.#limit)
      throw new FrameError(`a message of ${length} bytes (at most ${this.#limit} are accepted)`);
    if (this.#buffered < HEAD_BYTES + length) return undefined;
    const whole = this.#gather(HEAD_BYTES + length);
    this.#chunks[0] = whole.subarray(HEAD_BYTES + length);
    this.#buffered -= HEAD_BYTES + length;
    return { kind: whole[4]!, payload: whole.subarray(HEAD_BYTES, HEAD_BYTES + length) };
  }

  /** Joins the first received chunks until they have at least `length` bytes, and returns the joined chunk. */
  #gather(length: number): Buffer {
    const first = this.#chunks[0]!;
    if (first.length >= length) return Buffer.from(first.buffer, first.byteOffset, first.byteLength);
    let taken = 0;
    let count = 0;
    while (taken < length) taken += this.#chunks[count++]!.length;
    const joined = Buffer.concat(this.#chunks.slice(0, count), taken);
    this.#chunks = [joined, ...this.#chunks.slice(count)];
    return joined;
  }
}
