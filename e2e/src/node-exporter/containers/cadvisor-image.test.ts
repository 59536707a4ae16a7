import { execFileSync, spawnSync } from "node:child_process";
import { dirname } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { docker, inspected, socket, TestContainers } from "../../support/docker.ts";
import { Scraped } from "./scraped.ts";
import { eventually } from "../../support/eventually.ts";
import { lacks } from "../../support/requirements.ts";
import { root } from "../../support/running.ts";

// The missing commands that this test needs. The test runs the image narthex/cadvisor with the command line of
// cAdvisor's image.
const absent = lacks("docker");
const prefix = `narthex-cadvisor-${process.pid}`;
const watched = new TestContainers(prefix);
const BUSY = "setInterval(() => { const end = Date.now() + 30; while (Date.now() < end); }, 80)";

/**
 * Volumes that cAdvisor's documentation mounts. The Docker socket is that of the test's Docker engine, which may be
 * outside of /var/run.
 */
const VOLUMES = [
  "--volume=/:/rootfs:ro",
  `--volume=${dirname(socket)}:/var/run:ro`,
  "--volume=/sys:/sys:ro",
  "--volume=/var/lib/docker/:/var/lib/docker:ro",
];

interface Cadvisor extends Disposable {
  readonly base: string;
  readonly name: string;
  scrape(): Promise<Scraped>;
}

/** Runs our image with cAdvisor's command line. `port` is the port on which the program in the container listens. */
async function cadvisor(options: readonly string[], args: readonly string[] = [], port = 8080): Promise<Cadvisor> {
  const name = docker("run", "-d", `--publish=127.0.0.1::${port}`, ...options, "narthex/cadvisor", ...args);
  const base = `http://${docker("port", name, `${port}/tcp`).split("\n")[0]!}`;
  const scrape = async (): Promise<Scraped> => new Scraped(await (await fetch(`${base}/metrics`)).text());
  await eventually("it answers", async () => expect(await (await fetch(`${base}/healthz`)).text()).toBe("ok"));
  return { base, name, scrape, [Symbol.dispose]: () => void spawnSync("docker", ["rm", "-f", name]) };
}

beforeAll(() => {
  if (absent) return;
  execFileSync("docker", ["compose", "--profile", "containers", "build", "cadvisor", "node-exporter"], {
    cwd: root,
    stdio: "ignore",
  });
  watched.run("busy", ["--memory", "200m", "--label", "shop.tier=front-end", "--label", "team=a"], BUSY);
}, 600_000);

afterAll(() => watched[Symbol.dispose]());

const busy = (): { name: string } => ({ name: watched.named("busy") });

/**
 * Waits until the exporter has metrics of the monitored container, including its start time, which comes from the
 * Docker engine.
 */
const untilShown = (one: Cadvisor): Promise<Scraped> =>
  eventually("the container is reported", async () => {
    const scraped = await one.scrape();
    if (scraped.all("container_start_time_seconds", busy()).length === 0) throw new Error("not yet");
    return scraped;
  });

test.skipIf(absent)(
  "cAdvisor's documented command shows containers by name, with CPU, memory, network and labels",
  async () => {
    using one = await cadvisor(VOLUMES);
    const scraped = await untilShown(one);
    const value = (name: string, labels: Record<string, string> = {}): number =>
      scraped.value(name, { ...busy(), ...labels });
    expect(value("container_cpu_user_seconds_total")).toBeGreaterThan(0);
    expect(value("container_spec_memory_limit_bytes")).toBe(200 * 2 ** 20);
    expect(value("container_network_receive_bytes_total", { interface: "eth0" })).toBeGreaterThanOrEqual(0);
    expect(scraped.all("container_network_receive_bytes_total", { id: "/" }).length).toBeGreaterThan(0);
    expect(value("container_memory_usage_bytes", { container_label_shop_tier: "front-end" })).toBeGreaterThan(0);
    expect(value("container_start_time_seconds")).toBe(
      Math.floor(Date.parse(inspected(watched.named("busy"), "{{.State.StartedAt}}")) / 1000),
    );
    expect(scraped.value("machine_memory_bytes", {})).toBeGreaterThan(0);
    // Expects no metric of file descriptors, because cAdvisor does not count them by default.
    expect(scraped.all("container_file_descriptors", {})).toEqual([]);
    const page = await fetch(one.base);
    expect([page.status, page.url]).toEqual([200, `${one.base}/containers/`]);
  },
);

