import { setTimeout as pause } from "node:timers/promises";
import { MachinePauses } from "../../support/machine-pauses.ts";
import { ProcessorWatch } from "../../support/processor-watch.ts";
import { steadily } from "../../support/steadily.ts";
import { Workplace } from "../../support/workplace.ts";
import { type Difference, differencesOf } from "./comparison.ts";
import { beginOf, configurationOf } from "./configuration.ts";
import { BEAT_MS, BEATS, type Episode, MINUTE_BEATS, RELOAD_BEAT } from "./episode.ts";
import { Sink } from "./sink.ts";
import { Manager, SIDES } from "./twin-managers.ts";

/**
 * Delay in ms of each post after its nominal time, so that alerts and silences that end at the nominal time have ended.
 */
const AFTER_MS = 10;

/** Maximum time in ms for the reloads and requests before the test scenarios begin. */
const PREPARATION_MS = 6000;

/**
 * Longest accepted wait for a CPU, ms. A longer wait could delay notifications by more than the accepted difference.
 */
const DISTURBING_MS = 50;
/**
 * Longest accepted duration of a configuration reload in ms. A slower reload moves later flushes to another part of the
 * beat (time step).
 */
const SLOW_RELOAD_MS = 150;

export interface EpisodeVerdict {
  readonly episode: Episode;
  readonly differences: readonly Difference[];
  /**
   * Whether a busy machine delayed an Alertmanager or this process before the first difference. If so, the difference
   * proves nothing.
   */
  readonly isDisturbed: boolean;
}

export interface RunReport {
  readonly verdicts: readonly EpisodeVerdict[];
  /** Number of notifications that the original Alertmanager sent. */
  readonly notifications: number;
  /** Longest delay with which this process posted an alert or changed a silence, ms. */
  readonly lateMs: number;
  readonly reloadMs: Readonly<Record<string, number>>;
}

/**
 * The original Alertmanager, ours and a fake receiver. The same processes are used for several runs one after the
 * other.
 */
export class TwinRun implements AsyncDisposable {
  readonly #sink: Sink;
  readonly #address: string;
  readonly #minuteBeats: readonly number[];
  readonly #workplace = new Workplace();
  readonly #pauses = new MachinePauses();
  #managers: readonly Manager[] = [];

  private constructor(sink: Sink, address: string, minuteBeats: readonly number[]) {
    this.#sink = sink;
    this.#address = address;
    this.#minuteBeats = minuteBeats;
  }

  /**
   * @param shiftBeats offset in beats (time steps), so that one of two concurrent test runs waits while the other one
   * acts
   */
  static async open(shiftBeats: number): Promise<TwinRun> {
    const sink = new Sink();
    const minuteBeats = MINUTE_BEATS.map((beat) => beat + shiftBeats);
    return new TwinRun(sink, await sink.listen(), minuteBeats);
  }

  get managers(): readonly Manager[] {
    return this.#managers;
  }

