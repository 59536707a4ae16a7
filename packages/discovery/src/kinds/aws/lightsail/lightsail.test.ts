import { expect, test } from "vitest";
import { simulatedAws, startAws } from "../../../testing/aws-run.ts";
import { failureOf, labelsOf } from "../../../testing/one-answer.ts";
import { lightsailKind } from "./lightsail.ts";
import { lightsailInstance } from "./served-lightsail.ts";

test("Lightsail discovery returns all labels of an instance, and omits instances without a private address", async () => {
  const aws = await simulatedAws();
  const bare = { name: "bare", privateIpAddress: "fd00::1", tags: null, state: {} };
  const instances = [lightsailInstance(2), { name: "gone", tags: [] }, bare];
  aws.actions.set("GetInstances", () => ({ json: { instances, nextPageToken: "ignored" } }));
  const run = startAws(aws, lightsailKind, "port: 9100");
  expect(await labelsOf(run)).toEqual([
    {
      __address__: "172.26.0.2:9100",
      __meta_lightsail_availability_zone: "eu-west-1a",
      __meta_lightsail_blueprint_id: "wordpress",
      __meta_lightsail_bundle_id: "nano_3_0",
      __meta_lightsail_instance_name: "WordPress-2",
      __meta_lightsail_instance_state: "running",
      __meta_lightsail_instance_support_code: "621291663362/i-0b1c2",
      __meta_lightsail_ipv6_addresses: ",2001:db8::1,2001:db8::2,",
      __meta_lightsail_private_ip: "172.26.0.2",
      __meta_lightsail_public_ip: "203.0.113.2",
      __meta_lightsail_region: "eu-west-1",
      __meta_lightsail_tag_team_name: "t2",
    },
    {
      __address__: "[fd00::1]:9100",
      __meta_lightsail_instance_name: "bare",
      __meta_lightsail_private_ip: "fd00::1",
      __meta_lightsail_region: "eu-west-1",
    },
  ]);
  expect([...run.groups.keys()]).toEqual(["eu-west-1"]);
  expect(aws.calls).toMatchObject([{ action: "GetInstances", scope: "eu-west-1/lightsail", input: {} }]);
});

test.each([
  [
    { status: 400, json: { __type: "AuthFailure", message: "who is it?" } },
    "could not get instances: operation error Lightsail: GetInstances, https response error StatusCode: 400, RequestID: , " +
      "api error AuthFailure: who is it?",
  ],
  [{ json: { instances: {} } }, 'field "instances" of the answer is of type object, but array is expected'],
  [
    { json: { instances: [{ privateIpAddress: 1 }] } },
    'field "instances[0].privateIpAddress" of the answer is of type number, but string is expected',
  ],
  ["<html>", /^answer is not JSON: /],
])("Lightsail discovery reports the answer %j", async (reply, message) => {
  const aws = await simulatedAws();
  aws.actions.set("GetInstances", () => reply);
  const run = startAws(aws, lightsailKind);
  const failure = await failureOf(run);
  if (typeof message === "string") expect(failure).toBe(message);
  else expect(failure).toMatch(message);
  expect(run.groups.size).toBe(0);
});
