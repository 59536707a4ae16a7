import { numbered, pageOf } from "../../../testing/served-kind.ts";
import { ACCOUNT, REGION, servedAws } from "../../../testing/served-aws.ts";

/** Number of brokers in one cluster of the served API. */
const BROKERS_A_CLUSTER = 2;

/** The API as in https://docs.aws.amazon.com/msk/1.0/apireference/resources.html. */
export const servedMsk = servedAws({
  name: "msk",
  isInPrometheus: false,
  serve(count) {
    const clusters = numbered(Math.ceil(count / BROKERS_A_CLUSTER), mskCluster);
    return ({ path, query }) => {
      const page = (all: readonly unknown[], name: string) => {
        const { items, next } = pageOf(all, Number(query.get("maxResults") ?? 10), query.get("nextToken") ?? "");
        return { body: { [name]: items, nextToken: next === "" ? null : next } };
      };
      if (path === "/api/v2/clusters") return page(clusters, "clusterInfoList");
      const [, arn] = /^\/v1\/clusters\/([^/]+)\/nodes$/.exec(path) ?? [];
      const at = clusters.findIndex(({ clusterArn }) => clusterArn === decodeURIComponent(arn ?? ""));
      if (at < 0) return { status: 404, body: { message: "not found" } };
      const brokers = numbered(Math.min(BROKERS_A_CLUSTER, count - at * BROKERS_A_CLUSTER), (i) => mskBroker(at, i));
      return page(brokers, "nodeInfoList");
    };
  },
});

const mskCluster = (i: number) => ({
  clusterArn: `arn:aws:kafka:${REGION}:${ACCOUNT}:cluster/events-${i}/a1b2-${i}`,
  clusterName: `events-${i}`,
  clusterType: "PROVISIONED",
  currentVersion: "K3AEGXETSR30VB",
  creationTime: "2026-01-01T00:00:00Z",
  state: "ACTIVE",
  tags: { team: "data" },
  provisioned: {
    currentBrokerSoftwareInfo: { kafkaVersion: "3.6.0" },
    numberOfBrokerNodes: BROKERS_A_CLUSTER,
    openMonitoring: {
      prometheus: { jmxExporter: { enabledInBroker: true }, nodeExporter: { enabledInBroker: false } },
    },
  },
});

const mskBroker = (cluster: number, i: number) => ({
  addedToClusterTime: "2026-01-01T00:10:00Z",
  instanceType: "m5.large",
  nodeARN: `arn:aws:kafka:${REGION}:${ACCOUNT}:broker/events-${cluster + 1}/${i}`,
  nodeType: "BROKER",
  brokerNodeInfo: {
    attachedENIId: `eni-${i}`,
    brokerId: i,
    clientSubnet: "subnet-1",
    clientVpcIpAddress: `10.0.0.${i}`,
    endpoints: [`b-${i}.events-${cluster + 1}.kafka.${REGION}.amazonaws.com`],
  },
});
