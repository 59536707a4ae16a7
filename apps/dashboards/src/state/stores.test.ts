import { mkdirSync, readFileSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { TLSSocket } from "node:tls";
import { temporaryFolder, testHost } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { main } from "../main.ts";
import { loadSettings } from "../settings/load-settings.ts";
import { makeCertificate } from "../testing/certificate.ts";
import { databaseUrl } from "./stores.ts";

const settingsOf = (...overrides: readonly string[]) =>
  loadSettings({ env: {}, overrides, ini: undefined, readFile: () => "" }).values;

const TLS = [
  "database.ca_cert_path=/ca.pem",
  "database.client_cert_path=/c.pem",
  "database.client_key_path=/k.pem",
  "database.server_cert_name=db",
];

test.each([
  [["database.type=sqlite3"], undefined],
  [
    ["database.type=postgres", "database.host=h:1", "database.password=p@s", "database.ssl_mode=verify-full", ...TLS],
    "postgres://root:p%40s@h:1/grafana?sslmode=verify-full&sslrootcert=%2Fca.pem&sslcert=%2Fc.pem&sslkey=%2Fk.pem&sslservername=db",
  ],
  [
    ["database.type=postgres", "database.host=/run/postgresql", "database.user=me"],
    "postgres://me@localhost/grafana?host=%2Frun%2Fpostgresql&sslmode=disable",
  ],
  [["database.url=postgres://me@h/d?sslmode=require"], "postgres://me@h/d?sslmode=require"],
  [
    ["database.url=postgres://me@h/d", "database.ssl_mode=require", "database.ca_cert_path=/ca.pem"],
    "postgres://me@h/d?sslmode=require&sslrootcert=%2Fca.pem",
  ],
  [
    ["database.url=postgres://me@h/d?sslmode=verify-ca&sslrootcert=/own.pem", "database.ca_cert_path=/ca.pem"],
    "postgres://me@h/d?sslmode=verify-ca&sslrootcert=/own.pem",
  ],
])("the settings %j make the URL %s", (overrides, url) => {
  expect(databaseUrl(settingsOf(...overrides))).toBe(url);
});

/** The data that a client has sent when it connected to the fake database over TLS. */
interface Visit {
  /** Common name in the client's certificate. */
  readonly certificate: string | readonly string[] | undefined;
  readonly startup: string;
}

/** Starts a fake database that uses TLS. It records its clients, and refuses their logins. */
async function tlsDatabase(folder: string): Promise<{ port: number; visits: Visit[]; close: () => Promise<void> }> {
  const [cert, key] = ["c.pem", "k.pem"].map((name) => readFileSync(join(folder, name)));
  const visits: Visit[] = [];
  const secured = (socket: Socket): void => {
    const options = { isServer: true, cert, key, ca: cert, requestCert: true, rejectUnauthorized: false } as const;
    const secure = new TLSSocket(socket, options);
    secure.on("error", () => undefined);
    secure.once("data", (startup: Buffer) => {
      visits.push({ certificate: secure.getPeerCertificate().subject?.CN, startup: startup.toString() });
      const fields = Buffer.from("SFATAL\0C28000\0Mgo away\0\0");
      const head = Buffer.alloc(5);
      head.write("E");
      head.writeInt32BE(fields.length + 4, 1);
      secure.end(Buffer.concat([head, fields]));
    });
  };
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => {
      socket.write("S");
      secured(socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = (): Promise<void> => new Promise((resolve) => server.close(() => resolve()));
  return { port: (server.address() as AddressInfo).port, visits, close };
}

test("the role verifies the certificate of its database, and sends its own certificate", async ({ skip }) => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "data"));
  if (!makeCertificate(folder, "db.internal")) skip("openssl is missing");
  const database = await tlsDatabase(folder);
  const start = async (serverName: string): Promise<string> => {
    const host = testHost(["--web.listen-address=127.0.0.1:0"], {
      env: {
        GF_PATHS_DATA: join(folder, "data"),
        GF_PATHS_CONFIG: join(folder, "grafana.ini"),
        GF_DATABASE_TYPE: "postgres",
        GF_DATABASE_HOST: `127.0.0.1:${database.port}`,
        GF_DATABASE_SSL_MODE: "verify-full",
        GF_DATABASE_CA_CERT_PATH: join(folder, "c.pem"),
        GF_DATABASE_CLIENT_CERT_PATH: join(folder, "c.pem"),
        GF_DATABASE_CLIENT_KEY_PATH: join(folder, "k.pem"),
        GF_DATABASE_SERVER_CERT_NAME: serverName,
      },
    });
    expect(await main(host)).toBe(1);
    return host.output.stderr;
  };
  expect(await start("db.internal")).toContain("go away");
  expect(database.visits).toEqual([{ certificate: "db.internal", startup: expect.stringContaining("grafana") }]);
  expect(await start("other.internal")).toMatch(/does not match certificate's altnames/);
  expect(database.visits).toHaveLength(1);
  await database.close();
});
