import { hostileJson } from "@narthex/dashboards/testing";
import fc from "fast-check";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "../../support/headless-browser.ts";
import { freePort } from "../../support/ports.ts";
import { lacks } from "../../support/requirements.ts";
import { narthex, type Running } from "../../support/running.ts";
import { chosenSeed } from "../../support/seed.ts";
import { Workplace } from "../../support/workplace.ts";
import { everyKind } from "./every-kind.ts";
import { knownAttacks } from "./known-attacks.ts";
import { openAll } from "./open-all.ts";
import { dashboardsArguments } from "../dashboards-arguments.ts";

const absent = lacks("browser");
const MUTATED = Number(process.env["NARTHEX_HOSTILE_DASHBOARDS"] ?? 32);

let place: Workplace;
let role: Running;
let browser: Browser;
let base: string;

beforeAll(async () => {
  if (absent) return;
  place = new Workplace();
  const port = await freePort();
  base = `http://127.0.0.1:${port}`;
  place.write(
    "provisioning/datasources/td.yml",
    "apiVersion: 1\ndatasources: [{name: Made up, type: testdata, uid: td, isDefault: true}]\n",
  );
  role = narthex(dashboardsArguments(place, port));
  await role.ready(`${base}/api/health`);
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await role?.[Symbol.asyncDispose]();
  place?.[Symbol.dispose]();
});

test.skipIf(absent)("no dashboard leaves the page blank, runs a script or breaks the page", async () => {
  const mutated = fc.sample(hostileJson(everyKind), { seed: chosenSeed(), numRuns: MUTATED });
  const page = await browser.newPage({ viewport: { width: 1400, height: 1800 } });
  expect(await openAll(page, base, [...knownAttacks, ...mutated.map((json, at): [string, unknown] => [`mutated ${at}`, json])])).toEqual([]); // prettier-ignore
  await page.close();
});
