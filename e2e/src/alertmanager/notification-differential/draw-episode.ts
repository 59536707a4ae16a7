import { Random } from "../../support/random.ts";
import {
  BEAT_MS,
  BEATS,
  type Episode,
  EPISODE_LABEL,
  type Hook,
  QUARTER_MS,
  type Receiver,
  RELOAD_BEAT,
} from "./episode.ts";
import { drawActions } from "./draw-actions.ts";
import { drawSetting } from "./draw-setting.ts";

/**
 * Generates the test scenario (Alertmanager configuration, alerts and silences) of a seed. The name of the scenario
 * contains `round`; everything else depends only on the seed.
 */
export function drawEpisode(seed: number, round: number): Episode {
  const random = new Random(seed * 7919 + 17);
  const id = `${seed}.${round}`;
  // Lets the fake receiver fail only after the configuration reload. The pause before a retry is random, and a later
  // reload would make the next flushes depend on the pause.
  const trouble = random.chance(30) ? RELOAD_BEAT + 2 + random.below(6) : -1;
  const receivers = Array.from({ length: 1 + random.below(3) }, (_, i) => drawReceiver(random, `${id}-${i}`, trouble));
  const names = receivers.map(({ name }) => name);
  const first = drawSetting(random, id, names);
  const settings = [first, random.chance(40) ? drawSetting(random, id, names) : first] as const;
  return { seed, id, receivers, settings, actions: drawActions(random, id, trouble) };
}

const drawReceiver = (random: Random, name: string, trouble: number): Receiver => ({
  name,
  hooks: Array.from({ length: 1 + random.below(2) }, () => drawHook(random, trouble)),
});

function drawHook(random: Random, trouble: number): Hook {
  const from = 1 + random.below(BEATS - 6);
  return {
    sendResolved: random.chance(75),
    maxAlerts: random.chance(20) ? 1 + random.below(3) : 0,
    // Delays the receiver's answer by whole beats (time steps), so that the answer arrives in the part of a beat in
    // which groups are flushed.
    delayMs: random.chance(10) ? 2 * BEAT_MS : 0,
    refusal: random.chance(20) ? { status: random.pick([400, 404]), from, to: from + 2 + random.below(5) } : undefined,
    failing: random.chance(60) ? trouble : -1,
  };
}

/** Prints a failed episode so that it can be repeated. */
export const printEpisode = ({ id, receivers, settings, actions }: Episode): string =>
  [
    `${EPISODE_LABEL} ${id}, beats of ${BEAT_MS} ms, ticks at ${QUARTER_MS} ms`,
    ...receivers.map((receiver) => `  ${JSON.stringify(receiver)}`),
    ...settings.map((setting) => `  ${JSON.stringify(setting)}`),
    ...actions.map((action) => `  ${JSON.stringify(action)}`),
  ].join("\n");
