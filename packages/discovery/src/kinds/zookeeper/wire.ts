/** Operations of ZooKeeper's protocol; org.apache.zookeeper.ZooDefs.OpCode. */
export const OP = { getData: 4, ping: 11, getChildren2: 12, setWatches: 101, close: -11 } as const;

/** Numbers of messages that do not answer a request. */
export const XID = { event: -1, ping: -2, setWatches: -8 } as const;

/** Error codes of ZooKeeper that this client handles. */
export const CODE = { noNode: -101 } as const;

/** Maximum size in bytes of a message from a server. ZooKeeper's own limit for one node is 1 MiB. */
const MAX_FRAME_BYTES = 64 * 1024 * 1024;

export const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};

export const int64 = (value: bigint): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  return bytes;
};

export const bytesField = (value: Uint8Array): Buffer => Buffer.concat([int32(value.length), value]);

export const textField = (value: string): Buffer => bytesField(Buffer.from(value));

export const textList = (values: readonly string[]): Buffer =>
  Buffer.concat([int32(values.length), ...values.map(textField)]);

/** Returns a message with its length in front. */
export const frame = (parts: readonly Uint8Array[]): Buffer => bytesField(Buffer.concat(parts));

/** Error for a message that does not follow the protocol. */
class InvalidMessageError extends Error {
  override readonly name = "InvalidMessageError";

  constructor(problem: string) {
    super(`the server sent an invalid message: ${problem}`);
  }
}

/** Reads the fields of one message. Throws InvalidMessageError behind its end. */
export class FieldReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  int32(): number {
    return this.#bytes.readInt32BE(this.#pass(4));
  }

  int64(): bigint {
    return this.#bytes.readBigInt64BE(this.#pass(8));
  }

  /** Returns a copy of a field, so that it does not keep the message in memory. */
  bytes(): Buffer {
    const length = this.int32();
    if (length <= 0) return Buffer.alloc(0);
    const from = this.#pass(length);
    return Buffer.from(this.#bytes.subarray(from, from + length));
  }

  text(): string {
    return this.bytes().toString("utf8");
  }

  texts(): string[] {
    const found: string[] = [];
    for (let left = this.int32(); left > 0; left--) found.push(this.text());
    return found;
  }

  /** Moves behind a field of this number of bytes, and returns the position of the field. */
  #pass(length: number): number {
    const from = this.#at;
    if (length > this.#bytes.length - from)
      throw new InvalidMessageError(`a field of ${length} bytes does not fit in it`);
    this.#at += length;
    return from;
  }
}

/** Splits the bytes of a connection into messages. */
export class Frames {
  #chunks: Buffer[] = [];
  #length = 0;

  /** Adds received bytes, and returns the messages that are complete. Throws InvalidMessageError for a wrong length. */
  add(chunk: Buffer): readonly Buffer[] {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    if (this.#length < this.#needed()) return [];
    const frames: Buffer[] = [];
    let bytes = Buffer.concat(this.#chunks);
    for (let end = endOfFrame(bytes); end <= bytes.length; end = endOfFrame(bytes)) {
      frames.push(bytes.subarray(4, end));
      bytes = bytes.subarray(end);
    }
    this.#chunks = [bytes];
    this.#length = bytes.length;
    return frames;
  }

  /** Returns the number of bytes at which the first message is complete. */
  #needed(): number {
    if (this.#chunks[0]!.length < 4) this.#chunks = [Buffer.concat(this.#chunks)];
    return endOfFrame(this.#chunks[0]!);
  }
}

/** Returns the end of the first message, or infinity if not even its length has arrived. */
function endOfFrame(bytes: Buffer): number {
  if (bytes.length < 4) return Infinity;
  const length = bytes.readInt32BE(0);
  if (length < 0 || length > MAX_FRAME_BYTES) throw new InvalidMessageError(`its length is ${length}`);
  return 4 + length;
}
