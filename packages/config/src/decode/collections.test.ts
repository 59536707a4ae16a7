import { expect, test } from "vitest";
import { printYaml } from "../yaml/print.ts";
import { anyMapping } from "./collections.ts";
import { decodeYaml } from "./decode.ts";
import { withSecretsRevealed } from "./secret.ts";

test("a section that is kept without being interpreted is printed without its secrets", () => {
  const yaml =
    "{server: 'http://u:canary@h/', proxy_connect_header: {X-Key: [canary, canary], values: [canary]}, password: canary, " +
    "tls_config: {key: canary}, http_headers: {X-Key: {secrets: [canary], values: [v]}}, key: label}";
  const decoded = decodeYaml(yaml, "p.yml", anyMapping);
  if (!decoded.ok) throw new Error("a mapping is decoded");
  const text = printYaml(anyMapping.encode(decoded.value));
  expect(text).not.toContain("canary");
  expect(text).toContain("server: http://u:xxxxx@h/");
  expect(text).toContain("key: label");
  // Checks that the printed text contains all secrets in plain text when secrets are revealed, as in comparisons of two
  // configurations.
  expect(withSecretsRevealed(() => printYaml(anyMapping.encode(decoded.value))).match(/canary/g)).toHaveLength(7);
});
