import { execFileSync } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { expect, test } from "vitest";
import { processMetrics } from "./process-metrics.ts";

const isLinux = process.platform === "linux";
const families = processMetrics(0);

function valueOf(name: string): number {
  const found = families().find((one) => one.name === name);
  return (found!.samples[0] as { value: number }).value;
}

test.runIf(isLinux)("limits equal those of a shell of this process", () => {
  const limit = (flag: string): number => {
    const text = execFileSync("/bin/sh", ["-c", `ulimit -S ${flag}`], { encoding: "utf8" }).trim();
    return text === "unlimited" ? 2 ** 64 : Number(text);
  };
  expect(valueOf("process_max_fds")).toBe(limit("-n"));
  const kilobytes = limit("-v");
  expect(valueOf("process_virtual_memory_max_bytes")).toBe(kilobytes === 2 ** 64 ? kilobytes : kilobytes * 1024);
});

test.runIf(isLinux)("open files are counted", () => {
  const before = valueOf("process_open_fds");
  expect(before).toBeGreaterThan(3);
  const opened = Array.from({ length: 50 }, () => openSync("/dev/null", "r"));
  try {
    // Allows a small difference, because Node's own threads may open and close files during the test.
    expect(Math.abs(valueOf("process_open_fds") - before - 50)).toBeLessThan(5);
  } finally {
    for (const descriptor of opened) closeSync(descriptor);
  }
});

test.runIf(isLinux)("start time and size equal those of this process", () => {
  const start = valueOf("process_start_time_seconds");
  // Allows a difference of seconds, because the kernel rounds clock ticks and the time of boot.
  expect(Math.abs(performance.timeOrigin / 1000 - start)).toBeLessThan(3);
  expect(valueOf("process_virtual_memory_bytes")).toBeGreaterThan(process.memoryUsage.rss());
});

test.runIf(isLinux)("network bytes come from the given text of /proc/self/net/netstat, which is read once", () => {
  let reads = 0;
  const made = processMetrics(0, () => {
    reads++;
    return "TcpExt: A\nTcpExt: 1\nIpExt: InNoRoutes InOctets OutOctets\nIpExt: 0 70 80\n";
  })();
  const bytes = made.filter(({ name }) => name.startsWith("process_network_")).map(({ samples }) => samples[0]);
  expect([reads, bytes]).toMatchObject([1, [{ value: 70 }, { value: 80 }]]);
});
