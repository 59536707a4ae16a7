import type { Clock } from "@narthex/runtime";
import { KIND } from "./frame.ts";
import type { FrameStream } from "./frame-stream.ts";
import { type MeshObserver, type MeshTimings, suspicionMs } from "./mesh-options.ts";

/** Worst health score of a peer, as in memberlist, the library that Alertmanager uses. */
const WORST = 7;

interface ProbesContext {
  readonly clock: Clock;
  readonly timings: MeshTimings;
  readonly observer: MeshObserver;
}

/** Sends probes to a peer at intervals. Closes the connection if no data was received for too long. */
export class PeerProbes {
  readonly #context: ProbesContext;
  readonly #giveUp: (reason: string) => void;
  #receivedAt = 0;
  #missed = 0;
  #sequence = 0;
  #sentAt = 0;
  #cancelNext: (() => void) | undefined;
  #cancelMiss: (() => void) | undefined;
  #name = "";

  constructor(context: ProbesContext, giveUp: (reason: string) => void) {
    this.#context = context;
    this.#giveUp = giveUp;
  }

  /** Health score of the peer; 0 is the best. An unanswered probe adds one, and an answer in time subtracts one. */
  get missed(): number {
    return this.#missed;
  }

  /** Records the time at which data was received. */
  received(): void {
    this.#receivedAt = this.#context.clock.monotonic();
  }

  /** Returns the time in ms since data was last received. */
  silentFor(): number {
    return this.#context.clock.monotonic() - this.#receivedAt;
  }

  start(stream: FrameStream, name: string): void {
    this.stop();
    this.#name = name;
    this.#missed = 0;
    this.received();
    this.#probe(stream);
  }

  stop(): void {
    this.#cancelNext?.();
    this.#cancelMiss?.();
  }

  /** Handles the answer to a probe. The first four bytes of the answer are the number of the probe. */
  answered(payload: Uint8Array): void {
    const sequence = payload.length < 4 ? -1 : Buffer.from(payload).readUInt32BE(0);
    if (sequence !== this.#sequence) return;
    this.#cancelMiss?.();
    this.#missed = Math.max(0, this.#missed - 1);
    this.#context.observer.answered(this.#name, (this.#context.clock.monotonic() - this.#sentAt) / 1000);
  }

  #probe(stream: FrameStream): void {
    const { clock, timings } = this.#context;
    const limit = suspicionMs(timings);
    if (this.silentFor() >= limit) {
      this.#giveUp(`silent for ${Math.round(this.silentFor())}ms`);
      return;
    }
    this.#sequence = (this.#sequence + 1) >>> 0;
    this.#sentAt = clock.monotonic();
    const payload = Buffer.alloc(4);
    payload.writeUInt32BE(this.#sequence);
    // Ignores the error: a stream that cannot send ends, and its end is reported to the stream's owner.
    stream.send(KIND.ping, payload).catch(() => undefined);
    this.#cancelMiss?.();
    this.#cancelMiss = clock.after(timings.probeTimeout, () => (this.#missed = Math.min(WORST, this.#missed + 1)));
    this.#cancelNext = clock.after(timings.probeInterval, () => this.#probe(stream));
  }
}
