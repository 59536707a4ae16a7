import { expect, test } from "vitest";
import { FakePostgresServer, int32, LOGIN, message } from "../testing/fake-postgres-server.ts";
import { environmentAt, never, queryOf, settingsOf } from "../testing/fake-server.ts";
import { postgresSource } from "./postgres-source.ts";

const PASSWORD = "hush-hush";

/**
 * Queries a source whose server sends given bytes. Resolves with the answer, and with the data that the server
 * received.
 */
async function askServer(
  login: Buffer,
  answer?: Buffer,
): Promise<{ readonly status: number; readonly error: string; readonly sent: string }> {
  const server = await FakePostgresServer.open(login, answer);
  const settings = { user: "u", jsonData: { sslmode: "disable" }, secureJsonData: { password: PASSWORD } };
  const source = postgresSource(settingsOf("postgres", server.url, settings), environmentAt(0));
  const answers = await source.query([queryOf({ rawSql: "SELECT 1", format: "table" })], never());
  await source.close();
  await server.close();
  const { status, error = "" } = answers.get("A")!;
  return { status, error, sent: Buffer.concat(server.received).toString("latin1") };
}

const two = (value: number): Buffer => Buffer.from([value >> 8, value & 255]);
const ROW = message("D", Buffer.concat([two(1), int32(1), Buffer.from("x")]));

test.each([
  ["an unknown way to log in", message("R", int32(99))],
  ["a login message without a body", message("R", Buffer.alloc(0))],
  ["a row before the login", Buffer.concat([message("R", int32(0)), ROW])],
])("a server that sends %s fails the query at once", async (_what, login) => {
  expect(await askServer(login)).toMatchObject({ status: 502, error: expect.stringContaining("cannot be reached") });
});

test.each([
  ["a description that is too short", message("T", Buffer.concat([two(3), Buffer.from("a\0"), two(1)]))],
  ["a row that is too short", message("D", two(5))],
  ["a row that the driver has not asked for", Buffer.concat([ROW, message("1", Buffer.alloc(0))])],
])("a server that answers with %s fails the query at once", async (_what, answer) => {
  expect(await askServer(LOGIN, answer)).toMatchObject({
    status: 502,
    error: "the data source cannot be reached: it sent a message that its protocol does not permit",
  });
});

test.each([
  ["to the client", Buffer.concat([message("H", Buffer.from([0, 0, 0])), message("d", Buffer.from("x"))])],
  ["from the client", message("G", Buffer.from([0, 0, 0]))],
])("a server that copies a table %s fails the query at once", async (_what, answer) => {
  expect(await askServer(LOGIN, answer)).toMatchObject({
    status: 400,
    error: expect.stringContaining("instead of COPY"),
  });
});

test("a server that sends more than 1 MiB before the login is complete is cut off", async () => {
  const endless = Buffer.concat([Buffer.from("R"), int32(0x7f_ff_ff_ff), Buffer.alloc(2 * 1024 * 1024)]);
  const { error } = await askServer(endless);
  expect(error).toBe("the data source cannot be reached: it sent more than 1 MiB without a statement");
});

test("a server that asks for the password in clear text does not get it without a verified certificate", async () => {
  const { error, sent } = await askServer(message("R", int32(3)));
  expect(error).toContain("asks for the password without encryption");
  expect(sent).not.toContain(PASSWORD);
});
