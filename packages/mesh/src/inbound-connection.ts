import type { Clock } from "@narthex/runtime";
import { type Frame, FrameError, KIND } from "./frame.ts";
import { FrameStream } from "./frame-stream.ts";
import {
  decodeDigests,
  decodeGreeting,
  encodeJson,
  type Greeting,
  type Identity,
  PROTOCOL,
  type Refusal,
} from "./messages.ts";
import type { MeshObserver, MeshTimings } from "./mesh-options.ts";
import type { SharedStates } from "./shared-states.ts";
import type { Connection } from "./transport.ts";

/** Time in ms after which a connection is closed if no bytes were received. */
const IDLE_MS = 300_000;

/** Functions of the mesh that handle events of an incoming connection. */
export interface InboundConnectionContext {
  readonly greeting: Greeting;
  readonly timings: MeshTimings;
  readonly clock: Clock;
  readonly observer: MeshObserver;
  readonly states: SharedStates;
  /**
   * Called when the other instance has sent its greeting. Returns the reason if that instance is refused, otherwise
   * undefined.
   */
  greeted(greeting: Greeting): Refusal | undefined;
  /** Called when the other instance announces that it leaves the cluster. */
  left(identity: Identity): void;
  /** Returns the instances to which this instance has a connection. */
  contacts(): readonly Identity[];
  take(type: "full_state" | "update", payload: Uint8Array): Promise<void> | void;
  ended(inbound: InboundConnection): void;
}

/** A connection that another instance opened. This instance answers its requests and merges its changes. */
export class InboundConnection {
  readonly #context: InboundConnectionContext;
  readonly #stream: FrameStream;
  #identity: Identity | undefined;
  #receivedAt: number;
  #cancel: () => void;
  #isSyncing = false;

  constructor(connection: Connection, context: InboundConnectionContext) {
    this.#context = context;
    const { clock, timings, observer } = context;
    observer.connection("in");
    this.#receivedAt = clock.monotonic();
    this.#stream = new FrameStream(connection, {
      received: (bytes) => {
        this.#receivedAt = clock.monotonic();
        observer.bytes("in", bytes);
      },
      frame: (frame) => (this.#identity === undefined ? this.#greet(frame) : this.#take(frame)),
      closed: (_reason, broken) => {
        this.#cancel();
        if (broken) observer.broken();
        context.ended(this);
      },
    });
    this.#cancel = clock.after(timings.tcpTimeout, () => this.close("no greeting"));
  }

  /** True after the other instance has sent its greeting. */
  get isGreeted(): boolean {
    return this.#identity !== undefined;
  }

  close(reason: string): void {
    this.#stream.destroy(reason);
  }

  /** Refuses the connection before a greeting was received. */
  refuse(refusal: Refusal): void {
    void this.#stream.sendLast(KIND.refuse, encodeJson(refusal));
  }

  #greet({ kind, payload }: Frame): void {
    if (kind !== KIND.hello) throw new FrameError(`a message of kind ${kind} instead of a greeting`);
    const greeting = decodeGreeting(payload);
    const refusal = this.#unfit(greeting) ?? this.#context.greeted(greeting);
    if (refusal !== undefined) {
      this.refuse(refusal);
      return;
    }
    const { name, instance, address } = greeting;
    this.#identity = { name, instance, address };
    this.#stream.allowLargeFrames();
    this.#cancel();
    this.#watch();
    this.#answer(KIND.welcome, encodeJson(this.#context.greeting));
  }

  #unfit({ protocol, label }: Greeting): Refusal | undefined {
    if (protocol !== PROTOCOL) {
      return { code: "protocol", reason: `protocol version ${protocol} is not supported (${PROTOCOL} is)` };
    }
    // Does not mention the label of this cluster, because the other instance may be a stranger.
    if (label !== this.#context.greeting.label) return { code: "label", reason: "another cluster label" };
    return undefined;
  }

  #watch(): void {
    const { clock } = this.#context;
    this.#cancel = clock.after(IDLE_MS, () => {
      if (clock.monotonic() - this.#receivedAt >= IDLE_MS) this.close("nothing came for a long time");
      else this.#watch();
    });
  }

  #answer(kind: number, payload: Uint8Array): void {
    this.#context.observer.bytes("out", payload.length);
    // Ignores the error, because a stream that cannot send ends, and then calls closed().
    this.#stream.send(kind, payload).catch(() => undefined);
  }

  #take({ kind, payload }: Frame): Promise<void> | void {
    switch (kind) {
      case KIND.ping: {
        if (payload.length !== 4) throw new FrameError("a ping that is not a number");
        const members = encodeJson({ members: this.#context.contacts() });
        this.#answer(KIND.pong, Buffer.concat([payload, members]));
        return;
      }
      case KIND.update:
        return this.#context.take("update", payload);
      case KIND.state:
        return this.#context.take("full_state", payload);
      case KIND.sync:
        void this.#compare(decodeDigests(payload));
        return;
      case KIND.leave:
        this.#context.left(this.#identity!);
        this.close("it left");
        return;
      default:
        // Ignores message kinds that are unknown, because later versions may send them.
        return;
    }
  }

  /**
   * Sends the entries of each shared state whose digest differs from the other instance's digest, and then the keys of
   * these states. Probes are answered while the entries are being sent.
   */
  async #compare(theirs: ReadonlyMap<string, string>): Promise<void> {
    if (this.#isSyncing) return;
    this.#isSyncing = true;
    const { states, observer } = this.#context;
    const keys = states.differing(theirs);
    try {
      let bytes = 0;
      for (const update of states.fullStateMessages(keys)) {
        await this.#stream.send(KIND.state, update);
        bytes += update.length;
      }
      if (keys.length > 0) observer.sent("full_state", 1, bytes);
      await this.#stream.send(KIND.synced, encodeJson(Object.fromEntries(keys.map((key) => [key, ""]))));
    } catch {
      // Ignores the error: closed() gets the reason why the connection has ended.
    } finally {
      this.#isSyncing = false;
    }
  }
}
