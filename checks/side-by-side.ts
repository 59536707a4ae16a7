import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Requirement } from "../e2e/src/support/requirements.ts";
import { root } from "./sources.ts";
import type { Suite } from "./suites.ts";
import { reasonsToSkip } from "./test-reports.ts";

/** Names of the end-to-end suites of which a test asks for it. */
export function suitesNeeding(requirement: Requirement, suites: readonly Suite[]): ReadonlySet<string> {
  const asks = (file: string): boolean =>
    reasonsToSkip(readFileSync(join(root, file), "utf8"), [requirement]).length > 0;
  const asking = suites.filter(({ folder, files }) => folder === "e2e" && files.some(asks));
  return new Set(asking.map(({ task }) => task));
}

/** Names of the suites of which a test makes the machine's Docker engine a swarm. */
export function suitesOfSwarms(suites: readonly Suite[]): ReadonlySet<string> {
  const makesOne = (file: string): boolean => readFileSync(join(root, file), "utf8").includes('"swarm", "init"');
  return new Set(suites.filter(({ files }) => files.some(makesOne)).map(({ task }) => task));
}

/**
 * Which suites may not run at once: to start containers gives the machine addresses and takes them away again, upon which a
 * browser drops whatever it is loading (net::ERR_NETWORK_CHANGED); and an engine that leaves a swarm forgets the names of all
 * containers, so that those of other suites no longer find each other.
 */
export function clashesOf(suites: readonly Suite[]): (task: string, other: string) => boolean {
  const [containers, browsers] = [suitesNeeding("docker", suites), suitesNeeding("browser", suites)];
  const swarms = suitesOfSwarms(suites);
  const clash = (task: string, other: string): boolean =>
    containers.has(task) && (browsers.has(other) || swarms.has(other));
  return (task, other) => clash(task, other) || clash(other, task);
}

export interface Lanes<T> {
  /** What tasks that run at once take of the machine, together. */
  readonly count: number;
  /** What a task takes of it: one lane if its processes compute, less if they wait. */
  readonly share: (task: T) => number;
  readonly clash: (task: T, other: T) => boolean;
  readonly spare?: Spare;
}

/** Lanes beyond the usual ones, which are used while the machine has something left. */
export interface Spare {
  /** The most lanes, together with the usual ones. */
  readonly count: number;
  /** Returns whether the machine was partly idle since the last call. */
  readonly isIdle: () => boolean;
  /** Resolves when `isIdle` may be asked again. */
  readonly pause: () => Promise<void>;
}

/**
 * Runs tasks in their order, as many at once as the lanes have room for. A task that clashes with a running one, or has no
 * room, lets others go ahead.
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
