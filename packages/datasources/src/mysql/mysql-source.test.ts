import { type AddressInfo, createServer } from "node:net";
import { expect, test } from "vitest";
import { FakeMysqlServer } from "../testing/fake-mysql-server.ts";
import { environmentAt, never, queryOf, settingsOf } from "../testing/fake-server.ts";
import { mayWrite, mysqlSource } from "./mysql-source.ts";

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

test("after each statement the session is reset, and gets its settings again", async () => {
  const server = await FakeMysqlServer.open((_sql, send) => send(1, Buffer.from([0, 0, 0, 2, 0, 0, 0])));
  const source = sourceAt(server.url);
  for (const rawSql of ["SELECT 1", "SELECT 2"]) {
    // oxlint-disable-next-line no-await-in-loop -- one statement after the other, on the same connection
    await source.query([queryOf({ rawSql, format: "table" })], never());
  }
  await source.close();
  await server.close();
  const commands = server.received.slice(1).map((bytes) => (bytes[4] === 31 ? "RESET" : bytes.toString("utf8", 5)));
  const sent = commands.filter((one) => /^(?:RESET|SELECT|ROLLBACK|SET SESSION TRANSACTION)/.test(one));
  const settings = "SET SESSION TRANSACTION READ ONLY";
  const one = (select: string): string[] => [settings, select, "ROLLBACK", "RESET"];
  expect(sent).toEqual([...one("SELECT 1"), ...one("SELECT 2"), settings]);
});

test("a server that sends more than 1 MiB before the login is complete is cut off", async () => {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    // Reads from the socket, because a socket without a reader does not notice that the client is gone.
    socket.resume();
    socket.write(Buffer.concat([Buffer.from([0xff, 0xff, 0xff, 0]), Buffer.alloc(2 * 1024 * 1024)]));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const source = sourceAt(`127.0.0.1:${(server.address() as AddressInfo).port}`);
  const answers = await source.query([queryOf({ rawSql: "SELECT 1" })], never());
  expect(answers.get("A")?.error).toBe(
    "the data source cannot be reached: it sent more than 1 MiB without a statement",
  );
  await source.close();
  await new Promise((resolve) => server.close(resolve));
});

test.each([
  ["GRANT SELECT ON *.* TO u", "Database Connection OK"],
  ["GRANT SELECT, EXECUTE ON `d`.* TO u", "its user may write"],
  ["GRANT FILE ON *.* TO u", "its user may write"],
])("the health shows whether the right %j permits to write", (grant, expected) => {
  const field = { name: "g", type: "string", values: [grant], config: {} } as const;
  expect(mayWrite([field]) ? "its user may write" : "Database Connection OK").toBe(expected);
});
