import { METRIC_KINDS } from "@narthex/collectors";
import { parseFlags } from "@narthex/runtime";
import { testHost, whileRunning } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { cadvisorPaths, collectorSettings } from "./collector-settings.ts";
import { cadvisorFlags } from "./flags.ts";
import { goArguments } from "./go-arguments.ts";
import { cadvisorMain } from "./main.ts";

/** Returns the settings of the containers collector for a command line. */
function settingsFor(...args: string[]): Record<string, unknown> {
  const outcome = parseFlags(cadvisorFlags, goArguments(args, cadvisorFlags));
  if (outcome.kind !== "parsed") throw new Error(JSON.stringify(outcome));
  const settings = Object.entries(collectorSettings(outcome.flags.values));
  return Object.fromEntries(settings.map(([name, value]) => [name.replace("collector.containers.", ""), value]));
}

test("without flags all containers and groups are shown with their labels and cAdvisor's default metrics", () => {
  expect(settingsFor("-logtostderr")).toMatchObject({
    "docker-socket": ["/var/run/docker.sock", "/var/run/podman/podman.sock"],
    "docker-only": false,
    labels: ".+",
    env: "",
    root: true,
    "per-cpu": true,
    timestamps: true,
  });
  expect(settingsFor()["disable-metrics"]).toContain("process");
});

test("flags follow Go's rules: one dash or two, values after = or separate, the last repeated value counts", () => {
  for (const args of [
    ["--docker_only", "--housekeeping_interval=30s", "-disable_metrics=percpu,tcp"],
    [
      "-docker_only=true",
      "-housekeeping_interval",
      "30s",
      "--disable_metrics",
      "disk",
      "--disable_metrics",
      "percpu,tcp",
    ],
  ]) {
    expect(settingsFor(...args)).toMatchObject({
      "docker-only": true,
      "disable-metrics": ["percpu", "tcp"],
      "per-cpu": false,
    });
  }
  expect(settingsFor("-docker", "-x")["docker-socket"]).toEqual(["/var/run/podman/podman.sock"]);
});

test("-enable_metrics shows only these metrics", () => {
  const { "disable-metrics": hidden } = settingsFor("-enable_metrics=cpu,memory");
  expect(hidden).toEqual(METRIC_KINDS.filter((kind) => kind !== "cpu" && kind !== "memory"));
});

test("lists select labels and variables", () => {
  const settings = settingsFor(
    "-store_container_labels=false",
    "-whitelisted_container_labels=com.shop.tier, team",
    "-env_metadata_whitelist=APP_,ZONE",
    "-docker_only",
    "-raw_cgroup_prefix_whitelist=/system.slice",
    "-disable_root_cgroup_stats",
  );
  expect(settings).toMatchObject({
    labels: "^(?:com\\.shop\\.tier|team)$",
    env: "^(?:APP_|ZONE)",
    "docker-only.besides": "/system.slice",
    root: false,
  });
  expect(settingsFor("-store_container_labels=false")["labels"]).toBe("");
});

test.each([
  ["labels", "-whitelisted_container_labels=app,team", ["app", "team"], ["com.x.app", "application", "team.lead"]],
  ["env", "-env_metadata_whitelist=KEY,ENV", ["KEY", "KEYS", "ENV_NAME"], ["AWS_SECRET_ACCESS_KEY", "MY_ENV_TOKEN"]],
])("%s: the words of %s are whole names or beginnings, never the middle of a name", (name, flag, shown, hidden) => {
  const pattern = new RegExp(settingsFor("-store_container_labels=false", flag)[name] as string);
  expect([...shown, ...hidden].filter((word) => pattern.test(word))).toEqual(shown);
});

test("the host's files are below /rootfs if it is mounted", () => {
  const mounted = new Set(["/rootfs/proc/stat", "/rootfs/sys/fs/cgroup"]);
  expect(cadvisorPaths((path) => mounted.has(path))).toEqual({
    procfs: "/rootfs/proc",
    sysfs: "/rootfs/sys",
    rootfs: "/rootfs",
    udevData: "/rootfs/run/udev/data",
  });
  expect(cadvisorPaths((path) => path === "/rootfs/proc/stat").sysfs).toBe("/sys");
  expect(cadvisorPaths(() => false)).toEqual({
    procfs: "/proc",
    sysfs: "/sys",
    rootfs: "/",
    udevData: "/run/udev/data",
  });
});

test.each([
  [["-disable_metrics=nonsense"], 'unsupported metric "nonsense" specified'],
  [["-no_such_flag"], "no_such_flag"],
  [["-http_auth_file=users"], "--web.config.file"],
])("%j ends the start and says why", async (args, words) => {
  const host = testHost(args);
  expect(await cadvisorMain(host)).toBe(1);
  expect(host.output.stderr).toContain(words);
});

test("kinds of -enable_metrics without metrics are named in the log", async () => {
  const host = testHost([
    "-enable_metrics=cpu,tcp,percpu,sched,perf_event,resctrl",
    "-port=0",
    "-listen_ip=127.0.0.1",
    "-docker=",
    "-podman=",
  ]);
  const status = cadvisorMain(host);
  host.requestStop();
  expect(await status).toBe(0);
  expect(host.output.stderr).toContain(
    'msg="These kinds of -enable_metrics have no metrics here" kinds=perf_event,resctrl',
  );
});

test("healthz, the page and the metrics have cAdvisor's paths", async () => {
  const host = testHost(["-listen_ip=127.0.0.1", "-port=0", "-url_base_prefix=/c", "-v=4", "-docker=", "-podman="]);
  await whileRunning(host, cadvisorMain, async (url) => {
    const get = (path: string): Promise<Response> => fetch(`${url}${path}`, { redirect: "manual" });
    expect(await (await get("/c/healthz")).text()).toBe("ok");
    expect((await get("/")).headers.get("location")).toBe("/c/containers/");
    expect(await (await get("/c/containers/")).text()).toContain('<a href="/c/metrics">');
    expect((await get("/metrics")).status).toBe(404);
    expect(await (await get("/c/metrics")).text()).toMatch(/^process_start_time_seconds /m);
  });
});
