import { execFileSync, spawnSync } from "node:child_process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { docker } from "../../support/docker.ts";
import { eventually } from "../../support/eventually.ts";
import { freePort } from "../../support/ports.ts";
import { instant, untilQuery } from "../../support/query.ts";
import { lacks, peers } from "../../support/requirements.ts";
import { root } from "../../support/running.ts";
import { Workplace } from "../../support/workplace.ts";

// The commands without which this test is skipped. The test starts the profiles `ha` and `longterm` of
// docker-compose.yml together, with local replacements for images from registries.
const absent = lacks("docker", "peers");
const project = `narthex-profiles-${process.pid}`;
const workplace = new Workplace();
const STAND_INS = ["postgres", "victoriametrics"] as const;
const PORTS = [
  "SERVER",
  "SERVER_2",
  "ALERTMANAGER",
  "ALERTMANAGER_2",
  "ALERTMANAGER_3",
  "PUSHGATEWAY",
  "NODE_EXPORTER",
  "DASHBOARDS",
  "LONGTERM",
] as const;
const addresses = new Map<string, string>();
const environment: NodeJS.ProcessEnv = { ...process.env, NARTHEX_STORE_PASSWORD: "secret" };

const imageOf = (name: string): string => `${project}/${name}`;
const address = (name: (typeof PORTS)[number]): string => addresses.get(name)!;

const OPTIONS = ["ha", "longterm"].flatMap((name) => ["--env-file", `deploy/docker/profiles/${name}.env`]);

function compose(...args: readonly string[]): void {
  const files = ["-f", "docker-compose.yml", "-f", workplace.path("stand-ins.yml")];
  const { status, stdout, stderr } = spawnSync("docker", ["compose", "-p", project, ...files, ...OPTIONS, ...args], {
    cwd: root,
    env: environment,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`docker compose ${args.join(" ")}: ${stdout}${stderr}`);
}

beforeAll(async () => {
  if (absent) return;
  delete environment["COMPOSE_PROFILES"];
  for (const name of STAND_INS)
    execFileSync(
      "docker",
      ["build", "--target", name, "--build-context", `programs=${peers}`, "--tag", imageOf(name), import.meta.dirname],
      { stdio: "ignore" },
    );
  const services = STAND_INS.map((name) => `  ${name}: { image: ${imageOf(name)}, pull_policy: never }\n`);
  workplace.write("stand-ins.yml", `services:\n${services.join("")}`);
  for (const name of PORTS) {
    const port = await freePort();
    environment[`NARTHEX_${name}_PORT`] = String(port);
    addresses.set(name, `http://127.0.0.1:${port}`);
  }
  compose("up", "--wait", "--build");
}, 900_000);

afterAll(() => {
  if (absent) return;
  compose("down", "-v", "--timeout", "10");
  docker("rmi", ...STAND_INS.map(imageOf));
  workplace[Symbol.dispose]();
});

test.skipIf(absent)("both servers scrape everything, and send alerts to all three Alertmanagers", async () => {
  for (const server of [address("SERVER"), address("SERVER_2")]) {
    const up = await untilQuery(server, "up == 1", (result) => result.length === 9);
    expect(up.map(({ metric }) => metric["instance"]).sort()).toEqual([
      "alertmanager-2:9093",
      "alertmanager-3:9093",
      "alertmanager:9093",
      "dashboards:3000",
      "node-exporter:9100",
      "pushgateway:9091",
      "server-2:9090",
      "server:9090",
      "victoriametrics:8428",
    ]);
    await eventually("three Alertmanagers are known", async () => {
      const answer = (await (await fetch(`${server}/api/v1/alertmanagers`)).json()) as {
        data: { activeAlertmanagers: readonly unknown[] };
      };
      expect(answer.data.activeAlertmanagers).toHaveLength(3);
    });
  }
});

test.skipIf(absent)("a silence created at one Alertmanager exists at the others", async () => {
  const silence = {
    matchers: [{ name: "job", value: "of-this-test", isRegex: false }],
    startsAt: new Date().toISOString(),
    endsAt: new Date(Date.now() + 3_600_000).toISOString(),
    createdBy: "somebody",
    comment: "for all",
  };
  const answer = await fetch(`${address("ALERTMANAGER_3")}/api/v2/silences`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(silence),
  });
  expect(answer.status).toBe(200);
  for (const name of ["ALERTMANAGER", "ALERTMANAGER_2"] as const)
    await eventually(`${name} has it`, async () => {
      const silences = (await (await fetch(`${address(name)}/api/v2/silences`)).json()) as { comment: string }[];
      expect(silences.map(({ comment }) => comment)).toEqual(["for all"]);
    });
});

const DAY_S = 86_400;

test.skipIf(absent)("VictoriaMetrics receives the samples of both servers, and is queried for older ones", async () => {
  const store = address("LONGTERM");
  await eventually("both replicas are there", async () => {
    const answer = (await (await fetch(`${store}/api/v1/label/replica/values`)).json()) as { data: string[] };
    expect(answer.data).toEqual(["server", "server-2"]);
  });
  const yesterday = Math.floor(Date.now() / 1000) - DAY_S;
  await fetch(`${store}/api/v1/import/prometheus?timestamp=${yesterday * 1000}`, {
    method: "POST",
    body: 'reading_of_yesterday{replica="server"} 42\n',
  });
  await eventually("the server reads it back", async () => {
    const [found] = await instant(address("SERVER"), "reading_of_yesterday", yesterday);
    expect(found).toMatchObject({ metric: { __name__: "reading_of_yesterday" }, value: [yesterday, "42"] });
    expect(found!.metric).not.toHaveProperty("replica");
  });
  // Checks that the second server does not return samples from the first server's local storage.
  expect(await instant(address("SERVER_2"), "reading_of_yesterday", yesterday)).toEqual([]);
});
