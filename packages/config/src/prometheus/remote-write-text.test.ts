import { hash } from "node:crypto";
import { expect, test } from "vitest";
import { parsePrometheusConfig } from "../load.ts";
import { parseRemoteWrite, printRemoteWrite, remoteWriteIdentity } from "./effective.ts";
import type { RemoteWriteConfig } from "./remote.ts";

function entryOf(yaml: string): RemoteWriteConfig {
  const parsed = parsePrometheusConfig(`remote_write:\n- ${yaml}\n`, "a.yml", {}, () => undefined);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.value.remoteWrite[0]!;
}

test("printRemoteWrite() returns Prometheus' text, from which Prometheus derives the names of queues", () => {
  // Compares with the hash that Prometheus 3.5.3 shows as the name of this entry.
  expect(hash("md5", printRemoteWrite(entryOf("url: http://127.0.0.1:29192/x"))).slice(0, 6)).toBe("f65af6");
});

test("parseRemoteWrite() reads the output of remoteWriteIdentity(), including secrets and rules", () => {
  const entry = entryOf(
    "{url: 'http://u:p@a/x', basic_auth: {username: a, password: b}, headers: {X-A: c}, queue_config: {capacity: 5}, " +
      "write_relabel_configs: [{source_labels: [a], regex: 'x(.*)', target_label: b}], sigv4: }",
  );
  const text = remoteWriteIdentity(entry);
  const read = parseRemoteWrite(text, "utf8");
  expect(read.url).toBe("http://u:p@a/x");
  expect(read.httpClient.basicAuth?.password?.reveal()).toBe("b");
  expect(read.writeRelabelConfigs[0]?.regex.source).toBe(entry.writeRelabelConfigs[0]?.regex.source);
  expect(read.queue).toEqual(entry.queue);
  expect(remoteWriteIdentity(read)).toBe(text);
});

test("a different password results in a different identity, and is never printed", () => {
  const [one, other] = ["p", "q"].map((word) => entryOf(`url: http://u:${word}@a/x`));
  expect(printRemoteWrite(one!)).toBe(printRemoteWrite(other!));
  expect(printRemoteWrite(one!)).toContain("xxxxx");
  expect(remoteWriteIdentity(one!)).not.toBe(remoteWriteIdentity(other!));
});
