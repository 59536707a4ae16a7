// Each kind of data source that connects to a server obeys the rules of destinations. The table of the kinds is the
// registry, so a new kind is tested too.
import { createServer, type Server } from "node:net";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import type { DataSource, DataSourceSettings } from "../data-source.ts";
import type { DataSourceKind } from "../data-source-kind.ts";
import { DATA_SOURCE_KINDS, openDataSource } from "../registry.ts";
import { environmentAt, FakeServer, never, queryOf, settingsOf } from "../testing/fake-server.ts";
import { Destinations } from "./destinations.ts";

const REFUSED = "data sources at addresses of the link or of no host are refused";
const LINK_LOCAL = ["169.254.169.254", "[fe80::1]", "100.100.100.200", "[fd00:ec2::254]"] as const;
/** Addresses that URLs write in other ways. */
const DISGUISED = ["0xa9fea9fe", "2852039166", "0251.0376.0251.0376", "[::ffff:169.254.169.254]"] as const;

/**
 * Kinds whose sources do not connect: a file, sources that the role answers itself, and the Pushgateway, to whose server
 * only the proxy connects.
 */
const WITHOUT_SERVER: ReadonlySet<string> = new Set([
  "frser-sqlite-datasource",
  "grafana",
  "grafana-testdata-datasource",
  "mixed",
  "narthex-pushgateway",
]);
/** Kinds whose URL is only a host and a port. */
const OF_SQL: ReadonlySet<string> = new Set(["postgres", "mysql"]);

const nameOf = ({ types }: DataSourceKind): string => types[0]!;
const isSql = ({ types }: DataSourceKind): boolean => types.some((type) => OF_SQL.has(type));
const KINDS = DATA_SOURCE_KINDS.filter(({ types }) => !types.some((type) => WITHOUT_SERVER.has(type))).map(
  (kind) => [nameOf(kind), kind] as const,
);
const HTTP_KINDS = KINDS.filter(([, kind]) => !isSql(kind));

/** A target that each kind sends to its server. */
const TARGET = {
  expr: "up",
  rawSql: "SELECT 1",
  rawQuery: true,
  query: "SELECT 1 FROM a",
  target: "a.b",
  queryType: "alerts",
  type: "json",
  source: "url",
  url: "/data",
  format: "table",
  metrics: [{ id: "1", type: "count" }],
  bucketAggs: [{ id: "2", type: "terms", field: "a" }],
  service: "a",
};
const QUERY_TYPES: Readonly<Record<string, string>> = {
  tempo: "traceql",
  jaeger: "search",
  zipkin: "traceID",
  loki: "range",
};

const opened: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

function open(
  kind: DataSourceKind,
  url: string,
  destinations: Destinations,
  more: Partial<DataSourceSettings> = {},
): DataSource {
  const settings = settingsOf(nameOf(kind), url, {
    user: "u",
    jsonData: { database: "d", sslmode: "disable" },
    ...more,
  });
  const source = openDataSource(settings, environmentAt(1_700_000_000_000, { destinations }));
  opened.push(source);
  return source;
}

/** Asks a source in all ways, and returns the messages of its failures. */
async function failuresOf(kind: DataSourceKind, source: DataSource): Promise<readonly string[]> {
  const queryType = QUERY_TYPES[nameOf(kind)] ?? "alerts";
  const answers = await source.query([queryOf({ ...TARGET, queryType })], never());
  const health = await source.health(never());
  return [answers.get("A")?.error ?? "no failure of the query", health.message];
}

/** A resolver that gives each name the addresses of a list, one after the other. */
function resolver(...addresses: readonly string[]) {
  const asked: string[] = [];
  const lookup = ((name: string, _: unknown, done: (error: null, found: readonly object[]) => void) => {
    const address = addresses[Math.min(asked.length, addresses.length - 1)]!;
    asked.push(name);
    done(null, [{ address, family: address.includes(":") ? 6 : 4 }]);
  }) as never;
  return { asked, lookup };
}

