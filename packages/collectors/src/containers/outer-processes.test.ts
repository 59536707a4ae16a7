import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { openCollection } from "../collection/collection.ts";
import { Settings } from "../settings.ts";
import { containerHost, type ContainerHost, containerId } from "../testing/container-host.ts";
import { pageOf } from "../testing/host-tree.ts";
import { containers } from "./containers.ts";

const WEB = containerId("aaa");

function exporter(host: ContainerHost, clock = new ManualClock(1_800_000_000_000)) {
  const logger = memoryLogger();
  const settings = Settings.of(containers.flags, { "collector.containers.docker-socket": [] });
  const collection = openCollection([containers], { files: host, settings, clock, logger, timeLimitMs: 1000 });
  /** Returns the lines about networks and processes, with the interface as their only label. */
  const scrape = async (): Promise<string[]> =>
    (await pageOf(collection))
      .split("\n")
      .filter((line) => /^container_(network_receive_bytes_total|processes|sockets)\{/.test(line))
      .map((line) => line.replace(/\{.*?id="([^"]*)".*\}/, (_, id: string) => ` ${id.slice(0, 12)}`));
  return { clock, logger, scrape };
}

const dev = (bytes: number): string => `Inter-|\n face |\n  eth0: ${bytes} 2 3 4 0 0 0 0 50 6 7 8 0 0 0 0\n`;

test("with --path.rootfs alone, the containers' processes and networks are shown from the host's procfs below it", async () => {
  using host = containerHost(2);
  host.write("proc/self/status", "Name:\tnode\nNSpid:\t1\n");
  host.group(`/docker/${WEB}`, { "cgroup.procs": "0\n0\n" });
  host.write("root/proc/self/status", "Name:\tnode\nNSpid:\t4711\t1\n");
  host.write("root/proc/1/net/dev", dev(77));
  host.write("root/proc/10/net/dev", dev(42));
  host.write("root/proc/10/cgroup", `0::/../../docker/${WEB}\n`);
  const { scrape, logger } = exporter(host);
  expect(await scrape()).toEqual([
    "container_network_receive_bytes_total / 77",
    "container_network_receive_bytes_total /docker/aaa0 42",
    "container_processes /docker/aaa0 1",
  ]);
  expect(logger.lines).toEqual([]);
});

test("a procfs below --path.rootfs that shows the same processes as ours is not used", async () => {
  using host = containerHost(2);
  host.write("proc/self/status", "NSpid:\t4711\n");
  host.write("root/proc/self/status", "NSpid:\t4711\n");
  host.write("root/proc/1/net/dev", dev(77));
  expect(await exporter(host).scrape()).toContain("container_network_receive_bytes_total / 1000");
});

test("if the containers' processes cannot be seen, one log line says what is missing and how to fix it", async () => {
  using host = containerHost(2);
  host.group(`/docker/${WEB}`, { "cgroup.procs": "0\n0\n" });
  const { scrape, logger } = exporter(host);
  await scrape();
  await scrape();
  expect(logger.lines.map(({ level, message, fields }) => `${level} ${message}: ${String(fields["err"])}`)).toEqual([
    "warn Looking at containers' processes failed: none is visible from here, so that networks, processes and open files of " +
      "containers are missing; mount the host's /proc and name it with --path.procfs, or its / and name it with --path.rootfs",
  ]);
  host.group(`/docker/${WEB}`, { "cgroup.procs": "10\n" });
  host.process(10, 5);
  await scrape();
  expect(logger.lines.at(-1)?.message).toBe("Looking at containers' processes works again");
});

test("processes in a group below the container's are found, and a container without any does not repeat the search", async () => {
  using host = containerHost(2);
  const [web, db] = [`/machine.slice/libpod-${WEB}.scope`, `/docker/${containerId("bbb")}`];
  for (const path of [web, `${web}/container`, db]) host.group(path, { "cgroup.procs": "0\n" });
  host.write("proc/self/status", "NSpid:\t4711\t1\n");
  host.write("proc/10/net/dev", dev(42));
  host.write("proc/10/cgroup", `0::/../..${web}/container\n`);
  const { scrape, clock } = exporter(host);
  const seen = async (): Promise<string[]> => (await scrape()).filter((line) => !line.includes("_total / "));
  const [network, processes] = ["container_network_receive_bytes_total", "container_processes"];
  expect(await seen()).toEqual([`${network} /machine.sli 42`, `${processes} /machine.sli 1`]);
  host.write("proc/11/cgroup", `0::/../..${web}/container/init.scope\n`);
  expect(await seen()).toContain(`${processes} /machine.sli 1`);
  await clock.advance(15_000);
  expect(await seen()).toContain(`${processes} /machine.sli 2`);
});

test("a scrape of many groups and processes pauses between its steps", async () => {
  using host = containerHost(2);
  host.write("proc/self/status", "NSpid:\t4711\t1\n");
  for (let i = 0; i < 100; i++) {
    host.group(`/docker/${containerId(String(i).padStart(3, "0"))}`, { "cgroup.procs": "0\n" });
    host.write(`proc/${i + 10}/cgroup`, `0::/docker/${containerId(String(i).padStart(3, "0"))}\n`);
  }
  let pauses = 0;
  // Advances by 1 ms at each read of the clock.
  const clock = new (class extends ManualClock {
    #looks = 0;
    override monotonic(): number {
      return this.#looks++;
    }
    override sleep(): Promise<void> {
      pauses++;
      return Promise.resolve();
    }
  })(1_800_000_000_000);
  const shown = (await exporter(host, clock).scrape()).filter((line) => line.startsWith("container_processes"));
  expect(shown).toHaveLength(100);
  // Expects many pauses: 100 groups are listed and read, 100 processes are searched and counted, and each ten steps are
  // followed by a pause.
  expect(pauses).toBeGreaterThan(30);
});
