import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { expect, test, vi } from "vitest";
import { openCollection } from "../collection/collection.ts";
import { Settings } from "../settings.ts";
import { hostTree, pageOf, seriesFrom } from "../testing/host-tree.ts";
import { type NtpPacket, ntpServer, ntpTime } from "../testing/ntp-server.ts";
import { ntp } from "./ntp.ts";

const NOW = Date.UTC(2026, 5, 30, 12);

/** Returns the series of consecutive scrapes, on a host whose clock does not advance by itself. */
async function scrapes(packets: readonly (NtpPacket | undefined)[], given: Record<string, unknown> = {}) {
  let asked = 0;
  await using server = await ntpServer(() => packets[asked++]);
  using files = hostTree();
  const clock = new ManualClock(NOW);
  const logger = memoryLogger();
  const settings = Settings.of(ntp.flags, { "collector.ntp.server-port": server.port, ...given });
  const collection = openCollection([ntp], { files, settings, clock, logger, timeLimitMs: 8000 });
  const texts: string[] = [];
  for (const packet of packets) {
    const gathered = pageOf(collection);
    if (packet === undefined) {
      // oxlint-disable-next-line no-await-in-loop -- one scrape after the other
      await vi.waitFor(() => expect(asked).toBe(texts.length + 1));
      // oxlint-disable-next-line no-await-in-loop
      await clock.advance(1000);
    }
    // oxlint-disable-next-line no-await-in-loop
    texts.push(await gathered);
  }
  const series = texts.map((text) => text.split("\n").filter((line) => line.startsWith("node_ntp_")));
  const problems = logger.lines.map(({ fields }) => fields["err"]).filter((err) => err !== undefined);
  return { series, problems };
}

const at = (ms: number, rest: Partial<NtpPacket> = {}): NtpPacket => ({
  received: ntpTime(NOW + ms),
  sent: ntpTime(NOW + ms),
  ...rest,
});

async function sanityOf(packet: NtpPacket, given: Record<string, unknown> = {}): Promise<string | undefined> {
  return (await scrapes([packet], given)).series[0]!.find((line) => line.startsWith("node_ntp_sanity"));
}

test("ntp shows the server's answer and the offset between its clock and ours", async () => {
  const packet = at(250, { reference: ntpTime(NOW - 64_000), rootDelay: 0x8000, rootDispersion: 0x4000, stratum: 3 });
  const { series } = await scrapes([packet]);
  expect(series[0]).toEqual([
    "node_ntp_leap 0",
    "node_ntp_offset_seconds 0.25",
    "node_ntp_reference_timestamp_seconds 1.782820736e+09",
    "node_ntp_root_delay_seconds 0.5",
    "node_ntp_root_dispersion_seconds 0.25",
    "node_ntp_rtt_seconds 0",
    "node_ntp_sanity 0",
    "node_ntp_stratum 3",
  ]);
});

test("a server is sane if it is within the tolerance, near its source and synchronized", async () => {
  expect(await sanityOf(at(0))).toBe("node_ntp_sanity 1");
  expect(await sanityOf(at(0.9))).toBe("node_ntp_sanity 1");
  expect(await sanityOf(at(1.1))).toBe("node_ntp_sanity 0");
  expect(await sanityOf(at(-1.1))).toBe("node_ntp_sanity 0");
  expect(await sanityOf(at(-40), { "collector.ntp.local-offset-tolerance": 50 })).toBe("node_ntp_sanity 1");
  expect(await sanityOf(at(0, { stratum: 0 }))).toBe("node_ntp_sanity 0");
  expect(await sanityOf(at(0, { stratum: 16 }))).toBe("node_ntp_sanity 0");
  expect(await sanityOf(at(0, { leap: 3 }))).toBe("node_ntp_sanity 0");
  expect(await sanityOf(at(0, { reference: ntpTime(NOW - 131_073_000) }))).toBe("node_ntp_sanity 0");
  expect(await sanityOf(at(0, { reference: ntpTime(NOW + 1000) }))).toBe("node_ntp_sanity 0");
  expect(await sanityOf(at(0, { rootDispersion: 4 * 65_536 }))).toBe("node_ntp_sanity 0");
  const far = { "collector.ntp.max-distance": 20_000 };
  expect(await sanityOf(at(0, { rootDispersion: 4 * 65_536 }), far)).toBe("node_ntp_sanity 1");
  expect(await sanityOf(at(0, { rootDispersion: 17 * 65_536 }), far)).toBe("node_ntp_sanity 0");
});

test("around an announced leap second the clocks may differ by a second, even after midnight", async () => {
  const announced = at(900, { leap: 1 });
  const nextDay = 13 * 3_600_000;
  const { series } = await scrapes([at(900), announced, { ...at(nextDay), received: ntpTime(NOW) }]);
  const sanity = series.map((lines) => lines.find((line) => line.startsWith("node_ntp_sanity")));
  expect(sanity).toEqual(["node_ntp_sanity 0", "node_ntp_sanity 1", "node_ntp_sanity 0"]);
});

test("answers to other requests, invalid answers and missing answers are failures with a reason", async () => {
  const problemOf = async (packet: NtpPacket | undefined) => (await scrapes([packet])).problems;
  expect(await problemOf(at(0, { isForged: true }))).toEqual([
    "couldn't get SNTP reply: server response didn't match request",
  ]);
  expect(await problemOf(at(0, { mode: 3 }))).toEqual(["couldn't get SNTP reply: invalid mode in response"]);
  expect(await problemOf({ received: 0n, sent: 0n })).toEqual([
    "couldn't get SNTP reply: invalid transmit time in response",
  ]);
  expect(await problemOf({ received: 2n, sent: 1n })).toEqual([
    "couldn't get SNTP reply: server clock ticked backwards",
  ]);
  expect(await problemOf(at(0, { bytes: 40 }))).toEqual(["couldn't get SNTP reply: unexpected EOF"]);
  expect(await problemOf(undefined)).toEqual(["couldn't get SNTP reply: i/o timeout"]);
});

test("servers other than this host's own are refused unless a flag allows them", async () => {
  using files = hostTree();
  const refusal = async (flags: Record<string, unknown>): Promise<string> => {
    try {
      await seriesFrom(ntp, files, flags);
      return "";
    } catch (error) {
      return String(error);
    }
  };
  const notLocal = "SettingsError: only IP address of local NTP server is valid for --collector.ntp.server";
  expect(await refusal({ "collector.ntp.server": "10.0.0.1" })).toBe(notLocal);
  expect(await refusal({ "collector.ntp.server": "localhost" })).toBe(notLocal);
  expect(await refusal({ "collector.ntp.protocol-version": 5 })).toContain("must be 2, 3, or 4");
  expect(await refusal({ "collector.ntp.local-offset-tolerance": -1 })).toContain("must be non-negative");
  expect(await refusal({ "collector.ntp.server-port": 65_536 })).toContain("must be between 1 and 65535 inclusive");
});

test("an allowed remote server may be a name with a port", async () => {
  await using server = await ntpServer(() => at(0));
  using files = hostTree();
  const flags = { "collector.ntp.server": `localhost:${server.port}`, "collector.ntp.server-is-local": true };
  expect(await seriesFrom(ntp, files, flags)).toContain("node_ntp_stratum 2");
});
