import { ANSWER_HEAD, at, type DoorRow } from "./door-row.ts";

/** Connections that the discovery of targets opens. */
export const DISCOVERY_DOORS: readonly DoorRow[] = [
  {
    role: "server",
    door: "answers of service discovery",
    files: ["packages/discovery/src/discovery-client.ts", "packages/discovery/src/kinds/dockerswarm/services.ts"],
    limits: [
      ANSWER_HEAD,
      at("packages/discovery/src/received-bytes.ts", "MAX_BODY_BYTES = 64 * 1024 * 1024", "64 MiB for an answer"),
      at(
        "packages/discovery/src/received-bytes.ts",
        "HEAP_SHARE = 1 / 8",
        "an eighth of the heap for all of a refresh",
      ),
      at("packages/http/src/xml/xml-element.ts", "MAX_NODES = 2_000_000", "2,000,000 XML elements and attributes"),
      at("packages/discovery/src/answers/json-value.ts", "MAX_ITEMS = 1_000_000", "1,000,000 items of a JSON list"),
      at(
        "packages/discovery/src/kinds/kubernetes/api-server.ts",
        "MAX_TEXT_BYTES = 256 * 1024 * 1024",
        "256 MiB for an answer of Kubernetes",
      ),
      at(
        "packages/discovery/src/kinds/kubernetes/json-lines.ts",
        "MAX_LINE_LENGTH = 64 * 1024 * 1024",
        "64 MiB for an event of a Kubernetes watch",
      ),
    ],
    beyond: "the refresh fails and is counted; the last good targets stay",
    hostile: ["the answer of HTTP discovery", "packages/discovery/src/manager.test.ts"],
  },
  {
    role: "server",
    door: "messages of ZooKeeper",
    files: ["packages/discovery/src/kinds/zookeeper/zookeeper-client.ts"],
    limits: [
      at(
        "packages/discovery/src/kinds/zookeeper/wire.ts",
        "MAX_FRAME_BYTES = 64 * 1024 * 1024",
        "64 MiB for a message",
      ),
      at("packages/discovery/src/kinds/zookeeper/node-tree.ts", "MAX_NODES = 1_000_000", "1,000,000 nodes of a path"),
    ],
    beyond: "the connection ends and another server is tried; the last good targets stay",
    hostile: ["packages/discovery/src/kinds/zookeeper"],
  },
  {
    role: "server",
    door: "answers of DNS",
    files: [
      "packages/discovery/src/kinds/dns/lookup.ts",
      "packages/http/src/client/round-robin-lookup.ts",
      "packages/mesh/src/peer-lookup.ts",
    ],
    limits: [
      at(
        "packages/discovery/src/kinds/dns/lookup.ts",
        'import { Resolver } from "node:dns/promises"',
        "64 KiB for a message, by the protocol; Node reads it",
      ),
    ],
    beyond: "the refresh fails and is counted; the last good targets stay",
    hostile: ["packages/discovery/src/kinds/dns"],
  },
];
