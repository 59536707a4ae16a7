import { createServer } from "node:http";
import { expect, test } from "vitest";
import { axeFindings, axeSource } from "../support/axe.ts";
import { launchBrowser, openPage } from "../support/headless-browser.ts";
import { onLoopback } from "../support/loopback.ts";
import { lacks } from "../support/requirements.ts";
import { serve } from "../support/serving.ts";
import { Workplace } from "../support/workplace.ts";

const absent = lacks("browser");

const HANDLING = [{ alertname: "Loaded", firings: 8, silenced: 2, inhibited: 0, acknowledged: 4 }];
const RULES = "groups: [{ name: shop, rules: [{ alert: Loaded, expr: vector(1) > 0, for: 1m }] }]\n";

test.skipIf(absent)(
  "a person sees which share of firings was silenced and acknowledged, and the findings of the server's policy",
  async () => {
    using workplace = new Workplace();
    await using browser = await launchBrowser();
    await using alertmanager = await onLoopback(
      createServer(({ url }, response) => {
        response.writeHead(url === "/api/v2/narthex/alert-handling" ? 200 : 404).end(JSON.stringify(HANDLING));
      }),
    );
    workplace.write("rules.yml", RULES);
    const policy = workplace.write("policy.yml", "require: [{ severity: error, labels: { team: .+ } }]\n");
    await using server = await serve("narthex", workplace, "data", {
      config: `rule_files: [rules.yml]
alerting: { alertmanagers: [{ static_configs: [{ targets: ["127.0.0.1:${alertmanager.port}"] }] }] }
`,
      flags: [`--rules.lint-policy=${policy}`],
    });
    const { page, errors } = await openPage(browser, `${server.base}/alert-quality`);
    const row = page.getByRole("table", { name: "Alert quality" }).getByRole("row").nth(1);
    await row.getByText("25 %", { exact: true }).waitFor();
    await row.getByText("50 %", { exact: true }).waitFor();
    expect(await row.getByTitle("2 of 8 firings with this name in the Alertmanager's history").count()).toBe(1);
    await page.evaluate(axeSource());
    expect(await axeFindings(page)).toEqual([]);

    await page.goto(`${server.base}/rules`);
    await page.getByRole("button", { name: "Check rules" }).click();
    await page
      .getByText(/the label team is missing/)
      .first()
      .waitFor();
    expect(errors).toEqual([]);
  },
);
