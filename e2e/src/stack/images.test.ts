import { execFileSync, spawn } from "node:child_process";
import { chmodSync } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { beforeAll, expect, test } from "vitest";
import { Authority } from "../support/certificates.ts";
import { docker } from "../support/docker.ts";
import { lacks } from "../support/requirements.ts";
import { root } from "../support/running.ts";
import { Workplace } from "../support/workplace.ts";

const absent = lacks("docker");

const ROLES = ["server", "alertmanager", "pushgateway", "node-exporter", "dashboards", "cadvisor"] as const;

/** Size limits of an image in bytes, unpacked and compressed. */
const MAX_UNPACKED = 150e6;
const MAX_COMPRESSED = 60e6;

beforeAll(() => {
  if (absent) return;
  execFileSync("docker", ["compose", "--profile", "containers", "build", "--quiet"], {
    cwd: root,
    stdio: ["ignore", "ignore", "pipe"],
  });
}, 600_000);

/** Runs a shell command in an image in place of the entry point. Returns the output. */
const inside = (role: string, command: string, ...options: readonly string[]): string =>
  docker("run", "--rm", ...options, "--entrypoint", "sh", `narthex/${role}`, "-c", command);

test.skipIf(absent).each(ROLES)("narthex/%s takes at most 150 MB", (role) => {
  const size = Number(docker("image", "inspect", "--format", "{{.Size}}", `narthex/${role}`));
  expect(size).toBeGreaterThan(50e6);
  expect(size).toBeLessThanOrEqual(MAX_UNPACKED);
});

test.skipIf(absent)("the largest image is at most 60 MB to download", async () => {
  const saved = spawn("docker", ["save", "narthex/server:latest"], { stdio: ["ignore", "pipe", "inherit"] });
  let bytes = 0;
  await pipeline(saved.stdout, createGzip(), async (packed: AsyncIterable<Buffer>) => {
    for await (const chunk of packed) bytes += chunk.length;
  });
  expect(bytes).toBeGreaterThan(30e6);
  expect(bytes).toBeLessThanOrEqual(MAX_COMPRESSED);
});

test.skipIf(absent)("images share the layers with most of their content", () => {
  const layers = ROLES.map(
    (role) =>
      JSON.parse(docker("image", "inspect", "--format", "{{json .RootFS.Layers}}", `narthex/${role}`)) as string[],
  );
  const shared = layers[0]!.findIndex((layer, i) => layers.some((others) => others[i] !== layer));
  const sizes = docker(
    "history",
    "--no-trunc",
    "--human=false",
    "--format",
    "{{.Size}} {{.CreatedBy}}",
    "narthex/server",
  )
    .split("\n")
    .filter((line) => /COPY|WORKDIR/.test(line))
    .map((line) => Number(line.split(" ")[0]))
    .reverse();
  expect(sizes).toHaveLength(layers[0]!.length);
  const sum = (some: readonly number[]): number => some.reduce((a, b) => a + b, 0);
  expect(sum(sizes.slice(0, shared)) / sum(sizes)).toBeGreaterThan(0.85);
});

test.skipIf(absent)("there is a shell with its commands, and neither a package manager nor another shell", () => {
  const found = inside(
    "server",
    "for name in sh wget nc node promtool amtool ls cat grep env; do command -v $name; done",
  );
  expect(found.split("\n")).toHaveLength(10);
  const others = inside(
    "server",
    "for name in bash apt dpkg npm npx yarn corepack python3 gcc; do command -v $name; done; true",
  );
  expect(others).toBe("");
  expect(inside("server", "echo 'echo $((6 * 7))' > /tmp/a && /usr/bin/env sh /tmp/a")).toBe("42");
});

test.skipIf(absent)(
  "users have names, folders have owners, and the files for scanners and licence checks exist",
  () => {
    const owners = (role: string, ...paths: readonly string[]): string[] =>
      inside(role, `id -un; stat -c '%u:%g %a' ${paths.join(" ")}`).split("\n");
    expect(owners("server", "/prometheus", "/etc/prometheus/prometheus.yml")).toEqual([
      "nobody",
      "65534:65534 775",
      "65534:65534 644",
    ]);
    expect(owners("alertmanager", "/alertmanager")).toEqual(["nobody", "65534:65534 755"]);
    expect(owners("pushgateway", "/pushgateway")).toEqual(["nobody", "65534:65534 755"]);
    expect(owners("dashboards", "/var/lib/grafana", "/etc/grafana/provisioning", "/run.sh")).toEqual([
      "grafana",
      "472:0 775",
      "472:0 775",
      "0:0 777",
    ]);
    expect(owners("node-exporter", "/tmp")).toEqual(["nobody", "0:0 1777"]);
    expect(owners("cadvisor", "/bin/cadvisor")).toEqual(["root", "0:0 755"]);
    const packages = inside("server", "grep -h ^Package: /var/lib/dpkg/status.d/*").split("\n");
    expect(packages).toContain("Package: libc6");
    expect(inside("server", "head -c 9 /narthex/NOTICES.txt; ls /usr/share/doc/*/copyright | wc -l")).toMatch(
      /^Narthex i\d+$/,
    );
  },
);

test.skipIf(absent)("the images have the labels and the stop signal that registries and engines use", () => {
  const config = JSON.parse(docker("image", "inspect", "--format", "{{json .Config}}", "narthex/server")) as {
    Labels: Record<string, string>;
    StopSignal: string;
  };
  expect(config.StopSignal).toBe("SIGTERM");
  expect(config.Labels).toMatchObject({
    "org.opencontainers.image.title": "Narthex server",
    "org.opencontainers.image.licenses": "Apache-2.0",
    "org.opencontainers.image.version": expect.stringMatching(/^\d+\.\d+\.\d+/) as string,
  });
});

test.skipIf(absent || lacks("curl"))("authorities that are mounted at the originals' paths are trusted", () => {
  using workplace = new Workplace();
  const own = workplace.write("own.pem", new Authority(workplace.folder, "own-authority").pair.cert);
  chmodSync(workplace.folder, 0o755);
  const count = `. /narthex/start.sh; trust_mounted_authorities; exec node -p '
    const { X509Certificate } = require("node:crypto");
    require("node:tls").getCACertificates().filter((one) => new X509Certificate(one).subject === "CN=own-authority").length'`;
  const trusted = (...options: readonly string[]): string => inside("server", count, ...options);
  expect(trusted()).toBe("0");
  expect(trusted(`--volume=${own}:/etc/ssl/certs/own.pem:ro`)).toBe("1");
  expect(trusted(`--volume=${own}:/etc/ssl/certs/ca-certificates.crt:ro`)).toBe("1");
  expect(trusted(`--volume=${own}:/own.pem:ro`, "--env=SSL_CERT_FILE=/own.pem")).toBe("1");
});

test.skipIf(absent)("the code of each role was compiled when its image was built", () => {
  const code = (role: string): string[] =>
    inside(role, "ls /narthex/code-cache")
      .split("\n")
      .map((name) => name.replace(/-v\d.*$/, ""));
  const others: Readonly<Record<string, readonly string[]>> = {
    server: ["promtool", "query-worker"],
    alertmanager: ["amtool"],
  };
  for (const role of ROLES) expect(code(role)).toEqual([role, ...(others[role] ?? [])].sort());
});
