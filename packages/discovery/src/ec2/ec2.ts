import type { AwsEnvironment } from "@narthex/http";
import { definePolled } from "../polled.ts";
import { ProviderClient } from "../provider-client.ts";
import type { Mechanism, ProviderContext, Refresh } from "../provider.ts";
import { Ec2Inventory } from "./ec2-inventory.ts";
import { asEc2, type AwsDiscovery, awsIntervalMs, awsSection, type Ec2Discovery, ec2Section } from "./ec2-section.ts";

/** `ec2_sd_configs`, with the given environment. */
export const ec2DiscoveryIn = (env: AwsEnvironment): Mechanism =>
  definePolled<Ec2Discovery>({
    key: "ec2_sd_configs",
    name: "ec2",
    codec: ec2Section,
    intervalMs: (config) => config.refreshIntervalMs,
    open: (config, context) => openInventory(config, context, env),
  });

/** `aws_sd_configs`, with the given environment. */
export const awsDiscoveryIn = (env: AwsEnvironment): Mechanism =>
  definePolled<AwsDiscovery>({
    key: "aws_sd_configs",
    name: "ec2",
    codec: awsSection,
    intervalMs: awsIntervalMs,
    open(config, context) {
      if (config.role === "ec2") return openInventory(asEc2(config), context, env);
      const message = "aws_sd_configs is accepted, but this role is not in this build: it finds no targets";
      context.logger.warn(message, { role: config.role });
      return Promise.resolve(() => Promise.resolve([]));
    },
  });

/** Instances of Amazon EC2. */
export const ec2Discovery = ec2DiscoveryIn(process.env);

/** Instances of Amazon EC2, in the section for all of AWS. */
export const awsDiscovery = awsDiscoveryIn(process.env);

async function openInventory(config: Ec2Discovery, context: ProviderContext, env: AwsEnvironment): Promise<Refresh> {
  // The signature is the authorization; another one would take its place.
  const settings = { ...config.httpClient, basicAuth: undefined, authorization: undefined };
  const client = await ProviderClient.open(settings, context);
  const inventory = new Ec2Inventory({
    config,
    context,
    env,
    transport: (url, request) => client.request(url, request),
  });
  return async () => [await inventory.group()];
}
