import { decodeYaml } from "@narthex/config";
import { type AwsCall, type AwsReply, assumeRoleXml, errorXml, FakeAws } from "@narthex/http/testing";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import type { Discoverer } from "../../../discoverer.ts";
import { DiscovererRun } from "../../../testing/discoverer-run.ts";
import { defineAwsRoles } from "../aws.ts";
import { defineAws } from "../aws-kind.ts";
import { failureOf } from "../../../testing/one-answer.ts";
import { ec2Kind } from "./ec2.ts";
import { instance, instancesXml, zonesXml } from "../../../testing/ec2-answers.ts";

let aws: FakeAws;
beforeEach(async () => {
  aws = await FakeAws.start();
  aws.actions.set("DescribeAvailabilityZones", () => zonesXml);
});
afterEach(async () => {
  await aws[Symbol.asyncDispose]();
});

const KEYS = "access_key: AKIDEXAMPLE\nsecret_key: wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY\n";

function start(discoverer: Discoverer, yaml: string): DiscovererRun {
  const run = new DiscovererRun(discoverer, yaml);
  onTestFinished(() => run[Symbol.asyncDispose]());
  return run;
}

const ec2 = (yaml = "", region = "region: us-east-1\n"): DiscovererRun =>
  start(
    defineAws(ec2Kind, { AWS_EC2_METADATA_SERVICE_ENDPOINT: aws.url }),
    `endpoint: ${aws.url}\n${region}${KEYS}${yaml}`,
  );

const describe = (reply: (call: AwsCall) => AwsReply): unknown => aws.actions.set("DescribeInstances", reply);

const addresses = async (run: DiscovererRun): Promise<string[]> =>
  (await run.next()).flatMap(({ source, targets }) => [source, ...targets.map((target) => target.get("__address__"))]);

test("EC2 discovery returns all labels of the API reference's sample", async () => {
  describe(() => instancesXml(instance()));
  const [group] = await ec2().next();
  expect(group!.source).toBe("us-east-1");
  expect(group!.targets[0]!.toRecord()).toEqual({
    __address__: "10.0.0.12:80",
    __meta_ec2_ami: "ami-bff32ccc",
    __meta_ec2_architecture: "x86_64",
    __meta_ec2_availability_zone: "us-east-1a",
    __meta_ec2_availability_zone_id: "use1-az1",
    __meta_ec2_instance_id: "i-1234567890abcdef0",
    __meta_ec2_instance_state: "running",
    __meta_ec2_instance_type: "t2.micro",
    __meta_ec2_owner_id: "123456789012",
    __meta_ec2_primary_subnet_id: "subnet-56f5f633",
    __meta_ec2_private_dns_name: "ip-10-0-0-12.ec2.internal",
    __meta_ec2_private_ip: "10.0.0.12",
    __meta_ec2_public_dns_name: "ec2-46-51-219-63.compute-1.amazonaws.com",
    __meta_ec2_public_ip: "46.51.219.63",
    __meta_ec2_region: "us-east-1",
    __meta_ec2_subnet_id: ",subnet-56f5f633,",
    __meta_ec2_tag_Name: "Server_1",
    __meta_ec2_vpc_id: "vpc-11112222",
  });
  expect(aws.calls.map(({ action, scope }) => `${action} ${scope}`)).toEqual([
    "DescribeAvailabilityZones us-east-1/ec2",
    "DescribeInstances us-east-1/ec2",
  ]);
});

test("EC2 discovery lists IPv6 addresses by device, marks the preferred one and uses it if there is no other address", async () => {
  const nics = [
    { subnet: "subnet-a", device: 0, addresses: [["2001:db8::1", false]] },
    { subnet: "subnet-b", device: 2, addresses: [["2001:db8::2", true]] },
    { subnet: "subnet-a", device: 1, addresses: [] },
  ] as const;
  describe(() => instancesXml(instance({ privateIpAddress: undefined, ipAddress: undefined, nics })));
  const [group] = await ec2("port: 9100").next();
  expect(group!.targets[0]!.toRecord()).toMatchObject({
    __address__: "[2001:db8::2]:9100",
    __meta_ec2_default_ipv6_address: "2001:db8::2",
    __meta_ec2_ipv6_addresses: ",2001:db8::1,2001:db8::2,",
    __meta_ec2_primary_ipv6_addresses: ",,,2001:db8::2,",
    __meta_ec2_subnet_id: ",subnet-a,subnet-b,",
  });
  expect(group!.targets[0]!.has("__meta_ec2_public_dns_name")).toBe(false);
});

test("EC2 discovery omits instances without an address, and VPC labels without a VPC", async () => {
  describe(() =>
    instancesXml(
      instance({ instanceId: "i-gone", privateIpAddress: undefined, nics: [] }),
      instance({
        vpcId: undefined,
        platform: "windows",
        instanceLifecycle: "spot",
        tags: { "a:b c": "x&amp;y", empty: "" },
      }),
    ),
  );
  const [group] = await ec2().next();
  expect(group!.targets).toHaveLength(1);
  const labels = group!.targets[0]!.toRecord();
  expect(labels).toMatchObject({
    __meta_ec2_tag_a_b_c: "x&y",
    __meta_ec2_platform: "windows",
    __meta_ec2_instance_lifecycle: "spot",
  });
  expect(Object.keys(labels).filter((name) => /subnet|vpc|empty/.test(name))).toEqual([]);
});

