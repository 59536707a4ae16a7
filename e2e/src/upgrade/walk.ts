import { setTimeout as pause } from "node:timers/promises";
import { freePort } from "../support/ports.ts";
import type { Workplace } from "../support/workplace.ts";
import type { Edition } from "./edition.ts";
import type { Load } from "./load.ts";
import { Edits } from "./loads/edits.ts";
import { Notifications } from "./loads/notifications.ts";
import { Pushes } from "./loads/pushes.ts";
import { Scrapes } from "./loads/scrapes.ts";
import { Silences } from "./loads/silences.ts";
import { WrittenSamples } from "./loads/written-samples.ts";
import { baseOf, type Endpoints } from "./roles.ts";
import { type Gap, Stack } from "./stack.ts";

/** State of the upgrade test after all servers were replaced by one version. */
export interface Stage {
  readonly edition: Edition;
  /** Downtimes of the servers; empty in the first stage. */
  readonly gaps: readonly Gap[];
  /** Acknowledged changes so far, by kind. */
  readonly acknowledged: ReadonlyMap<string, number>;
  readonly problems: readonly string[];
  /** Messages about clients whose changes the first version refuses. These clients are not used. */
  readonly refused: readonly string[];
}

/**
 * Runs the servers under load in one version after the other, with the same folders. Replaces one server at a time, and
 * waits `secondsEach` seconds before it replaces the next server. Checks the acknowledged changes whenever all servers
 * run in the same version.
 */
export async function* walk(
  editions: readonly Edition[],
  workplace: Workplace,
  secondsEach: number,
): AsyncGenerator<Stage, void> {
  const ports = {
    server: await freePort(),
    alertmanager: await freePort(),
    pushgateway: await freePort(),
    "node-exporter": await freePort(),
    dashboards: await freePort(),
  };
  const partial: Endpoints = { ports, target: 0, sink: 0 };
  await using scrapes = await Scrapes.open(baseOf(partial, "server"));
  await using notifications = await Notifications.open(baseOf(partial, "alertmanager"));
  const endpoints: Endpoints = { ports, target: scrapes.port, sink: notifications.port };
  const loads: readonly Load[] = [
    scrapes,
    new WrittenSamples(baseOf(endpoints, "server")),
    new Silences(baseOf(endpoints, "alertmanager")),
    notifications,
    new Pushes(baseOf(endpoints, "pushgateway")),
    new Edits(baseOf(endpoints, "dashboards")),
  ];
  await using stack = new Stack(workplace, endpoints, editions);
  for (const role of stack.roles) await stack.start(role, editions[0]!);
  const { used, refused } = await tried(loads.filter(({ role }) => stack.roles.includes(role)));
  for (const [i, edition] of editions.entries()) {
    const gaps: Gap[] = [];
    let changes = used.map((load) => new Changes(load));
    for (const role of stack.roles) {
      if (i > 0) {
        const quiet = changes.filter(({ load }) => editions[i - 1]!.losesWhenStopping && load.role === role);
        await Promise.all(quiet.map((one) => one.stop()));
        gaps.push(await stack.replace(role, edition));
        changes = changes.map((one) => (quiet.includes(one) ? new Changes(one.load) : one));
      }
      await pause(secondsEach * 1000);
    }
    await Promise.all(changes.map((one) => one.stop()));
    const problems: string[] = [];
    for (const load of used) {
      const found = await load.problems(stack.restarts(load.role));
      problems.push(...found.map((sentence) => `${load.what}: ${sentence}`));
    }
    const acknowledged = new Map(used.map((load) => [load.what, load.acknowledged]));
    yield { edition, gaps, acknowledged, problems, refused: i === 0 ? refused : [] };
  }
}

/** Returns the loads that the servers accept. All servers have just become ready. */
async function tried(
  loads: readonly Load[],
): Promise<{ readonly used: readonly Load[]; readonly refused: readonly string[] }> {
  const used: Load[] = [];
  const refused: string[] = [];
  for (const load of loads) {
    await load.change().then(
      () => used.push(load),
      (error: unknown) => refused.push(`${load.what}: ${error instanceof Error ? error.message : String(error)}`),
    );
  }
  return { used, refused };
}

/** Time in ms after which an unacknowledged change counts as failed. */
const PATIENCE_MS = 60_000;

/** Runs the changes of a load, one after the other, until stop(). */
class Changes {
  readonly load: Load;
  readonly #end: Promise<void>;
  #isStopping = false;

  constructor(load: Load) {
    this.load = load;
    this.#end = this.#keepChanging();
    // Prevents an unhandled rejection. stop() awaits #end and throws its error.
    this.#end.catch(() => undefined);
  }

  /** Resolves after a last acknowledged change. Rejects if no change was acknowledged for a minute. */
  stop(): Promise<void> {
    this.#isStopping = true;
    return this.#end;
  }

  async #keepChanging(): Promise<void> {
    const { load } = this;
    let acknowledgedAt = performance.now();
    for (let isDone = false; !this.#isStopping || !isDone;) {
      try {
        await load.change();
        isDone = true;
        acknowledgedAt = performance.now();
      } catch (error) {
        isDone = false;
        if (performance.now() - acknowledgedAt > PATIENCE_MS)
          throw new Error(`${load.what}: ${String(error)}`, { cause: error });
      }
      await pause(load.intervalMs);
    }
  }
}
