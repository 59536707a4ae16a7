import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { theirProgram } from "../exporters.ts";
import { familyLines } from "../family-lines.ts";
import { compareHosts } from "../live-comparison.ts";
import { canMakeNetworks, Namespace } from "./namespace.ts";
import { lacks } from "../../support/requirements.ts";
import { launcher } from "../../support/running.ts";

const ALONE = "--collector.disable-defaults";
/**
 * Matches the metric lines with the number of ARP entries. The number is constant while no process looks up new
 * neighbours.
 */
const ARP = /^node_arp_entries\{.*/gm;
const OUR_PORT = 9100;
const THEIR_PORT = 9200;

test.skipIf(!existsSync(theirProgram) || !canMakeNetworks || lacks("curl")).each([
  ["over netlink and ethtool", ["arp", "netdev", "netclass", "network_route", "qdisc", "ethtool", "tcpstat"], []],
  ["with addresses and detailed counters", ["netdev"], ["address-info", "enable-detailed-metrics"]],
  ["from files", ["arp", "netdev"], ["label-ifalias"]],
  ["all over netlink", ["netclass"], []],
])("networks of every kind are reported as by the real exporter %s", async (which, names, settings) => {
  using network = new Namespace();
  const flags = [
    ALONE,
    ...names.map((name) => `--collector.${name}`),
    ...settings.map((name) => `--collector.netdev.${name}`),
    ...(which === "from files" ? ["--no-collector.arp.netlink", "--no-collector.netdev.netlink"] : []),
    ...(which === "all over netlink" ? ["--collector.netclass.netlink", "--collector.netclass_rtnl.with-stats"] : []),
  ];
  await using _ours = await network.start(launcher, ["node-exporter", ...flags], OUR_PORT);
  await using _theirs = await network.start(theirProgram, flags, THEIR_PORT);
  const before = await network.scrape(OUR_PORT);
  const real = await network.scrape(THEIR_PORT);
  const after = await network.scrape(OUR_PORT);
  const [first, between, last] = [before, real, after].map((body) => familyLines(body));
  expect(compareHosts(first!, between!, last!)).toEqual([]);
  for (const name of names) expect(real).toContain(`node_scrape_collector_success{collector="${name}"} 1`);
  if (names.includes("arp")) expect(real.match(ARP)).toEqual(before.match(ARP));
});
