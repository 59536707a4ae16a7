/** A network interface of an instance, with its subnet, position and IPv6 addresses. */
interface Interface {
  readonly subnet: string;
  readonly device: number;
  readonly addresses: readonly (readonly [address: string, primary: boolean])[];
}

interface Instance {
  readonly instanceId: string;
  readonly privateIpAddress: string | undefined;
  readonly ipAddress: string | undefined;
  readonly vpcId: string | undefined;
  readonly platform: string | undefined;
  readonly instanceLifecycle: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly nics: readonly Interface[];
}

const SAMPLE: Instance = {
  instanceId: "i-1234567890abcdef0",
  privateIpAddress: "10.0.0.12",
  ipAddress: "46.51.219.63",
  vpcId: "vpc-11112222",
  platform: undefined,
  instanceLifecycle: undefined,
  tags: { Name: "Server_1" },
  nics: [{ subnet: "subnet-56f5f633", device: 0, addresses: [] }],
};

const element = (name: string, text: string | undefined): string =>
  text === undefined ? "" : text === "" ? `<${name}/>` : `<${name}>${text}</${name}>`;

const list = (name: string, items: readonly string[]): string =>
  element(name, items.map((item) => `<item>${item}</item>`).join(""));

/**
 * Returns one instance. Its elements have the order of the example response of DescribeInstances
 * (docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstances.html). IPv6 addresses have the form of
 * InstanceNetworkInterface and InstanceIpv6Address in the same reference.
 */
export function instance(changes: Partial<Instance> = {}): string {
  const { vpcId, privateIpAddress, ipAddress, tags, nics, ...rest } = { ...SAMPLE, ...changes };
  return [
    element("instanceId", rest.instanceId),
    element("imageId", "ami-bff32ccc"),
    "<instanceState><code>16</code><name>running</name></instanceState>",
    element("privateDnsName", "ip-10-0-0-12.ec2.internal"),
    element("dnsName", "ec2-46-51-219-63.compute-1.amazonaws.com"),
    "<reason/><keyName>my_keypair</keyName><amiLaunchIndex>0</amiLaunchIndex><productCodes/>",
    element("instanceType", "t2.micro"),
    "<launchTime>2018-05-08T16:46:19.000Z</launchTime>",
    "<placement><availabilityZone>us-east-1a</availabilityZone><groupName/><tenancy>default</tenancy></placement>",
    element("platform", rest.platform),
    "<monitoring><state>disabled</state></monitoring>",
    vpcId === undefined ? "" : element("subnetId", "subnet-56f5f633"),
    element("vpcId", vpcId),
    element("privateIpAddress", privateIpAddress),
    element("ipAddress", ipAddress),
    "<sourceDestCheck>true</sourceDestCheck><architecture>x86_64</architecture><rootDeviceType>ebs</rootDeviceType>",
    element("instanceLifecycle", rest.instanceLifecycle),
    list(
      "tagSet",
      Object.entries(tags).map(([key, value]) => element("key", key) + element("value", value)),
    ),
    "<hypervisor>xen</hypervisor>",
    list("networkInterfaceSet", nics.map(networkInterface)),
    "<ebsOptimized>false</ebsOptimized>",
  ].join("");
}

const networkInterface = ({ subnet, device, addresses }: Interface): string =>
  `<networkInterfaceId>eni-551ba033</networkInterfaceId>${element("subnetId", subnet)}<vpcId>vpc-11112222</vpcId>` +
  `<description>Primary network interface</description><attachment><attachmentId>eni-attach-39697adc</attachmentId>` +
  `<deviceIndex>${device}</deviceIndex><status>attached</status></attachment>` +
  list(
    "ipv6AddressesSet",
    addresses.map(([address, primary]) => element("ipv6Address", address) + element("isPrimaryIpv6", String(primary))),
  );

/** Returns the whole answer, with each instance in its own reservation. */
export function instancesXml(...parts: readonly (string | { readonly nextToken: string })[]): string {
  const instances = parts.filter((part) => typeof part === "string");
  const nextToken = parts.map((part) => (typeof part === "string" ? "" : part.nextToken)).join("");
  return (
    `<?xml version="1.0" encoding="UTF-8"?>\n<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">\n` +
    `    <requestId>8f7724cf-496f-496e-8fe3-example</requestId>\n    ` +
    list(
      "reservationSet",
      instances.map(
        (text) =>
          `<reservationId>r-1234567890abcdef0</reservationId><ownerId>123456789012</ownerId><groupSet/>` +
          list("instancesSet", [text]),
      ),
    ) +
    (nextToken === "" ? "" : element("nextToken", nextToken)) +
    `\n</DescribeInstancesResponse>`
  );
}

/** Based on the example of DescribeAvailabilityZones in the EC2 API reference. */
export const zonesXml =
  `<DescribeAvailabilityZonesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">` +
  `<requestId>59dbff89-35bd-4eac-99ed-be587EXAMPLE</requestId>` +
  list(
    "availabilityZoneInfo",
    ["a", "b"].map(
      (letter, i) =>
        `<optInStatus>opt-in-not-required</optInStatus><zoneName>us-east-1${letter}</zoneName><zoneId>use1-az${i + 1}</zoneId>` +
        `<zoneState>available</zoneState><regionName>us-east-1</regionName><messageSet/>`,
    ),
  ) +
  `</DescribeAvailabilityZonesResponse>`;
