import { Dice } from "../../support/dice.ts";
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

/** Returns the random episode of a seed. In another round the episode differs only in its name. */
export function drawEpisode(seed: number, round: number): Episode {
  const dice = new Dice(seed * 7919 + 17);
  const id = `${seed}.${round}`;
  // The failing beat is after the reload. A retry happens after a random pause, and a later reload would make the next
  // ticks depend on this pause.
  const trouble = dice.chance(30) ? RELOAD_BEAT + 2 + dice.roll(6) : -1;
  const receivers = Array.from({ length: 1 + dice.roll(3) }, (_, i) => drawReceiver(dice, `${id}-${i}`, trouble));
  const names = receivers.map(({ name }) => name);
  const first = drawSetting(dice, id, names);
  const settings = [first, dice.chance(40) ? drawSetting(dice, id, names) : first] as const;
  return { seed, id, receivers, settings, actions: drawActions(dice, id, trouble) };
}

const drawReceiver = (dice: Dice, name: string, trouble: number): Receiver => ({
  name,
  hooks: Array.from({ length: 1 + dice.roll(2) }, () => drawHook(dice, trouble)),
});

function drawHook(dice: Dice, trouble: number): Hook {
  const from = 1 + dice.roll(BEATS - 6);
  return {
    sendResolved: dice.chance(75),
    maxAlerts: dice.chance(20) ? 1 + dice.roll(3) : 0,
    // The delay is a whole number of beats, so a slow answer ends at the part of a beat in which ticks happen.
    delayMs: dice.chance(10) ? 2 * BEAT_MS : 0,
    refusal: dice.chance(20) ? { status: dice.pick([400, 404]), from, to: from + 2 + dice.roll(5) } : undefined,
    failing: dice.chance(60) ? trouble : -1,
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
