import { chmodSync, statSync } from "node:fs";
import { expect, test } from "vitest";
import { FakeMachine } from "../testing/fake-machine.ts";

const COMPOSE = `# the stack
x-common: &common
  restart: unless-stopped
services:
  prometheus:
    <<: *common
    image: "prom/prometheus:\${TAG:-v3.0.0}" # pinned
    command:
      - --config.file=/etc/prometheus/prometheus.yml
      - --storage.tsdb.path=/prometheus
      - '--web.external-url=http://\${HOST}/p'
    volumes:
      - ./prom:/etc/prometheus:ro
      - prom_data:/prometheus
  alertmanager:
    image: quay.io/prometheus/alertmanager
    volumes: [{type: bind, source: ./am.yml, target: /etc/alertmanager/alertmanager.yml}]
  app:
    image: example/app
volumes: {prom_data: {}}
`;

const CONFIG =
  "scrape_configs: [{job_name: a, static_configs: [{targets: [localhost:1]}]}]\nrule_files: [rules/*.yml]\n";

function stack(machine: FakeMachine, compose = COMPOSE): void {
  machine.write("/work/docker-compose.yml", compose);
  machine.write("/work/.env", "HOST=example.org\n");
  machine.write("/work/prom/prometheus.yml", CONFIG);
  machine.write("/work/prom/rules/a.yml", "groups: [{name: a, rules: [{record: b, expr: up}]}]\n");
  machine.write("/work/am.yml", "route: {receiver: a}\nreceivers: [{name: a}]\n");
}

test("services are found by their images, with variables, mounts and configurations", async () => {
  using machine = new FakeMachine();
  stack(machine);
  const { roles } = await machine.plan("--from-compose=docker-compose.yml");
  expect(roles.map(({ role, target }) => [role, target])).toEqual([
    ["server", "compose"],
    ["alertmanager", "compose"],
  ]);
  expect(roles[0]).toMatchObject({
    origin: { kind: "compose", file: machine.path("/work/docker-compose.yml"), line: 6, service: "prometheus" },
    configuration: [`${machine.path("/work/prom/prometheus.yml")}: read, with all files that it names`],
    data: [{ path: "volume prom_data", text: expect.stringContaining("at /prometheus, used in place") }],
  });
  expect(roles[0]!.wouldRun.at(-1)).toBe("--web.external-url=http://example.org/p");
  expect(roles[0]!.notes.filter(({ level }) => level !== "fact")).toEqual([]);
  expect(roles[1]!.data).toEqual([{ path: "/alertmanager", text: expect.stringContaining("without a name") }]);
});

test("the copy of a compose file has the permissions of its original, because it may contain passwords", async () => {
  using machine = new FakeMachine();
  stack(machine);
  chmodSync(machine.path("/work/docker-compose.yml"), 0o600);
  expect((await machine.migrate(["--from-compose=.", "--apply"])).status).toBe(0);
  expect(statSync(machine.path("/work/docker-compose.narthex.yml")).mode & 0o777).toBe(0o600);
  expect(statSync(machine.work).mode & 0o777).toBe(0o755);
});

test("--apply writes a copy of the compose file with other images, and commands for the same project", async () => {
  using machine = new FakeMachine();
  stack(machine);
  const { status, stderr } = await machine.migrate([
    "--from-compose=.",
    "--apply",
    "--image-prefix=registry.example.org/n/",
    "--image-tag=1",
  ]);
  expect([status, stderr]).toEqual([0, ""]);
  expect(machine.read("/work/docker-compose.yml")).toBe(COMPOSE);
  expect(machine.read("/work/docker-compose.narthex.yml")).toBe(
    COMPOSE.replace("prom/prometheus:${TAG:-v3.0.0}", "registry.example.org/n/server:1").replace(
      "quay.io/prometheus/alertmanager",
      "registry.example.org/n/alertmanager:1",
    ),
  );
  const compose = (name: string): string =>
    `docker compose --project-directory ${machine.work} -f ${machine.path(`/work/${name}`)} up -d prometheus alertmanager`;
  expect(machine.read("/work/narthex-migrate/switch-over.sh")).toContain(compose("docker-compose.narthex.yml"));
  expect(machine.read("/work/narthex-migrate/go-back.sh")).toContain(compose("docker-compose.yml"));
});

test("without a --from flag migrate reads the compose file of the folder and its override file", async () => {
  using machine = new FakeMachine();
  stack(machine);
  machine.write("/work/docker-compose.override.yml", "services: {alertmanager: {image: example/other}}\n");
  const { roles } = await machine.plan();
  expect(roles.map(({ role }) => role)).toEqual(["server"]);
});

test("a service that extends another file's service gets its own image", async () => {
  using machine = new FakeMachine();
  machine.write(
    "/work/base.yml",
    "services:\n  base:\n    image: prom/node-exporter\n    command: --path.rootfs=/host\n",
  );
  machine.write(
    "/work/compose.yml",
    "services:\n  node:\n    extends: {file: base.yml, service: base}\n    pid: host\n",
  );
  const { roles } = await machine.plan("--from-compose=compose.yml");
  expect(roles[0]!.wouldRun).toEqual(["narthex", "node-exporter", "--path.rootfs=/host"]);
  await machine.migrate(["--from-compose=compose.yml", "--apply"]);
  expect(machine.read("/work/compose.narthex.yml")).toBe(
    "services:\n  node:\n    image: narthex/node-exporter\n    extends: {file: base.yml, service: base}\n    pid: host\n",
  );
});

