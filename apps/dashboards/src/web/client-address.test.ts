import { expect, test } from "vitest";
import { loadSettings } from "../settings/load-settings.ts";
import { clientAddress, clientNetwork, isFromThisMachine } from "./client-address.ts";

const addressOf = (proxies: string) => {
  const readFile = (): string => "";
  const overrides = [`server.trusted_proxies=${proxies}`];
  return clientAddress(loadSettings({ env: {}, overrides, ini: undefined, readFile }).values);
};

test.each([
  ["", "10.0.0.1", "1.2.3.4", "10.0.0.1"],
  ["10.0.0.0/8", "10.0.0.1", undefined, "10.0.0.1"],
  ["10.0.0.0/8", "10.0.0.1", "1.2.3.4", "1.2.3.4"],
  ["10.0.0.0/8", "::ffff:10.0.0.1", "1.2.3.4", "1.2.3.4"],
  ["10.0.0.0/8", "11.0.0.1", "1.2.3.4", "11.0.0.1"],
  // Addresses that a client has forged come before the addresses that trusted proxies append.
  ["10.0.0.0/8 fd00::1", "fd00::1", "9.9.9.9, 1.2.3.4, 10.0.0.2", "1.2.3.4"],
  ["10.0.0.0/8", "10.0.0.1", "nonsense, 10.0.0.7", "10.0.0.7"],
  ["10.0.0.1", "10.0.0.1", "::1", "::1"],
])(
  "with trusted proxies %s, a request from %s with X-Forwarded-For %s comes from %s",
  (proxies, ip, forwarded, expected) => {
    expect(addressOf(proxies)({ ip, headers: forwarded === undefined ? {} : { "x-forwarded-for": forwarded } })).toBe(
      expected,
    );
  },
);

test.each(["proxy", "10.0.0.0/33", "10.0.0.0/", "::/129"])("%s is not accepted as a trusted proxy", (word) => {
  expect(() => addressOf(word)).toThrow(/^server\.trusted_proxies: ".*" is neither an address nor a network/);
});

test.each([
  ["10.0.0.1", "10.0.0.1"],
  ["2001:db8::1", "2001:db8:0:0::/64"],
  ["2001:DB8:0:0:1:2:3:4", "2001:db8:0:0::/64"],
  ["2001:db8:0:1::", "2001:db8:0:1::/64"],
  ["::1", "0:0:0:0::/64"],
  ["fe80::1%eth0", "fe80:0:0:0::/64"],
  ["1:2:3:4:5:6:7:8", "1:2:3:4::/64"],
  ["nonsense", "nonsense"],
])("the network of a client at %s is %s", (address, network) => {
  expect(clientNetwork(address)).toBe(network);
});

test.each<[boolean, string, Record<string, string>, string]>([
  [true, "127.0.0.1", { host: "localhost:3000" }, "1.1"],
  [true, "::ffff:127.0.0.1", { host: "127.0.0.1" }, "1.1"],
  [true, "::1", { host: "[::1]:3000" }, "1.1"],
  [false, "10.0.0.7", { host: "localhost:3000" }, "1.1"],
  [false, "127.0.0.1", { host: "grafana.example.org" }, "1.1"],
  [false, "127.0.0.1", { host: "localhost.example.org" }, "1.1"],
  [false, "127.0.0.1", {}, "1.1"],
  [false, "127.0.0.1", { host: "127.0.0.1:3000" }, "1.0"],
  [false, "127.0.0.1", { host: "localhost", "x-forwarded-for": "1.2.3.4" }, "1.1"],
  [false, "127.0.0.1", { host: "localhost", via: "1.1 proxy" }, "1.1"],
])(
  "%s: a request from %s with the headers %j over HTTP/%s comes from this machine",
  (expected, ip, headers, httpVersion) =>
    expect(isFromThisMachine({ ip, headers, raw: { httpVersion } })).toBe(expected),
);
