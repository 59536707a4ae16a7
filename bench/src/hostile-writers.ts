import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { Attack } from "./measure-attack.ts";
import { numberFlag } from "./flags.ts";

const CLIENTS = numberFlag("writer-clients", 20);
const SLOW = numberFlag("slow-writers", 500);
const IDLE = numberFlag("idle-connections", 2000);
const SENDERS = numberFlag("senders", 100);
const NEW_SERIES = numberFlag("new-series", 50_000);

export const WRITER_KINDS = ["bombs", "endless", "slow", "new-series"] as const;
export type WriterKind = (typeof WRITER_KINDS)[number];

export const WRITER_NAMES: Readonly<Record<WriterKind, string>> = {
  bombs: `${CLIENTS} clients with broken messages, bombs of Snappy and zstd`,
  endless: `${CLIENTS} bodies of 10 GB`,
  slow: `${SLOW} slow heads, ${SLOW} slow bodies, ${IDLE} idle connections`,
  "new-series": `${SENDERS} senders of ${NEW_SERIES} new series`,
};

/** Message that starts the writers in their process. */
export interface WriterOrder {
  readonly kind: WriterKind;
  readonly base: string;
  readonly clients: number;
  readonly slow: number;
  readonly idle: number;
  readonly senders: number;
  readonly newSeries: number;
}

/** Starts a separate process with writers that attack the remote write endpoint of a server. */
export async function hostileWriters(kind: WriterKind, base: string): Promise<Attack> {
  const child = fork(new URL("hostile-writers-process.ts", import.meta.url), [], { execArgv: [] });
  const order: WriterOrder = {
    kind,
    base,
    clients: CLIENTS,
    slow: SLOW,
    idle: IDLE,
    senders: SENDERS,
    newSeries: NEW_SERIES,
  };
  child.send(order);
  return { end: () => ended(child) };
}

/** Ends the child process. Resolves with the child's observations. */
async function ended(child: ChildProcess): Promise<string> {
  const exited = once(child, "exit");
  const report = once(child, "message") as Promise<[string]>;
  child.send("end");
  const [seen] = await report;
  child.disconnect();
  await exited;
  return seen;
}
