import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { hostTree, type HostTree, seriesFrom } from "../testing/host-tree.ts";
import { runit } from "./runit.ts";

/** Writes a supervisor's status file with the time (seconds since 1970), the wanted state and the current state. */
function supervise(host: HostTree, folder: string, time: number, want: string, state: number, length = 20): void {
  const bytes = Buffer.alloc(20);
  bytes.writeBigInt64BE(4_611_686_018_427_387_914n + BigInt(time));
  bytes.write(want, 17, "latin1");
  bytes[19] = state;
  mkdirSync(join(host.folder, folder, "supervise"), { recursive: true });
  writeFileSync(join(host.folder, folder, "supervise/status"), bytes.subarray(0, length));
}

const seriesOf = (host: HostTree): Promise<string[]> =>
  seriesFrom(runit, host, { "collector.runit.servicedir": join(host.folder, "service") });

test("runit shows each service's state, the wanted state and the normal state", async () => {
  using host = hostTree({
    "service/db/supervise/down": "",
    "service/new/run": "",
    "service/readme": "",
    "service/empty/supervise/status": "",
  });
  supervise(host, "service/web", 1000, "u", 1);
  supervise(host, "service/db", 2000, "d", 0);
  supervise(host, "elsewhere", 3000, "\0", 2);
  host.link("service/linked", join(host.folder, "elsewhere"));
  expect(await seriesOf(host)).toEqual([
    'node_service_desired_state{service="db",supervisor="runit"} 0',
    'node_service_desired_state{service="linked",supervisor="runit"} 0',
    'node_service_desired_state{service="web",supervisor="runit"} 1',
    'node_service_normal_state{service="db",supervisor="runit"} 0',
    'node_service_normal_state{service="linked",supervisor="runit"} 1',
    'node_service_normal_state{service="web",supervisor="runit"} 1',
    'node_service_state{service="db",supervisor="runit"} 0',
    'node_service_state{service="linked",supervisor="runit"} 2',
    'node_service_state{service="web",supervisor="runit"} 1',
    'node_service_state_last_change_timestamp_seconds{service="db",supervisor="runit"} 2000',
    'node_service_state_last_change_timestamp_seconds{service="linked",supervisor="runit"} 3000',
    'node_service_state_last_change_timestamp_seconds{service="web",supervisor="runit"} 1000',
  ]);
});

test("a short status file is padded with zeros, and a folder in its place is skipped", async () => {
  using host = hostTree();
  supervise(host, "service/short", 5, "u", 1, 8);
  mkdirSync(join(host.folder, "service/folder/supervise/status"), { recursive: true });
  expect(await seriesOf(host)).toEqual([
    'node_service_desired_state{service="short",supervisor="runit"} 0',
    'node_service_normal_state{service="short",supervisor="runit"} 1',
    'node_service_state{service="short",supervisor="runit"} 0',
    'node_service_state_last_change_timestamp_seconds{service="short",supervisor="runit"} 5',
  ]);
});

test("runit fails if there is no folder of services", async () => {
  using host = hostTree();
  expect(await seriesOf(host)).toEqual(['node_scrape_collector_success{collector="runit"} 0']);
});
