import { defaultHttpClient } from "@narthex/config";
import { Labels } from "@narthex/model";
import { JsonApi } from "../../answers/json-api.ts";
import type { JsonValue } from "../../answers/json-value.ts";
import { type TargetLabels, targetsInTurns } from "../../answers/targets-in-turns.ts";
import type { DiscoveryContext } from "../../discoverer.ts";
import { DiscoveryClient, LONGEST_REQUEST_MS } from "../../discovery-client.ts";
import type { Refresh } from "../../polled-discoverer.ts";
import { joinedList } from "../../target-labels.ts";
import type { TritonDiscovery } from "./triton.ts";

/** The request of a role, and the labels of its targets. */
interface Role {
  readonly path: string;
  readonly listed: string;
  /** Field with the name of a target below the DNS suffix. */
  readonly id: string;
  readonly labelsOf: (item: JsonValue) => TargetLabels;
}

const ROLES: ReadonlyMap<string, Role> = new Map([
  [
    "container",
    {
      path: "discover",
      listed: "containers",
      id: "vm_uuid",
      labelsOf: (container) => ({
        __meta_triton_machine_id: container.text("vm_uuid"),
        __meta_triton_machine_alias: container.text("vm_alias"),
        __meta_triton_machine_brand: container.text("vm_brand"),
        __meta_triton_machine_image: container.text("vm_image_uuid"),
        __meta_triton_server_id: container.text("server_uuid"),
        __meta_triton_groups: joinedList(container.texts("groups")),
      }),
    },
  ],
  [
    "cn",
    {
      path: "gz/discover",
      listed: "cns",
      id: "server_uuid",
      labelsOf: (node) => ({
        __meta_triton_machine_id: node.text("server_uuid"),
        __meta_triton_machine_alias: node.text("server_hostname"),
      }),
    },
  ],
]);

/** Returns a function that lists the targets of a role; https://github.com/TritonDataCenter/triton-cmon. */
export async function openMonitor(config: TritonDiscovery, context: DiscoveryContext): Promise<Refresh> {
  const { endpoint, port, version, groups, dnsSuffix } = config;
  const { path, listed, id, labelsOf } = ROLES.get(config.role)!;
  const client = await DiscoveryClient.open({ ...defaultHttpClient, tls: config.tls, enableHttp2: false }, context);
  const query = groups.length === 0 ? "" : `?${new URLSearchParams({ groups: groups.join(",") }).toString()}`;
  const url = `https://${endpoint}:${port}/v${version}/${path}${query}`;
  const api = new JsonApi({ client, context, base: url, timeoutMs: LONGEST_REQUEST_MS });
  const targetOf = (item: JsonValue): TargetLabels => ({
    __address__: `${item.text(id)}.${dnsSuffix}:${port}`,
    ...labelsOf(item),
  });
  return async () => {
    const answer = await api.get("");
    const targets = await targetsInTurns(context.clock, answer.list(listed), targetOf);
    return [{ source: url, targets, labels: Labels.EMPTY }];
  };
}