test("a refused file is reported with its path on the host; a missing rule file is only reported as a difference", async () => {
  using machine = new FakeMachine();
  stack(machine);
  machine.write("/work/prom/prometheus.yml", "rule_files: [none.yml]\n");
  expect((await machine.plan("--from-compose=.", "--role=server")).verdict).toBe("differs");
  machine.write("/work/prom/prometheus.yml", "globall: {}\n");
  const { roles, verdict } = await machine.plan("--from-compose=.");
  expect(verdict).toBe("blocks");
  expect(roles[0]!.notes.find(({ level }) => level === "blocks")!.text).toMatch(/\/work\/prom\/prometheus\.yml:1:1: /);
});

test.each([
  [
    "services:\n  p: {image: prom/prometheus, command: '--storage.tsdb.retention=1d'}\n",
    /compose.yml:2: service p: --storage.tsdb.retention is a flag of an earlier Prometheus; write --storage.tsdb.retention.time/,
  ],
  [
    "services:\n  p: {image: prom/prometheus, command: '--nothing'}\n",
    /compose.yml:2: .*unknown long flag '--nothing'/,
  ],
])("a command line that the image would refuse is reported as a blocker: %j", async (compose, message) => {
  using machine = new FakeMachine();
  machine.write("/work/compose.yml", compose);
  const { roles } = await machine.plan("--from-compose=.");
  expect(roles[0]!.notes.filter(({ level }) => level === "blocks").map(({ text }) => text)).toEqual([
    expect.stringMatching(message),
  ]);
});

test.each([
  ["services:\n\t- a\n", /compose.yml:2:1: .*indent with spaces/],
  ["a: 1\n", /compose.yml:1: it has no services/],
  ["services:\n  p:\n    image: ${P\n", /compose.yml:3: .*not closed/],
  ["services:\n  p:\n    image: ${P:?set me}\n", /compose.yml:3: the variable P must be set: set me/],
  ["services:\n  p:\n    extends: {service: q}\n", /compose.yml:3: .* has no service q to extend/],
  [
    "services:\n  p:\n    image: prom/prometheus\n    env_file: none.env\n",
    /compose.yml:4: the env_file .* does not exist/,
  ],
  [
    'services:\n  p:\n    image: prom/prometheus\n    command: "--a=\'b"\n',
    /compose.yml:4: command: the quote ' is not closed/,
  ],
])("a file that cannot be taken ends with 3, its line and a hint: %j", async (compose, message) => {
  using machine = new FakeMachine();
  machine.write("/work/compose.yml", compose);
  const { status, stderr } = await machine.migrate(["--from-compose=."]);
  expect([status, stderr]).toEqual([3, expect.stringMatching(message)]);
});

test("if the entry point is the program, its arguments are analysed; if it is a script, this is reported", async () => {
  using machine = new FakeMachine();
  machine.write(
    "/work/compose.yml",
    "services:\n  a: {image: prom/pushgateway, entrypoint: [/bin/pushgateway, --web.enable-lifecycle], command: [--log.level=debug]}\n  b: {image: prom/pushgateway, entrypoint: [sh, -c, ./start.sh]}\n",
  );
  const { roles } = await machine.plan("--from-compose=.");
  expect(roles[0]!.wouldRun.slice(2)).toEqual(["--web.enable-lifecycle", "--log.level=debug"]);
  expect(roles[1]!.notes).toEqual([
    { level: "differs", text: expect.stringContaining("compose.yml:3: the entry point starts sh") },
  ]);
});

test.each<[string, readonly string[], Readonly<Record<string, string>>, string, RegExp | undefined]>([
  ["the engine does not run it", [], {}, "docker compose --project", undefined],
  ["the engine runs it under its usual name", ["work", "shop"], {}, "docker compose --project", undefined],
  ["the engine runs it under another name", ["shop"], {}, "docker compose -p shop --project", /under the name shop/],
  ["the engine runs it twice", ["a", "b"], {}, "docker compose -p a --project", /as a and b; .*COMPOSE_PROJECT_NAME/],
  ["the shell names it", ["a", "b"], { COMPOSE_PROJECT_NAME: "b" }, "docker compose -p b --project", undefined],
])("the scripts keep the project's name: %s", async (_, names, env, command, note) => {
  using machine = new FakeMachine();
  stack(machine);
  const running = names.map((Name) => ({ Name, ConfigFiles: machine.path("/work/docker-compose.yml") }));
  const other = { Name: "other", ConfigFiles: "/else/docker-compose.yml" };
  machine.run = async (program) =>
    program === "docker"
      ? { status: 0, stdout: JSON.stringify([other, ...running]), stderr: "" }
      : { status: 127, stdout: "", stderr: "" };
  const { stdout } = await machine.migrate(["--from-compose=.", "--apply"], { env });
  for (const name of ["switch-over", "go-back"])
    expect(machine.read(`/work/narthex-migrate/${name}.sh`)).toContain(command);
  if (note === undefined) expect(stdout).not.toMatch(/the engine runs/);
  else expect(stdout).toMatch(note);
});

test("images of the default names are never pulled, but those of a registry and the originals may be", async () => {
  using machine = new FakeMachine();
  stack(machine);
  const pulls = async (...args: readonly string[]): Promise<readonly boolean[]> => {
    expect((await machine.migrate(["--from-compose=.", "--apply", "--force", ...args])).status).toBe(0);
    return ["switch-over", "go-back"].map((name) =>
      machine.read(`/work/narthex-migrate/${name}.sh`).includes("--pull never"),
    );
  };
  expect(await pulls()).toEqual([true, false]);
  expect(await pulls("--image-prefix=registry.example.org/narthex/")).toEqual([false, false]);
});
