import { isDeepStrictEqual } from "node:util";
import { testCases, testSeed } from "@narthex/runtime/testing";
import { afterAll, expect, test } from "vitest";
import { type Door, isFetched } from "./door.ts";
import { DOORS } from "./doors.ts";
import { randomFor, inputFor } from "./input-for.ts";
import type { InflatedInput } from "./inflate.ts";
import { AttackedRole } from "./attacked-role.ts";
import { isHang } from "./send-input.ts";

const SEED = testSeed();
/** Number of random inputs for each entry point of a server: 5 with the default seed, 25 if NARTHEX_SEED is set. */
const INPUTS = testCases(5, 25);

const roles = new Map<Door["role"], AttackedRole>();

afterAll(async () => {
  for (const role of roles.values()) await role[Symbol.asyncDispose]();
});

/**
 * Returns the running server for an entry point that receives requests. All entry points of a server share one process
 * until an input breaks it.
 */
async function roleOf(door: Door): Promise<AttackedRole> {
  const running = roles.get(door.role) ?? (await AttackedRole.start(door, []));
  roles.set(door.role, running);
  return running;
}

async function tryRequests(door: Door, inputs: readonly InflatedInput[]): Promise<string[]> {
  const faults: string[] = [];
  // Sends a valid input first. If the server refused it, the generated inputs would not reach the parser either.
  const [seed] = door.seeds;
  const outcome = await (await roleOf(door)).send(door, { text: seed!, about: "the seed itself" });
  const isSuccess = "status" in outcome && outcome.status >= 200 && outcome.status <= 299;
  if (door.status === undefined ? !isSuccess : !isDeepStrictEqual(outcome, { status: door.status }))
    faults.push(`${seed!}: ${JSON.stringify(outcome)}`);
  for (const input of inputs) {
    // oxlint-disable no-await-in-loop -- one input at a time, to know which one failed
    const role = await roleOf(door);
    const outcome = await role.send(door, input);
    const problem = (await role.problem()) ?? (isHang(outcome) ? "no answer" : undefined);
    if (problem === undefined) continue;
    faults.push(`${input.about}: ${problem}`);
    roles.delete(door.role);
    await role[Symbol.asyncDispose]();
  }
  return faults;
}

async function tryFetches(door: Door, inputs: readonly InflatedInput[]): Promise<string[]> {
  await using role = await AttackedRole.start(door, inputs);
  await role.fetched(inputs.length);
  const problem = await role.problem();
  return problem === undefined ? [] : [`${problem} after one of:\n${inputs.map(({ about }) => about).join("\n")}`];
}

test.each(DOORS)(`no inflated input blocks the $role at its door «$name» (NARTHEX_SEED=${SEED})`, async (door) => {
  const random = randomFor(door, SEED);
  const inputs = Array.from({ length: INPUTS }, () => inputFor(door, random));
  const faults = isFetched(door) ? await tryFetches(door, inputs) : await tryRequests(door, inputs);
  expect(faults).toEqual([]);
});
