import { expect, test } from "vitest";
import { eventually } from "../../../support/eventually.ts";
import { lacks } from "../../../support/requirements.ts";
import { serve } from "../../../support/serving.ts";
import { Workplace } from "../../../support/workplace.ts";
import { ZooKeeperServer } from "../../../support/zookeeper-server.ts";
import { discoveredLabels } from "../discovered-labels.ts";

/** Returns a configuration with both kinds of members. No target is scraped. */
const config = (server: string): string => `scrape_configs:
- job_name: nerve
  nerve_sd_configs: [{servers: ["${server}"], paths: [/nerve/services], timeout: 4s}]
  relabel_configs: [{action: drop, source_labels: [__address__], regex: .*}]
- job_name: serverset
  serverset_sd_configs: [{servers: ["${server}"], paths: [/aurora], timeout: 4s}]
  relabel_configs: [{action: drop, source_labels: [__address__], regex: .*}]
`;

const create = (path: string, data: unknown = ""): string => `create ${path} '${JSON.stringify(data)}'`;
const nerve = (host: string): unknown => ({ host, port: 8080, name: `api_${host}` });
const serverset = (host: string, shard: number): unknown => ({
  serviceEndpoint: { host, port: 31_000 },
  additionalEndpoints: { "http-admin": { host, port: 31_001 } },
  status: "ALIVE",
  shard,
});

test.skipIf(lacks("peers", "zookeeper"))(
  "ZooKeeper discovery finds the same as Prometheus: at first, after changes and after an outage; and the members of a new server without a restart",
  async () => {
    await using zookeeper = await ZooKeeperServer.start();
    await zookeeper.execute([
      create("/nerve"),
      create("/nerve/services"),
      create("/nerve/services/api"),
      create("/nerve/services/api/1", nerve("a")),
      create("/nerve/services/api/2", nerve("b")),
      create("/nerve/services/broken", "no member"),
      create("/aurora"),
      create("/aurora/job"),
      create("/aurora/job/member_0", serverset("c", 0)),
    ]);
    using workplace = new Workplace();
    const settings = { config: config(zookeeper.address), flags: [] };
    await using ours = await serve("narthex", workplace, "ours", settings);
    await using theirs = await serve("prometheus", workplace, "theirs", settings);
    const agree = (what: string, hosts: readonly string[]): Promise<void> =>
      eventually(what, async () => {
        const [own, peer] = await Promise.all([discoveredLabels(ours.base), discoveredLabels(theirs.base)]);
        expect(own).toEqual(peer);
        expect(own.map((labels) => labels["__address__"]!.split(":")[0]).sort()).toEqual(hosts);
      });
    await agree("the first members", ["a", "b", "c"]);
    await zookeeper.execute([
      `set /nerve/services/api/1 '${JSON.stringify(nerve("a2"))}'`,
      "delete /nerve/services/api/2",
      create("/aurora/job/member_1", serverset("d", 1)),
    ]);
    await agree("changed members", ["a2", "c", "d"]);
    await zookeeper.stop();
    zookeeper.startAgain();
    await zookeeper.execute([create("/nerve/services/api/3", nerve("e")), "delete /aurora/job/member_0"]);
    await agree("members after an outage", ["a2", "d", "e"]);
    await zookeeper.stop();
    zookeeper.wipe();
    zookeeper.startAgain();
    await zookeeper.execute([
      create("/nerve"),
      create("/nerve/services"),
      create("/nerve/services/1", nerve("f")),
      create("/aurora"),
      create("/aurora/member_9", serverset("g", 9)),
    ]);
    // Prometheus, whose client insists on its session, would have to be restarted.
    await eventually("the members of a new server", async () => {
      const found = await discoveredLabels(ours.base);
      expect(found.map((labels) => labels["__address__"]).sort()).toEqual(["f:8080", "g:31000"]);
    });
  },
);