test.skipIf(absent)("the flags of common compose files work: metrics are hidden, the port is changed", async () => {
  const args = [
    "--docker_only",
    "--housekeeping_interval=30s",
    "--max_housekeeping_interval=35s",
    "--store_container_labels=false",
    "--whitelisted_container_labels=team",
    "--disable_metrics=percpu,tcp,udp,disk,diskIO,hugetlb,referenced_memory,sched,advtcp,cpu_topology,resctrl,memory_numa",
    "--port=9099",
    "-v=1",
  ];
  using one = await cadvisor(["--privileged", "--device=/dev/kmsg", ...VOLUMES], args, 9099);
  const scraped = await untilShown(one);
  const usage = scraped.all("container_memory_usage_bytes", {});
  expect(usage.every(({ labels }) => labels["id"] === "/" || /\b[0-9a-f]{64}\b/.test(labels["id"]!))).toBe(true);
  expect(scraped.all("container_cpu_usage_seconds_total", busy()).map(({ labels }) => labels["cpu"])).toEqual([
    "total",
  ]);
  expect(scraped.series.filter(({ name }) => /^container_(fs|blkio)_/.test(name))).toEqual([]);
  const [series] = scraped.all("container_memory_usage_bytes", busy());
  expect(series!.labels).toMatchObject({ container_label_team: "a" });
  expect(series!.labels).not.toHaveProperty("container_label_shop_tier");
  expect(scraped.value("container_processes", busy())).toBe(2);
});

test.skipIf(absent)(
  "the image's own health check works, and the image has cAdvisor's port and entry point",
  async () => {
    using one = await cadvisor(["--health-interval=1s", ...VOLUMES]);
    await eventually("it is healthy", async () =>
      expect(inspected(one.name, "{{.State.Health.Status}}")).toBe("healthy"),
    );
    const { Entrypoint, ExposedPorts, User } = JSON.parse(
      docker("image", "inspect", "--format", "{{json .Config}}", "narthex/cadvisor"),
    ) as { Entrypoint: string[]; ExposedPorts: Record<string, unknown>; User?: string };
    expect(Entrypoint).toEqual(["/usr/bin/cadvisor", "-logtostderr"]);
    expect([Object.keys(ExposedPorts), User ?? ""]).toEqual([["8080/tcp"], ""]);
  },
);

test.skipIf(absent)(
  "the node exporter with only the host's root and --path.rootfs shows containers' networks",
  async () => {
    const name = docker(
      "run",
      "-d",
      "--user=0",
      "--publish=127.0.0.1::9100",
      "--volume=/:/host:ro",
      "narthex/node-exporter",
      "--path.rootfs=/host",
      "--path.sysfs=/host/sys",
      "--collector.containers",
      `--collector.containers.docker-socket=/host${socket}`,
    );
    try {
      const base = `http://${docker("port", name, "9100/tcp").split("\n")[0]!}`;
      await eventually("the network of the container is shown", async () => {
        const scraped = new Scraped(await (await fetch(`${base}/metrics?collect[]=containers`)).text());
        const received = { ...busy(), interface: "eth0" };
        expect(scraped.value("container_network_receive_bytes_total", received)).toBeGreaterThanOrEqual(0);
      });
    } finally {
      spawnSync("docker", ["rm", "-f", name]);
    }
  },
);
