import { readFileSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { axeFindings, axeSource } from "../support/axe.ts";
import { NotificationSink } from "../support/notification-sink.ts";
import { freePort } from "../support/ports.ts";
import { lacks } from "../support/requirements.ts";
import { useStage } from "../support/stage.ts";

const absent = lacks("browser");
const STARTER = "# Nobody yet.\nroute: {receiver: on-call} # root\nreceivers:\n  - name: on-call\n";

let sink: NotificationSink;
let file: string;

const stage = useStage(async (stage) => {
  const address = `127.0.0.1:${await freePort()}`;
  file = stage.workplace.write("alertmanager.yml", STARTER);
  sink = await NotificationSink.open();
  await stage.start(
    [
      "alertmanager",
      `--config.file=${file}`,
      `--storage.path=${stage.workplace.path("alerts")}`,
      `--web.listen-address=${address}`,
      "--cluster.listen-address=",
      "--web.enable-receiver-setup",
    ],
    `http://${address}/-/ready`,
  );
  return `http://${address}`;
});

afterAll(() => sink?.[Symbol.asyncDispose]());

test.skipIf(absent)(
  "the banner that nobody is notified leads to a form, whose test arrives before it is saved",
  async () => {
    const { page, errors } = await stage.open("/notifications");
    await page.getByRole("link", { name: "Set up a receiver" }).click();
    await page.getByRole("button", { name: "Set up on-call" }).click();
    const form = page.getByRole("form", { name: "Receiver" });
    await form.getByText("Still empty: To, Mail server, From").waitFor();
    await form.getByText("Webhook", { exact: true }).click();
    await form.getByLabel("URL", { exact: false }).fill(`${sink.url}hook?token=abcdefghijklmnop`);
    await page.evaluate(axeSource());
    expect(await axeFindings(page)).toEqual([]);
    await form.getByRole("button", { name: "Send a test" }).click();
    await form.getByText("webhook[0]: sent").waitFor();
    expect(sink.messages.map(({ alerts }) => alerts[0]!.labels["test"])).toEqual(["true"]);
    expect(readFileSync(file, "utf8")).toBe(STARTER);
    await form.getByRole("button", { name: "Save" }).click();
    await form.waitFor({ state: "detached" });
    const text = readFileSync(file, "utf8");
    expect(text).toContain("# Nobody yet.\nroute: {receiver: on-call} # root\n");
    expect(text).toContain("    webhook_configs:\n      - send_resolved: true\n        url_file: ");
    expect(text).not.toContain("abcdefgh");
    await page.getByRole("button", { name: "Send a test to on-call" }).click();
    await page.getByText("webhook[0]: sent").waitFor();
    await page.goto(`${stage.base}/notifications`);
    await page.getByRole("heading", { name: "Notifications" }).waitFor();
    expect(await page.getByText("Nobody is notified of alerts").count()).toBe(0);
    expect(errors).toEqual([]);
    await page.close();
  },
);
