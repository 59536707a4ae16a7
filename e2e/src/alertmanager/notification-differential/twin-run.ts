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

/** An action comes a little after the moment that it speaks of: an end at this moment must have come for both. */
const AFTER_MS = 10;

/** What a run does before it begins takes less: some reloads and some requests. */
const PREPARATION_MS = 6000;

/** A wait of this length moves notifications by more than what is tolerated, together with the time that all else takes, ms. */
const DISTURBING_MS = 50;
/** A reload that takes longer than this moves the ticks behind it into others' parts of the beat, ms. */
const SLOW_RELOAD_MS = 150;

/** How an episode was played. */
export interface EpisodeVerdict {
  readonly episode: Episode;
  readonly differences: readonly Difference[];
  /** The machine made a server, or this process, wait before the first difference: it proves nothing. */
  readonly isDisturbed: boolean;
}

/** What came of one run of episodes side by side. */
export interface RunReport {
  readonly verdicts: readonly EpisodeVerdict[];
  /** Notifications that theirs sent. */
  readonly notifications: number;
  /** How late this process itself was with an action, ms, at most. */
  readonly lateMs: number;
  readonly reloadMs: Readonly<Record<string, number>>;
}

/** Both servers and the sink, for one run after the other. */
export class TwinRun implements AsyncDisposable {
  readonly #sink: Sink;
  readonly #address: string;
  readonly #minuteBeats: readonly number[];
  readonly #place = new Workplace();
  readonly #pauses = new MachinePauses();
  #managers: readonly Manager[] = [];

  private constructor(sink: Sink, address: string, minuteBeats: readonly number[]) {
    this.#sink = sink;
    this.#address = address;
    this.#minuteBeats = minuteBeats;
  }

  /** @param shiftBeats its beats come so much earlier than the clock's, so that of two runs at a time one waits while the other acts */
  static async open(shiftBeats: number): Promise<TwinRun> {
    const sink = new Sink();
    const minuteBeats = MINUTE_BEATS.map((beat) => beat + shiftBeats);
    return new TwinRun(sink, await sink.listen(), minuteBeats);
  }

  get managers(): readonly Manager[] {
    return this.#managers;
  }

  /** Plays all episodes at the same time, to both. */
  async play(episodes: readonly Episode[]): Promise<RunReport> {
    const minutes = beginOf(Date.now() + PREPARATION_MS, this.#minuteBeats);
    // The first reloads of a process are slow as its first requests are: the next ticks would wait for it.
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
    const heard = { ours: this.#sink.of("ours"), theirs: this.#sink.of("theirs") };
    const pauses = (await this.#pauses.all()).filter(
      ({ from, until }) => until > begin && until - from >= DISTURBING_MS,
    );
    disturbedAt = Math.min(disturbedAt, waits.firstWait(DISTURBING_MS, begin), pauses[0]?.from ?? Infinity);
    const verdicts = episodes.map((episode): EpisodeVerdict => {
      const refused = refusals.get(episode.id);
      const compared = differencesOf(episode, heard, begin);
      const differences = refused === undefined ? compared : [refused, ...compared];
      const firstAt = differences.reduce((first, { at: time }) => Math.min(first, time), Infinity);
      return { episode, differences, isDisturbed: disturbedAt < firstAt };
    });
    return { verdicts, notifications: heard.theirs.length, lateMs, reloadMs };
  }

  async #configure(episodes: readonly Episode[], phase: 0 | 1, minute: number): Promise<[string, number][]> {
    const text = (side: string): string =>
      configurationOf(episodes, { phase, sink: `${this.#address}/${side}`, minute });
    if (this.#managers.length === 0) {
      this.#managers = await Promise.all(SIDES.map((side) => Manager.start(side, text(side), this.#place)));
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

  /** The first requests of a process are slow: they are about nothing. */
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
    this.#place[Symbol.dispose]();
  }
}

/** An action that came too late is refused: it is a difference like others, and tried again like others. */
const refusalOf = (error: unknown): Difference => ({
  at: Date.now(),
  where: "an action",
  what: error instanceof Error ? error.message : String(error),
  ours: "-",
  theirs: "-",
});

/** Resolves at a moment (Unix ms) and says how late. */
async function at(moment: number, late: (ms: number) => void): Promise<void> {
  const now = (): number => performance.timeOrigin + performance.now();
  await pause(Math.max(0, moment - now()));
  late(now() - moment);
}