const urlOf = (kind: DataSourceKind, host: string, port: number): string =>
  isSql(kind) ? `${host}:${port}` : `http://${host}:${port}`;

test.each(KINDS)("a source of the kind %s refuses addresses of the link", async (_name, kind) => {
  for (const host of LINK_LOCAL)
    for (const failure of await failuresOf(kind, open(kind, urlOf(kind, host, 80), new Destinations())))
      expect(failure, host).toContain(REFUSED);
});

test.each(KINDS)(
  "a source of the kind %s refuses addresses of the link that are written in another way",
  async (_name, kind) => {
    for (const host of DISGUISED)
      for (const failure of await failuresOf(kind, open(kind, urlOf(kind, host, 80), new Destinations())))
        expect(failure, host).toContain(REFUSED);
  },
);

test.each(KINDS)(
  "a source of the kind %s refuses a name that resolves to an address of the link",
  async (_name, kind) => {
    for (const address of ["169.254.169.254", "fe80::1", "::ffff:169.254.169.254"]) {
      const { lookup, asked } = resolver(address);
      const failures = await failuresOf(
        kind,
        open(kind, urlOf(kind, "metadata.example", 80), new Destinations({}, lookup)),
      );
      for (const failure of failures) expect(failure, address).toContain(REFUSED);
      expect(asked.length, address).toBeGreaterThan(0);
    }
  },
);

test.each(KINDS)(
  "a source of the kind %s connects to the address that was checked, so a name cannot change in between",
  async (_name, kind) => {
    const server = await silentServer();
    const { port } = server.address() as AddressInfo;
    // The first answer is permitted and the next ones are not: a second look-up would refuse the connection or change it.
    const { lookup, asked } = resolver("127.0.0.1", "169.254.169.254");
    const source = open(kind, urlOf(kind, "changing.example", port), new Destinations({}, lookup));
    const queryType = QUERY_TYPES[nameOf(kind)] ?? "alerts";
    const answer = (await source.query([queryOf({ ...TARGET, queryType })], never())).get("A")!;
    expect(answer.error).not.toContain(REFUSED);
    expect(answer.status).toBe(502);
    expect(asked).toEqual(["changing.example"]);
  },
);

test.each(HTTP_KINDS)("a source of the kind %s follows no redirect to an address of the link", async (_name, kind) => {
  for (const host of [...LINK_LOCAL, ...DISGUISED]) {
    const server = await FakeServer.open(() => [307, "", { location: `http://${host}/latest/meta-data` }]);
    opened.push(server);
    for (const failure of await failuresOf(kind, open(kind, server.url, new Destinations())))
      expect(failure, host).toContain(REFUSED);
    expect(server.requests.length).toBeGreaterThan(0);
  }
});

test.each(KINDS)("a source of the kind %s connects to no socket in the file system", async (_name, kind) => {
  const urls = isSql(kind)
    ? ["/var/run/db.sock"]
    : ["/var/run/db.sock", "unix:///var/run/db.sock", "http+unix://%2Fvar%2Frun%2Fdb.sock", "file:///etc/passwd"];
  for (const url of urls)
    for (const failure of await failuresOf(kind, open(kind, url, new Destinations())))
      expect(failure, url).toMatch(
        /define such a source in a provisioning file|is not valid; write http|starts with http or https/,
      );
});

test.each(KINDS)("a source of the kind %s connects only to hosts of the list, if there is one", async (_name, kind) => {
  const destinations = new Destinations({ hosts: ["permitted.example:1234"] });
  for (const failure of await failuresOf(kind, open(kind, urlOf(kind, "127.0.0.1", 1234), destinations)))
    expect(failure).toBe("Data proxy hostname and IP are not included in whitelist");
});

/** Starts a server that closes each connection. */
async function silentServer(): Promise<Server> {
  const server = createServer((socket) => socket.on("error", () => undefined).destroy());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  opened.push({ close: () => new Promise((resolve) => server.close(resolve)) });
  return server;
}
