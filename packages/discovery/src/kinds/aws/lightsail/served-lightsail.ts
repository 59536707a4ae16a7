import { numbered } from "../../../testing/served-kind.ts";
import { servedAws } from "../../../testing/served-aws.ts";

/** The API as in https://docs.aws.amazon.com/lightsail/2016-11-28/api-reference/API_GetInstances.html. */
export const servedLightsail = servedAws({
  name: "lightsail",
  isInPrometheus: true,
  serve(count) {
    const instances = numbered(count, lightsailInstance);
    return ({ service, operation }) =>
      service === "lightsail" && operation === "GetInstances" ? { body: { instances } } : { status: 404 };
  },
});

/** Returns an instance as in the reference of GetInstances. */
export const lightsailInstance = (i: number): Readonly<Record<string, unknown>> => ({
  name: `WordPress-${i}`,
  arn: `arn:aws:lightsail:eu-west-1:123456789012:Instance/f7f1d6a5-${i}`,
  supportCode: `621291663362/i-0b1c${i}`,
  createdAt: 1511306614.354,
  location: { availabilityZone: "eu-west-1a", regionName: "eu-west-1" },
  resourceType: "Instance",
  tags: i % 3 === 0 ? [] : [{ key: "team:name", value: `t${i % 4}` }, { key: "keyOnly" }],
  blueprintId: "wordpress",
  blueprintName: "WordPress",
  bundleId: "nano_3_0",
  addOns: [],
  isStaticIp: false,
  privateIpAddress: `172.26.${i >> 8}.${i % 256}`,
  ...(i % 5 === 0 ? {} : { publicIpAddress: `203.0.113.${i % 250}` }),
  ipv6Addresses: i % 2 === 0 ? ["2001:db8::1", `2001:db8::${i}`] : [],
  ipAddressType: "dualstack",
  hardware: { cpuCount: 1, ramSizeInGb: 0.5, disks: [] },
  networking: { monthlyTransfer: { gbPerMonthAllocated: 1024 }, ports: [] },
  state: { code: 16, name: i % 7 === 0 ? "stopped" : "running" },
  username: "bitnami",
  sshKeyName: "LightsailDefaultKeyPair",
});
