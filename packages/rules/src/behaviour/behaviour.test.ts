import { testCases, testSeed } from "@narthex/runtime/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  behavedGroups,
  BehaviourScenario,
  type BehaviourSettings,
  behaviourSettings,
  behaviourTexts,
  behaviourValues,
  type Values,
} from "../testing/behaviour-scenario.ts";

/** States of the alerts after each evaluation. Restarts the process before some of the evaluations. */
async function lived(
  settings: BehaviourSettings,
  series: Readonly<Record<string, Values>>,
  restarts: readonly number[] = [],
) {
  const { rules, behaviours } = behaviourTexts(settings);
  const scenario = await BehaviourScenario.open(behavedGroups(rules, behaviours)[0]!, series);
  const length = Math.max(...Object.values(series).map((values) => values.length));
  const states: string[][] = [];
  for (let at = 0; at < length; at++) {
    if (restarts.includes(at)) await scenario.restart();
    states.push(await scenario.step(at));
  }
  await scenario.stop();
  expect(scenario.logger.lines.filter(({ level }) => level === "error")).toEqual([]);
  return { states, samples: scenario.samples() };
}

/** The state of one label set in the model. Times are numbers of evaluations. */
interface Modelled {
  /** First evaluation of the unbroken time in which the alert was pending or firing. */
  since: number | undefined;
  isFiring: boolean;
  /** First evaluation of the unbroken time in which the firing alert was cleared. */
  clearedSince: number | undefined;
  held: string;
  value: string;
  changes: number[];
}

/** The definition of docs/alert-behaviour.md, written down a second time. `hasAny` is whether any series has data. */
function modelStep(model: Modelled, value: number | null, at: number, settings: BehaviourSettings): void {
  const { forMinutes, keepMinutes, onNoData, threshold, damping } = settings;
  model.held = "-";
  const isActive = model.since !== undefined;
  let counts = false;
  let endsNow = false;
  if (value === null) {
    if (isActive && (onNoData === "keep" || onNoData === "fire")) [counts, model.held] = [true, "no_data"];
    endsNow = onNoData === "resolve";
  } else if (value > 6) {
    counts = true;
    model.value = String(value);
  } else if (model.isFiring && threshold !== undefined && value >= threshold) [counts, model.held] = [true, "recovery"];
  if (counts) {
    model.since ??= at;
    model.clearedSince = undefined;
    if (!model.isFiring && at - model.since >= forMinutes) {
      model.isFiring = true;
      model.changes.push(at);
    }
    return;
  }
  if (!model.isFiring) {
    model.since = undefined;
    return;
  }
  if (!endsNow) model.clearedSince ??= at;
  if (!endsNow && at - model.clearedSince! < keepMinutes) return;
  const recent = model.changes.filter((change) => damping !== undefined && at - change < damping.window).length;
  if (damping !== undefined && recent > damping.maxChanges - 2) {
    model.held = "damping";
    return;
  }
  Object.assign(model, { since: undefined, isFiring: false, clearedSince: undefined });
  model.changes.push(at);
}

function modelled(settings: BehaviourSettings, series: Readonly<Record<string, Values>>): string[][] {
  const length = Math.max(...Object.values(series).map((values) => values.length));
  const fresh = (): Modelled => ({
    since: undefined,
    isFiring: false,
    clearedSince: undefined,
    held: "-",
    value: "",
    changes: [],
  });
  const models = new Map(Object.keys(series).map((name) => [name, fresh()]));
  // The alert of the rule as a whole is met if there is no data at all, and never has a value between the limits.
  const whole = fresh();
  whole.value = "NaN";
  const states: string[][] = [];
  for (let at = 0; at < length; at++) {
    for (const [name, model] of models) modelStep(model, series[name]![at] ?? null, at, settings);
    const isEmpty = Object.values(series).every((values) => (values[at] ?? null) === null);
    const wasActive = whole.since !== undefined;
    const isMet = settings.onNoData === "fire" && isEmpty;
    modelStep(whole, isMet ? 9 : 0, at, { ...settings, threshold: undefined });
    whole.value = "NaN";
    if (isMet && wasActive) whole.held = "no_data";
    states.push(
      [["", whole] as const, ...models]
        .filter(([, { since }]) => since !== undefined)
        .map(([name, { isFiring, held, value }]) => ["A", name, isFiring ? "firing" : "pending", held, value].join(" "))
        .sort(),
    );
  }
  return states;
}

const options = { seed: testSeed(20261128), numRuns: testCases(60, 400) };

test("property: alerts behave as the documentation defines", async () => {
  await fc.assert(
    fc.asyncProperty(behaviourSettings, behaviourValues, behaviourValues, async (settings, a, b) => {
      const { states } = await lived(settings, { a, b });
      expect(states).toEqual(modelled(settings, { a, b }));
    }),
    options,
  );
});

test("property: an alert changes at most max_changes times in a window", async () => {
  await fc.assert(
    fc.asyncProperty(behaviourSettings, behaviourValues, async (settings, a) => {
      const damping = settings.damping ?? { maxChanges: 2, window: 4 };
      const { states } = await lived({ ...settings, damping }, { a });
      const firing = states.map((alerts) => alerts.some((alert) => alert.startsWith("A a firing")));
      const changes = firing.flatMap((is, at) => (is === (firing[at - 1] ?? false) ? [] : [at]));
      for (const change of changes)
        expect(
          changes.filter((other) => other <= change && change - other < damping.window).length,
        ).toBeLessThanOrEqual(damping.maxChanges);
    }),
    options,
  );
});

test("property: restarts change no state of an alert and no stored sample", async () => {
  await fc.assert(
    fc.asyncProperty(
      behaviourSettings,
      behaviourValues,
      behaviourValues,
      fc.constantFrom(0, 2),
      fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 3 }),
      async (chosen, a, b, offsetMinutes, restarts) => {
        const settings = { ...chosen, offsetMinutes };
        const [once, restarted] = [await lived(settings, { a, b }), await lived(settings, { a, b }, restarts)];
        expect(restarted.states).toEqual(once.states);
        expect(restarted.samples).toEqual(once.samples);
      },
    ),
    options,
  );
});

test("an outage does not count for `for` and keep_firing_for", async () => {
  const settings = {
    forMinutes: 3,
    keepMinutes: 4,
    onNoData: "keep",
    threshold: undefined,
    damping: undefined,
  } as const;
  const { rules, behaviours } = behaviourTexts(settings);
  const [spec] = behavedGroups(rules, behaviours);
  const kept = [...Array<number>(5).fill(9), ...Array<number>(30).fill(1)];
  const pending = [1, 1, 1, ...Array<number>(30).fill(9)];
  const scenario = await BehaviourScenario.open(spec!, { kept, pending });
  const states: Record<number, string> = {};
  const live = async (from: number, to: number): Promise<void> => {
    for (let at = from; at <= to; at++)
      states[at] = (await scenario.step(at)).map((text) => text.split(" ").slice(1, 3).join(" ")).join(", ");
  };
  await live(0, 5);
  await scenario.restart(20);
  await live(20, 23);
  await scenario.stop();
  // Before the outage, one alert was kept since evaluation 5, and the other one was pending since evaluation 3.
  expect(states).toMatchObject({
    5: "kept firing, pending pending",
    20: "kept firing, pending firing",
    22: "kept firing, pending firing",
    23: "pending firing",
  });
});
