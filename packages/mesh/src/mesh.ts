import { InboundConnection, type InboundConnectionContext } from "./inbound-connection.ts";
import { PeerConnection, type PeerConnectionContext } from "./peer-connection.ts";
import type { MeshOptions, SharedState } from "./mesh-options.ts";
import { decodeStateUpdate, type Greeting, type Identity, PROTOCOL, type Refusal } from "./messages.ts";
import { MAX_ITEM_BYTES, SharedStates } from "./shared-states.ts";
import { type Connection, MAX_STRANGERS } from "./transport.ts";

/** Maximum number of other instances in the cluster. */
const MAX_PEERS = 64;
const MAX_INBOUND = 512;
/** Maximum number of received messages that are merged at the same time. */
const MAX_TAKING = 64;
/** Maximum number of instances that are remembered after they have left. */
const MAX_GONE = 1000;
/**
 * Pause in ms before a failed DNS lookup is repeated. The pause doubles after each failure, up to the refresh interval.
 */
const FIRST_LOOKUP_PAUSE_MS = 500;

export interface Member {
  readonly name: string;
  readonly address: string;
}

/**
 * Connects a few instances to a full mesh; instances learn about others from each other. Changes are sent at once, and
 * complete states are compared at intervals.
 */
export class Mesh {
  readonly name = "cluster";
  readonly #options: MeshOptions;
  readonly #states = new SharedStates();
  readonly #peers = new Set<PeerConnection>();
  readonly #inbound = new Set<InboundConnection>();
  /** Addresses at which this instance has reached itself. */
  readonly #own = new Set<string>();
  readonly #greeting: Greeting;
  readonly #peerContext: PeerConnectionContext;
  readonly #inboundContext: InboundConnectionContext;
  readonly #conflicts = new Set<string>();
  /**
   * Instances that have left. Other instances may report for a while that such an instance exists; these reports are
   * ignored.
   */
  readonly #gone = new Set<string>();
  #seeds: readonly string[] = [];
  #lookups = 0;
  #cancelRefresh: (() => void) | undefined;
  #cancelSync: (() => void) | undefined;
  #isStopped = false;
  readonly #taking = new Set<Promise<void>>();

