import { expect, test } from "vitest";
import { settingsOf } from "../testing/fake-server.ts";
import { databaseOf, poolLimits, serverAddress } from "./sql-settings.ts";

test.each([
  ["db:5433", { host: "db", port: 5433 }],
  ["db", { host: "db", port: 5432 }],
  ["10.0.0.1:1", { host: "10.0.0.1", port: 1 }],
  ["[::1]:5433", { host: "::1", port: 5433 }],
  ["[::1]", { host: "::1", port: 5432 }],
  ["fe80::1", { host: "fe80::1", port: 5432 }],
])("%s is the address of a server", (url, address) => {
  expect(serverAddress(settingsOf("postgres", url), 5432)).toEqual(address);
});

test.each(["", "postgres://u:p@db/x", "db:99999", "db:0", "user@db:5432", "a b"])(
  "%j is refused as an address",
  (url) => {
    expect(() => serverAddress(settingsOf("postgres", url), 5432)).toThrow("write host:port");
  },
);

test("a socket in the file system is only permitted to sources from provisioning files", () => {
  const settings = settingsOf("postgres", "/var/run/postgresql");
  expect(() => serverAddress(settings, 5432)).toThrow("define such a source in a provisioning file");
  expect(() => serverAddress({ ...settings, isProvisioned: false }, 5432)).toThrow("provisioning file");
  expect(serverAddress({ ...settings, isProvisioned: true }, 5432)).toEqual({
    host: "",
    port: 5432,
    socket: "/var/run/postgresql",
  });
});

test("the number of connections has an upper limit, whatever the settings say", () => {
  const limits = (jsonData: Record<string, unknown>) => poolLimits(settingsOf("postgres", "db", { jsonData }));
  expect(limits({})).toEqual({ maxOpen: 32, maxIdle: 32, maxLifetimeMs: 14_400_000 });
  expect(limits({ maxOpenConns: 5, maxIdleConns: 10, connMaxLifetime: 60 })).toEqual({
    maxOpen: 5,
    maxIdle: 5,
    maxLifetimeMs: 60_000,
  });
  expect(limits({ maxOpenConns: 1e9, maxIdleConns: 0, connMaxLifetime: 0 })).toEqual({
    maxOpen: 32,
    maxIdle: 32,
    maxLifetimeMs: Number.POSITIVE_INFINITY,
  });
});

test("the database is named in jsonData, or by the field of old versions", () => {
  expect(databaseOf(settingsOf("mysql", "db", { database: "old" }))).toBe("old");
  expect(databaseOf(settingsOf("mysql", "db", { database: "old", jsonData: { database: "new" } }))).toBe("new");
});
