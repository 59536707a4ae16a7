import { type Door, isFetched } from "../../e2e/src/doors/door.ts";
import { DOORS } from "../../e2e/src/doors/doors.ts";
import { randomFor, inputFor } from "../../e2e/src/doors/input-for.ts";
import { AttackedRole } from "../../e2e/src/doors/attacked-role.ts";
import type { Random } from "../../e2e/src/support/random.ts";
import { numberFlag } from "./flags.ts";
import type { BenchCase, CaseResult, Figure } from "./report.ts";

const INPUTS = numberFlag("inputs", 10);
const SEED = numberFlag("seed", 1);

/**
 * Measures the longest event loop delay of a server while one of its inputs (such as a route) receives generated data
 * up to the input's size limit. For comparison, also measures the delay before the data arrives.
 */
export const doorTurnsCase: BenchCase = {
  name: "door-turns",
  byName: true,
  async run(): Promise<CaseResult> {
    const figures: Figure[] = [];
    for (const door of DOORS) {
      // oxlint-disable-next-line no-await-in-loop -- one role at a time is measured
      const turnS = await longestTurn(door, randomFor(door, SEED));
      const limit = door.most >= 2 ** 20 ? `${Math.round(door.most / 2 ** 20)} MiB` : `${door.most / 1000} kB`;
      const what = `${door.role}: ${door.name}, ${INPUTS} inputs of up to ${limit}`;
      figures.push({ what, unit: "s", better: "lower", ours: [turnS], peer: [] });
    }
    return { setting: `${INPUTS} inputs for each door, seed ${SEED}; a role of its own for each`, figures };
  },
};

async function longestTurn(door: Door, random: Random): Promise<number> {
  const inputs = Array.from({ length: INPUTS }, () => inputFor(door, random));
  await using role = await AttackedRole.start(door, isFetched(door) ? inputs : []);
  if (isFetched(door)) await role.fetched(INPUTS);
  else {
    // oxlint-disable-next-line no-await-in-loop -- one input at a time
    for (const input of inputs) await role.send(door, input);
  }
  // Awaits the result before the server is disposed of at the end of the function.
  return await role.longestTurn();
}
