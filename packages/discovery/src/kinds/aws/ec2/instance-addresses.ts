import { callQueryApi, type QueryApi, type XmlElement } from "@narthex/http";
import { readPages } from "../../../answers/pages.ts";
import { batches } from "../batches.ts";
import { type Tags, xmlTags } from "../tag-labels.ts";
import { items } from "./instance-labels.ts";

/** Number of IDs in one request. EC2 accepts 1000. */
const IDS_A_REQUEST = 200;

/** The properties of an EC2 instance that targets on it show. */
export interface HostInstance {
  readonly privateIp: string;
  readonly publicIp: string;
  readonly subnetId: string;
  readonly type: string;
  readonly tags: Tags;
}

/** Returns the EC2 instances with these IDs, by ID. Instances without a private address are left out. */
export async function hostInstances(api: QueryApi, ids: readonly string[]): Promise<ReadonlyMap<string, HostInstance>> {
  const instances = new Map<string, HostInstance>();
  const reservations = await describe(api, "DescribeInstances", "InstanceId", ids, "reservationSet");
  for (const instance of reservations.flatMap((reservation) => items(reservation, "instancesSet"))) {
    const privateIp = instance.text("privateIpAddress") ?? "";
    if (privateIp === "") continue;
    instances.set(instance.text("instanceId") ?? "", {
      privateIp,
      publicIp: instance.text("ipAddress") ?? "",
      subnetId: instance.text("subnetId") ?? "",
      type: instance.text("instanceType") ?? "",
      tags: xmlTags(instance.child("tagSet"), "key", "value"),
    });
  }
  return instances;
}

/** Returns the public addresses of network interfaces, by the interface's ID. */
export async function publicAddresses(api: QueryApi, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const interfaces = await describe(api, "DescribeNetworkInterfaces", "NetworkInterfaceId", ids, "networkInterfaceSet");
  return new Map(
    interfaces.map((nic) => [nic.text("networkInterfaceId") ?? "", nic.child("association").text("publicIp") ?? ""]),
  );
}

/** Describes resources, some IDs in each request, and returns the items of the lists in the answers. */
async function describe(
  api: QueryApi,
  operation: string,
  parameter: string,
  ids: readonly string[],
  list: string,
): Promise<readonly XmlElement[]> {
  const found: XmlElement[][] = [];
  for (const some of batches([...new Set(ids)], IDS_A_REQUEST)) {
    const params = Object.fromEntries(some.map((id, i) => [`${parameter}.${i + 1}`, id]));
    const described = await readPages("", async (cursor) => {
      const page = await callQueryApi(api, operation, cursor === "" ? params : { ...params, NextToken: cursor });
      return { items: items(page, list), next: page.text("nextToken") || undefined };
    });
    found.push(described);
  }
  return found.flat();
}
