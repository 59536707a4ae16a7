import type { AwsEnvironment } from "@narthex/http";
import { definePolled, type Refresh } from "../../../polled-discoverer.ts";
import { DiscoveryClient } from "../../../discovery-client.ts";
import { type Discoverer, type DiscoveryContext, UnbuiltDiscoveryError } from "../../../discoverer.ts";
import { Ec2Inventory } from "./ec2-inventory.ts";
import { asEc2, type AwsDiscovery, awsIntervalMs, awsSection, type Ec2Discovery, ec2Section } from "./ec2-section.ts";

export const createEc2Discoverer = (env: AwsEnvironment): Discoverer =>
  definePolled<Ec2Discovery>({
    key: "ec2_sd_configs",
    name: "ec2",
    codec: ec2Section,
    intervalMs: (config) => config.refreshIntervalMs,
    open: (config, context) => openInventory(config, context, env),
  });

export const createAwsDiscoverer = (env: AwsEnvironment): Discoverer =>
  definePolled<AwsDiscovery>({
    key: "aws_sd_configs",
    name: "ec2",
    codec: awsSection,
    intervalMs: awsIntervalMs,
    open(config, context) {
      if (config.role === "ec2") return openInventory(asEc2(config), context, env);
      return Promise.reject(new UnbuiltDiscoveryError(`aws_sd_configs with role ${config.role}`));
    },
  });

/** Finds instances of Amazon EC2 (`ec2_sd_configs`). */
export const ec2Discoverer = createEc2Discoverer(process.env);

/** Finds instances of Amazon EC2 (`aws_sd_configs`). */
export const awsDiscoverer = createAwsDiscoverer(process.env);

async function openInventory(config: Ec2Discovery, context: DiscoveryContext, env: AwsEnvironment): Promise<Refresh> {
  // The AWS signature is sent in the Authorization header, so other credentials must not replace that header.
  const settings = { ...config.httpClient, basicAuth: undefined, authorization: undefined };
  const client = await DiscoveryClient.open(settings, context);
  const inventory = new Ec2Inventory({
    config,
    context,
    env,
    transport: (url, request) => client.request(url, request),
  });
  return async () => [await inventory.group()];
}
