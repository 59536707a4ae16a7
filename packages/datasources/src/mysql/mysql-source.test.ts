import { expect, test } from "vitest";
import { FakeMysqlServer } from "../testing/fake-mysql-server.ts";
import { environmentAt, never, queryOf, settingsOf } from "../testing/fake-server.ts";
import { mysqlSource } from "./mysql-source.ts";

const sourceAt = (url: string) =>
  mysqlSource(settingsOf("mysql", url, { user: "u", secureJsonData: { password: "p" } }), environmentAt(0));

test("a server that asks for a file of this machine gets nothing, and the query fails", async () => {
  const path = import.meta.filename;
  const server = await FakeMysqlServer.open((_sql, send, socket) => {
    send(1, Buffer.concat([Buffer.from([0xfb]), Buffer.from(path)]));
    socket.once("data", () => send(3, Buffer.from([0, 0, 0, 2, 0, 0, 0])));
  });
  const source = sourceAt(server.url);
  const answers = await source.query([queryOf({ rawSql: "SELECT 1", format: "table" })], never());
  expect(answers.get("A")).toMatchObject({ status: 502, error: expect.not.stringContaining(path) });
  const sent = Buffer.concat(server.received).toString("latin1");
  expect(sent).toContain("SELECT 1");
  expect(sent).not.toContain("gets nothing");
  await source.close();
  await server.close();
});

test("a server that closes the connection in the middle of an answer fails the query", async () => {
  const server = await FakeMysqlServer.open((_sql, _send, socket) => socket.destroy());
  const source = sourceAt(server.url);
  const answers = await source.query([queryOf({ rawSql: "SELECT 1" })], never());
  expect(answers.get("A")).toMatchObject({ status: 502, error: expect.stringContaining("it closed the connection") });
  await source.close();
  await server.close();
});

test("the driver does not offer to send files", async () => {
  const server = await FakeMysqlServer.open(() => undefined);
  const source = sourceAt(server.url);
  const asking = source.query([queryOf({ rawSql: "SELECT 1" })], never());
  await expect.poll(() => Buffer.concat(server.received).toString("latin1")).toContain("SELECT 1");
  const LOCAL_FILES = 0x80;
  const MULTIPLE_STATEMENTS = 0x1_00_00;
  expect(server.received[0]!.readUInt32LE(4) & (LOCAL_FILES | MULTIPLE_STATEMENTS)).toBe(0);
  await source.close();
  await asking;
  await server.close();
});
