import { expect, test } from "vitest";
import * as mysql from "../mysql/mysql-failure.ts";
import * as postgres from "../postgres/postgres-failure.ts";
import { connectFailure } from "./connect-failure.ts";

const errorOf = (message: string, more: object = {}): Error => Object.assign(new Error(message), more);

test.each([
  [errorOf("connect ECONNREFUSED 10.1.2.3:5432", { code: "ECONNREFUSED", address: "10.1.2.3", port: 5432 }), "refused"],
  [errorOf("getaddrinfo ENOTFOUND db.internal", { code: "ENOTFOUND", hostname: "db.internal" }), "no such host"],
  [errorOf("connect ENOENT /run/secret", { code: "ENOENT", address: "/run/secret" }), "cannot be reached"],
  [errorOf("Connection terminated unexpectedly"), "it closed the connection"],
  [
    errorOf("Host: db.internal. is not in the cert's altnames", { code: "ERR_TLS_CERT_ALTNAME_INVALID" }),
    "another one than the host of the URL",
  ],
  [errorOf("self-signed certificate", { code: "DEPTH_ZERO_SELF_SIGNED_CERT" }), "set the authority's certificate"],
  [errorOf("certificate has expired", { code: "CERT_HAS_EXPIRED" }), "has expired"],
  [errorOf("The server does not support SSL connections"), "does not use TLS"],
])("the message of %s contains the reason, but no address", (error, reason) => {
  const { message, status } = connectFailure(error);
  expect(message).toContain(reason);
  expect(message).not.toMatch(/10\.1\.2\.3|db\.internal|secret/);
  expect(status).toBe(502);
});

test("PostgreSQL's messages are passed on, but not the address that it saw", () => {
  const server = (message: string, code: string) => errorOf(message, { severity: "ERROR", code });
  expect(postgres.statementFailure(server('relation "x" does not exist', "42P01"))).toMatchObject({
    message: 'db query error: ERROR: relation "x" does not exist (SQLSTATE 42P01)',
    status: 400,
  });
  expect(postgres.statementFailure(server("terminating connection", "57P01")).status).toBe(502);
  expect(postgres.statementFailure(server("canceling statement due to statement timeout", "57014"))).toMatchObject({
    message: expect.stringContaining("raise the source's timeout"),
    status: 504,
  });
  expect(postgres.statementFailure(server("bind message supplies 0 parameters", "08P01"))).toMatchObject({
    message: expect.stringContaining("write a value instead of a parameter such as $1"),
    status: 400,
  });
});

test.each([
  ["28000", "the user or the password is wrong"],
  ["28P01", "the user or the password is wrong"],
  ["3D000", "the database does not exist"],
  ["42501", "the user has no right to the database"],
  ["53300", "the server accepts no more connections"],
])("the message of PostgreSQL about a login with the code %s is not passed on", (code, reason) => {
  const error = errorOf('"hidden" from 10.1.2.3', { severity: "FATAL", code });
  const { message } = postgres.loginFailure(error);
  expect(message).toContain(`the data source refuses the connection: ${reason}`);
  expect(message).not.toMatch(/hidden|10\.1/);
});

test("a statement that MySQL or MariaDB ends at the time limit has the status 504", () => {
  for (const errno of [1969, 3024]) {
    const error = errorOf("secret", { errno, code: "ER_TIMEOUT", sqlState: "HY000", sqlMessage: "secret" });
    expect(mysql.statementFailure(error)).toMatchObject({
      message: expect.stringContaining("raise the source's timeout"),
      status: 504,
    });
  }
});

test("MySQL's messages are passed on only if they are about the text of the query", () => {
  const server = (errno: number, code: string) =>
    errorOf("secret at 10.1.2.3", { errno, code, sqlState: "42000", sqlMessage: "near 'x'" });
  expect(mysql.statementFailure(server(1064, "ER_PARSE_ERROR")).message).toBe(
    "db query error: Error 1064 (42000): near 'x'",
  );
  const denied = server(1142, "ER_TABLEACCESS_DENIED_ERROR");
  expect(mysql.statementFailure(denied).message).toBe(
    "db query error: query failed - the server reports ER_TABLEACCESS_DENIED_ERROR (1142); " +
      "the user of the source needs the right to read this table",
  );
  expect(mysql.loginFailure(server(1045, "ER_ACCESS_DENIED_ERROR")).message).toBe(
    "the data source refuses the connection: the user or the password is wrong",
  );
});
