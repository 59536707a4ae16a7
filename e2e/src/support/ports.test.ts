import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

/** Source of a program that reserves ports, prints them and runs until its standard input ends. */
const TAKER = `
  const { freePort, freePortOffset } = await import(${JSON.stringify(new URL("ports.ts", import.meta.url).href)});
  const ports = [];
  for (let i = 0; i < 40; i++) ports.push(await freePort());
  const offset = await freePortOffset();
  console.log(JSON.stringify([3000, 9090, 9091, 9093, 9100].map((port) => port + offset).concat(ports)));
  process.stdin.on("end", () => process.exit(0)).resume();
`;

test("ports that test processes get belong to one process each, and to no outgoing connection", async () => {
  const takers = Array.from({ length: 4 }, () =>
    spawn(process.execPath, ["--input-type=module", "-e", TAKER], { stdio: ["pipe", "pipe", "inherit"] }),
  );
  const taken = await Promise.all(
    takers.map(async ({ stdout }) => {
      const [line] = (await once(stdout.setEncoding("utf8"), "data")) as [string];
      return JSON.parse(line) as number[];
    }),
  );
  for (const { stdin } of takers) stdin.end();
  const all = taken.flat();
  expect(new Set(all).size).toBe(all.length);
  // The dashboards' ports must be below the port blocks of all processes.
  const [dashboards, others] = [taken.map(([first]) => first!), taken.flatMap(([, ...rest]) => rest)];
  expect(Math.max(...dashboards)).toBeLessThan(Math.min(...others));
  const range = readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8");
  expect(Math.max(...all)).toBeLessThan(Number(/^\d+/.exec(range)![0]));
});
