import { decodeYaml } from "@narthex/config";
import type { Answer } from "dns-packet";
import { expect, onTestFinished, test } from "vitest";
import { DnsServer, type DnsScript } from "../../testing/dns-server.ts";
import { DiscovererRun } from "../../testing/discoverer-run.ts";
import { dnsDiscoverer, createDnsDiscoverer } from "./dns.ts";
import { candidates, parseResolvConf } from "./resolv-conf.ts";
import { dnsMetrics } from "./dns-metrics.ts";

async function serve(script: DnsScript): Promise<DnsServer> {
  const server = await DnsServer.start(script);
  onTestFinished(() => server[Symbol.asyncDispose]());
  return server;
}

/** Starts DNS discovery. Its resolv.conf contains the given servers and the lines in `more`. */
function start(yaml: string, servers: readonly DnsServer[], more = "", timeoutMs = 20_000): DiscovererRun {
  const text = `${servers.map(({ address }) => `nameserver ${address}\n`).join("")}${more}\n`;
  const run = new DiscovererRun(createDnsDiscoverer({ resolvConf: () => Promise.resolve(text), timeoutMs }), yaml);
  onTestFinished(() => run[Symbol.asyncDispose]());
  return run;
}

const next = async (run: DiscovererRun): Promise<string[]> =>
  (await run.next()).map(({ source, targets }) =>
    [source, ...targets.map((target) => target.get("__address__"))].join(" "),
  );

/**
 * Returns a script for the DNS test server. The server answers with the given records, and with NXDOMAIN for unknown
 * names.
 */
const zone =
  (records: Readonly<Record<string, readonly Answer[]>>): DnsScript =>
  ({ name, type }) => {
    const found = records[`${type} ${name}`];
    if (found !== undefined) return { answers: found };
    const known = Object.keys(records).some((key) => key.endsWith(` ${name}`));
    return known ? {} : { rcode: "NXDOMAIN" };
  };

const a = (name: string, data: string): Answer => ({ type: "A", name, data });

test.each<[yaml: string, answers: readonly Answer[], targets: readonly object[]]>([
  [
    "names: [x.org.]\ntype: A\nport: 9100",
    [{ type: "CNAME", name: "x.org", data: "y.org" }, a("y.org", "10.0.0.1"), a("y.org", "10.0.0.2")],
    [
      { __address__: "10.0.0.1:9100", __meta_dns_name: "x.org." },
      { __address__: "10.0.0.2:9100", __meta_dns_name: "x.org." },
    ],
  ],
  [
    "names: [x.org.]\ntype: aaaa\nport: 9100",
    [{ type: "AAAA", name: "x.org", data: "fd00::1" }],
    [{ __address__: "[fd00::1]:9100", __meta_dns_name: "x.org." }],
  ],
  [
    "names: [x.org.]",
    [{ type: "SRV", name: "x.org", data: { priority: 1, weight: 2, port: 8080, target: "h.x.org" } }],
    [
      {
        __address__: "h.x.org:8080",
        __meta_dns_name: "x.org.",
        __meta_dns_srv_record_target: "h.x.org.",
        __meta_dns_srv_record_port: "8080",
      },
    ],
  ],
  [
    "names: [x.org.]\ntype: MX\nport: 25",
    [{ type: "MX", name: "x.org", data: { preference: 10, exchange: "mail.x.org" } }],
    [{ __address__: "mail.x.org:25", __meta_dns_name: "x.org.", __meta_dns_mx_record_target: "mail.x.org." }],
  ],
  [
    "names: [x.org.]\ntype: NS\nport: 53",
    [{ type: "NS", name: "x.org", data: "ns.x.org" }],
    [{ __address__: "ns.x.org:53", __meta_dns_name: "x.org.", __meta_dns_ns_record_target: "ns.x.org." }],
  ],
])("DNS discovery reads %s", async (yaml, answers, targets) => {
  const server = await serve(() => ({ answers }));
  const groups = await start(yaml, [server]).next();
  expect(groups.map(({ source }) => source)).toEqual(["x.org."]);
  expect(groups[0]!.targets.map((target) => target.toRecord())).toEqual(targets);
});

test("DNS discovery asks over TCP if the datagram is truncated", async () => {
  const many = Array.from({ length: 300 }, (_, i) => a("x.org", `10.0.${i >> 8}.${i & 255}`));
  const server = await serve((_, transport) =>
    transport === "udp" ? { answers: many.slice(0, 3), truncated: true } : { answers: many },
  );
  const [group] = await start("names: [x.org.]\ntype: A\nport: 1", [server]).next();
  expect(group!.targets).toHaveLength(300);
  expect(server.queries).toEqual(["udp A x.org", "tcp A x.org"]);
});

test("DNS discovery tries the search list according to ndots and uses the first name that exists", async () => {
  const server = await serve(zone({ "A db.b.lan": [a("db.b.lan", "10.0.0.1")], "AAAA db.c.lan": [] }));
  const run = start("names: [db]\ntype: A\nport: 1", [server], "search a.lan b.lan c.lan");
  expect(await next(run)).toEqual(["db 10.0.0.1:1"]);
  expect(server.queries).toEqual(["udp A db.a.lan", "udp A db.b.lan"]);
});

