import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Requirement } from "../e2e/src/support/requirements.ts";
import { root } from "./sources.ts";
import type { Suite } from "./suites.ts";
import { reasonsToSkip } from "./test-reports.ts";

/** Returns the names of the end-to-end suites that contain a test with the requirement. */
export function suitesNeeding(requirement: Requirement, suites: readonly Suite[]): ReadonlySet<string> {
  const isNeeded = (file: string): boolean =>
    reasonsToSkip(readFileSync(join(root, file), "utf8"), [requirement]).length > 0;
  const needing = suites.filter(({ folder, files }) => folder === "e2e" && files.some(isNeeded));
  return new Set(needing.map(({ task }) => task));
}

/** Returns the names of the suites that contain a test which turns the machine's Docker engine into a swarm. */
export function suitesOfSwarms(suites: readonly Suite[]): ReadonlySet<string> {
  const makesOne = (file: string): boolean => readFileSync(join(root, file), "utf8").includes('"swarm", "init"');
  return new Set(suites.filter(({ files }) => files.some(makesOne)).map(({ task }) => task));
}

/**
 * Reports which suites must not run at the same time. Starting containers changes the machine's addresses, which aborts
 * page loads of browsers (net::ERR_NETWORK_CHANGED). Leaving a swarm removes the DNS names of all containers.
 */
export function clashesOf(suites: readonly Suite[]): (task: string, other: string) => boolean {
  const [containers, browsers] = [suitesNeeding("docker", suites), suitesNeeding("browser", suites)];
  const swarms = suitesOfSwarms(suites);
  const clash = (task: string, other: string): boolean =>
    containers.has(task) && (browsers.has(other) || swarms.has(other));
  return (task, other) => clash(task, other) || clash(other, task);
}

export interface Lanes<T> {
  /** Total capacity for concurrent tasks. */
  readonly count: number;
  /** Returns the capacity that a task uses: 1 if the task computes, less if it mostly waits. */
  readonly share: (task: T) => number;
  readonly clash: (task: T, other: T) => boolean;
  readonly spare?: Spare;
}

/** Additional capacity for concurrent tasks while the machine is partly idle. */
export interface Spare {
  /** Upper limit of the total capacity, that is, the usual capacity and the additional capacity. */
  readonly count: number;
  /** Returns whether the machine was partly idle since the last call. */
  readonly isIdle: () => boolean;
  /** Resolves when `isIdle` can be called again. */
  readonly pause: () => Promise<void>;
}

/**
 * Runs tasks concurrently in their order, as far as the capacity allows. Later tasks may start before a task that
 * clashes with a running task, or for which too little capacity is left.
 * @param run never rejects
 */
export async function runSideBySide<T>(
  tasks: readonly T[],
  { count, share, clash, spare }: Lanes<T>,
  run: (task: T) => Promise<void>,
): Promise<void> {
  const waiting = [...tasks];
  const running = new Map<T, Promise<void>>();
  const startOne = (lanes: number): boolean => {
    const others = [...running.keys()];
    const taken = others.reduce((sum, task) => sum + share(task), 0);
    const next = waiting.findIndex(
      (task) => taken + share(task) <= lanes && !others.some((other) => clash(task, other)),
    );
    if (next < 0) return false;
    const [task] = waiting.splice(next, 1) as [T];
    running.set(
      task,
      run(task).finally(() => running.delete(task)),
    );
    return true;
  };
  let pause: Promise<void> | undefined;
  while (waiting.length > 0 || running.size > 0) {
    if (startOne(count)) continue;
    if (spare !== undefined && waiting.length > 0) pause ??= spare.pause().then(() => void (pause = undefined));
    // oxlint-disable-next-line no-await-in-loop -- one end of a task, or of a pause, after the other
    await Promise.race([...running.values(), ...(pause === undefined ? [] : [pause])]);
    if (spare !== undefined && pause === undefined && spare.isIdle()) startOne(spare.count);
  }
}
