import { field, INVALID, section } from "@narthex/config";
import { accountFields, type AwsAccount, type AwsFilter, credentialFields, filterList } from "../aws-account.ts";
import type { AwsKind } from "../aws-kind.ts";

/** One entry of `ec2_sd_configs`. */
export interface Ec2Discovery extends AwsAccount {
  readonly filters: readonly AwsFilter[];
}

const { endpoint, region, refreshIntervalMs, port, httpClient } = accountFields;

const ec2Section = section<Ec2Discovery>(
  "aws.plain",
  {
    endpoint,
    region,
    ...credentialFields,
    refreshIntervalMs,
    port,
    filters: field("filters", filterList, [], true),
    httpClient,
  },
  (value, at, report) => {
    if (value.filters.every(({ values }) => values.length > 0)) return value;
    const message = "EC2 SD configuration filter values cannot be empty";
    report(at.filters, "ec2-sd-filter", message, "give each filter `values`, or remove it");
    return INVALID;
  },
);

/** Finds the instances of Amazon EC2. */
export const ec2Kind: AwsKind<Ec2Discovery> = {
  name: "ec2",
  codec: ec2Section,
  hasSetLabel: true,
  open: async (config, context, env) => (await import("./ec2-inventory.ts")).openInventory(config, context, env),
};
