import { expect, test } from "vitest";
import { isPasskeyHost } from "./passkey-host.ts";

const at = (hostname: string, more: object = {}) => ({
  isSecureContext: true,
  PublicKeyCredential: {},
  location: { hostname },
  ...more,
});

test.each([
  ["grafana.example", true],
  ["eu.grafana.example", true],
  ["mygrafana.example", false],
  ["example", false],
  ["grafana.example.org", false],
  ["127.0.0.1", false],
])("at the host %s, passkeys of grafana.example can be used: %s", (hostname, isUsable) => {
  expect(isPasskeyHost("grafana.example", at(hostname))).toBe(isUsable);
});

test("passkeys need a browser with passkeys and a secure page", () => {
  expect(isPasskeyHost("x", at("x"))).toBe(true);
  expect(isPasskeyHost("x", at("x", { isSecureContext: false }))).toBe(false);
  expect(isPasskeyHost("x", at("x", { PublicKeyCredential: undefined }))).toBe(false);
});

test.each(["127.0.0.1", "[::1]"])("passkeys cannot be used at the IP address %s", (host) => {
  expect(isPasskeyHost(host, at(host))).toBe(false);
});
