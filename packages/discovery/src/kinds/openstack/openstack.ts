import {
  field,
  flag,
  integer,
  INVALID,
  millis,
  optional,
  type Secret,
  secret,
  section,
  text,
  type TlsConfig,
  tlsSection,
  urlText,
} from "@narthex/config";
import type { Discoverer } from "../../discoverer.ts";
import { definePolled } from "../../polled-discoverer.ts";
import { roleField } from "../../fields/role-field.ts";

/** One entry of `openstack_sd_configs`. */
export interface OpenstackDiscovery {
  /** URL of the Identity API; "" to take the endpoint and the account from the environment. */
  readonly identityEndpoint: string;
  readonly username: string;
  readonly userId: string;
  readonly password: Secret | undefined;
  readonly projectName: string;
  readonly projectId: string;
  readonly domainName: string;
  readonly domainId: string;
  readonly applicationCredentialName: string;
  readonly applicationCredentialId: string;
  readonly applicationCredentialSecret: Secret | undefined;
  /** Kind of the targets: `instance`, `hypervisor` or `loadbalancer`. */
  readonly role: string;
  readonly region: string;
  readonly refreshIntervalMs: number;
  readonly port: number;
  readonly allTenants: boolean;
  readonly tls: TlsConfig;
  /** Interface of the services' endpoints: `public`, `internal` or `admin`. */
  readonly availability: string;
}

const AVAILABILITIES: readonly string[] = ["public", "internal", "admin"];

const role = roleField(["instance", "hypervisor", "loadbalancer"], "OpenStack SD ");

const openstackSection = section<OpenstackDiscovery>(
  "openstack.plain",
  {
    identityEndpoint: field("identity_endpoint", urlText, "", true),
    username: field("username", text, "", true),
    userId: field("userid", text, "", true),
    password: optional("password", secret),
    projectName: field("project_name", text, "", true),
    projectId: field("project_id", text, "", true),
    domainName: field("domain_name", text, "", true),
    domainId: field("domain_id", text, "", true),
    applicationCredentialName: field("application_credential_name", text, "", true),
    applicationCredentialId: field("application_credential_id", text, "", true),
    applicationCredentialSecret: optional("application_credential_secret", secret),
    role: field("role", role.codec, "", true),
    region: field("region", text, "", true),
    refreshIntervalMs: field("refresh_interval", millis, 60_000, true),
    port: field("port", integer, 80, true),
    allTenants: field("all_tenants", flag, false),
    tls: field("tls_config", tlsSection, tlsSection.empty()),
    availability: field("availability", text, "public"),
  },
  (value, at, report) => {
    if (!AVAILABILITIES.includes(value.availability)) {
      const message = `unknown availability ${value.availability}, must be one of admin, internal or public`;
      report(at.availability, "openstack-sd", message, "remove availability for the public endpoints");
      return INVALID;
    }
    if (!role.check(value.role, at.role, report)) return INVALID;
    if (value.region !== "") return value;
    const hint = "add region, as `openstack region list` shows it";
    report(at.region, "openstack-sd", "openstack SD configuration requires a region", hint);
    return INVALID;
  },
);

/** Returns a discoverer for an OpenStack cloud. `env` may contain the account. */
export const createOpenstackDiscoverer = (env: Readonly<Record<string, string | undefined>>): Discoverer =>
  definePolled<OpenstackDiscovery>({
    key: "openstack_sd_configs",
    name: "openstack",
    codec: openstackSection,
    intervalMs: (config) => config.refreshIntervalMs,
    open: async (config, context) => (await import("./inventory.ts")).openInventory(config, context, env),
  });

/** Finds the instances, hypervisors or load balancers of an OpenStack cloud. */
export const openstackDiscoverer = createOpenstackDiscoverer(process.env);
