import { randomBytes } from "node:crypto";
import type { Clock, Logger } from "@narthex/runtime";
import type { Transport } from "./transport.ts";

/** A kind of state that all instances share. Its entries can be merged in any order with the same result. */
export interface SharedState {
  /** Returns all entries, each as bytes. */
  snapshot(): Iterable<Uint8Array>;
  /** Returns equal texts for instances with equal entries. */
  digest(): string;
  /** Merges others' entries and returns the new ones. Never rejects: invalid entries are handled inside. */
  merge(items: readonly Uint8Array[]): Promise<readonly Uint8Array[]>;
}

export type MessageType = "full_state" | "update";

/** Notified of events, for metrics. */
export interface MeshObserver {
  joined(): void;
  left(): void;
  /** Called after an attempt to reach an instance that was lost, or was unreachable at the start. */
  reconnected(ok: boolean): void;
  /** Called after an attempt to reach an instance whose address was found by a later lookup of a name. */
  refreshed(ok: boolean): void;
  sent(type: MessageType, messages: number, bytes: number): void;
  received(type: MessageType, messages: number, bytes: number): void;
  /**
   * Called for a change too large for the original's datagrams: it was sent in this number of seconds, failed, or was
   * dropped.
   */
  large(key: string, outcome: number | "failed" | "dropped"): void;
  /** Called when changes were dropped because an instance was too slow; it then gets the whole state. */
  pruned(changes: number): void;
  /** Called when news was forwarded to instances that the sender does not reach. */
  propagated(key: string, items: number): void;
  /** Called when an instance has identified itself. */
  seen(name: string): void;
  answered(name: string, seconds: number): void;
  conflict(): void;
  /** Called when a client on the port did not use the protocol. */
  broken(): void;
  connection(direction: "in" | "out"): void;
  bytes(direction: "in" | "out", bytes: number): void;
}

/** Durations in ms. */
export interface MeshTimings {
  readonly pushPullInterval: number;
  readonly tcpTimeout: number;
  readonly probeTimeout: number;
  readonly probeInterval: number;
  readonly reconnectInterval: number;
  readonly reconnectTimeout: number;
  /** Interval of resolving the peers' names again. */
  readonly refreshInterval: number;
}

export interface MeshOptions {
  readonly name: string;
  /** Distinguishes this process from another one of the same name. */
  readonly instance: string;
  readonly label: string;
  /** Returns the `host:port` under which others reach this instance, once it is bound. Throws an Error. */
  readonly advertise: (bound: { readonly host: string; readonly port: number }) => string;
  /** Returns the addresses of the configured peers with names resolved, and whether all names could be resolved. */
  readonly seeds: () => Promise<{ readonly addresses: readonly string[]; readonly complete: boolean }>;
  readonly transport: Transport;
  readonly timings: MeshTimings;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly observer: MeshObserver;
  /** Random number in [0, 1). */
  readonly random: () => number;
}

/**
 * Number of probe intervals that an instance may be silent before it counts as gone; memberlist's value for few
 * instances.
 */
const SUSPICION = 4;

/** Returns the time that an instance may be silent before it counts as gone, ms. */
export const suspicionMs = ({ probeInterval, probeTimeout }: MeshTimings): number =>
  SUSPICION * probeInterval + probeTimeout;

const DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/**
 * Returns a name for an instance without a configured one: a ULID (48 bits of time, 80 random bits, Crockford's base
 * 32).
 */
export function randomPeerName(now: number): string {
  let value = (BigInt(Math.floor(now)) << 80n) | BigInt(`0x${randomBytes(10).toString("hex")}`);
  let name = "";
  for (let i = 0; i < 26; i++) {
    name = DIGITS[Number(value & 31n)]! + name;
    value >>= 5n;
  }
  return name;
}

/** Returns a text that distinguishes processes of the same name. */
export const randomInstance = (): string => randomBytes(8).toString("hex");