test("EC2 discovery reads all pages and sends the filters with each request", async () => {
  describe(({ params }) => {
    const page = Number(params.get("NextToken") ?? 0);
    return instancesXml(instance({ privateIpAddress: `10.0.0.${page}` }), {
      nextToken: page < 2 ? String(page + 1) : "",
    });
  });
  const run = ec2("filters: [{name: 'tag:a', values: [x, 'y z']}, {name: b, values: [c]}]");
  expect(await addresses(run)).toEqual(["us-east-1", "10.0.0.0:80", "10.0.0.1:80", "10.0.0.2:80"]);
  expect(Object.fromEntries(aws.calls.at(-1)!.params)).toEqual({
    Action: "DescribeInstances",
    Version: "2016-11-15",
    NextToken: "2",
    "Filter.1.Name": "tag:a",
    "Filter.1.Value.1": "x",
    "Filter.1.Value.2": "y z",
    "Filter.2.Name": "b",
    "Filter.2.Value.1": "c",
  });
});

test("EC2 discovery refuses a list that does not end", async () => {
  describe(() => instancesXml(instance(), { nextToken: "again" }));
  expect(await failureOf(ec2())).toBe('the list does not end: its page "again" came twice');
});

test("EC2 discovery works without the IDs of zones that it may not read, and asks for them until it may", async () => {
  aws.actions.set("DescribeAvailabilityZones", () => ({ status: 403, xml: errorXml("UnauthorizedOperation", "no") }));
  describe(() => instancesXml(instance()));
  const run = ec2();
  const zone = async (): Promise<string> => (await run.next())[0]!.targets[0]!.get("__meta_ec2_availability_zone_id");
  expect(await zone()).toBe("");
  aws.actions.set("DescribeAvailabilityZones", () => zonesXml);
  await run.clock.advance(60_000);
  expect(await zone()).toBe("use1-az1");
  await run.clock.advance(60_000);
  await run.next();
  expect(aws.calls.filter(({ action }) => action === "DescribeAvailabilityZones")).toHaveLength(2);
});

test("EC2 discovery keeps its targets while AWS refuses, and logs the reason", async () => {
  describe(() => instancesXml(instance()));
  const run = ec2();
  await run.next();
  describe(() => ({ status: 401, xml: errorXml("AuthFailure", "AWS was not able to validate the credentials") }));
  await run.clock.advance(60_000);
  while (run.logger.lines.every(({ level }) => level !== "warn")) await run.clock.advance(0);
  expect(run.groups.size).toBe(1);
  expect(run.logger.lines.at(-1)!.fields["err"]).toBe(
    "could not describe instances: operation error EC2: DescribeInstances, https response error StatusCode: 401, " +
      "RequestID: ea966190-f9aa-478e-9ede-example, api error AuthFailure: AWS was not able to validate the credentials",
  );
  describe(() => instancesXml(instance({ privateIpAddress: "10.0.0.99" })));
  await run.clock.advance(60_000);
  expect(await addresses(run)).toEqual(["us-east-1", "10.0.0.99:80"]);
});

test("EC2 discovery uses the region of the machine it runs on, once its metadata can be read", async () => {
  describe(() => instancesXml(instance()));
  const env = {
    AWS_EC2_METADATA_SERVICE_ENDPOINT: aws.url,
    AWS_SHARED_CREDENTIALS_FILE: "/nowhere",
    AWS_CONFIG_FILE: "/nowhere",
  };
  const run = start(defineAws(ec2Kind, env), `endpoint: ${aws.url}\n${KEYS}`);
  while (run.logger.lines.length === 0) await run.clock.advance(0);
  expect(run.logger.lines[0]!.fields["err"]).toMatch(
    /^could not determine AWS region: failed to get region from IMDS: /,
  );
  aws.instanceRegion = "eu-north-1";
  await run.clock.advance(60_000);
  expect(await addresses(run)).toEqual(["eu-north-1", "10.0.0.12:80"]);
  expect(aws.calls.at(-1)!.scope).toBe("eu-north-1/ec2");
});

test("EC2 discovery assumes a role, also in the section for all of AWS, where 0 means the default", async () => {
  describe(() => instancesXml(instance()));
  aws.actions.set("AssumeRole", () => assumeRoleXml("2099-01-01T00:00:00Z"));
  const env = { AWS_ENDPOINT_URL_STS: aws.url, AWS_ENDPOINT_URL_EC2: aws.url };
  const yaml = `role: ec2\nregion: eu-west-1\n${KEYS}role_arn: arn:aws:iam::1:role/x\nexternal_id: e\nport: 0\n`;
  const run = start(defineAwsRoles(env), yaml);
  expect(await addresses(run)).toEqual(["eu-west-1", "10.0.0.12:80"]);
  const [first, second] = aws.calls;
  expect(first).toMatchObject({ action: "AssumeRole", accessKey: "AKIDEXAMPLE", scope: "eu-west-1/sts" });
  expect(first!.params.get("ExternalId")).toBe("e");
  expect(second).toMatchObject({ accessKey: "ASIAROLE", sessionToken: "session", scope: "eu-west-1/ec2" });
  await run.clock.advance(60_000);
  await run.next();
});

test.each([
  [defineAws(ec2Kind), "filters: [{name: a}]", "EC2 SD configuration filter values cannot be empty"],
  [defineAws(ec2Kind), "filters: [{name: a, values: [b], nope: 1}]", "field nope not found in type aws.Filter"],
])("$key refuses %j", (discoverer, yaml, message) => {
  expect(decodeYaml(yaml, "test.yml", discoverer.codec)).toMatchObject({ ok: false, problems: [{ message }] });
});

test("EC2 discovery ends a list that names the same next page again", async () => {
  describe(() => instancesXml(instance()).replace("</DescribeInstancesResponse>", "<nextToken>again</nextToken>$&"));
  const run = ec2();
  while (run.logger.lines.length === 0) await run.clock.advance(0);
  expect(run.logger.lines[0]!.fields["err"]).toContain('the list does not end: its page "again" came twice');
});