  /** Runs all test scenarios at the same time, with the original Alertmanager and ours. */
  async play(episodes: readonly Episode[]): Promise<RunReport> {
    const minutes = beginOf(Date.now() + PREPARATION_MS, this.#minuteBeats);
    // Reloads the configuration several times before the scenarios begin, because the first reloads and requests of a
    // process are slow.
    for (const phase of [0, 1, 0, 1, 0, 1, 0, 1, 0] as const) await this.#configure(episodes, phase, minutes.minute);
    await this.#warmUp();
    const { begin, minute } = beginOf(Date.now() + 300, this.#minuteBeats);
    if (minute !== minutes.minute) await this.#configure(episodes, 0, minute);
    const hooks = new Map(
      episodes.flatMap(({ receivers }) =>
        receivers.flatMap(({ name, hooks: own }) => own.map((hook, i) => [`${name}/${i}`, hook] as const)),
      ),
    );
    this.#sink.expect(hooks, begin);
    using waits = new ProcessorWatch(() => this.#managers.map(({ process }) => process.child.pid!));
    let [lateMs, disturbedAt] = [0, Infinity];
    const reloadMs: Record<string, number> = {};
    const done: Promise<unknown>[] = [];
    const note = (late: number): void => {
      lateMs = Math.max(lateMs, late);
      if (late >= DISTURBING_MS) disturbedAt = Math.min(disturbedAt, Date.now() - late);
    };
    const refusals = new Map<string, Difference>();
    for (const episode of episodes) {
      for (const action of episode.actions) {
        const acted = at(begin + action.at + AFTER_MS, note).then(() =>
          Promise.all(this.#managers.map((manager) => manager.act(action, begin, episode.id))),
        );
        done.push(acted.catch((error: unknown) => refusals.set(episode.id, refusalOf(error))));
      }
    }
    const reloadAt = begin + (RELOAD_BEAT + 5 / 8) * BEAT_MS;
    done.push(
      at(reloadAt, note).then(async () => {
        for (const [side, ms] of await this.#configure(episodes, 1, minute)) {
          reloadMs[side] = Math.round(ms);
          if (ms >= SLOW_RELOAD_MS) disturbedAt = Math.min(disturbedAt, reloadAt);
        }
      }),
    );
    await Promise.all(done);
    await at(begin + BEATS * BEAT_MS, note);
    const notifications = { ours: this.#sink.of("ours"), theirs: this.#sink.of("theirs") };
    const pauses = (await this.#pauses.all()).filter(
      ({ from, until }) => until > begin && until - from >= DISTURBING_MS,
    );
    disturbedAt = Math.min(disturbedAt, waits.firstWait(DISTURBING_MS, begin), pauses[0]?.from ?? Infinity);
    const verdicts = episodes.map((episode): EpisodeVerdict => {
      const refused = refusals.get(episode.id);
      const compared = differencesOf(episode, notifications, begin);
      const differences = refused === undefined ? compared : [refused, ...compared];
      const firstAt = differences.reduce((first, { at: time }) => Math.min(first, time), Infinity);
      return { episode, differences, isDisturbed: disturbedAt < firstAt };
    });
    return { verdicts, notifications: notifications.theirs.length, lateMs, reloadMs };
  }

  async #configure(episodes: readonly Episode[], phase: 0 | 1, minute: number): Promise<[string, number][]> {
    const text = (side: string): string =>
      configurationOf(episodes, { phase, sink: `${this.#address}/${side}`, minute });
    if (this.#managers.length === 0) {
      this.#managers = await Promise.all(SIDES.map((side) => Manager.start(side, text(side), this.#workplace)));
      for (const { process } of this.#managers) steadily(process.child.pid);
      return [];
    }
    return Promise.all(
      this.#managers.map(async (manager): Promise<[string, number]> => [
        manager.side,
        await manager.reload(text(manager.side)),
      ]),
    );
  }

  /** Sends requests that change nothing, because the first requests of a process are slow. */
  async #warmUp(): Promise<void> {
    for (let i = 0; i < 20; i++) {
      const alert = { labels: { warm: String(i) }, annotations: {}, startsAt: undefined, endsAt: undefined };
      await Promise.all(
        this.#managers.map((manager) => manager.act({ kind: "post", at: 0, alerts: [alert] }, Date.now(), "none")),
      );
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#managers.map((manager) => manager[Symbol.asyncDispose]()));
    await this.#sink[Symbol.asyncDispose]();
    await this.#pauses[Symbol.asyncDispose]();
    this.#workplace[Symbol.dispose]();
  }
}

/**
 * Describes an alert or silence that Alertmanager refused because it was posted too late. The refusal counts as a
 * difference, so the scenario is repeated.
 */
const refusalOf = (error: unknown): Difference => ({
  at: Date.now(),
  where: "an action",
  what: error instanceof Error ? error.message : String(error),
  ours: "-",
  theirs: "-",
});

/** Waits until a Unix time in ms. If the wait ends late, calls `late` with the delay in ms. */
async function at(moment: number, late: (ms: number) => void): Promise<void> {
  const now = (): number => performance.timeOrigin + performance.now();
  await pause(Math.max(0, moment - now()));
  late(now() - moment);
}