  private constructor(options: MeshOptions, address: string) {
    this.#options = options;
    const { name, instance, label, transport, timings, clock, logger, observer } = options;
    this.#greeting = { protocol: PROTOCOL, label, name, instance, address };
    this.#own.add(address);
    const shared = {
      greeting: this.#greeting,
      timings,
      clock,
      logger,
      observer,
      states: this.#states,
      take: (type: "full_state" | "update", payload: Uint8Array) => this.#take(type, payload),
    };
    this.#peerContext = {
      ...shared,
      transport,
      admit: (peer, greeting) => this.#admit(peer, greeting),
      reported: (_peer, members) => members.forEach((member) => this.#learn(member, false)),
      conflict: (peer) => this.#conflict(peer),
      // Compares all shared states with every peer, because the lost instance may have sent its last changes to only
      // some peers.
      lost: () => this.#peers.forEach((peer) => void peer.sync()),
    };
    this.#inboundContext = {
      ...shared,
      greeted: (greeting) => this.#greeted(greeting),
      left: (identity) => this.#leaves(identity.instance),
      contacts: () => this.#contacts(),
      ended: (inbound) => void this.#inbound.delete(inbound),
    };
    observer.joined();
    observer.seen(name);
  }

  /** Binds the port and determines the address of this instance. Rejects with an Error. */
  static async open(options: MeshOptions): Promise<Mesh> {
    let mesh: Mesh | undefined;
    const bound = await options.transport.listen((connection) =>
      mesh === undefined ? connection.destroy() : mesh.#accept(connection),
    );
    try {
      mesh = new Mesh(options, options.advertise(bound));
    } catch (error) {
      await options.transport.close();
      throw error;
    }
    return mesh;
  }

  /** Name and address of this instance. */
  get self(): Member {
    return { name: this.#greeting.name, address: this.#greeting.address };
  }

  /** Adds a state that the instances share. Must be called before join(). */
  share(key: string, state: SharedState): void {
    this.#states.add(key, state);
  }

  /**
   * Connects to the configured peers. Resolves when each peer was tried once and the reachable ones have sent their
   * states. Returns the errors of the unreachable ones.
   */
  async join(): Promise<readonly string[]> {
    this.#scheduleSync();
    await this.#refresh(true);
    const peers = [...this.#peers];
    await Promise.all(peers.map(({ firstTry }) => firstTry));
    return peers.filter((peer) => peer.status === "trying").map(({ lastRefusal }) => lastRefusal);
  }

  /** Sends a changed entry to all other instances. */
  broadcast(key: string, item: Uint8Array): void {
    this.#broadcast(key, [item], []);
  }

  /**
   * Returns all present instances, sorted by name. The list includes this instance, and instances that only other
   * instances can reach.
   */
  members(): readonly Member[] {
    const byName = new Map<string, Member>([[this.#greeting.name, this.self]]);
    const addresses = new Set([this.#greeting.address]);
    const add = ({ name, address, instance }: Identity): void => {
      if (byName.has(name) || addresses.has(address) || this.#gone.has(instance)) return;
      byName.set(name, { name, address });
      addresses.add(address);
    };
    const peers = [...this.#peers].filter(({ isMember }) => isMember);
    for (const { identity } of peers) add(identity!);
    for (const { reported } of peers) reported.forEach(add);
    return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)));
  }

  /** Returns the index of this instance among the sorted names of all present instances. */
  position(): number {
    return this.members().findIndex(({ name }) => name === this.#greeting.name);
  }

  /** Returns values for metrics: number of lost instances, number of waiting changes, and the worst health score. */
  stats(): { readonly failed: number; readonly queued: number; readonly health: number } {
    const there = new Set(this.members().map(({ name }) => name));
    const peers = [...this.#peers];
    return {
      failed: peers.filter(({ isMember, identity }) => !isMember && !there.has(identity?.name ?? "")).length,
      queued: peers.reduce((sum, { sendQueue }) => sum + sendQueue.size, 0),
      health: peers.map(({ missed }) => missed).reduce((a, b) => Math.max(a, b), 0),
    };
  }

  /** Announces that this instance leaves, and closes all connections. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelRefresh?.();
    this.#cancelSync?.();
    await this.#options.transport.close();
    await Promise.all([...this.#peers].map((peer) => peer.close(true)));
    for (const inbound of this.#inbound) inbound.close("leaving");
    await Promise.all(this.#taking);
  }

  #accept(connection: Connection): void {
    const strangers = [...this.#inbound].filter(({ isGreeted }) => !isGreeted);
    if (this.#isStopped || (strangers.length === 0 && this.#inbound.size >= MAX_INBOUND)) {
      this.#options.observer.broken();
      connection.destroy();
      return;
    }
    // Closes the oldest connection without a greeting if there are too many, so that strangers cannot keep real
    // instances out.
    const isFull = strangers.length >= MAX_STRANGERS || this.#inbound.size >= MAX_INBOUND;
    if (isFull) strangers[0]!.close("too many connections without a greeting");
    this.#inbound.add(new InboundConnection(connection, this.#inboundContext));
  }

  #greeted(greeting: Greeting): Refusal | undefined {
    const { name, instance } = greeting;
    // Accepts a connection of this instance to itself. The code that has opened the connection detects and closes it.
    if (instance === this.#greeting.instance) return undefined;
    if (name === this.#greeting.name) {
      this.#conflict(name);
      return { code: "name", reason: `an instance named ${JSON.stringify(name)} is already a member` };
    }
    this.#options.observer.seen(name);
    this.#learn(greeting, true);
    return undefined;
  }

  /**
   * Checks an instance that has answered at an address. Returns the reason if the instance is not accepted, otherwise
   * undefined.
   */
  #admit(peer: PeerConnection, { name, instance }: Greeting): string | undefined {
    if (instance === this.#greeting.instance) {
      for (const address of peer.addresses) this.#own.add(address);
      this.#drop(peer);
      return "it is this instance";
    }
    if (name === this.#greeting.name) {
      this.#conflict(name);
      return `its name is this instance's (${JSON.stringify(name)})`;
    }
    const same = [...this.#peers].find((other) => other !== peer && other.identity?.instance === instance);
    if (same !== undefined) {
      const address = peer.addresses[0]!;
      if (!same.addresses.includes(address)) same.addresses.push(address);
      this.#drop(peer);
      same.alive();
      return "it is reached already";
    }
    const namesake = [...this.#peers].find((other) => other !== peer && other.identity?.name === name);
    if (namesake?.status === "up") {
      this.#conflict(name);
      return `another instance named ${JSON.stringify(name)} is already a member`;
    }
    if (namesake !== undefined) this.#drop(namesake);
    return undefined;
  }

  #leaves(instance: string): void {
    this.#gone.add(instance);
    if (this.#gone.size > MAX_GONE) this.#gone.delete(this.#gone.values().next().value!);
    this.#peerOf(instance)?.lost("it said goodbye");
  }

  #drop(peer: PeerConnection): void {
    this.#peers.delete(peer);
    void peer.close(false);
  }

  #conflict(peer: string): void {
    this.#options.observer.conflict();
    if (this.#conflicts.has(peer)) return;
    this.#conflicts.add(peer);
    this.#options.logger.warn("Found conflicting peer IDs: give each instance its own --cluster.peer-name", { peer });
  }

  #peerOf(instance: string): PeerConnection | undefined {
    return [...this.#peers].find(({ identity }) => identity?.instance === instance);
  }

  /**
   * Handles a report of another instance that an instance exists. If `isHere` is set, the reported instance is known to
   * be running, so this instance connects to it immediately.
   */
  #learn({ name, instance, address }: Identity, isHere: boolean): void {
    if (instance === this.#greeting.instance || name === this.#greeting.name) return;
    if (this.#isStopped || this.#gone.has(instance)) return;
    const known =
      this.#peerOf(instance) ??
      [...this.#peers].find(({ addresses, identity }) => addresses.includes(address) || identity?.address === address);
    if (known !== undefined) {
      if (isHere) known.alive();
      return;
    }
    if (this.#peers.size < MAX_PEERS && !this.#own.has(address))
      this.#peers.add(new PeerConnection(address, this.#peerContext));
  }

  #contacts(): readonly Identity[] {
    return [...this.#peers].filter(({ status }) => status === "up").map(({ identity }) => identity!);
  }

  /**
   * Sends new entries to all connected instances except those in `seen`, which already have the entries or get them
   * from their original sender.
   */
  #broadcast(key: string, items: readonly Uint8Array[], seen: readonly string[]): void {
    const targets = [...this.#peers].filter(
      ({ status, identity }) => status === "up" && !seen.includes(identity!.name),
    );
    const receivers = [...new Set([...seen, this.#greeting.name, ...targets.map(({ identity }) => identity!.name)])];
    if (seen.length > 0 && targets.length > 0) this.#options.observer.propagated(key, items.length);
    for (const item of items) {
      if (item.length > MAX_ITEM_BYTES) {
        this.#options.observer.large(key, "dropped");
        this.#options.logger.warn("A change is too large to send to other instances", { key, bytes: item.length });
        continue;
      }
      for (const peer of targets) peer.add({ key, seen: receivers, item });
    }
  }

  /**
   * Merges entries that another instance has sent. Returns a promise for which the sender must wait if the entries are
   * part of a full state, or if too many messages are being merged. Throws FrameError.
   */
  #take(type: "full_state" | "update", payload: Uint8Array): Promise<void> | void {
    if (this.#isStopped) return;
    this.#options.observer.received(type, 1, payload.length);
    const update = decodeStateUpdate(payload);
    const work = this.#states.merge(update).then((news) => {
      // Forwards new entries to instances that have no connection to the sender.
      if (type === "update" && news.length > 0) this.#broadcast(update.key, news, update.seen);
    });
    const taken = work.finally(() => this.#taking.delete(taken));
    this.#taking.add(taken);
    return type === "full_state" || this.#taking.size > MAX_TAKING ? taken : undefined;
  }

  async #refresh(isFirst: boolean): Promise<void> {
    const { clock, timings, seeds } = this.#options;
    const { addresses, complete } = await seeds();
    if (this.#isStopped) return;
    this.#seeds = addresses;
    for (const address of addresses) {
      const isKnown = [...this.#peers].some(
        (peer) => peer.addresses.includes(address) || peer.identity?.address === address,
      );
      if (isKnown || this.#own.has(address) || this.#peers.size >= MAX_PEERS) continue;
      this.#peers.add(new PeerConnection(address, this.#peerContext, !isFirst));
    }
    this.#forget();
    if (complete) this.#lookups = 0;
    const soon = FIRST_LOOKUP_PAUSE_MS * 2 ** Math.min(this.#lookups++, 16);
    const pause = complete ? timings.refreshInterval : Math.min(timings.refreshInterval, soon);
    this.#cancelRefresh = clock.after(pause, () => void this.#refresh(false));
  }

  /** Forgets instances that were lost too long ago, and addresses that have never answered. */
  #forget(): void {
    const { clock, timings, logger } = this.#options;
    const reported = new Set([...this.#peers].flatMap((peer) => peer.reported.map(({ address }) => address)));
    for (const peer of this.#peers) {
      if (peer.isMember) continue;
      const lostFor = clock.monotonic() - peer.since;
      const wanted = peer.addresses.some((address) => this.#seeds.includes(address) || reported.has(address));
      const neverThere = peer.identity === undefined && !wanted && lostFor >= timings.refreshInterval;
      if (!neverThere && lostFor < timings.reconnectTimeout) continue;
      logger.debug("Peer is given up", { peer: peer.identity?.name ?? "", address: peer.addresses[0] });
      this.#drop(peer);
    }
  }

  #scheduleSync(): void {
    const { clock, timings, random } = this.#options;
    this.#cancelSync = clock.after(timings.pushPullInterval, () => {
      const up = [...this.#peers].filter(({ status }) => status === "up");
      void up[Math.floor(random() * up.length)]?.sync();
      this.#scheduleSync();
    });
  }
}
