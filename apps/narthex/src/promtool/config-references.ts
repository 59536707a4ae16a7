import type {
  ConfigFiles,
  DiscoveryConfig,
  HttpClientConfig,
  PrometheusConfig,
  ScrapeConfig,
  StaticConfig,
} from "@narthex/config";
import { glob, isGlob } from "@narthex/config";
import { parseGroups } from "@narthex/discovery";
import { Labels } from "@narthex/model";
import { buildTargets } from "@narthex/scrape";

/** A configuration that refers to something missing or wrong; the message is promtool's. */
export class CheckError extends Error {
  override readonly name = "CheckError";
}

/**
 * Looks at what a configuration refers to: credential and certificate files, files of file discovery, and whether
 * targets that are known now make sense. `print` gets warnings. Throws CheckError for the first thing that is wrong.
 */
export async function checkReferences(
  config: PrometheusConfig,
  files: ConfigFiles,
  print: (line: string) => void,
): Promise<void> {
  for (const job of config.scrapeConfigs) {
    await checkClientFiles(job.httpClient, files);
    const found = await checkFileDiscovery(job.discoveryConfigs, `scrape job "${job.jobName}"`, files, print);
    checkTargets([...job.staticConfigs, ...found], job);
  }
  for (const { discoveryConfigs } of config.alerting.alertmanagers) {
    await checkFileDiscovery(discoveryConfigs, "alertmanager config", files, print);
  }
}

async function checkClientFiles({ authorization, tls }: HttpClientConfig, files: ConfigFiles): Promise<void> {
  const missing = async (path: string): Promise<boolean> => path !== "" && !(await files.exists(path));
  const stat = (path: string): string => `${JSON.stringify(path)}: stat ${path}: no such file or directory`;
  const credentials = authorization?.credentialsFile ?? "";
  if (await missing(credentials)) {
    throw new CheckError(`error checking authorization credentials or bearer token file ${stat(credentials)}`);
  }
  if (tls.certFile !== "" && tls.keyFile === "" && tls.key === undefined) {
    throw new CheckError(`client cert file ${JSON.stringify(tls.certFile)} specified without client key file`);
  }
  if (await missing(tls.certFile)) throw new CheckError(`error checking client cert file ${stat(tls.certFile)}`);
  if (await missing(tls.keyFile)) throw new CheckError(`error checking client key file ${stat(tls.keyFile)}`);
}

async function checkFileDiscovery(
  configs: readonly DiscoveryConfig[],
  owner: string,
  files: ConfigFiles,
  print: (line: string) => void,
): Promise<StaticConfig[]> {
  const found: StaticConfig[] = [];
  for (const { kind, config } of configs) {
    if (kind !== "file_sd_configs") continue;
    for (const pattern of (config as { readonly files: readonly string[] }).files) {
      const matches = await glob(pattern, files);
      for (const path of matches) found.push(...(await readGroups(path, files)));
      if (matches.length === 0 && !isGlob(pattern)) {
        print(`  WARNING: file ${JSON.stringify(pattern)} for file_sd in ${owner} does not exist\n`);
      }
    }
  }
  return found;
}

async function readGroups(path: string, files: ConfigFiles): Promise<readonly StaticConfig[]> {
  try {
    return parseGroups(await files.read(path), path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CheckError(`checking SD file ${JSON.stringify(path)}: ${reason}`, { cause: error });
  }
}

function checkTargets(configs: readonly StaticConfig[], job: ScrapeConfig): void {
  const groups = configs.map(({ targets, labels }, index) => ({
    source: String(index),
    targets: targets.map((address) => Labels.of({ __address__: address })),
    labels,
  }));
  const failure = buildTargets(groups, job).failures[0];
  if (failure !== undefined) throw new CheckError(failure);
}
