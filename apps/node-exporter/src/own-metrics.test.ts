import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { hostFiles, openCollection, LINUX_COLLECTORS, Settings } from "@narthex/collectors";
import { memoryLogger } from "@narthex/runtime/testing";
import { systemClock } from "@narthex/runtime";
import { expect, test } from "vitest";
import { OwnMetrics } from "./own-metrics.ts";

const hasProc = process.platform === "linux" && readFileSync("/proc/net/netstat", "utf8").includes("IpExt: ");

/** A program that sends a datagram to this machine. */
const DATAGRAM = `const socket = require("node:dgram").createSocket("udp4");
socket.send("x", 9, "127.0.0.1", () => socket.close());`;

test.skipIf(!hasProc)("the process metrics and the collector netstat read the counters once in a scrape", async () => {
  const netstat = LINUX_COLLECTORS.find(({ name }) => name === "netstat")!;
  const files = hostFiles({ procfs: "/proc", sysfs: "/sys", rootfs: "/", udevData: "/run/udev/data" });
  const settings = Settings.of(netstat.flags, { "collector.netstat.fields": "^IpExt_InOctets$" });
  const logger = memoryLogger();
  const collection = openCollection([netstat], { files, settings, clock: systemClock, logger, timeLimitMs: 10_000 });
  const self = new OwnMetrics(0, false);
  const scrape = async (): Promise<unknown[]> => {
    const added = () => {
      // Sends a datagram after the collector has read the counter, so that the counter is then larger.
      execFileSync(process.execPath, ["-e", DATAGRAM]);
      return self.families().filter(({ name }) => name === "process_network_receive_bytes_total");
    };
    const page = await collection.print({ escaping: "allow-utf-8", added }, (bytes) => Buffer.from(bytes).toString());
    const value = (name: string): string | undefined => new RegExp(`^${name} (.*)$`, "m").exec(page)?.[1];
    return [value("node_netstat_IpExt_InOctets"), value("process_network_receive_bytes_total")];
  };
  const [collector, own] = await scrape();
  expect(collector).toMatch(/\d/);
  expect(own).toBe(collector);
});
