/** Environment variables. */
export type AwsEnvironment = Readonly<Record<string, string | undefined>>;

/** Domains of AWS partitions, by the prefix of region names. */
const DOMAINS: readonly (readonly [prefix: string, domain: string])[] = [
  ["cn-", "amazonaws.com.cn"],
  ["us-isob-", "sc2s.sgov.gov"],
  ["us-isof-", "csp.hci.ic.gov"],
  ["us-iso-", "c2s.ic.gov"],
  ["eu-isoe-", "cloud.adc-e.uk"],
  ["eusc-", "amazonaws.eu"],
];

/** Returns the URL of a service in a region. `AWS_ENDPOINT_URL_<SERVICE>` and `AWS_ENDPOINT_URL` override it. */
export function awsEndpoint(service: string, region: string, env: AwsEnvironment): string {
  const given = env[`AWS_ENDPOINT_URL_${service.replace("-fips", "").toUpperCase()}`] || env["AWS_ENDPOINT_URL"];
  if (given) return given;
  const domain = DOMAINS.find(([prefix]) => region.startsWith(prefix))?.[1] ?? "amazonaws.com";
  return `https://${service}.${region}.${domain}`;
}

/** Returns the paths of AWS' shared files, if the environment sets them, as options of AWS' libraries. */
export const sharedFiles = (env: AwsEnvironment): { filepath?: string; configFilepath?: string } => ({
  ...(env["AWS_SHARED_CREDENTIALS_FILE"] ? { filepath: env["AWS_SHARED_CREDENTIALS_FILE"] } : {}),
  ...(env["AWS_CONFIG_FILE"] ? { configFilepath: env["AWS_CONFIG_FILE"] } : {}),
});
