import { testCases, testSeed } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { lacks } from "../../support/requirements.ts";
import { MADE_UP, useStage } from "../../support/stage.ts";
import { knownAttacks } from "./known-attacks.ts";
import { mutatedDashboards } from "./mutated-dashboards.ts";
import { openAll } from "./open-all.ts";

const absent = lacks("browser");
const MUTATED = Number(process.env["NARTHEX_HOSTILE_DASHBOARDS"] ?? testCases(12, 32));

const stage = useStage((stage) => stage.dashboards({ sources: [MADE_UP] }));

test.skipIf(absent)("no dashboard leaves the page blank, runs a script or breaks the page", async () => {
  const known = knownAttacks.map(([what, json]) => ({ what, json, query: "" }));
  expect(await openAll(stage.browser, stage.base, [...known, ...mutatedDashboards(testSeed(), MUTATED)])).toEqual([]);
  expect((await fetch(`${stage.base}/api/health`)).status).toBe(200);
});
