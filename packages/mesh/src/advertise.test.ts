import { expect, test } from "vitest";
import { ManualClock } from "@narthex/runtime/testing";
import { advertisedHost, defaultRouteInterface, isUnroutable } from "./advertise.ts";
import { splitHostPort } from "./transport.ts";
import { checkPeers, lookUpPeers } from "./peer-lookup.ts";
import { randomPeerName } from "./mesh-options.ts";

const MACHINE = [
  { interface: "lo", address: "127.0.0.1", prefix: 8 },
  { interface: "eth0", address: "192.0.2.2", prefix: 24 },
  { interface: "eth0", address: "fd00::2", prefix: 64 },
  { interface: "eth0", address: "fe80::fc:ff:fe00:1", prefix: 64 },
  { interface: "docker0", address: "172.17.0.1", prefix: 16 },
  { interface: "wan", address: "8.8.4.4", prefix: 24 },
];

const ask = (options: Partial<Parameters<typeof advertisedHost>[0]>): string =>
  advertisedHost({
    bindHost: "0.0.0.0",
    host: "",
    allowPublic: false,
    interfaces: MACHINE,
    defaultInterface: "eth0",
    ...options,
  });

test("the private address of the default route's interface is advertised, as in the original", () => {
  expect(ask({})).toBe("fd00::2");
  expect(ask({ defaultInterface: "docker0" })).toBe("172.17.0.1");
  expect(ask({ defaultInterface: undefined })).toBe("172.17.0.1");
  expect(ask({ bindHost: "127.0.0.1" })).toBe("127.0.0.1");
  expect(ask({ host: "10.1.2.3" })).toBe("10.1.2.3");
});

test("a public address is advertised only if that is allowed", () => {
  const interfaces = MACHINE.filter(({ interface: name }) => name === "lo" || name === "wan");
  expect(() => ask({ interfaces })).toThrow("no private IP found, explicit advertise addr not provided");
  expect(ask({ interfaces, allowPublic: true })).toBe("8.8.4.4");
  const loopback = MACHINE.slice(0, 1);
  expect(() => ask({ interfaces: loopback, allowPublic: true })).toThrow("no private/public IP found");
  expect(() => ask({ host: "host.name" })).toThrow("failed to parse advertise addr 'host.name'");
});

test("loopback and wildcards are addresses that others cannot reach", () => {
  expect(["127.0.0.1", "::1", "0.0.0.0", "::", "localhost", ""].map(isUnroutable)).toEqual(Array(6).fill(true));
  expect(["10.0.0.1", "example.org"].map(isUnroutable)).toEqual([false, false]);
});

test("the default route's interface is read from the kernel's table", () => {
  const table =
    "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\n" +
    "docker0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\n" +
    "eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\n";
  expect(defaultRouteInterface(table)).toBe("eth0");
  expect(defaultRouteInterface("")).toBeUndefined();
});

test("host and port are split as in Go", () => {
  expect(splitHostPort("[::1]:9094")).toEqual(["::1", "9094"]);
  expect(splitHostPort(":0")).toEqual(["", "0"]);
  expect(() => splitHostPort("nope")).toThrow("address nope: missing port in address");
  expect(() => splitHostPort("::1:1")).toThrow("address ::1:1: too many colons in address");
  expect(() => checkPeers(["nope"])).toThrow(
    "resolve peers: split host/port for peer nope: address nope: missing port in address",
  );
});

test("a peer's name is resolved to all its addresses; one that cannot be resolved is kept as written", async () => {
  const clock = new ManualClock();
  const lookUp = async (host: string): Promise<readonly string[]> => {
    if (host === "slow") return new Promise(() => undefined);
    if (host !== "peers") throw new Error("no such host");
    return ["10.0.0.1", "10.0.0.2", "fd00::1"];
  };
  const looking = lookUpPeers(["peers:9094", "10.0.0.1:9094", "new:9094", "slow:1"], { lookUp, clock, timeoutMs: 15 });
  await clock.advance(15);
  expect(await looking).toEqual({
    addresses: ["10.0.0.1:9094", "10.0.0.2:9094", "[fd00::1]:9094", "new:9094", "slow:1"],
    complete: false,
  });
});

test("an instance without a name gets a ULID", () => {
  const name = randomPeerName(Date.UTC(2016, 6, 30, 22, 36, 16, 385));
  expect(name).toMatch(/^01AR[0-9A-HJKMNP-TV-Z]{22}$/);
  expect(randomPeerName(0)).not.toBe(randomPeerName(0));
});
