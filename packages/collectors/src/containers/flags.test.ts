import { expect, test } from "vitest";
import { Settings } from "../settings.ts";
import { containerFlags, readContainerFlags, socketsOf } from "./flags.ts";

const FLAG = "collector.containers.docker-socket";

test("the socket of DOCKER_HOST is used before the usual ones, and the flag's sockets before all others", () => {
  const usual = ["/var/run/docker.sock", "/run/podman/podman.sock"];
  const sockets = (given: Readonly<Record<string, unknown>>, DOCKER_HOST?: string): readonly string[] =>
    socketsOf(Settings.of(containerFlags, given), { DOCKER_HOST });
  expect(sockets({})).toEqual(usual);
  expect(sockets({}, "unix:///tmp/engine.sock")).toEqual(["/tmp/engine.sock", ...usual]);
  expect(sockets({}, "unix:///run/podman/podman.sock")).toEqual(["/run/podman/podman.sock", "/var/run/docker.sock"]);
  expect(sockets({}, "tcp://host:2375")).toEqual(usual);
  expect(sockets({ [FLAG]: ["/mine"] }, "unix:///tmp/engine.sock")).toEqual(["/mine"]);
  expect(sockets({ [FLAG]: [""] }, "unix:///tmp/engine.sock")).toEqual([]);
});

test.each([
  [[], ["cpu", "memory", "io", "pids", "pressure"]],
  [
    ["memory", "process"],
    ["cpu", "memory", "io", "pressure"],
  ],
  [
    ["memory", "oom_event", "diskIO", "pressure"],
    ["cpu", "pids"],
  ],
])("without the kinds %j, the files of the kinds %j are read", (disabled, read) => {
  const settings = Settings.of(containerFlags, { "collector.containers.disable-metrics": disabled });
  const { isRead } = readContainerFlags(settings);
  expect((["cpu", "memory", "io", "pids", "pressure"] as const).filter(isRead)).toEqual(read);
});
