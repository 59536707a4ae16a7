import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { httpSink } from "../testing/http-sink.ts";
import { deliverOnce, openReceiver } from "../testing/open-receiver.ts";

const KINDS = ["discord", "msteams", "msteamsv2", "mattermost"];

test.each(KINDS)("%s reads webhook_url_file for each notification", async (kind) => {
  const folder = temporaryFolder();
  const file = join(folder, "url");
  await using sink = await httpSink();
  await using receiver = await openReceiver(`{name: all, ${kind}_configs: [{webhook_url_file: '${file}'}]}`);
  writeFileSync(file, ` ${sink.url}/one\n`);
  expect(await receiver.deliver()).toEqual({ kind: "sent" });
  writeFileSync(file, `${sink.url}/two`);
  expect(await receiver.deliver()).toEqual({ kind: "sent" });
  expect(sink.requests.map(({ url }) => url)).toEqual(["/one", "/two"]);
});

test.each(KINDS)("%s reports which file cannot be read", async (kind) => {
  expect(await deliverOnce(`{name: all, ${kind}_configs: [{webhook_url_file: /nowhere/url}]}`)).toEqual({
    kind: "rejected",
    failure: "other",
    reason: "read webhook_url_file: open /nowhere/url: no such file or directory",
  });
});

test.each(KINDS)("%s does not report the URL if it cannot be reached", async (kind) => {
  const outcome = await deliverOnce(`{name: all, ${kind}_configs: [{webhook_url: 'http://127.0.0.1:1/secret'}]}`);
  expect(outcome).toMatchObject({ kind: "retry", failure: "other" });
  expect(JSON.stringify(outcome)).not.toContain("secret");
});
