import { SnappyError, SnappyReader, snappySize } from "@narthex/bytes";
import { type Clock, runInTimeSlices } from "@narthex/runtime";
import type { WriteCompression } from "./write-protocol.ts";
import { MessageError } from "../message-error.ts";
import { MAX_MESSAGE_BYTES, messageTooLarge } from "../message-limits.ts";
import { unpackZstd } from "../unpack-zstd.ts";

/** Maximum size in bytes of a buffer that is reused for the next message. */
const KEPT_MESSAGE_BYTES = 8 * 1024 * 1024;

/** Decompresses messages, one at a time. */
export class MessageUnpacker {
  readonly #clock: Clock;
  readonly #snappy = new SnappyReader();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Returns the decompressed message, valid until the next call. Rejects with a MessageError. */
  unpack(body: Uint8Array, compression: WriteCompression): Promise<Uint8Array> {
    if (compression === "snappy") return this.#unpackSnappy(body);
    return unpackZstd(body, messageTooLarge("samples"));
  }

  async #unpackSnappy(body: Uint8Array): Promise<Uint8Array> {
    const size = snappySize(body);
    if (size > MAX_MESSAGE_BYTES) {
      throw new MessageError(400, `snappy: decoded length ${size} exceeds limit ${MAX_MESSAGE_BYTES}`);
    }
    // Unpacks a large message with a separate reader, whose memory is released afterwards.
    const reader = size > KEPT_MESSAGE_BYTES ? new SnappyReader() : this.#snappy;
    try {
      return await runInTimeSlices(this.#clock, reader.expanding(body, MAX_MESSAGE_BYTES));
    } catch (error) {
      if (error instanceof SnappyError) throw new MessageError(400, "snappy: corrupt input");
      throw error;
    }
  }
}
