import type { AwsEnvironment } from "@narthex/http";
import { Labels } from "@narthex/model";
import { mapWithLimit } from "@narthex/runtime";
import { during } from "../../../answers/answer-error.ts";
import type { JsonValue } from "../../../answers/json-value.ts";
import { targetsInTurns } from "../../../answers/targets-in-turns.ts";
import type { DiscoveryContext } from "../../../discoverer.ts";
import type { Refresh } from "../../../polled-discoverer.ts";
import { AwsAccess } from "../aws-access.ts";
import { ec2Api } from "../ec2/ec2-api.ts";
import { type ClusterTasks, describeCluster, type EcsApis, type ListedCluster } from "./cluster-tasks.ts";
import { type Description, EcsApi } from "./ecs-api.ts";
import type { EcsDiscovery } from "./ecs.ts";
import { taskLabels } from "./task-labels.ts";

/** Number of clusters that are described at the same time. */
const CLUSTERS_AT_ONCE = 4;

const CLUSTERS: Description = { operation: "DescribeClusters", arns: "clusters", list: "clusters", batch: 100 };

/** Returns a function that lists the tasks of a region. */
export async function openTasks(
  config: EcsDiscovery,
  context: DiscoveryContext,
  env: AwsEnvironment,
): Promise<Refresh> {
  const access = await AwsAccess.open(config, context, env);
  const { clock, logger } = context;
  return async () => {
    const session = await access.session((probed) =>
      during("ECS credential test failed", () => new EcsApi(probed, config, clock).call("DescribeClusters", {})),
    );
    const { region } = session;
    // The endpoint of the section is that of ECS. EC2 has its own.
    const apis = { ecs: new EcsApi(session, config, clock), ec2: ec2Api(session), logger };
    const clusters = await listClusters(config, apis.ecs);
    const described = await describeClusters(clusters, apis);
    const tasks = described.flatMap((cluster) => cluster.tasks.map((task) => ({ task, cluster })));
    const place = { region, port: config.port };
    const targets = await targetsInTurns(clock, tasks, ({ task, cluster }) => taskLabels(task, cluster, place));
    return [{ source: region, targets, labels: Labels.EMPTY }];
  };
}

/** Returns the clusters with the ARNs of their services and tasks. Clusters without tasks are left out. */
async function listClusters(config: EcsDiscovery, ecs: EcsApi): Promise<readonly ListedCluster[]> {
  const names =
    config.clusters.length > 0
      ? config.clusters
      : await during("could not list clusters", () => ecs.list("ListClusters", "clusterArns"));
  const listOf = (operation: string, what: string) =>
    mapWithLimit(names, ecs.concurrency, (cluster) =>
      during(`could not list ${what}s for cluster "${cluster}"`, () => ecs.list(operation, `${what}Arns`, { cluster })),
    );
  const [clusters, services, tasks] = await Promise.all([
    during("could not describe clusters", () => ecs.describe(CLUSTERS, names, { include: ["TAGS"] })),
    listOf("ListServices", "service"),
    listOf("ListTasks", "task"),
  ]);
  const byName = new Map<string, JsonValue>();
  for (const cluster of clusters)
    for (const field of ["clusterName", "clusterArn"]) byName.set(cluster.text(field), cluster);
  return names.flatMap((name, i) => {
    const cluster = byName.get(name);
    return cluster === undefined || tasks[i]!.length === 0
      ? []
      : [{ cluster, services: services[i]!, tasks: tasks[i]! }];
  });
}

async function describeClusters(clusters: readonly ListedCluster[], apis: EcsApis): Promise<readonly ClusterTasks[]> {
  const described = await mapWithLimit(clusters, CLUSTERS_AT_ONCE, (cluster) => describeCluster(cluster, apis));
  return described.filter((cluster) => cluster !== undefined);
}
