import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { lacks } from "../support/requirements.ts";
import { root } from "../support/running.ts";
import { freePort } from "../support/ports.ts";
import { Workplace } from "../support/workplace.ts";

// The commands without which this test is skipped. The test uses a typical compose file, provisioning and scripts for
// Grafana's image, in which only the name of the image is changed.
const absent = lacks("docker");
const project = `narthex-grafana-${process.pid}`;
const workplace = new Workplace();
let base: string;

const run = (...args: string[]): { status: number | null; output: string } => {
  const { status, stdout, stderr } = spawnSync("docker", args, { encoding: "utf8" });
  return { status, output: stdout + stderr };
};
const compose = (...args: string[]): { status: number | null; output: string } =>
  run("compose", "-p", project, "-f", workplace.path("docker-compose.yml"), ...args);

/** Sends a request as the user that the compose file names. */
async function request(path: string, method = "GET", body?: unknown): Promise<{ status: number; body: unknown }> {
  const answer = await fetch(`${base}${path}`, {
    method,
    headers: {
      authorization: `Basic ${Buffer.from("owner:not-a-default").toString("base64")}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: await answer.json() };
}

const COMPOSE = (port: number): string => `networks:
  monitor-net:
    driver: bridge

volumes:
  prometheus_data: {}
  grafana_data: {}

services:
  prometheus:
    image: narthex/server
    pull_policy: never
    volumes:
      - ./prometheus:/etc/prometheus
      - prometheus_data:/prometheus
    command:
      - '--config.file=/etc/prometheus/prometheus.yml'
      - '--storage.tsdb.path=/prometheus'
      - '--storage.tsdb.retention.time=200h'
      - '--web.enable-lifecycle'
    restart: unless-stopped
    networks: [monitor-net]

  grafana:
    image: narthex/dashboards
    pull_policy: never
    volumes:
      - grafana_data:/var/lib/grafana
      - ./grafana/provisioning/dashboards:/etc/grafana/provisioning/dashboards
      - ./grafana/provisioning/datasources:/etc/grafana/provisioning/datasources
    environment:
      - GF_SECURITY_ADMIN_USER=owner
      - GF_SECURITY_ADMIN_PASSWORD=not-a-default
      - GF_USERS_ALLOW_SIGN_UP=false
    restart: unless-stopped
    ports: ["127.0.0.1:${port}:3000"]
    networks: [monitor-net]
    healthcheck:
      test: ["CMD-SHELL", "wget --no-verbose --tries=1 --spider http://localhost:3000/api/health || exit 1"]
      interval: 1s
      retries: 60
`;

const SOURCE = `apiVersion: 1

datasources:
  - name: Prometheus
    type: prometheus
    access: proxy
    orgId: 1
    url: http://prometheus:9090
    basicAuth: false
    isDefault: true
    editable: true
`;

const PROVIDER = `apiVersion: 1

providers:
  - name: 'Prometheus'
    orgId: 1
    folder: ''
    type: file
    disableDeletion: false
    editable: true
    allowUiUpdates: true
    options:
      path: /etc/grafana/provisioning/dashboards
`;

/** A Grafana dashboard as of 2016: rows, and panels of an outdated kind. */
const OLD_DASHBOARD = {
  id: 1,
  title: "Monitor Services",
  tags: ["prometheus"],
  schemaVersion: 14,
  rows: [
    {
      title: "Row",
      height: 250,
      panels: [
        { id: 1, type: "singlestat", title: "Up", span: 6, datasource: "Prometheus", targets: [{ expr: "sum(up)" }] },
        { id: 2, type: "graph", title: "Load", span: 6, datasource: "Prometheus", targets: [{ expr: "up" }] },
      ],
    },
  ],
};

beforeAll(async () => {
  if (absent) return;
  execFileSync("docker", ["compose", "build", "server", "dashboards"], { cwd: root, stdio: "ignore" });
  const port = await freePort();
  base = `http://127.0.0.1:${port}`;
  workplace.write("docker-compose.yml", COMPOSE(port));
  workplace.write(
    "prometheus/prometheus.yml",
    "global: {scrape_interval: 1s}\nscrape_configs:\n  - job_name: prometheus\n    static_configs: [{targets: ['localhost:9090']}]\n",
  );
  workplace.write("grafana/provisioning/datasources/datasource.yml", SOURCE);
  workplace.write("grafana/provisioning/dashboards/dashboard.yml", PROVIDER);
  workplace.write("grafana/provisioning/dashboards/monitor_services.json", JSON.stringify(OLD_DASHBOARD));
  chmodSync(workplace.folder, 0o755);
  const up = compose("up", "-d", "--wait", "--wait-timeout", "120");
  if (up.status !== 0) throw new Error(up.output);
}, 600_000);

afterAll(() => {
  if (!absent) compose("down", "-v", "--timeout", "10");
  workplace[Symbol.dispose]();
});

test.skipIf(absent)("dashboards and the data source come from the folders that the compose file mounts", async () => {
  expect(await request("/api/health")).toMatchObject({ status: 200, body: { database: "ok" } });
  await eventually("the dashboard is there", async () =>
    expect((await request("/api/search?query=monitor")).body).toMatchObject([
      { title: "Monitor Services", type: "dash-db", tags: ["prometheus"] },
    ]),
  );
  expect((await request("/api/datasources/name/Prometheus")).body).toMatchObject({
    type: "prometheus",
    url: "http://prometheus:9090",
    isDefault: true,
  });
  await eventually("the source has data", async () => {
    const { id } = (await request("/api/datasources/name/Prometheus")).body as { id: number };
    expect((await request(`/api/datasources/proxy/${id}/api/v1/query?query=sum(up)`)).body).toMatchObject({
      data: { result: [{ value: [expect.any(Number), "1"] }] },
    });
  });
});

test.skipIf(absent)("scripts post a dashboard, which survives the container", async () => {
  const posted = await request("/api/dashboards/db", "POST", {
    dashboard: { id: null, uid: "posted", title: "Posted", panels: [], schemaVersion: 36, version: 0 },
    overwrite: true,
    message: "by a script",
  });
  expect(posted).toMatchObject({ status: 200, body: { status: "success", uid: "posted", slug: "posted", version: 1 } });
  expect(compose("exec", "-T", "grafana", "id", "-u").output.trim()).toBe("472");
  expect(compose("up", "-d", "--wait", "--force-recreate", "--no-deps", "grafana")).toMatchObject({ status: 0 });
  // The request is repeated, because an open connection leads to the old container and fails until a new connection is
  // made.
  await eventually("what was posted is there", async () =>
    expect((await request("/api/dashboards/uid/posted")).body).toMatchObject({
      dashboard: { title: "Posted", version: 1 },
    }),
  );
  expect((await request("/api/search?tag=prometheus")).body).toMatchObject([{ title: "Monitor Services" }]);
});

test.skipIf(absent)("access needs the password, and the default password is refused", async () => {
  for (const user of ["owner:admin", "admin:admin"]) {
    const answer = await fetch(`${base}/api/search`, {
      headers: { authorization: `Basic ${Buffer.from(user).toString("base64")}` },
    });
    expect(answer.status, user).toBe(401);
  }
});
