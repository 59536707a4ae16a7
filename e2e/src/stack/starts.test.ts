import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../support/running.ts";
import { Workplace } from "../support/workplace.ts";

const node = join(root, "node_modules/.bin/node");
const probe = join(root, "e2e/src/release/stack-probe.mjs");

/** Starts a shell with its own mounts and its own network, which has only a loopback device. */
const ALONE = ["--mount", "--net", "sh", "-ec"];

const lacksNamespaces = spawnSync("unshare", [...ALONE, "ip link set lo up && mount --bind /tmp /tmp"]).status !== 0;

/** Time limit in ms for the start of a stack. A busy machine needs less. */
const STARTS_MS = 400_000;

test.skipIf(lacksNamespaces).each([
  ["from a read-only checkout", 'mount --bind "$root" "$root"; mount -o remount,bind,ro "$root"'],
  ["from a folder with a space in its name", 'mount --bind "$root" "a folder"; root="$PWD/a folder"'],
  ["on a machine without IPv4", "ip address delete 127.0.0.1/8 dev lo; export PROBE_HOST=[::1]"],
  ["with a umask of 077", "umask 077"],
])("the stack of a checkout starts %s", { timeout: STARTS_MS }, (_, prepare) => {
  using own = new Workplace();
  mkdirSync(own.path("a folder"));
  const script = `ip link set lo up; root=$1; ${prepare}; exec "$2" "$3" "$root/bin/narthex" up --data-dir=data`;
  const { stdout, stderr } = spawnSync("unshare", [...ALONE, script, "sh", root.replace(/\/$/, ""), node, probe], {
    cwd: own.folder,
    encoding: "utf8",
    timeout: STARTS_MS,
  });
  expect(stderr).toBe("");
  const { began, pages, status, output } = JSON.parse(stdout) as Record<string, unknown>;
  expect({ began, status }, String(output)).toEqual({ began: "ready", status: 0 });
  const page = expect.objectContaining({ status: 200 }) as unknown;
  const roles = ["server", "alertmanager", "pushgateway", "dashboards", "node-exporter"];
  expect(pages).toMatchObject(Object.fromEntries(roles.map((role) => [role, page])));
});
