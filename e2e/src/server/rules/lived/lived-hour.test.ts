import { testSeed } from "@narthex/runtime/testing";
import { beforeAll, expect, test } from "vitest";
import { lacks } from "../../../support/requirements.ts";
import { Workplace } from "../../../support/workplace.ts";
import { differences } from "../live/live-comparison.ts";
import { type Life, live } from "./life.ts";
import {
  episodesOnTime,
  replayedNotifications,
  replayedTransitions,
  sentNotifications,
  storedTransitions,
  type Texts,
} from "./life-comparison.ts";
import { EPISODE_S } from "./scenario-data.ts";

const SEED = testSeed();
/**
 * Rules are evaluated each second. 3,600 evaluations are an hour: NARTHEX_LIFE_MINUTES=60 runs them. By default, the
 * life is scaled to 72 evaluations.
 */
const EVALUATIONS = Number(process.env["NARTHEX_LIFE_MINUTES"] ?? 1.2) * 60;
const EPISODES = Math.max(1, Math.round(EVALUATIONS / EPISODE_S));
/** Attempts on a machine without enough processor time, and the share of episodes that must be compared. */
const MAX_ATTEMPTS = 8;
const LEAST_SHARE = 0.5;
/** Time limit of all attempts, ms. */
const LIMIT_MS = MAX_ATTEMPTS * (EVALUATIONS * 1000 + 300_000);

interface Observation {
  readonly life: Life;
  readonly onTime: ReadonlyMap<string, readonly number[]>;
}

let observation: Observation;

async function observe(): Promise<Observation> {
  using workplace = new Workplace();
  const life = await live(workplace, { seed: SEED, episodes: EPISODES, withPeer: !lacks("peers") });
  const onTime = [...life.alertmanagers].map(([name, observed]) => [name, episodesOnTime(life, observed)] as const);
  return { life, onTime: new Map(onTime) };
}

const isEnough = (episodes: readonly number[]): boolean => episodes.length >= LEAST_SHARE * EPISODES;

beforeAll(async () => {
  observation = await observe();
  for (let attempt = 1; attempt < MAX_ATTEMPTS && ![...observation.onTime.values()].every(isEnough); attempt++)
    observation = await observe();
}, LIMIT_MS);

/** Returns the number of texts that are not about the alert Pulse. */
const countOf = (texts: Texts): number =>
  [...texts].filter(([key]) => !key.toLowerCase().includes("pulse")).flatMap(([, list]) => list).length;

/** Compares the notifications of an Alertmanager with those of the backtest, without the receivers `except`. */
function compareNotifications(name: "narthex" | "peer", except: readonly string[] = []): void {
  const { life, onTime } = observation;
  const observed = life.alertmanagers.get(name)!;
  for (const episode of onTime.get(name)!) {
    const [replayed, sent] = [
      replayedNotifications(life.backtest, episode),
      sentNotifications(life, observed, episode),
    ];
    for (const texts of [replayed, sent])
      for (const key of texts.keys()) if (except.includes(key.split(" ")[0]!)) texts.delete(key);
    expect(differences(replayed, sent)).toEqual([]);
    expect(countOf(replayed)).toBeGreaterThan(10);
  }
  const enough = LEAST_SHARE * EPISODES;
  expect(onTime.get(name)!.length, "episodes in which the machine was fast enough").toBeGreaterThanOrEqual(enough);
}

test(`a backtest of a life of server and Alertmanager finds its transitions and notifications (seed ${SEED})`, () => {
  const { life, onTime } = observation;
  for (const episode of onTime.get("narthex")!) {
    const replayed = replayedTransitions(life.backtest, episode);
    expect(differences(replayed, storedTransitions(life, episode))).toEqual([]);
    expect(countOf(replayed)).toBeGreaterThan(20);
  }
  compareNotifications("narthex");
  const { rules, notNotified } = life.backtest;
  expect(rules.filter(({ failures }) => failures !== undefined)).toEqual([]);
  // Such as an inhibition, a silence, a time interval, and relabeling.
  const causes = new Set(notNotified.flatMap(({ reasons }) => reasons.map(({ cause }) => cause)));
  expect(causes.size).toBeGreaterThan(3);
});

test.skipIf(lacks("peers"))(
  `the original Alertmanager sends the notifications of the backtest for the alerts of our server (seed ${SEED})`,
  () => {
    // Two rules report the alert Shared in one request, and the original may handle the reports in any order.
    compareNotifications("peer", ["shared"]);
  },
);
