import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { docker } from "../support/docker.ts";
import { eventually } from "../support/eventually.ts";
import { lacks } from "../support/requirements.ts";
import { root } from "../support/running.ts";
import { Workplace } from "../support/workplace.ts";

// The commands without which this test is skipped. The test runs our images with compose files and health commands that
// users wrote for the images of Prometheus and the other original programs.
const absent = lacks("docker");
const project = `narthex-health-${process.pid}`;
const workplace = new Workplace();

/** Runs a command to its end. Returns its status and output. */
const run = (
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): { status: number | null; output: string } => {
  const { status, stdout, stderr } = spawnSync("docker", args, { encoding: "utf8", env });
  return { status, output: stdout + stderr };
};

beforeAll(() => {
  if (absent) return;
  execFileSync("docker", ["compose", "--profile", "containers", "build"], { cwd: root, stdio: "ignore" });
}, 600_000);

afterAll(() => workplace[Symbol.dispose]());

/**
 * Images, each with its port and the path of its health check. The paths are those in the documentation of the original
 * programs.
 */
const ROLES = [
  ["server", 9090, "/-/healthy"],
  ["alertmanager", 9093, "/-/healthy"],
  ["pushgateway", 9091, "/-/healthy"],
  ["node-exporter", 9100, "/metrics"],
  ["dashboards", 3000, "/api/health"],
  ["cadvisor", 8080, "/healthz"],
] as const;

/** Docker options that give a container as few rights as possible. */
const HARDENED = ["--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges"];

test.skipIf(absent).each(ROLES)(
  "health commands for the image of the original of the %s work in a container without rights",
  async (role, port, path) => {
    const name = `${project}-${role}`;
    docker("run", "-d", "--name", name, ...HARDENED, `narthex/${role}`);
    try {
      const inside = (command: string): { status: number | null; output: string } =>
        run(["exec", name, "sh", "-c", command]);
      const url = `http://localhost:${port}${path}`;
      await eventually(`${role} answers`, async () =>
        expect(inside(`wget -q --spider ${url}`)).toMatchObject({ status: 0 }),
      );
      for (const command of [
        `wget --no-verbose --tries=1 --spider ${url} || exit 1`,
        `wget --quiet --tries=1 --spider http://127.0.0.1:${port}${path} || exit 1`,
        `wget -q -T 3 -t 1 -O /dev/null ${url}`,
        `wget -qT 3 --timeout=3 -O - ${url} > /dev/null`,
        `/bin/wget -qO- ${url} | grep -q .`,
        `nc -z localhost ${port}`,
        `nc -z -w 2 127.0.0.1 ${port}`,
        `/bin/nc -zv localhost ${port}`,
      ]) {
        expect(inside(command), command).toMatchObject({ status: 0 });
      }
      for (const command of [`wget -q --spider http://localhost:${port}/nowhere`, `nc -z localhost 1`]) {
        expect(inside(command).status, command).not.toBe(0);
      }
      for (const path of ["/", "/tmp", "/narthex", "/narthex/code-cache"])
        expect(inside(`touch ${path}/new`).output).toContain("Read-only file system");
    } finally {
      run(["rm", "-f", "-v", name]);
    }
  },
);

/** bcrypt hash of the password "secret" with cost 4. */
const HASH = "$2y$04$hpx/cWBKsTPHTksQLz00E./uxQ3WTopwMb5ldl36xpJfkmtWppm5O";

test.skipIf(absent)("up --wait succeeds with other addresses, an external URL with a path, and basic auth", () => {
  workplace.write("web.yml", `basic_auth_users:\n  ann: "${HASH}"\n`);
  workplace.write(
    "docker-compose.yml",
    `services:
  moved:
    image: narthex/server
    pull_policy: never
    command: ["--config.file=/etc/prometheus/prometheus.yml", "--web.listen-address=:9095"]
  below:
    image: narthex/server
    pull_policy: never
    command: ["--config.file=/etc/prometheus/prometheus.yml", "--web.external-url=http://example.org/prometheus/"]
  guarded:
    image: narthex/alertmanager
    pull_policy: never
    command: ["--config.file=/etc/alertmanager/alertmanager.yml", "--web.config.file=/web.yml", "--cluster.listen-address="]
    volumes: ["./web.yml:/web.yml:ro"]
  gateway:
    image: narthex/pushgateway
    pull_policy: never
    command: ["--web.listen-address=:9999", "--web.route-prefix=/push"]
  exporter:
    image: narthex/node-exporter
    pull_policy: never
    command: ["--web.listen-address=:9101", "--web.telemetry-path=/"]
  checked:
    image: narthex/server
    pull_policy: never
    command: ["--config.file=/etc/prometheus/prometheus.yml", "--web.listen-address=:9095", "--web.route-prefix=/p"]
    healthcheck:
      test: ["CMD-SHELL", "wget --no-verbose --tries=1 --spider http://localhost:9095/p/-/healthy || exit 1"]
      interval: 1s
      retries: 20
  last:
    image: narthex/pushgateway
    pull_policy: never
    depends_on:
      checked: { condition: service_healthy }
`,
  );
  chmodSync(workplace.folder, 0o755);
  const args = ["compose", "-p", project, "-f", workplace.path("docker-compose.yml")];
  try {
    const up = run([...args, "up", "--wait", "--wait-timeout", "60"]);
    expect(up, up.output).toMatchObject({ status: 0 });
    const states = run([...args, "ps", "--format", "{{.Service}} {{.State}} {{.Health}}"])
      .output.trim()
      .split("\n")
      .sort();
    expect(states.map((line) => line.trim())).toEqual([
      "below running",
      "checked running healthy",
      "exporter running",
      "gateway running",
      "guarded running",
      "last running",
      "moved running",
    ]);
  } finally {
    run([...args, "down", "-v", "--timeout", "10"]);
  }
});
