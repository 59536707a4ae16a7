import { seededRandom } from "@narthex/runtime";
import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { Mesh } from "../mesh.ts";
import type { MeshObserver, MeshTimings } from "../mesh-options.ts";
import { LastWriterWins } from "./lww-state.ts";
import { MemoryNetwork } from "./memory-network.ts";

/** Alertmanager's default intervals and timeouts in ms. */
export const TIMINGS: MeshTimings = {
  pushPullInterval: 60_000,
  tcpTimeout: 10_000,
  probeTimeout: 500,
  probeInterval: 1000,
  reconnectInterval: 10_000,
  reconnectTimeout: 21_600_000,
  refreshInterval: 15_000,
};

/** Returns an observer that counts the calls of each of its functions. */
export function countingObserver(): MeshObserver & { readonly counts: Map<string, number> } {
  const counts = new Map<string, number>();
  const count = (name: string, by = 1): void => void counts.set(name, (counts.get(name) ?? 0) + by);
  return {
    counts,
    joined: () => count("joined"),
    left: () => count("left"),
    reconnected: (ok) => count(`reconnected ${ok}`),
    refreshed: (ok) => count(`refreshed ${ok}`),
    sent: (type, messages) => count(`sent ${type}`, messages),
    received: (type, messages) => count(`received ${type}`, messages),
    large: (_key, outcome) => count(typeof outcome === "number" ? "large" : `large ${outcome}`),
    pruned: (changes) => count("pruned", changes),
    propagated: (_key, items) => count("propagated", items),
    seen: () => count("seen"),
    answered: () => count("answered"),
    conflict: () => count("conflict"),
    broken: () => count("broken"),
    connection: (direction) => count(`connection ${direction}`),
    bytes: (direction, bytes) => count(`bytes ${direction}`, bytes),
  };
}

export interface InstanceOptions {
  /** Name of the simulated host. The address of the instance is `host:1`. */
  readonly host: string;
  readonly name?: string;
  readonly label?: string;
  readonly seeds?: readonly string[];
}

export interface Instance {
  readonly host: string;
  readonly mesh: Mesh;
  readonly state: LastWriterWins;
  readonly counts: ReadonlyMap<string, number>;
  readonly logged: () => readonly string[];
  readonly joined: Promise<readonly string[]>;
  /** Changes an entry, and sends it to the other instances. */
  set(key: string, version: number): void;
}

/** Creates and controls instances in a simulated network, whose clock the test advances. */
export class MeshRig {
  readonly clock = new ManualClock(Date.UTC(2026, 10, 20));
  readonly network = new MemoryNetwork(this.clock);
  readonly random = seededRandom(1);
  #instances = 0;

  async start(options: InstanceOptions): Promise<Instance> {
    const { host } = options;
    const observer = countingObserver();
    const logger = memoryLogger();
    const seeds = options.seeds ?? [];
    const mesh = await Mesh.open({
      name: options.name ?? host,
      instance: `i${++this.#instances}`,
      label: options.label ?? "",
      advertise: () => `${host}:1`,
      seeds: async () => ({ addresses: seeds, complete: true }),
      transport: this.network.transport(host),
      timings: TIMINGS,
      clock: this.clock,
      logger,
      observer,
      random: this.random,
    });
    const state = new LastWriterWins();
    mesh.share("s", state);
    return {
      host,
      mesh,
      state,
      counts: observer.counts,
      logged: () => logger.lines.map(({ message }) => message),
      joined: mesh.join(),
      set: (key, version) => mesh.broadcast("s", state.set(key, version)),
    };
  }

  /** Simulates kill -9: the port and all connections are closed, and peers receive no leave message. */
  async kill({ host }: Instance): Promise<void> {
    this.network.kill(host);
    await this.clock.advance(0);
  }
}

/** Returns the names of all instances that an instance considers present, as one text. */
export const namesAt = ({ mesh }: Instance): string =>
  mesh
    .members()
    .map(({ name }) => name)
    .join(" ");
