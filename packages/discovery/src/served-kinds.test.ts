import { decodeYaml, printYaml } from "@narthex/config";
import { temporaryFolder } from "@narthex/runtime/testing";
import { expect, onTestFinished, test } from "vitest";
import { discoverers } from "./registry.ts";
import { DiscovererRun } from "./testing/discoverer-run.ts";
import { ServedApi } from "./testing/served-api.ts";
import type { ServedKind } from "./testing/served-kind.ts";
import { servedKinds } from "./testing/served-kinds.ts";

/** Starts the kind's discoverer with its served API. */
async function start(kind: ServedKind, instances: number) {
  const api = await ServedApi.start(kind.serve(instances));
  onTestFinished(() => api[Symbol.asyncDispose]());
  const place = api.place(temporaryFolder());
  const discoverer = kind.discoverer?.(place) ?? discoverers.find(({ key }) => key === kind.key)!;
  const run = new DiscovererRun(discoverer, kind.section(place));
  onTestFinished(() => run[Symbol.asyncDispose]());
  return { api, run };
}

/** Advances the clock until a refresh fails. */
async function advanceToFailure(run: DiscovererRun): Promise<void> {
  while (!run.logger.lines.some(({ message }) => message.startsWith("Unable to refresh"))) await run.clock.advance(500);
}

const count = ({ groups }: DiscovererRun): number =>
  [...groups.values()].reduce((sum, { targets }) => sum + targets.length, 0);

/** Kinds that are tested with a server of their own, or without one. Most of them have no pages. */
const NOT_SERVED = ["consul", "dns", "docker", "dockerswarm", "file", "http", "kubernetes", "nerve", "serverset"];

test("all kinds of discovery have a served API", () => {
  const served = new Set(servedKinds.map(({ key }) => key));
  const missing = discoverers.map(({ key }) => key).filter((key) => !served.has(key));
  expect(missing).toEqual(NOT_SERVED.map((kind) => `${kind}_sd_configs`));
});

const name = ({ key, role }: ServedKind): string => (role === "" ? key : `${key} (${role})`);

test.each(servedKinds.map((kind) => [name(kind), kind] as const))(
  "%s: finds all pages, keeps its targets while the service fails, and follows a smaller list",
  async (_, kind) => {
    const { api, run } = await start(kind, 250);
    await run.next();
    const before = count(run);
    expect(before).toBeGreaterThanOrEqual(kind.fewestTargets?.(250) ?? 250);
    const { answer } = api;
    api.answer = () => ({ status: 503, body: "try later" });
    await advanceToFailure(run);
    expect(count(run)).toBe(before);
    expect(JSON.stringify(run.logger.lines)).not.toContain("canary");
    api.answer = kind.serve(3);
    await run.advanceToNext();
    expect(count(run)).toBeLessThanOrEqual(3 * Math.ceil(before / 250));
    api.answer = answer;
  },
);

test.each(servedKinds.map((kind) => [name(kind), kind] as const))(
  "%s: the page of the configuration, errors and target labels do not show its secrets",
  async (_, kind) => {
    const { api, run } = await start(kind, 2);
    await run.next();
    const place = api.place(temporaryFolder());
    const section = kind.section(place);
    const { codec } = discoverers.find(({ key }) => key === kind.key)!;
    const loaded = decodeYaml(section, "test.yml", codec);
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
    expect(printYaml(codec.encode(loaded.value))).not.toContain("canary");
    expect(JSON.stringify(loaded.value)).not.toContain("canary");
    expect(JSON.stringify([...run.groups])).not.toContain("canary");
    // The problems of an invalid section do not contain the values of other fields.
    const broken = decodeYaml(`${section.trim()}\nno_such_field: 1\nport: [1]`, "test.yml", codec);
    expect(JSON.stringify(broken.ok ? [] : broken.problems)).not.toContain("canary");
    // A service that refuses the credentials and repeats them in its answer, of which only the beginning is logged.
    api.answer = ({ headers, body }) => {
      const from = body.indexOf("canary");
      const part = from < 0 ? "" : body.slice(Math.max(from - 10, 0), from + 50);
      return { status: 401, body: `refused: ${part} ${JSON.stringify(headers)}` };
    };
    await advanceToFailure(run);
    expect(JSON.stringify(run.logger.lines)).not.toContain("canary");
  },
);
