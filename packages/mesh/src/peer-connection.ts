import type { Clock, Logger } from "@narthex/runtime";
import { type Frame, FrameError, KIND } from "./frame.ts";
import { FrameStream } from "./frame-stream.ts";
import type { MeshObserver, MeshTimings } from "./mesh-options.ts";
import { suspicionMs } from "./mesh-options.ts";
import {
  decodeDigests,
  decodeGreeting,
  decodePong,
  decodeRefusal,
  encodeJson,
  encodeStateUpdate,
  type Greeting,
  type Identity,
} from "./messages.ts";
import { type QueuedChange, SendQueue } from "./send-queue.ts";
import { PeerProbes } from "./peer-probes.ts";
import type { SharedStates } from "./shared-states.ts";
import { type Connection, DialError, type Transport } from "./transport.ts";

/**
 * Pause in ms after the first failed attempt to connect. The pause doubles after each failure, up to the reconnect
 * interval.
 */
const FIRST_PAUSE_MS = 100;
/**
 * Size in bytes from which a write does not fit into network buffers. Such a write ends only after the other instance
 * has read a part of it.
 */
const BULK_BYTES = 64 * 1024;
/** Maximum size in bytes of a change that Alertmanager sends in a datagram. */
const LARGE_BYTES = 700;

/**
 * State of a connection to a peer. `trying`: never connected so far. `up`: connected. `suspect`: the connection broke
 * recently, and the instance still counts as a member. `failed`: the instance is lost. `closed`: no more attempts are
 * made.
 */
export type PeerStatus = "closed" | "failed" | "suspect" | "trying" | "up";

/** Functions of the mesh that handle events of a peer connection. */
export interface PeerConnectionContext {
  readonly greeting: Greeting;
  readonly transport: Transport;
  readonly timings: MeshTimings;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly observer: MeshObserver;
  readonly states: SharedStates;
  /**
   * Checks the instance that has answered at the address. Returns the reason if the instance is not accepted, otherwise
   * undefined.
   */
  admit(peer: PeerConnection, greeting: Greeting): string | undefined;
  /** Called when the peer has reported the instances to which it has connections. */
  reported(peer: PeerConnection, members: readonly Identity[]): void;
  /** Merges entries that were received over this connection. */
  take(type: "full_state" | "update", payload: Uint8Array): Promise<void> | void;
  conflict(name: string): void;
  /** Called when an instance that belonged to the cluster is lost. */
  lost(peer: PeerConnection): void;
}

/**
 * Connection that this instance opens to another instance, for sending changes and probes. The other instance opens a
 * separate connection to this instance. A broken connection is opened again until close() is called.
 */
export class PeerConnection {
  /** Addresses of the instance, in the order in which they are tried. */
  readonly addresses: string[];
  /** Identity of the instance that answered last; undefined if none has answered. */
  identity: Identity | undefined;
  /** Instances to which the peer is connected, as in the peer's last report. */
  reported: readonly Identity[] = [];
  /** Time at which the instance was lost or first tried, by the monotonic clock in ms. */
  since: number;
  readonly sendQueue = new SendQueue();
  readonly #context: PeerConnectionContext;
  readonly #probes: PeerProbes;
  readonly #isRefresh: boolean;
  readonly #firstTry = Promise.withResolvers<void>();
  #status: PeerStatus = "trying";
  #attempts = 0;
  #stream: FrameStream | undefined;
  #closed = Promise.withResolvers<string>();
  #cancelSuspicion: (() => void) | undefined;
  #wake = Promise.withResolvers<void>();
  #lastRefusal = "";
  #isPumping = false;
  /** Keys of the shared states that must be sent completely, because changes were dropped. */
  readonly #statesToResend = new Set<string>();
  #synced: PromiseWithResolvers<void> | undefined;

  /** @param isRefresh true if the address was found by a DNS lookup after the start */
  constructor(address: string, context: PeerConnectionContext, isRefresh = false) {
    this.addresses = [address];
    this.#context = context;
    this.#isRefresh = isRefresh;
    this.since = context.clock.monotonic();
    this.#probes = new PeerProbes(context, (reason) => this.#stream?.destroy(reason));
    void this.#run();
  }

