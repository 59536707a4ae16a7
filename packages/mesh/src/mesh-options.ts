import { randomBytes } from "node:crypto";
import type { Clock, Logger } from "@narthex/runtime";
import type { Transport } from "./transport.ts";

/** Data that all instances share, such as silences. The order in which entries are merged does not matter. */
export interface SharedState {
  /** Returns all entries, each as bytes. */
  snapshot(): Iterable<Uint8Array>;
  /** Returns a text by which instances compare their entries. Equal entries give equal texts. */
  digest(): string;
  /**
   * Merges entries of other instances, and returns the entries that were new. Never rejects, because invalid entries
   * are skipped.
   */
  merge(items: readonly Uint8Array[]): Promise<readonly Uint8Array[]>;
}

export type MessageType = "full_state" | "update";

/** Callbacks for the cluster's metrics. */
export interface MeshObserver {
  joined(): void;
  left(): void;
  /** Called after an attempt to connect to an instance that was lost, or that was unreachable at the start. */
  reconnected(ok: boolean): void;
  /** Called after an attempt to connect to an address that a later DNS lookup has found. */
  refreshed(ok: boolean): void;
  sent(type: MessageType, messages: number, bytes: number): void;
  received(type: MessageType, messages: number, bytes: number): void;
  /**
   * Called for a change that would be too large for a datagram of Alertmanager. `outcome` is the time for sending in
   * seconds, "failed" or "dropped".
   */
  large(key: string, outcome: number | "failed" | "dropped"): void;
  /**
   * Called when changes for an instance were dropped because it receives too slowly. The instance later gets the whole
   * state.
   */
  pruned(changes: number): void;
  /** Called when new entries from an instance were forwarded to instances that have no connection to it. */
  propagated(key: string, items: number): void;
  /** Called when another instance has identified itself. */
  seen(name: string): void;
  answered(name: string, seconds: number): void;
  conflict(): void;
  /** Called when a client has sent data that is not the cluster protocol. */
  broken(): void;
  connection(direction: "in" | "out"): void;
  bytes(direction: "in" | "out", bytes: number): void;
}

/** Intervals and timeouts of the mesh in ms. */
export interface MeshTimings {
  readonly pushPullInterval: number;
  readonly tcpTimeout: number;
  readonly probeTimeout: number;
  readonly probeInterval: number;
  readonly reconnectInterval: number;
  readonly reconnectTimeout: number;
  /** Interval between DNS lookups of the configured peers. */
  readonly refreshInterval: number;
}

export interface MeshOptions {
  readonly name: string;
  /** Random text that distinguishes this process from an earlier process with the same name. */
  readonly instance: string;
  readonly label: string;
  /**
   * Returns the `host:port` under which other instances reach this one. Called after the port is bound. Throws an
   * Error.
   */
  readonly advertise: (bound: { readonly host: string; readonly port: number }) => string;
  /** Returns the addresses of the configured peers after DNS lookups, and whether every name was resolved. */
  readonly seeds: () => Promise<{ readonly addresses: readonly string[]; readonly complete: boolean }>;
  readonly transport: Transport;
  readonly timings: MeshTimings;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly observer: MeshObserver;
  /** Returns a random number in [0, 1). */
  readonly random: () => number;
}

/**
 * Number of probe intervals without received data after which an instance is considered gone. Alertmanager's library
 * memberlist uses this number for small clusters.
 */
const SUSPICION = 4;

/** Returns the time in ms without received data after which an instance is considered gone. */
export const suspicionMs = ({ probeInterval, probeTimeout }: MeshTimings): number =>
  SUSPICION * probeInterval + probeTimeout;

const DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/**
 * Returns a random name for an instance without a configured name: a ULID (48 bits of time and 80 random bits in
 * Crockford's base 32).
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

/** Returns a random text that distinguishes processes with the same name. */
export const randomInstance = (): string => randomBytes(8).toString("hex");
