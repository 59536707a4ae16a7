import { encodeFrame, type Frame, FrameError, FrameReader } from "./frame.ts";
import type { Connection } from "./transport.ts";

export interface FrameHandlers {
  /**
   * Called for each frame. No more data is read until the returned promise resolves. Throws FrameError for an invalid
   * message.
   */
  frame(frame: Frame): Promise<void> | void;
  /** Called for any received bytes, even if they do not complete a frame. */
  received(bytes: number): void;
  closed(reason: string, broken: boolean): void;
}

/** A connection that receives and sends frames. A frame is a message with its length. */
export class FrameStream {
  readonly #connection: Connection;
  readonly #handlers: FrameHandlers;
  readonly #reader = new FrameReader();
  #busy = false;
  #isClosed = false;

  constructor(connection: Connection, handlers: FrameHandlers) {
    this.#connection = connection;
    this.#handlers = handlers;
    connection.handle({
      data: (bytes) => {
        handlers.received(bytes.length);
        this.#reader.push(bytes);
        if (!this.#busy) void this.#read();
      },
      closed: (reason) => this.#close(reason, false),
    });
  }

  /** Raises the limit for received frames to MAX_FRAME_BYTES. */
  allowLargeFrames(): void {
    this.#reader.allowLargeFrames();
  }

  /** Resolves when the frame was sent. Rejects if the connection ends first. */
  send(kind: number, payload: Uint8Array): Promise<void> {
    return this.#connection.write(encodeFrame(kind, payload));
  }

  /** Sends a last frame and closes the connection. */
  async sendLast(kind: number, payload: Uint8Array): Promise<void> {
    try {
      await this.send(kind, payload);
    } catch {
      // Ignores the error: the connection has already ended, so the other instance cannot read the frame.
    }
    this.#connection.end();
  }

  destroy(reason: string): void {
    this.#close(reason, false);
  }

  async #read(): Promise<void> {
    this.#busy = true;
    try {
      for (;;) {
        const frame = this.#isClosed ? undefined : this.#reader.next();
        if (frame === undefined) return;
        const work = this.#handlers.frame(frame);
        if (work === undefined) continue;
        this.#connection.pause();
        await work;
        this.#connection.resume();
      }
    } catch (error) {
      const broken = error instanceof FrameError;
      this.#close(error instanceof Error ? error.message : String(error), broken);
    } finally {
      this.#busy = false;
    }
  }

  #close(reason: string, broken: boolean): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#connection.destroy();
    this.#handlers.closed(reason, broken);
  }
}
