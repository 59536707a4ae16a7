import type { Browser } from "playwright-core";
import { testCases, testSeed } from "@narthex/runtime/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "../../support/headless-browser.ts";
import { freePort } from "../../support/ports.ts";
import { lacks } from "../../support/requirements.ts";
import { narthex, type Running } from "../../support/running.ts";
import { Workplace } from "../../support/workplace.ts";
import { dashboardsArguments } from "../../support/dashboards-arguments.ts";
import { knownAttacks } from "./known-attacks.ts";
import { mutatedDashboards } from "./mutated-dashboards.ts";
import { openAll } from "./open-all.ts";

const absent = lacks("browser");
const MUTATED = Number(process.env["NARTHEX_HOSTILE_DASHBOARDS"] ?? testCases(12, 32));

let workplace: Workplace;
let role: Running;
let browser: Browser;
let base: string;

beforeAll(async () => {
  if (absent) return;
  workplace = new Workplace();
  const port = await freePort();
  base = `http://127.0.0.1:${port}`;
  workplace.write(
    "provisioning/datasources/td.yml",
    "apiVersion: 1\ndatasources: [{name: Made up, type: testdata, uid: td, isDefault: true}]\n",
  );
  role = narthex(
    dashboardsArguments(workplace, port, ["auth.anonymous.enabled=true", "auth.anonymous.org_role=Admin"]),
  );
  await role.ready(`${base}/api/health`);
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await role?.[Symbol.asyncDispose]();
  workplace?.[Symbol.dispose]();
});

test.skipIf(absent)("no dashboard leaves the page blank, runs a script or breaks the page", async () => {
  const known = knownAttacks.map(([what, json]) => ({ what, json, query: "" }));
  expect(await openAll(browser, base, [...known, ...mutatedDashboards(testSeed(), MUTATED)])).toEqual([]);
  expect((await fetch(`${base}/api/health`)).status).toBe(200);
});
