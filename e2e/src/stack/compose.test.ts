import { execFileSync, spawnSync } from "node:child_process";
import { totalmem } from "node:os";
import { dirname } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { socket } from "../support/docker.ts";
import { eventually } from "../support/eventually.ts";
import { instant, scalarOf, untilQuery } from "../support/query.ts";
import { lacks } from "../support/requirements.ts";
import { root } from "../support/running.ts";
import { freePort } from "../support/ports.ts";
import { Workplace } from "../support/workplace.ts";

const absent = lacks("docker", "curl");
const project = `narthex-e2e-${process.pid}`;
const ports = { SERVER: 0, ALERTMANAGER: 0, PUSHGATEWAY: 0, NODE_EXPORTER: 0, CADVISOR: 0, DASHBOARDS: 0 };
/** Compose profiles with their own settings, and the services that each profile adds. */
const PROFILES = {
  ha: ["alertmanager-2", "alertmanager-3", "postgres", "server-2"],
  longterm: ["victoriametrics"],
} as const;
let environment: NodeJS.ProcessEnv;

const compose = (...args: string[]): string =>
  execFileSync("docker", ["compose", "-p", project, ...args], {
    cwd: root,
    env: environment,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
const docker = (...args: string[]): string =>
  execFileSync("docker", args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

beforeAll(async () => {
  if (absent) return;
  environment = { ...process.env };
  for (const role of Object.keys(ports) as (keyof typeof ports)[]) {
    ports[role] = await freePort();
    environment[`NARTHEX_${role}_PORT`] = String(ports[role]);
  }
  compose("up", "--wait", "--build");
}, 600_000);

afterAll(() => {
  if (!absent) compose("--profile", "containers", "down", "-v", "--timeout", "10");
});

test.skipIf(absent)(
  "docker compose up --wait starts healthy services, and the published ports serve readings and accept pushes",
  async () => {
    const server = `http://127.0.0.1:${ports.SERVER}`;
    const states = compose("ps", "--format", "{{.Service}} {{.Health}}").trim().split("\n").sort();
    expect(states).toEqual([
      "alertmanager healthy",
      "dashboards healthy",
      "node-exporter healthy",
      "pushgateway healthy",
      "server healthy",
    ]);
    const up = await untilQuery(server, "up == 1", (result) => result.length === 5);
    expect(up.map(({ metric }) => metric["job"]).sort()).toEqual([
      "alertmanager",
      "dashboards",
      "node",
      "prometheus",
      "pushgateway",
    ]);
    expect(await scalarOf(server, "node_memory_MemTotal_bytes")).toBe(totalmem());
    await untilQuery(server, "rate(node_network_transmit_bytes_total[1m])", (result) => result.length > 0);
    execFileSync("sh", [
      "-c",
      `echo "some_metric 3.14" | curl -sS --fail --data-binary @- http://127.0.0.1:${ports.PUSHGATEWAY}/metrics/job/some_job`,
    ]);
    const pushed = await untilQuery(server, "some_metric", (result) => result.length === 1);
    expect(pushed[0]!.metric["job"]).toBe("some_job");
    expect(execFileSync("curl", ["-sS", "--fail", `${server}/-/healthy`], { encoding: "utf8" })).toBe(
      "Prometheus Server is Healthy.\n",
    );
  },
);

test.skipIf(absent)("host.docker.internal resolves in the server's container", () => {
  const found = compose(
    "exec",
    "-T",
    "server",
    "node",
    "-e",
    "require('dns').lookup('host.docker.internal', (e, a) => console.log(e ? e.message : a))",
  );
  expect(found.trim()).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
});

test.skipIf(absent)("named volumes keep samples over a restart of the containers", async () => {
  const server = `http://127.0.0.1:${ports.SERVER}`;
  await untilQuery(server, "some_metric", (result) => result.length === 1);
  const before = (await instant(server, "timestamp(some_metric)"))[0]!.value[1];
  compose("kill", "server");
  compose("up", "--wait", "--no-build", "server");
  await eventually("the sample is there", async () => {
    const again = await instant(server, "timestamp(some_metric)", Number(before));
    if (again[0]?.value[1] !== before) throw new Error(JSON.stringify(again));
  });
});

interface ComposeService {
  readonly command: readonly string[] | null;
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly { readonly host_ip?: string; readonly published: string }[];
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly cap_add?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly logging?: { readonly driver: string };
}

/** Returns the services of the compose file with these options. */
function servicesWith(env: NodeJS.ProcessEnv, ...options: readonly string[]): Record<string, ComposeService> {
  const text = execFileSync("docker", ["compose", ...options, "config", "--format", "json"], {
    cwd: root,
    env,
    encoding: "utf8",
  });
  return (JSON.parse(text) as { services: Record<string, ComposeService> }).services;
}

test.skipIf(absent)("engine-logs.yml removes the logging driver of every service", () => {
  const drivers = (...files: readonly string[]): readonly (string | undefined)[] => [
    ...new Set(
      Object.values(servicesWith(process.env, ...files.map((file) => `--file=${file}`), "--profile", "*")).map(
        ({ logging }) => logging?.driver,
      ),
    ),
  ];
  expect(drivers("docker-compose.yml")).toEqual(["local"]);
  expect(drivers("docker-compose.yml", "deploy/docker/engine-logs.yml")).toEqual([undefined]);
});

/** Returns the host addresses of all published ports, by service. */
const publishedOn = (env: NodeJS.ProcessEnv): Record<string, string[]> =>
  Object.fromEntries(
    Object.entries(servicesWith(env, "--profile", "*")).map(([name, { ports = [] }]) => [
      name,
      ports.map(({ host_ip = "", published }) => `${host_ip}:${published}`),
    ]),
  );

test.skipIf(absent)("ports are published on this machine only, until NARTHEX_PUBLISH opens them", () => {
  const { NARTHEX_PUBLISH: _, ...env } = process.env;
  expect(publishedOn(env)).toEqual({
    alertmanager: ["127.0.0.1:9093"],
    "alertmanager-2": ["127.0.0.1:9193"],
    "alertmanager-3": ["127.0.0.1:9293"],
    cadvisor: ["127.0.0.1:8080"],
    dashboards: ["127.0.0.1:3000"],
    "node-exporter": ["127.0.0.1:9100"],
    postgres: [],
    pushgateway: ["127.0.0.1:9091"],
    server: ["127.0.0.1:9090"],
    "server-2": ["127.0.0.1:9190"],
    victoriametrics: ["127.0.0.1:8428"],
  });
  expect(publishedOn({ ...env, NARTHEX_PUBLISH: "0.0.0.0" })["server"]).toEqual(["0.0.0.0:9090"]);
  const ids = compose("ps", "-q").trim().split("\n");
  const bound = docker(
    "inspect",
    "--format",
    "{{range .NetworkSettings.Ports}}{{range .}}{{.HostIp}} {{end}}{{end}}",
    ...ids,
  );
  expect(bound.trim().split(/\s+/)).toEqual(ids.map(() => "127.0.0.1"));
});

test.skipIf(absent)(
  "no service may write to its root file system, or has a capability except the one that shows open files",
  () => {
    for (const [name, service] of Object.entries(servicesWith(process.env, "--profile", "*"))) {
      expect(service, name).toMatchObject({
        read_only: true,
        cap_drop: ["ALL"],
        security_opt: ["no-new-privileges:true"],
      });
      expect(service.cap_add ?? [], name).toEqual(name === "cadvisor" ? ["DAC_READ_SEARCH"] : []);
    }
  },
);

test.skipIf(absent)("profiles add their services, and their settings files add the matching settings", () => {
  const { COMPOSE_PROFILES: _, ...own } = process.env;
  const env = { ...own, NARTHEX_STORE_PASSWORD: "secret" };
  const file = (profile: string): string[] => ["--env-file", `deploy/docker/profiles/${profile}.env`];
  const five = ["alertmanager", "dashboards", "node-exporter", "pushgateway", "server"];
  const names = (...options: readonly string[]): string[] => Object.keys(servicesWith(env, ...options)).sort();
  expect(names()).toEqual(five);
  for (const [profile, added] of Object.entries(PROFILES))
    expect(names(...file(profile)), profile).toEqual([...five, ...added].sort());
  const both = servicesWith(env, ...file("ha"), ...file("longterm"));
  expect(Object.keys(both).sort()).toEqual([...five, ...PROFILES.ha, ...PROFILES.longterm].sort());
  const stores = ["alertmanager", "alertmanager-2", "alertmanager-3"].map(
    (name) => both[name]!.environment!["NARTHEX_STORE_URL"],
  );
  expect(new Set(stores)).toEqual(new Set(["postgres://narthex@postgres/alerts?sslmode=disable"]));
  for (const name of ["server", "server-2"])
    expect(both[name]!.command).toContain("--config.file=/etc/prometheus/long-term.yml");
});

test.skipIf(absent).each(["prometheus.yml", "long-term.yml"])("promtool accepts %s", (name) => {
  expect(compose("exec", "-T", "server", "promtool", "check", "config", `/etc/prometheus/${name}`)).toContain(
    "SUCCESS",
  );
});

/** Script that tries to connect to a Docker engine at each path, and prints the paths at which an engine responds. */
const SOCKET_PROBE = `
  const { connect } = require("node:net");
  Promise.all(process.argv.slice(1).map((path) => new Promise((resolve) => {
    connect(path).once("connect", () => resolve(path)).once("error", () => resolve(undefined));
  }))).then((found) => { console.log(found.filter(Boolean).join()); process.exit(); });
`;

test.skipIf(absent)("no service can reach Docker's engine, not even through the host's root", () => {
  const paths = [socket, "/var/run/docker.sock", "/run/docker.sock"].flatMap((path) => [path, `/rootfs${path}`]);
  for (const service of compose("ps", "--services").trim().split("\n")) {
    expect(compose("exec", "-T", service, "node", "-e", SOCKET_PROBE, ...paths).trim(), service).toBe("");
  }
});

test.skipIf(absent)(
  "the profile `containers` adds container names, which the server then scrapes, and nothing before",
  async () => {
    const server = `http://127.0.0.1:${ports.SERVER}`;
    const targets = async (): Promise<string[]> =>
      (await instant(server, "up")).map(({ metric }) => metric["job"]!).sort();
    expect(await targets()).toEqual(["alertmanager", "dashboards", "node", "prometheus", "pushgateway"]);
    using workplace = new Workplace();
    // The path of the engine's socket is overridden, because it may not be in /var/run.
    const override = workplace.write(
      "override.yml",
      `services: {cadvisor: {volumes: ["${dirname(socket)}:/var/run:ro"]}}\n`,
    );
    compose(
      "-f",
      "docker-compose.yml",
      "-f",
      override,
      "--profile",
      "containers",
      "up",
      "--wait",
      "--build",
      "cadvisor",
    );
    const query = `container_memory_working_set_bytes{job="cadvisor",name="${project}-server-1"}`;
    const found = await untilQuery(server, query, (result) => result.length === 1);
    expect(found[0]!.metric["instance"]).toBe("cadvisor:8080");
  },
);

/** Runs a container of one image during `work` and removes the container afterwards. */
async function withContainer(name: string, args: readonly string[], work: () => Promise<void>): Promise<void> {
  docker("run", "-d", "--name", name, ...args);
  try {
    await work();
  } finally {
    spawnSync("docker", ["rm", "-f", name], { stdio: "ignore" });
  }
}

test.skipIf(absent)(
  "stories A1 and B1: docker run -p 9090:9090 with a mounted prometheus.yml that reads host.docker.internal",
  async () => {
    using workplace = new Workplace();
    const port = await freePort();
    workplace.write(
      "prometheus.yml",
      `global:\n  scrape_interval: 1s\nscrape_configs:\n  - job_name: 'prometheus'\n    static_configs:\n      - targets: ['host.docker.internal:${port}']\n`,
    );
    execFileSync("chmod", ["-R", "a+rX", workplace.folder]);
    const args = [
      "-p",
      `${port}:9090`,
      "--add-host=host.docker.internal:host-gateway",
      "-v",
      `${workplace.path("prometheus.yml")}:/etc/prometheus/prometheus.yml`,
      "narthex/server",
    ];
    await withContainer(`${project}-alone`, args, async () => {
      const base = `http://127.0.0.1:${port}`;
      await eventually("the page answers", async () => expect((await fetch(base)).status).toBe(200));
      await untilQuery(
        base,
        'prometheus_http_requests_total{code="200",handler="/metrics"} > 0',
        (result) => result.length === 1,
      );
    });
  },
);

test.skipIf(absent)("story B2: docker run -p 9100:9100 of the node exporter, read with the job `node`", async () => {
  using workplace = new Workplace();
  const [port, exporter] = await Promise.all([freePort(), freePort()]);
  workplace.write(
    "prometheus.yml",
    `scrape_configs:\n  - job_name: node\n    scheme: http\n    metrics_path: /metrics\n    scrape_interval: 1s\n    scrape_timeout: 1s\n    static_configs: [{targets: ['host.docker.internal:${exporter}']}]\n`,
  );
  execFileSync("chmod", ["-R", "a+rX", workplace.folder]);
  const server = [
    "-p",
    `${port}:9090`,
    "--add-host=host.docker.internal:host-gateway",
    "-v",
    `${workplace.path("prometheus.yml")}:/etc/prometheus/prometheus.yml`,
    "narthex/server",
  ];
  await withContainer(`${project}-node`, ["-p", `${exporter}:9100`, "narthex/node-exporter"], () =>
    withContainer(`${project}-reader`, server, async () => {
      const base = `http://127.0.0.1:${port}`;
      await eventually("the page answers", async () => expect((await fetch(base)).status).toBe(200));
      const instance = `host.docker.internal:${exporter}`;
      expect(
        await scalarOf(
          base,
          "100 * (1-(node_memory_MemFree_bytes + node_memory_Cached_bytes + node_memory_Buffers_bytes) / node_memory_MemTotal_bytes)",
        ),
      ).toBeGreaterThan(0);
      expect(
        await untilQuery(base, 'node_network_transmit_bytes_total{device="eth0"}', (result) => result.length === 1),
      ).toHaveLength(1);
      expect(
        await untilQuery(
          base,
          `node_memory_MemAvailable_bytes{instance="${instance}"}`,
          (result) => result.length === 1,
        ),
      ).toHaveLength(1);
    }),
  );
});

test.skipIf(absent)("each image has the same entrypoint, command, user and volume as the one it replaces", () => {
  const inspect = (
    image: string,
  ): {
    Entrypoint: string[];
    Cmd: string[] | null;
    User: string;
    Volumes: Record<string, unknown> | null;
    ExposedPorts: Record<string, unknown>;
  } => (JSON.parse(docker("image", "inspect", image)) as [{ Config: ReturnType<typeof inspect> }])[0].Config;
  expect(inspect("narthex/server")).toMatchObject({
    Entrypoint: ["/bin/prometheus"],
    Cmd: ["--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/prometheus"],
    User: "65534",
    Volumes: { "/prometheus": {} },
    ExposedPorts: { "9090/tcp": {} },
  });
  expect(inspect("narthex/alertmanager")).toMatchObject({
    Entrypoint: ["/bin/alertmanager"],
    Cmd: ["--config.file=/etc/alertmanager/alertmanager.yml", "--storage.path=/alertmanager"],
    User: "65534",
    Volumes: { "/alertmanager": {} },
  });
  expect(inspect("narthex/pushgateway")).toMatchObject({ Entrypoint: ["/bin/pushgateway"], User: "65534" });
  expect(inspect("narthex/node-exporter")).toMatchObject({ Entrypoint: ["/bin/node_exporter"], User: "65534" });
});