  get status(): PeerStatus {
    return this.#status;
  }

  /** Whether the instance counts as a member of the cluster. */
  get isMember(): boolean {
    return this.#status === "up" || this.#status === "suspect";
  }

  /** Number of unanswered probes, 0 to 7. */
  get missed(): number {
    return this.#status === "up" ? this.#probes.missed : 0;
  }

  /** Reason why the last attempt to connect failed, or "". */
  get lastRefusal(): string {
    return this.#lastRefusal;
  }

  /** Resolves when the first attempt to connect has failed, or when the states of the peer were merged. */
  get firstTry(): Promise<void> {
    return this.#firstTry.promise;
  }

  /**
   * Must be called when the other instance has contacted this one. The other instance is then running, so a connection
   * attempt starts at once.
   */
  alive(): void {
    if (this.#status !== "up") this.#wake.resolve();
  }

  /**
   * Queues a change for the peer. The queue is cleared when a new connection opens, because complete states are
   * compared then.
   */
  add(outgoing: QueuedChange): void {
    const dropped = this.sendQueue.add(outgoing);
    if (dropped > 0) {
      this.#context.observer.pruned(dropped);
      for (const key of this.#context.states.keys) this.#statesToResend.add(key);
    }
    void this.#pump();
  }

  /**
   * Compares states with the peer, and exchanges the states that differ. Also resolves if the connection ends first.
   */
  async sync(): Promise<void> {
    const stream = this.#stream;
    if (this.#status !== "up" || stream === undefined) return;
    this.#synced ??= Promise.withResolvers<void>();
    const { promise } = this.#synced;
    // Ignores the error, because a stream that cannot send ends, and then calls closed().
    stream.send(KIND.sync, this.#context.states.digests()).catch(() => undefined);
    await promise;
  }

  /** Marks the other instance as lost, because it has left or because another instance now uses its name. */
  lost(reason: string): void {
    this.#fail(reason);
    this.#stream?.destroy(reason);
  }

  /** Closes the connection for good. With `farewell`, first informs the peer that this instance leaves. */
  async close(farewell: boolean): Promise<void> {
    const wasMember = this.isMember;
    this.#status = "closed";
    this.#cancelSuspicion?.();
    this.#firstTry.resolve();
    this.#wake.resolve();
    if (wasMember && !farewell) this.#context.observer.left();
    const stream = this.#stream;
    if (stream === undefined) return;
    if (farewell && wasMember) await stream.sendLast(KIND.leave, encodeJson({}));
    else stream.destroy("not needed any more");
  }

  async #run(): Promise<void> {
    const { clock, timings } = this.#context;
    while (this.#isOpen()) {
      const attempt = this.#attempts++;
      const problem = await this.#connect(this.addresses[attempt % this.addresses.length]!);
      if (!this.#isOpen()) return;
      this.#countAttempt(attempt, problem === undefined);
      if (problem === undefined) {
        this.#attempts = 0;
        const reason = await this.#whileUp();
        if (!this.#isOpen()) return;
        if (this.#status === "up") this.#suspect(reason);
        if (this.#status === "suspect") continue;
      } else {
        if (problem.refused && this.#status === "suspect") this.#fail(problem.message);
        this.#lastRefusal = problem.message;
        this.#firstTry.resolve();
      }
      const longest = this.#status === "suspect" ? timings.probeInterval : timings.reconnectInterval;
      const pause = Math.min(longest, FIRST_PAUSE_MS * 2 ** Math.min(attempt, 16));
      const cancel = clock.after(pause, () => this.#wake.resolve());
      await this.#wake.promise;
      cancel();
    }
  }

  /**
   * Reports whether the connection is in use. A method instead of a property, because the compiler assumes that a
   * property cannot change during an `await`.
   */
  #isOpen(): boolean {
    return this.#status !== "closed";
  }

  #countAttempt(attempt: number, ok: boolean): void {
    const { observer } = this.#context;
    if (attempt > 0 || this.identity !== undefined) observer.reconnected(ok);
    else if (this.#isRefresh) observer.refreshed(ok);
  }

  /**
   * Connects to an address and sends the greeting. Returns the error, or undefined if the connection is now in
   * `#stream`.
   */
  async #connect(address: string): Promise<DialError | undefined> {
    this.#wake = Promise.withResolvers();
    const { transport, timings } = this.#context;
    let connection: Connection;
    try {
      const dialing = transport.dial(address, timings.tcpTimeout);
      const woken = this.#wake.promise.then(() => undefined);
      const first = await Promise.race([dialing, woken]);
      if (first === undefined) {
        // Gives up the running attempt, because the other instance has just contacted this one, so a new attempt is
        // faster. The running attempt may still wait because of a network failure that is over.
        void dialing.then((late) => late.destroy()).catch(() => undefined);
        return new DialError("the other side came first");
      }
      connection = first;
    } catch (error) {
      if (error instanceof DialError) return error;
      throw error;
    }
    return this.#greet(connection, address);
  }

  #greet(connection: Connection, address: string): Promise<DialError | undefined> {
    const { clock, observer, timings, greeting } = this.#context;
    const outcome = Promise.withResolvers<DialError | undefined>();
    observer.connection("out");
    this.#closed = Promise.withResolvers();
    let isGreeted = false;
    const stream = new FrameStream(connection, {
      received: (bytes) => {
        this.#probes.received();
        observer.bytes("in", bytes);
      },
      frame: (frame) => {
        if (isGreeted) return this.#take(frame);
        const problem = this.#answered(frame, address);
        isGreeted = true;
        if (problem !== undefined) throw problem;
        stream.allowLargeFrames();
        cancel();
        this.#up(stream);
        outcome.resolve(undefined);
      },
      closed: (reason, broken) => {
        cancel();
        if (broken) observer.broken();
        if (broken && !isGreeted) reason = `it does not speak the protocol of Narthex (${reason})`;
        outcome.resolve(new DialError(`${address}: ${reason}`));
        this.#closed.resolve(reason);
      },
    });
    const cancel = clock.after(timings.tcpTimeout, () => stream.destroy("no answer to the greeting"));
    // Ignores the error, because a stream that cannot send ends, and then calls closed().
    this.#send(stream, KIND.hello, encodeJson(greeting)).catch(() => undefined);
    this.#stream = stream;
    return outcome.promise;
  }

  /**
   * Handles the answer to the greeting. Returns the reason if the connection cannot be used, otherwise undefined.
   * Throws FrameError.
   */
  #answered({ kind, payload }: Frame, address: string): Error | undefined {
    if (kind === KIND.refuse) {
      const { code, reason } = decodeRefusal(payload);
      if (code === "name") this.#context.conflict(this.#context.greeting.name);
      return new Error(`refused: ${reason}`);
    }
    if (kind !== KIND.welcome) throw new FrameError(`a message of kind ${kind} instead of a greeting`);
    const greeting = decodeGreeting(payload);
    const problem = this.#context.admit(this, greeting);
    if (problem !== undefined) return new Error(problem);
    const { name, instance, address: advertised } = greeting;
    if (this.#status === "suspect" && this.identity?.instance !== instance)
      this.#fail("another process took its place");
    this.identity = { name, instance, address: advertised };
    // The next attempts try the address that has just answered first, and then the address that the instance
    // advertises.
    const others = [advertised, ...this.addresses].filter((other) => other !== address && other !== "");
    this.addresses.length = 0;
    for (const one of new Set([address, ...others])) this.addresses.push(one);
    return undefined;
  }

  #up(stream: FrameStream): void {
    const { observer, logger } = this.#context;
    const { name, address } = this.identity!;
    this.#cancelSuspicion?.();
    const wasMember = this.isMember;
    this.#status = "up";
    this.#lastRefusal = "";
    observer.seen(name);
    if (!wasMember) {
      observer.joined();
      logger.debug("Peer joined", { peer: name, address });
    }
    // Drops the waiting changes, because the complete states that are now compared contain them.
    this.sendQueue.clear();
    this.#statesToResend.clear();
    this.#probes.start(stream, name);
    void this.sync().then(() => this.#firstTry.resolve());
    void this.#pump();
  }

  async #whileUp(): Promise<string> {
    const reason = await this.#closed.promise;
    this.#probes.stop();
    this.#synced?.resolve();
    this.#synced = undefined;
    this.#stream = undefined;
    this.reported = [];
    return reason;
  }

  #suspect(reason: string): void {
    const { clock, timings, logger } = this.#context;
    logger.debug("Connection to peer broke", { peer: this.identity!.name, reason });
    const silentFor = this.#probes.silentFor();
    const rest = suspicionMs(timings) - silentFor;
    if (rest <= 0) {
      this.#fail(reason);
      return;
    }
    this.#status = "suspect";
    this.#cancelSuspicion = clock.after(rest, () => this.#fail(reason));
  }

  #fail(reason: string): void {
    if (!this.isMember) return;
    const { clock, observer, logger } = this.#context;
    this.#cancelSuspicion?.();
    this.#status = "failed";
    this.since = clock.monotonic();
    this.reported = [];
    this.sendQueue.clear();
    observer.left();
    this.#context.lost(this);
    logger.debug("Peer left", { peer: this.identity!.name, address: this.identity!.address, reason });
  }

  #take({ kind, payload }: Frame): Promise<void> | void {
    switch (kind) {
      case KIND.pong:
        this.#probes.answered(payload);
        this.reported = decodePong(payload.subarray(4));
        this.#context.reported(this, this.reported);
        return;
      case KIND.state:
        return this.#context.take("full_state", payload);
      case KIND.synced:
        for (const key of decodeDigests(payload).keys()) this.#statesToResend.add(key);
        this.#synced?.resolve();
        this.#synced = undefined;
        void this.#pump();
        return;
      default:
        // Ignores kinds of messages that only later versions send.
        return;
    }
  }

  /** Sends the waiting messages one after another: first complete states, then changes. */
  async #pump(): Promise<void> {
    const stream = this.#stream;
    if (this.#isPumping || this.#status !== "up" || stream === undefined) return;
    this.#isPumping = true;
    try {
      for (;;) {
        if (this.#statesToResend.size > 0) await this.#pushStates(stream);
        const batch = this.sendQueue.take();
        if (batch === undefined) break;
        await this.#sendUpdate(stream, batch);
      }
    } catch {
      // Ignores the error: closed() gets the reason why the connection has ended.
    } finally {
      this.#isPumping = false;
      // Continues with the messages that wait for a new connection, if one was opened meanwhile.
      if (this.#stream !== stream) void this.#pump();
    }
  }

  async #pushStates(stream: FrameStream): Promise<void> {
    const keys = [...this.#statesToResend].filter((key) => this.#context.states.get(key) !== undefined);
    this.#statesToResend.clear();
    let bytes = 0;
    for (const update of this.#context.states.fullStateMessages(keys)) {
      await this.#send(stream, KIND.state, update);
      bytes += update.length;
    }
    this.#context.observer.sent("full_state", 1, bytes);
  }

  async #sendUpdate(stream: FrameStream, batch: NonNullable<ReturnType<SendQueue["take"]>>): Promise<void> {
    const { observer, clock } = this.#context;
    const large = batch.items.filter(({ length }) => length > LARGE_BYTES).length;
    const started = clock.monotonic();
    try {
      const payload = encodeStateUpdate(batch);
      await this.#send(stream, KIND.update, payload);
      if (batch.items.length > large) observer.sent("update", batch.items.length - large, payload.length);
    } catch (error) {
      for (let i = 0; i < large; i++) observer.large(batch.key, "failed");
      throw error;
    }
    const seconds = (clock.monotonic() - started) / 1000;
    for (let i = 0; i < large; i++) observer.large(batch.key, seconds);
  }

  async #send(stream: FrameStream, kind: number, payload: Uint8Array): Promise<void> {
    await stream.send(kind, payload);
    this.#context.observer.bytes("out", payload.length);
    if (payload.length >= BULK_BYTES) this.#probes.received();
  }
}
