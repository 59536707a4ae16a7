import { randomBytes } from "node:crypto";
import type { Clock, Logger } from "@narthex/runtime";
import type { Transport } from "./transport.ts";

/** A kind of state that all instances share: entries that merge in any order to the same result. */
export interface SharedState {
  /** All entries, each as bytes. */
  snapshot(): Iterable<Uint8Array>;
  /** Equal for two instances when their entries are. */
  digest(): string;
  /** Takes in others' entries; those that were news. Never rejects: what is wrong with an entry is its own business. */
  merge(items: readonly Uint8Array[]): Promise<readonly Uint8Array[]>;
}

export type MessageType = "full_state" | "update";

/** Is told what goes on, for metrics. */
export interface MeshObserver {
  joined(): void;
  left(): void;
  /** An attempt to reach an instance that had been lost, or had not been there at the start. */
  reconnected(ok: boolean): void;
  /** An attempt to reach an instance that a name has come to stand for since the start. */
  refreshed(ok: boolean): void;
  sent(type: MessageType, messages: number, bytes: number): void;
  received(type: MessageType, messages: number, bytes: number): void;
  /** A change too large for the original's datagrams: it was sent in so many seconds, or could not be, or was given up. */
  large(key: string, outcome: number | "failed" | "dropped"): void;
  /** Changes were dropped because an instance did not keep up; it is sent the whole state instead. */
  pruned(changes: number): void;
  /** News was passed on to instances that the sender does not reach. */
  propagated(key: string, items: number): void;
  /** An instance showed itself. */
  seen(name: string): void;
  answered(name: string, seconds: number): void;
  conflict(): void;
  /** Something on the port did not speak the protocol. */
  broken(): void;
  connection(direction: "in" | "out"): void;
  bytes(direction: "in" | "out", bytes: number): void;
}

/** All in ms. */
export interface MeshTimings {
  readonly pushPullInterval: number;
  readonly tcpTimeout: number;
  readonly probeTimeout: number;
  readonly probeInterval: number;
  readonly reconnectInterval: number;
  readonly reconnectTimeout: number;
  /** How often the peers' names are looked up again. */
  readonly refreshInterval: number;
}

export interface MeshOptions {
  readonly name: string;
  /** Tells this process from another of the same name. */
  readonly instance: string;
  readonly label: string;
  /** Under which `host:port` others reach this one, once it is bound. Throws an Error. */
  readonly advertise: (bound: { readonly host: string; readonly port: number }) => string;
  /** Addresses of the peers that this one was given, names looked up, and whether some name stands for nothing yet. */
  readonly seeds: () => Promise<{ readonly addresses: readonly string[]; readonly complete: boolean }>;
  readonly transport: Transport;
  readonly timings: MeshTimings;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly observer: MeshObserver;
  /** In [0, 1). */
  readonly random: () => number;
}

/** Probe intervals for which an instance may be silent before it counts as gone; memberlist's for few instances. */
const SUSPICION = 4;

/** How long an instance may be silent before it counts as gone, ms. */
export const suspicionMs = ({ probeInterval, probeTimeout }: MeshTimings): number =>
  SUSPICION * probeInterval + probeTimeout;

const DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** A name for an instance that was given none: a ULID (48 bits of time, 80 of chance, Crockford's base 32). */
export function randomPeerName(now: number): string {
  let value = (BigInt(Math.floor(now)) << 80n) | BigInt(`0x${randomBytes(10).toString("hex")}`);
  let name = "";
  for (let i = 0; i < 26; i++) {
    name = DIGITS[Number(value & 31n)]! + name;
    value >>= 5n;
  }
  return name;
}

/** Tells one process from another of the same name. */
export const randomInstance = (): string => randomBytes(8).toString("hex");