test("DNS discovery removes the targets of a name that no longer exists or no longer has records of the type", async () => {
  const server = await serve(zone({ "A x.org": [a("x.org", "10.0.0.1")], "A y.org": [a("y.org", "10.0.0.2")] }));
  const run = start("names: [x.org., y.org.]\ntype: A\nport: 1", [server]);
  expect(await next(run)).toEqual(["x.org. 10.0.0.1:1", "y.org. 10.0.0.2:1"]);
  server.answer(zone({ "MX y.org": [] }));
  await run.clock.advance(30_000);
  expect(await next(run)).toEqual(["x.org.", "y.org."]);
  expect(run.groups.size).toBe(0);
  expect(run.logger.lines).toEqual([]);
});

test("DNS discovery keeps the targets of a name whose servers fail, counts the failure and logs it once", async () => {
  const good = zone({ "A x.org": [a("x.org", "10.0.0.1")], "A y.org": [a("y.org", "10.0.0.2")] });
  const server = await serve(good);
  const run = start("names: [x.org., y.org.]\ntype: A\nport: 1", [server]);
  await next(run);
  server.answer((question, transport) =>
    question.name === "x.org" ? { rcode: "SERVFAIL" } : zone({ "A y.org": [] })(question, transport),
  );
  for (let i = 0; i < 2; i++) {
    await run.clock.advance(30_000);
    expect(await next(run)).toEqual(["x.org. 10.0.0.1:1", "y.org."]);
  }
  expect(run.logger.lines.map(({ message, fields }) => `${message}: ${String(fields["err"])}`)).toEqual([
    'DNS lookup of x.org. failed: could not resolve "x.org.": all servers responded with errors to at least one search ' +
      `domain: queryA ESERVFAIL x.org. (server ${server.address})`,
  ]);
  expect((await dnsMetrics.of(run.metrics).lookups.get()).values[0]!.value).toBe(6);
  expect((await dnsMetrics.of(run.metrics).lookupFailures.get()).values[0]!.value).toBe(2);
});

test("DNS discovery does not remove a name because one candidate fails, but uses a later candidate that exists", async () => {
  const server = await serve(({ name }) => ({ rcode: name === "x.a.lan" ? "REFUSED" : "NXDOMAIN" }));
  const run = start("names: [x]\ntype: A\nport: 1", [server], "search a.lan b.lan");
  expect(await next(run)).toEqual([]);
  server.answer(({ name }) => (name === "x.b.lan" ? { answers: [a(name, "10.0.0.1")] } : { rcode: "REFUSED" }));
  await run.clock.advance(30_000);
  expect(await next(run)).toEqual(["x 10.0.0.1:1"]);
});

test("DNS discovery asks the next server if one is silent, refuses or is unreachable", async () => {
  const silent = await serve(() => undefined);
  const refusing = await serve(() => ({ rcode: "REFUSED" }));
  const gone = await DnsServer.start(() => ({}));
  const { address } = gone;
  await gone[Symbol.asyncDispose]();
  const good = await serve(zone({ "A x.org": [a("x.org", "10.0.0.1")] }));
  const more = `nameserver ${address}\nnameserver ${good.address}`;
  const run = start("names: [x.org.]\ntype: A\nport: 1", [silent, refusing], more, 500);
  expect(await next(run)).toEqual(["x.org. 10.0.0.1:1"]);
  expect([silent.queries.length, refusing.queries.length, good.queries.length]).toEqual([1, 1, 1]);
});

test("DNS discovery asks again at each refresh, whatever the records' TTL", async () => {
  const server = await serve(() => ({ answers: [{ type: "A", name: "x.org", data: "10.0.0.1", ttl: 3600 }] }));
  const run = start("names: [x.org.]\ntype: A\nport: 1", [server]);
  await next(run);
  await run.clock.advance(30_000);
  await next(run);
  expect(server.queries).toHaveLength(2);
});

test("a DNS discoverer stops while a server is silent", async () => {
  let onQuery: () => void = () => undefined;
  const asked = new Promise<void>((resolve) => (onQuery = resolve));
  const server = await serve(() => (onQuery(), undefined));
  const run = start("names: [x.org.]\ntype: A\nport: 1", [server]);
  await asked;
  await run[Symbol.asyncDispose]();
  expect(run.logger.lines).toEqual([]);
});

test("a DNS discoverer without any server reports this", async () => {
  const run = start("names: [x.org.]\ntype: A\nport: 1", []);
  await next(run);
  expect(run.logger.lines[0]!.fields["err"]).toMatch(/: resolv\.conf names no server$/);
});

test.each<[name: string, text: string, names: readonly string[]]>([
  ["db", "search a b.", ["db.a.", "db.b.", "db."]],
  ["db.x", "search a b", ["db.x.", "db.x.a.", "db.x.b."]],
  ["db.x", "search a\noptions rotate ndots:2 timeout:1", ["db.x.a.", "db.x."]],
  ["db.x.", "search a", ["db.x."]],
  ["db", "search a b\ndomain c", ["db.c.", "db."]],
  ["db", "# search a\n; search b\nsearch .", ["db.", "db."]],
  ["db", "search a\noptions ndots:0", ["db.", "db.a."]],
  [
    "a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p",
    "search x\noptions ndots:99",
    ["a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.", "a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.x."],
  ],
])("candidates() of %s under %j", (name, text, names) => {
  expect(candidates(name, parseResolvConf(text))).toEqual(names);
});

test.each([
  ["type: SRV", "DNS-SD config must contain at least one SRV record name"],
  ["names: [x]\ntype: TXT", "invalid DNS-SD records type TXT"],
  ["names: [x]\ntype: a", "a port is required in DNS-SD configs for all record types except SRV"],
])("DNS discovery refuses %j", (yaml, message) => {
  expect(decodeYaml(yaml, "test.yml", dnsDiscoverer.codec)).toMatchObject({ ok: false, problems: [{ message }] });
});
