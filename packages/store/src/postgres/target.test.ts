import { expect, test } from "vitest";
import { parseTarget, tlsOptions } from "./target.ts";

const parse = (url: string, env: Record<string, string> = {}) => parseTarget(url, env);

test("parseTarget() reads the same parts of a URL as libpq", () => {
  expect(parse("postgres://me:p%40ss@db.example.org:6432/state?sslmode=verify-full&sslrootcert=/ca.pem")).toMatchObject(
    {
      host: "db.example.org",
      port: 6432,
      user: "me",
      database: "state",
      password: "p@ss",
      ssl: "verify-full",
      sslRootCert: "/ca.pem",
      printed: "postgres://me@db.example.org:6432/state",
    },
  );
  expect(parse("postgresql://me@/state?host=/run/postgresql")).toMatchObject({
    host: "/run/postgresql",
    ssl: "disable",
    printed: "postgres://me@/run/postgresql/state",
  });
  expect(parse("postgres://[::1]/x")).toMatchObject({ host: "::1", port: 5432, ssl: "prefer" });
});

test("parseTarget() takes parts that the URL lacks from the environment", () => {
  const env = { PGUSER: "u", PGHOST: "h", PGPASSWORD: "p", PGSSLMODE: "require", PGPASSFILE: "/pass", HOME: "/home/u" };
  expect(parse("postgres://", env)).toMatchObject({
    host: "h",
    user: "u",
    database: "u",
    password: "p",
    passwordFile: "/pass",
    ssl: "require",
  });
  expect(parse("postgres://v:q@k/d?sslmode=disable", { HOME: "/home/u" })).toMatchObject({
    user: "v",
    password: "q",
    passwordFile: "/home/u/.pgpass",
    ssl: "disable",
  });
});

test.each([
  ["not a url with pass:word", /not of the form postgres:\/\//],
  ["mysql://me:secret@host/db", /not of the form postgres:\/\//],
  ["postgres://me:secret@host/db?sslmode=on", /sslmode "on" of the store is unknown; it can be disable, prefer/],
  ["postgres://me:secret@host/db?pool=5", /has the parameter "pool", which is unknown; known are host, port/],
  ["postgres://me:secret@one:1,two:2/db", /not of the form postgres:\/\//],
])("parseTarget() refuses %j, and quotes no password", (url, message) => {
  expect(() => parse(url)).toThrow(message);
  expect(() => parse(url)).not.toThrow(/secret|pass:word/);
});

test("tlsOptions() checks the server according to sslmode", () => {
  expect(tlsOptions(parse("postgres://h/d?sslmode=disable"))).toBe(false);
  expect(tlsOptions(parse("postgres://h/d?sslmode=require"))).toEqual({ rejectUnauthorized: false });
  expect(tlsOptions(parse("postgres://h/d?sslmode=verify-full"))).toEqual({});
  expect(tlsOptions(parse("postgres://h/d?sslmode=verify-ca"))).toHaveProperty("checkServerIdentity");
  const named = tlsOptions(parse("postgres://h/d?sslmode=verify-full&sslservername=db.internal")) as {
    readonly checkServerIdentity: (host: string, certificate: object) => Error | undefined;
  };
  const certificate = (name: string): object => ({ subject: { CN: name }, subjectaltname: `DNS:${name}` });
  expect(named.checkServerIdentity("h", certificate("db.internal"))).toBeUndefined();
  expect(named.checkServerIdentity("h", certificate("h"))).toBeInstanceOf(Error);
  expect(() => tlsOptions(parse("postgres://h/d?sslmode=verify-full&sslrootcert=/no/such.pem"))).toThrow(
    /read \/no\/such\.pem for the store's TLS: ENOENT/,
  );
});
